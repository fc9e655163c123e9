// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/charts/timeserieschart.h"

QT_BEGIN_NAMESPACE
class QAreaSeries;
class QLineSeries;
QT_END_NAMESPACE

namespace gatehouse {

/// Open connections over time, with the server's limit as a line.
class ActiveConnectionsChart final : public TimeSeriesChart
{
    Q_OBJECT

public:
    explicit ActiveConnectionsChart(TimeAxisGroup &axis, QWidget *parent = nullptr);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] std::vector<LegendEntry> legend() const override;

protected:
    [[nodiscard]] double updateSeries(const HistoryReply &history) override;
    void applyColors(const ThemeColors &colors) override;
    [[nodiscard]] Metric gapMetric() const override { return Metric::ActiveConnections; }

private:
    QLineSeries *m_line;
    QAreaSeries *m_area;
    double m_largest = 0;
};

} // namespace gatehouse
