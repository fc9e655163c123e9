// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

/// Tells work that is stuck from work that takes long, by looking at it now and then: it is stuck when nothing at all
/// has moved for a number of looks in a row. It counts looks and no time, so that a process that was stopped for a
/// while finds nothing stuck when it goes on. Pure.
class HangDetector final
{
public:
    explicit HangDetector(int looks)
        : m_looks(looks)
    {
    }

    /// One look at whether there is work, and at a number that changes while it moves. True while it is stuck.
    [[nodiscard]] bool look(bool isBusy, quint64 steps)
    {
        m_same = isBusy && steps == m_steps ? m_same + 1 : 0;
        m_steps = steps;
        return m_same >= m_looks;
    }

private:
    int m_looks;
    int m_same = 0;
    quint64 m_steps = 0;
};

} // namespace gatehouse
