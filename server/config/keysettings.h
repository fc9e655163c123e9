// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwtclaims.h"
#include "server/auth/jwtsigner.h"
#include "server/config/settings.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Readers of the settings that keys for tokens come from. Errors name the setting in `field`, and their message what
/// is wrong with it; none holds key material.

/// JWT_ALGORITHM: one of the names, or empty.
[[nodiscard]] Result<std::optional<JwtAlgorithm>> parseAlgorithmSetting(QStringView text);

/// Adds the key of JWT_SECRET, if it is given, and those of JWT_KEYS_FILE (an absolute path), if it is not empty, to
/// `settings`, whose jwtAlgorithm is set. The value are warnings, one sentence each.
[[nodiscard]] Result<QStringList> addConfiguredKeys(
    Settings &settings, const std::optional<QByteArray> &secret, const QString &keysFile, UtcTime now);

/// Adds the secret that is kept in the state directory as the only key.
[[nodiscard]] Status addKeptKey(Settings &settings);

/// What a server with these settings judges tokens by.
[[nodiscard]] JwtRules jwtRulesOf(const Settings &settings);
/// The form of tokens that such a server accepts.
[[nodiscard]] TokenForm tokenFormOf(const Settings &settings);
/// Signs with the first of the configured secrets or, where no key is configured, with the one that the server keeps in
/// its state directory; the error says that there is none.
[[nodiscard]] Result<JwtSigner> jwtSignerOf(const Settings &settings);

} // namespace gatehouse
