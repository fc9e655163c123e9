// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/charts/timeserieschart.h"

QT_BEGIN_NAMESPACE
class QAreaSeries;
class QLineSeries;
QT_END_NAMESPACE

namespace gatehouse {

/// Channel messages per second, from clients and to them.
class MessageRatesChart final : public TimeSeriesChart
{
    Q_OBJECT

public:
    explicit MessageRatesChart(TimeAxisGroup &axis, QWidget *parent = nullptr);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] std::vector<LegendEntry> legend() const override;

protected:
    [[nodiscard]] double updateSeries(const HistoryReply &history) override;
    void applyColors(const ThemeColors &colors) override;
    [[nodiscard]] Metric gapMetric() const override { return Metric::MessagesOut; }

private:
    QLineSeries *m_outLine;
    QAreaSeries *m_outArea;
    QLineSeries *m_inLine;
};

} // namespace gatehouse
