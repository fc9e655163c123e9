// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/violationschart.h"

#include <cmath>

#include <QtCharts/QAreaSeries>
#include <QtCharts/QLineSeries>

#include "console/look/theme.h"
#include "shared/util/isotime.h"

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr int kPixelsPerBar = 9;
constexpr double kBarShare = 0.8; ///< of its stretch of time; the rest is the space between two bars

} // namespace

const std::vector<Metric> &ViolationsChart::kinds()
{
    static const std::vector<Metric> kKinds{ Metric::RefusedConnections, Metric::RefusedReconnects,
        Metric::RefusedMessages, Metric::RefusedOrigin, Metric::RefusedToken, Metric::RefusedOther };
    return kKinds;
}

ViolationsChart::ViolationsChart(TimeAxisGroup &axis, QWidget *parent)
    : TimeSeriesChart(axis, parent)
{
    for (QLineSeries *&edge : m_edges)
        edge = new QLineSeries(this);
    for (size_t i = 0; i < kKindCount; ++i) {
        m_areas[i] = new QAreaSeries(m_edges[i + 1], m_edges[i]);
        m_areas[i]->setParent(this);
        addToChart(m_areas[i]);
    }
    applyColors(colors());
    setAccessibleName(tr("Refusals by kind"));
    connect(this, &TimeSeriesChart::timeClicked, this, [this](UtcTime time, double value) {
        const BarBucket *bar = findBar(time);
        if (bar && std::any_of(bar->sums.begin(), bar->sums.end(), [](double sum) { return sum > 0; }))
            Q_EMIT barClicked(bar->from, bar->from + m_width, kindAt(*bar, value));
    });
}

std::optional<Metric> ViolationsChart::kindAt(const BarBucket &bar, double value)
{
    double height = 0;
    for (size_t i = 0; i < kKindCount; ++i) {
        height += std::isnan(bar.sums[i]) ? 0 : bar.sums[i];
        if (value <= height && bar.sums[i] > 0)
            return kinds()[i];
    }
    return std::nullopt;
}

QString ViolationsChart::widthText() const
{
    if (m_width < 1min)
        return tr("%n s", nullptr, int(m_width / 1s));
    if (m_width < 1h)
        return tr("%n min", nullptr, int(m_width / 1min));
    return tr("%n h", nullptr, int(m_width / 1h));
}

QString ViolationsChart::title() const
{
    return tr("Refusals per %1").arg(widthText());
}

std::vector<LegendEntry> ViolationsChart::legend() const
{
    const BarBucket *bar = axis().crosshair() ? findBar(*axis().crosshair()) : nullptr;
    const QString names[kKindCount]
        = { tr("connections"), tr("reconnects"), tr("messages"), tr("origin"), tr("token"), tr("other") };
    std::vector<LegendEntry> entries;
    for (size_t i = 0; i < kKindCount; ++i) {
        double value = 0;
        if (bar) {
            value = bar->sums[i];
        } else if (!axis().crosshair()) {
            for (const BarBucket &one : m_bars)
                value += std::isnan(one.sums[i]) ? 0 : one.sums[i];
        }
        entries.push_back({ names[i], colors().refusals[i], shortNumber(std::round(value), locale()) });
    }
    return entries;
}

const BarBucket *ViolationsChart::findBar(UtcTime time) const
{
    for (const BarBucket &bar : m_bars) {
        if (time >= bar.from && time < bar.from + m_width)
            return &bar;
    }
    return nullptr;
}

std::optional<TimeSpan> ViolationsChart::barAt(UtcTime time) const
{
    const BarBucket *bar = findBar(time);
    return bar ? std::optional(TimeSpan{ bar->from, bar->from + m_width }) : std::nullopt;
}

double ViolationsChart::updateSeries(const HistoryReply &history)
{
    m_width = barWidth(axis().to() - axis().from(), std::max(8, maxGroups() / kPixelsPerBar));
    if (history.step > 0ms)
        m_width = (m_width + history.step - 1ms) / history.step * history.step;
    m_bars = barBuckets(history, kinds(), m_width);
    std::array<QList<QPointF>, kKindCount + 1> edges;
    double largest = 0;
    const double inset = double(m_width.count()) * (1 - kBarShare) / 2;
    for (const BarBucket &bar : m_bars) {
        const double left = double(toEpochMillis(bar.from)) + inset;
        const double right = left + double(m_width.count()) * kBarShare;
        double height = 0;
        for (size_t i = 0; i <= kKindCount; ++i) {
            if (i > 0 && !std::isnan(bar.sums[i - 1]))
                height += bar.sums[i - 1];
            edges[i].append({ left, 0 });
            edges[i].append({ left, height });
            edges[i].append({ right, height });
            edges[i].append({ right, 0 });
        }
        largest = std::max(largest, height);
    }
    for (size_t i = 0; i <= kKindCount; ++i)
        m_edges[i]->replace(edges[i]);
    return largest;
}

void ViolationsChart::applyColors(const ThemeColors &colors)
{
    for (size_t i = 0; i < kKindCount; ++i) {
        m_areas[i]->setPen(Qt::NoPen);
        m_areas[i]->setBrush(colors.refusals[i]);
    }
}

} // namespace gatehouse
