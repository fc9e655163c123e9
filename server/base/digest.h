// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

namespace gatehouse {

/// The digests of FIPS 180-4, by OpenSSL, which uses the processor's instructions for them where QCryptographicHash
/// takes 4,000 of the common ones for each 64 bytes: every handshake needs some. Any thread.
[[nodiscard]] QByteArray sha256(QByteArrayView bytes);
/// For protocols that ask for it (RFC 6455, Redis' scripts), never for secrets.
[[nodiscard]] QByteArray sha1(QByteArrayView bytes);

} // namespace gatehouse
