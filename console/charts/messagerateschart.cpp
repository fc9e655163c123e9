// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/messagerateschart.h"

#include <QtCharts/QAreaSeries>
#include <QtCharts/QLineSeries>

#include "console/look/theme.h"

namespace gatehouse {

MessageRatesChart::MessageRatesChart(TimeAxisGroup &axis, QWidget *parent)
    : TimeSeriesChart(axis, parent)
    , m_outLine(new QLineSeries(this))
    , m_outArea(new QAreaSeries(m_outLine))
    , m_inLine(new QLineSeries(this))
{
    m_outArea->setParent(this);
    addToChart(m_outArea);
    addToChart(m_outLine); // of its own: an area's pen would also draw its sides and its floor
    addToChart(m_inLine);
    applyColors(colors());
    setAccessibleName(title());
}

QString MessageRatesChart::title() const
{
    return tr("Messages per second");
}

std::vector<LegendEntry> MessageRatesChart::legend() const
{
    const auto value = [this](Metric metric) { return shortNumber(legendValue(metric), locale()); };
    return { { tr("out"), colors().messagesOut, value(Metric::MessagesOut) },
        { tr("in"), colors().messagesIn, value(Metric::MessagesIn) } };
}

double MessageRatesChart::updateSeries(const HistoryReply &history)
{
    const QList<QPointF> out = linePoints(history, Metric::MessagesOut, maxGroups());
    const QList<QPointF> in = linePoints(history, Metric::MessagesIn, maxGroups());
    m_outLine->replace(out);
    m_inLine->replace(in);
    return std::max(largestY(out), largestY(in));
}

void MessageRatesChart::applyColors(const ThemeColors &colors)
{
    QColor fill = colors.messagesOut;
    fill.setAlphaF(0.14F);
    m_outLine->setPen(QPen(colors.messagesOut, 1.4));
    m_outArea->setPen(Qt::NoPen);
    m_outArea->setBrush(fill);
    m_inLine->setPen(QPen(colors.messagesIn, 1.4));
}

} // namespace gatehouse
