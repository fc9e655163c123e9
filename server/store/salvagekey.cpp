// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/salvagekey.h"

#include <algorithm>

#include <QtCore/QtEndian>

namespace gatehouse::salvagekeys {

namespace {

constexpr qsizetype kNumberBytes = 8;
constexpr quint64 kSign = quint64(1) << 63;

/// A key as bytes that order as the keys do: numbers big-endian from the smallest, texts with a NUL at the end.
QByteArray encode(const SalvageKey &key)
{
    QByteArray bytes;
    for (const auto &part : key) {
        if (const qint64 *number = std::get_if<qint64>(&part)) {
            char buffer[kNumberBytes];
            qToBigEndian(quint64(*number) ^ kSign, buffer);
            bytes.append(buffer, kNumberBytes);
        } else {
            bytes.append(std::get<QByteArray>(part)).append('\0');
        }
    }
    return bytes;
}

/// The other way round, for a key with parts like those of `form`. What is missing at the end counts as zeros.
SalvageKey decode(QByteArray bytes, const SalvageKey &form)
{
    SalvageKey key;
    qsizetype at = 0;
    for (const auto &part : form) {
        if (std::holds_alternative<qint64>(part)) {
            const QByteArray number = bytes.mid(at, kNumberBytes).leftJustified(kNumberBytes, '\0');
            key.emplace_back(qint64(qFromBigEndian<quint64>(number.constData()) ^ kSign));
            at += kNumberBytes;
        } else {
            const qsizetype end = std::max(at, bytes.indexOf('\0', at) < 0 ? bytes.size() : bytes.indexOf('\0', at));
            key.emplace_back(bytes.mid(at, end - at));
            at = end + 1;
        }
    }
    return key;
}

/// Adds `step` at one byte, and carries; empty if that leads beyond all keys.
QByteArray moved(QByteArray bytes, qsizetype at, int step)
{
    bytes.truncate(at + 1);
    for (qsizetype i = at; i >= 0; --i) {
        const int sum = quint8(bytes[i]) + step;
        bytes[i] = char(sum & 0xff);
        if (sum >= 0 && sum <= 0xff)
            return bytes;
    }
    return {};
}

} // namespace

SalvageKey between(const SalvageKey &low, const SalvageKey &high)
{
    QByteArray from = encode(low);
    QByteArray to = encode(high);
    const qsizetype size = std::max(from.size(), to.size()) + 1;
    from = from.leftJustified(size, '\0');
    to = to.leftJustified(size, '\0');
    QByteArray middle(size, '\0');
    int carry = 0;
    for (qsizetype i = size - 1; i >= 0; --i) { // the sum, and then its half
        const int sum = quint8(from[i]) + quint8(to[i]) + carry;
        middle[i] = char(sum & 0xff);
        carry = sum >> 8;
    }
    for (qsizetype i = 0; i < size; ++i) {
        const int value = (carry << 8) | quint8(middle[i]);
        middle[i] = char(value >> 1);
        carry = value & 1;
    }
    return decode(middle, low);
}

std::vector<SalvageKey> above(const SalvageKey &key)
{
    const QByteArray bytes = encode(key);
    std::vector<SalvageKey> keys;
    for (qsizetype at = bytes.size() - 1; at >= 0; --at) {
        const QByteArray next = moved(bytes, at, 1);
        if (!next.isEmpty() && (keys.empty() || decode(next, key) > keys.back()))
            keys.push_back(decode(next, key));
    }
    return keys;
}

std::vector<SalvageKey> below(const SalvageKey &key)
{
    const QByteArray bytes = encode(key);
    std::vector<SalvageKey> keys;
    for (qsizetype at = bytes.size() - 1; at >= 0; --at) {
        const QByteArray next = moved(bytes, at, -1);
        if (!next.isEmpty() && (keys.empty() || decode(next, key) < keys.back()))
            keys.push_back(decode(next, key));
    }
    std::reverse(keys.begin(), keys.end());
    return keys;
}

} // namespace gatehouse::salvagekeys
