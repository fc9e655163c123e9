// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtWidgets/QFrame>

#include "console/charts/timeserieschart.h"

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace gatehouse {

/// A row of coloured squares with names and values. Drops names, last first, rather than being cut off.
class ChartLegend final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ChartLegend)

public:
    explicit ChartLegend(QWidget *parent = nullptr);

    void setEntries(std::vector<LegendEntry> entries);
    [[nodiscard]] QSize minimumSizeHint() const override { return { 60, sizeHint().height() }; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    [[nodiscard]] int entryWidth(const LegendEntry &entry) const;

    std::vector<LegendEntry> m_entries;
};

/// The frame around a chart: its title, its legend and the chart, which it takes over.
class ChartCard final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ChartCard)

public:
    explicit ChartCard(TimeSeriesChart *chart, QWidget *parent = nullptr);

private:
    void refresh();

    TimeSeriesChart *m_chart;
    QLabel *m_title;
    ChartLegend *m_legend;
};

} // namespace gatehouse
