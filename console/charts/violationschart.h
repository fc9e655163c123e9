// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include "console/charts/timeserieschart.h"

QT_BEGIN_NAMESPACE
class QAreaSeries;
class QLineSeries;
QT_END_NAMESPACE

namespace gatehouse {

/// Refusals by kind, stacked in bars of a round length that follows the range. Each kind is an area series with the
/// outline of its bars: that keeps a true time axis and one item per kind, where Qt Charts' bars would be one per bar.
class ViolationsChart final : public TimeSeriesChart
{
    Q_OBJECT

public:
    static constexpr size_t kKindCount = 6;
    /// The metrics in the order of the stack, the first at the bottom.
    [[nodiscard]] static const std::vector<Metric> &kinds();

    explicit ViolationsChart(TimeAxisGroup &axis, QWidget *parent = nullptr);

    [[nodiscard]] QString title() const override;
    [[nodiscard]] std::vector<LegendEntry> legend() const override;
    /// The bar at a time; nullopt if there is none.
    [[nodiscard]] std::optional<TimeSpan> barAt(UtcTime time) const;
    [[nodiscard]] const std::vector<BarBucket> &bars() const { return m_bars; }

Q_SIGNALS:
    /// A click on a bar that has refusals: on the part of one kind, or (nullopt) above it or by the keyboard.
    void barClicked(gatehouse::UtcTime from, gatehouse::UtcTime to, std::optional<gatehouse::Metric> kind);

protected:
    [[nodiscard]] double updateSeries(const HistoryReply &history) override;
    void applyColors(const ThemeColors &colors) override;
    [[nodiscard]] Metric gapMetric() const override
    {
        return Metric::RefusedOrigin;
    } // counted while the guards are off too
    [[nodiscard]] std::optional<TimeSpan> spanAt(UtcTime time) const override { return barAt(time); }

private:
    [[nodiscard]] static std::optional<Metric> kindAt(const BarBucket &bar, double value);
    [[nodiscard]] const BarBucket *findBar(UtcTime time) const;
    [[nodiscard]] QString widthText() const;

    std::array<QLineSeries *, kKindCount + 1> m_edges{}; ///< edge i is the lower one of kind i, and the upper of i - 1
    std::array<QAreaSeries *, kKindCount> m_areas{};
    std::vector<BarBucket> m_bars;
    std::chrono::milliseconds m_width{ 30'000 };
};

} // namespace gatehouse
