// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

namespace gatehouse {

/// The bytes of canonical base64url without padding (RFC 7515, section 2). Null for everything else: other characters,
/// unused bits that are not zero, an impossible length, and the empty text. So there is one text only for the same
/// bytes.
[[nodiscard]] QByteArray decodeBase64Url(QByteArrayView text);

} // namespace gatehouse
