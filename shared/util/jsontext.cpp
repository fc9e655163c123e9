// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/jsontext.h"

#include <algorithm>

namespace gatehouse {

namespace {

bool needsEscape(char c)
{
    return c == '"' || c == '\\' || quint8(c) < 0x20;
}

void appendEscaped(QByteArray &text, char c)
{
    constexpr char kHex[] = "0123456789abcdef";
    if (c == '"' || c == '\\')
        text.append('\\').append(c);
    else
        text.append("\\u00").append(kHex[quint8(c) >> 4]).append(kHex[quint8(c) & 0xf]);
}

} // namespace

void JsonText::addKey(QByteArrayView key)
{
    if (m_text.size() > 1)
        m_text += ',';
    m_text.append('"').append(key).append("\":");
}

JsonText &JsonText::add(QByteArrayView key, QStringView value)
{
    addKey(key);
    const QByteArray utf8 = value.toUtf8();
    m_text += '"';
    if (std::none_of(utf8.begin(), utf8.end(), needsEscape)) {
        m_text += utf8;
    } else {
        for (const char c : utf8) {
            if (needsEscape(c))
                appendEscaped(m_text, c);
            else
                m_text += c;
        }
    }
    m_text += '"';
    return *this;
}

JsonText &JsonText::add(QByteArrayView key, qint64 value)
{
    return addRaw(key, QByteArray::number(value));
}

JsonText &JsonText::addRaw(QByteArrayView key, QByteArrayView json)
{
    addKey(key);
    m_text += json;
    return *this;
}

QByteArray JsonText::take()
{
    m_text += '}';
    return std::move(m_text);
}

} // namespace gatehouse
