// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/timeaxisgroup.h"

#include <algorithm>

namespace gatehouse {

TimeAxisGroup::TimeAxisGroup(QObject *parent)
    : QObject(parent)
{
}

void TimeAxisGroup::setRange(UtcTime from, UtcTime to, UtcTime now)
{
    if (to <= from)
        return;
    m_from = from;
    m_to = to;
    m_now = now;
}

void TimeAxisGroup::setCrosshair(std::optional<UtcTime> time)
{
    if (time == m_crosshair)
        return;
    m_crosshair = time;
    Q_EMIT crosshairChanged();
}

void TimeAxisGroup::requestLabelWidth(const QObject *chart, int width)
{
    if (m_widths.value(chart, -1) == width)
        return;
    m_widths.insert(chart, width);
    const int widest = *std::max_element(m_widths.cbegin(), m_widths.cend());
    if (widest == m_labelWidth)
        return;
    m_labelWidth = widest;
    Q_EMIT labelWidthChanged();
}

} // namespace gatehouse
