// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

namespace gatehouse {

/// Checks UTF-8 as it arrives, in pieces cut anywhere (RFC 3629: no overlong forms, no surrogates, nothing above
/// U+10FFFF). Pure.
class Utf8Validator final
{
public:
    /// False at the first byte that can be part of no valid text; then stays so until reset().
    [[nodiscard]] bool feed(QByteArrayView bytes);
    /// Whether the text may end here.
    [[nodiscard]] bool isComplete() const { return m_isValid && m_pending == 0; }
    void reset() { *this = Utf8Validator(); }

private:
    [[nodiscard]] bool begin(quint8 byte);

    bool m_isValid = true;
    quint8 m_pending = 0;   ///< continuation bytes still to come
    quint8 m_lowest = 0x80; ///< bounds of the next continuation byte
    quint8 m_highest = 0xBF;
};

} // namespace gatehouse
