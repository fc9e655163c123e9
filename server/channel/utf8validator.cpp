// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/utf8validator.h"

#include <cstring>

namespace gatehouse {

namespace {

/// The first byte that is not ASCII; eight are looked at at a time, because most texts are mostly ASCII.
const char *skipAscii(const char *at, const char *end)
{
    constexpr quint64 kHighBits = 0x8080808080808080U;
    for (; end - at >= 8; at += 8) {
        quint64 bytes;
        std::memcpy(&bytes, at, sizeof bytes);
        if (bytes & kHighBits)
            break;
    }
    while (at != end && quint8(*at) < 0x80)
        ++at;
    return at;
}

} // namespace

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
    const char *at = bytes.data();
    const char *const end = at + bytes.size();
    while (at != end) {
        if (m_pending == 0) {
            at = skipAscii(at, end);
            if (at == end)
                break;
            m_isValid = begin(quint8(*at));
        } else {
            const quint8 byte = quint8(*at);
            m_isValid = byte >= m_lowest && byte <= m_highest;
            m_lowest = 0x80;
            m_highest = 0xBF;
            --m_pending;
        }
        if (!m_isValid)
            return false;
        ++at;
    }
    return true;
}

} // namespace gatehouse
