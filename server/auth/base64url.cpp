// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/base64url.h"

#include <array>

namespace gatehouse {

namespace {

constexpr quint8 kNone = 0xff;

constexpr std::array<quint8, 256> valuesOfCharacters()
{
    std::array<quint8, 256> values{};
    values.fill(kNone);
    constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (quint8 value = 0; value < 64; ++value)
        values[quint8(kAlphabet[value])] = value;
    return values;
}

constexpr std::array<quint8, 256> kValues = valuesOfCharacters();

} // namespace

QByteArray decodeBase64Url(QByteArrayView text)
{
    constexpr int kBitsPerCharacter = 6;
    if (text.isEmpty() || text.size() % 4 == 1)
        return {};
    QByteArray bytes(text.size() * kBitsPerCharacter / 8, Qt::Uninitialized);
    char *next = bytes.data();
    quint32 pending = 0;
    int pendingBits = 0;
    for (const char character : text) {
        const quint8 value = kValues[quint8(character)];
        if (value == kNone)
            return {};
        pending = pending << kBitsPerCharacter | value;
        pendingBits += kBitsPerCharacter;
        if (pendingBits >= 8) {
            pendingBits -= 8;
            *next++ = char(pending >> pendingBits & 0xff);
        }
    }
    const quint32 unused = pending & ((1U << pendingBits) - 1);
    return unused == 0 ? bytes : QByteArray();
}

} // namespace gatehouse
