// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/ulid.h"

#include <algorithm>
#include <cstring>

#include <QtCore/QRandomGenerator>

#include "shared/util/isotime.h"

namespace gatehouse {

namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

QString encode(qint64 millis, const std::array<quint8, 10> &random)
{
    std::array<quint8, 16> bytes{};
    for (size_t i = 0; i < 6; ++i)
        bytes[i] = quint8(quint64(millis) >> (8 * (5 - i)));
    std::copy(random.begin(), random.end(), bytes.begin() + 6);
    QString text(26, Qt::Uninitialized);
    // 128 bits in 26 characters of five bits: two leading zero bits are implied.
    for (int character = 0; character < 26; ++character) {
        int value = 0;
        for (int bit = 0; bit < 5; ++bit) {
            const int position = character * 5 + bit - 2;
            const int set = position < 0 ? 0 : (bytes[size_t(position) / 8] >> (7 - position % 8)) & 1;
            value = value << 1 | set;
        }
        text[character] = QLatin1Char(kAlphabet[value]);
    }
    return text;
}

} // namespace

UlidGenerator::UlidGenerator(Entropy entropy)
    : m_entropy(std::move(entropy))
{
}

UlidGenerator::Entropy UlidGenerator::systemEntropy()
{
    return [](std::array<quint8, 10> &bytes) {
        std::array<quint32, 3> random;
        QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
        std::memcpy(bytes.data(), random.data(), bytes.size());
    };
}

UlidGenerator UlidGenerator::withSystemEntropy()
{
    return UlidGenerator(systemEntropy());
}

QString UlidGenerator::next(UtcTime now)
{
    const qint64 millis = std::max(toEpochMillis(now), qint64(0)); // a clock before 1970 has no place in a ULID
    if (millis > m_lastMillis) {
        m_lastMillis = millis;
        m_entropy(m_random);
    } else { // same millisecond, or the clock went back: stay increasing
        size_t i = m_random.size();
        while (i > 0 && ++m_random[--i] == 0) { }
        if (std::all_of(m_random.begin(), m_random.end(), [](quint8 byte) { return byte == 0; }))
            ++m_lastMillis; // the random part overflowed: carry into the time
    }
    return encode(m_lastMillis, m_random);
}

bool isUlid(QStringView text)
{
    return text.size() == 26 && text[0] <= u'7' && std::all_of(text.begin(), text.end(), [](QChar c) {
        return c.unicode() < 128 && std::find(kAlphabet, kAlphabet + 32, char(c.unicode())) != kAlphabet + 32;
    });
}

} // namespace gatehouse
