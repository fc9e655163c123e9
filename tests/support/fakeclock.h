// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include <QtCore/QtGlobal>

#include "shared/util/clock.h"

namespace gatehouse {

/// A clock whose hands the test turns. Starts at 2025-11-10T12:00:00Z.
class FakeClock final : public Clock
{
public:
    [[nodiscard]] MonoTime monotonic() const override { return MonoTime(std::chrono::milliseconds(m_mono.load())); }
    [[nodiscard]] UtcTime utc() const override { return UtcTime(std::chrono::milliseconds(m_utc.load())); }

    void advance(std::chrono::milliseconds by)
    {
        m_mono += by.count();
        m_utc += by.count();
    }
    /// As when somebody sets the machine's clock: monotonic time goes on undisturbed.
    void jumpUtc(std::chrono::milliseconds by) { m_utc += by.count(); }

private:
    std::atomic<qint64> m_mono{ 1'000'000 };
    std::atomic<qint64> m_utc{ 1'762'776'000'000 };
};

} // namespace gatehouse
