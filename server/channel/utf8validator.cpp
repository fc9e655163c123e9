// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/utf8validator.h"

namespace gatehouse {

bool Utf8Validator::begin(quint8 byte)
{
    m_lowest = 0x80;
    m_highest = 0xBF;
    if (byte >= 0xC2 && byte <= 0xDF) {
        m_pending = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
        m_pending = 2;
        if (byte == 0xE0)
            m_lowest = 0xA0; // no overlong forms
        else if (byte == 0xED)
            m_highest = 0x9F; // no surrogates
    } else if (byte >= 0xF0 && byte <= 0xF4) {
        m_pending = 3;
        if (byte == 0xF0)
            m_lowest = 0x90;
        else if (byte == 0xF4)
            m_highest = 0x8F; // nothing above U+10FFFF
    } else {
        return false;
    }
    return true;
}

bool Utf8Validator::feed(QByteArrayView bytes)
{
    if (!m_isValid)
        return false;
    for (const char c : bytes) {
        const quint8 byte = quint8(c);
        if (m_pending == 0) {
            if (byte < 0x80)
                continue;
            m_isValid = begin(byte);
        } else {
            m_isValid = byte >= m_lowest && byte <= m_highest;
            m_lowest = 0x80;
            m_highest = 0xBF;
            --m_pending;
        }
        if (!m_isValid)
            return false;
    }
    return true;
}

} // namespace gatehouse
