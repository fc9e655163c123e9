// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/activeconnectionschart.h"

#include <cmath>

#include <QtCharts/QAreaSeries>
#include <QtCharts/QLineSeries>

#include "console/look/theme.h"

namespace gatehouse {

ActiveConnectionsChart::ActiveConnectionsChart(TimeAxisGroup &axis, QWidget *parent)
    : TimeSeriesChart(axis, parent)
    , m_line(new QLineSeries(this))
    , m_area(new QAreaSeries(m_line))
{
    m_area->setParent(this);
    addToChart(m_area);
    addToChart(m_line); // of its own: an area's pen would also draw its sides and its floor
    applyColors(colors());
    setAccessibleName(title());
}

QString ActiveConnectionsChart::title() const
{
    return tr("Active connections");
}

std::vector<LegendEntry> ActiveConnectionsChart::legend() const
{
    const double value = legendValue(Metric::ActiveConnections);
    std::vector<LegendEntry> entries{ { axis().crosshair() ? tr("connections")
            : isNow()                                      ? tr("now")
                                                           : tr("last"),
        colors().active, shortNumber(std::round(value), locale()) } };
    entries.push_back({ tr("highest shown"), colors().crosshair, shortNumber(m_largest, locale()) });
    if (limit() && !isLimitInView())
        entries.push_back({ tr("limit"), colors().bad, shortNumber(*limit(), locale()) });
    return entries;
}

double ActiveConnectionsChart::updateSeries(const HistoryReply &history)
{
    const QList<QPointF> points = linePoints(history, Metric::ActiveConnections, maxGroups());
    m_largest = largestY(points);
    m_line->replace(points);
    return m_largest;
}

void ActiveConnectionsChart::applyColors(const ThemeColors &colors)
{
    QColor fill = colors.active;
    fill.setAlphaF(0.12F);
    m_line->setPen(QPen(colors.active, 1.6));
    m_area->setPen(Qt::NoPen);
    m_area->setBrush(fill);
}

} // namespace gatehouse
