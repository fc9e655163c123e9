// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QCoreApplication>
#include <QtCore/QPointF>

#include "console/charts/axisticks.h"
#include "console/charts/serieswindow.h"
#include "console/charts/timeaxisgroup.h"

QT_BEGIN_NAMESPACE
class QPainter;
QT_END_NAMESPACE

namespace gatehouse {

struct ThemeColors;
class TimeSeriesChart;

/// A change to tell on the time axis.
struct ChartMarker
{
    UtcTime at{};
    QString label;  ///< what changed and who did it
    QString text{}; ///< all of it, in lines, for where the mouse is
};

/// What is painted around the series of a chart.
struct ChartScene
{
    ValueScale scale;
    std::vector<TimeSpan> gaps{};
    std::vector<QPointF> limitLine{};
    std::vector<ChartMarker> markers{};
    std::vector<TimeSpan> guardsOff{};
    QString emptyText{};
    bool hasMarkerLabels = true;
    bool isStale = false;
    bool isHovered = false;
    std::optional<double> dragStart{}; ///< x in pixels
    double dragEnd = 0;
};

/// Paints what Qt Charts does not: axes, limit line, markers, gaps, crosshair and tooltip. Lives for one paint event of
/// a chart.
class ChartPainter final
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::ChartPainter)

public:
    ChartPainter(const TimeSeriesChart &chart, const TimeAxisGroup &axis, const ChartScene &scene, QPainter &painter);

    /// Behind the series.
    void drawGrid() const;
    /// Before the series. `span` is what the crosshair stands for; nullopt: a moment.
    void drawRest(const std::optional<TimeSpan> &span) const;

private:
    void drawGaps() const;
    void drawLimit() const;
    void drawGuardsOff() const;
    void drawMarkers() const;
    void drawMarkerLabels() const;
    [[nodiscard]] bool isGuardsOff(const TimeSpan &gap) const;
    [[nodiscard]] QStringList markerLinesAt(double x) const;
    void drawDragged() const;
    void drawCrosshair(const std::optional<TimeSpan> &span) const;
    void drawTooltip(double x, const std::optional<TimeSpan> &span) const;
    void drawEmptyText() const;

    const TimeSeriesChart &m_chart;
    const TimeAxisGroup &m_axis;
    const ChartScene &m_scene;
    const ThemeColors &m_colors;
    QPainter &m_painter;
    QRectF m_plot;
};

} // namespace gatehouse
