// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// Whether it is worth to ask somebody who must answer within a deadline. One missed answer says little, and neither do
/// the many that were on their way in one slow moment: it opens only when nothing has come in time for a while. Then
/// single probes go out, and it closes after a few good ones in a row, or when somebody is there anew. Pure: time and
/// randomness come from outside. One thread.
class CircuitBreaker final
{
public:
    static constexpr int kMisses = 5;                              ///< in a row: then it may open
    static constexpr int kGoodProbes = 3;                          ///< in a row: then it closes
    static constexpr std::chrono::milliseconds kFirstProbe{ 50 };  ///< each wait is twice the one before that failed,
    static constexpr std::chrono::milliseconds kLastProbe{ 1000 }; ///< up to this, and jittered by half

    /// It opens when the misses in a row have gone on for `missingFor`. `random` gives numbers from 0 up to 1.
    CircuitBreaker(std::chrono::milliseconds missingFor, std::function<double()> random);

    [[nodiscard]] bool isOpen() const { return m_isOpen; }
    /// Why it opened last.
    [[nodiscard]] const QString &reason() const { return m_reason; }

    /// An answer in time; true if the breaker closed with it.
    bool succeeded();
    /// None in time, or an error; true if the breaker opened with it.
    bool failed(MonoTime now, const QString &reason);
    /// Nobody is there to be asked. True if it was not open before.
    bool open(const QString &reason);
    /// Somebody has come and has answered all that a newcomer is asked.
    void close();
    /// While it is open: how long to wait before the next probe.
    [[nodiscard]] std::chrono::milliseconds nextProbe() const;

private:
    const std::chrono::milliseconds m_missingFor;
    std::function<double()> m_random;
    bool m_isOpen = true; ///< nobody has answered yet
    QString m_reason;
    int m_misses = 0;
    MonoTime m_firstMiss{};
    int m_goodProbes = 0;
    std::chrono::milliseconds m_wait{ kFirstProbe };
};

} // namespace gatehouse
