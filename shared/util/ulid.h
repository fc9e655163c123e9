// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <functional>

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// Makes ULIDs (https://github.com/ulid/spec): 26 characters of Crockford base32, 48 bits of milliseconds and 80 random
/// bits; their text order is their order in time. Identifiers made within one millisecond by one generator are
/// increasing too. Not thread-safe: one generator per thread or owner.
class UlidGenerator final
{
public:
    /// Fills the ten bytes with randomness fit for identifiers that must not be guessed.
    using Entropy = std::function<void(std::array<quint8, 10> &)>;

    explicit UlidGenerator(Entropy entropy);
    /// The operating system's randomness, and a generator with it.
    [[nodiscard]] static Entropy systemEntropy();
    [[nodiscard]] static UlidGenerator withSystemEntropy();

    [[nodiscard]] QString next(UtcTime now);

private:
    Entropy m_entropy;
    qint64 m_lastMillis = -1;
    std::array<quint8, 10> m_random{};
};

/// Whether the text has the form of a ULID.
[[nodiscard]] bool isUlid(QStringView text);

} // namespace gatehouse
