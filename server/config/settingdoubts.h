// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QStringList>

#include "server/config/settings.h"

namespace gatehouse {

/// What is wrong with settings that are well formed: each of them does what it says, and it is hardly what was meant.
/// Pure.

/// Why JWT_SECRET is none: everybody knows it, as it stands in documentation or is what a framework begins with.
[[nodiscard]] std::optional<QString> whyKnownSecret(const QByteArray &secret);
/// Why tokens of another signer may not be accepted: what is around the secret, or how it is written. One sentence
/// each, without any part of it.
[[nodiscard]] QStringList doubtsAboutSecret(const QByteArray &secret);
/// Why limits may count the proxy, or anybody whom they like to be, in place of the client. One sentence each.
[[nodiscard]] QStringList doubtsAboutProxies(const Settings &settings);

} // namespace gatehouse
