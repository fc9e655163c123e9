// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCharts/QChartView>

#include "console/charts/chartpainter.h"
#include "shared/metrics/metricsframe.h"

QT_BEGIN_NAMESPACE
class QValueAxis;
class QXYSeries;
QT_END_NAMESPACE

namespace gatehouse {

struct ThemeColors;

/// One series in a chart's legend.
struct LegendEntry
{
    QString name;
    QColor color;
    QString value; ///< at the crosshair, else the newest
};

/// A chart over time: Qt Charts draws the series; axes, limit line, markers, gaps, crosshair and tooltip a
/// ChartPainter paints, because Qt Charts clips labels and cannot share an axis between charts. GUI thread; the page
/// owns it. Colours follow the widget's palette. Data comes ready from outside and is replaced once per update.
class TimeSeriesChart : public QChartView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TimeSeriesChart)

public:
    /// `axis` must outlive the chart.
    explicit TimeSeriesChart(TimeAxisGroup &axis, QWidget *parent = nullptr);

    /// The samples of the axis group's range, which was set before; buckets without a sample become gaps. This is the
    /// one update a second: it replaces the points of every series once.
    void setHistory(const HistoryReply &history);
    [[nodiscard]] const HistoryReply &history() const { return m_history; }
    /// The limit over time as steps, x in milliseconds since 1970, NaN in y while it was not enforced
    /// (ChangeMarkers::limitLine); empty for none. One so far above the data that it would press the line to the floor
    /// is not drawn: the legend tells it then.
    void setLimitLine(const std::vector<QPointF> &line);
    /// Where the limit line ends; nullopt without one, and while it is not enforced.
    [[nodiscard]] std::optional<double> limit() const;
    [[nodiscard]] bool isLimitInView() const;
    void setMarkers(const std::vector<ChartMarker> &markers);
    /// When the guards were off: what was not counted then is a gap that says so.
    void setGuardsOff(const std::vector<TimeSpan> &spans);
    /// What stands there while there is no sample.
    void setEmptyText(const QString &text) { m_scene.emptyText = text; }
    /// Whether the markers' labels are written above the plot; without, only the lines are drawn.
    void setMarkerLabelsVisible(bool isVisible) { m_scene.hasMarkerLabels = isVisible; }
    /// The newest second, while what is shown goes on to the present; nullopt while it ends before, or there is none.
    void setNow(const std::optional<MetricsFrame> &now) { m_now = now; }
    /// While there is no connection: everything is paler.
    void setStale(bool isStale);
    [[nodiscard]] bool isStale() const { return m_scene.isStale; }

    [[nodiscard]] virtual QString title() const = 0;
    [[nodiscard]] virtual std::vector<LegendEntry> legend() const = 0;
    [[nodiscard]] const std::vector<TimeSpan> &gaps() const { return m_scene.gaps; }
    [[nodiscard]] bool isEmpty() const;
    [[nodiscard]] QRectF plotRect() const;
    [[nodiscard]] double positionOf(UtcTime time) const; ///< in pixels from the left
    [[nodiscard]] UtcTime timeAt(double x) const;
    [[nodiscard]] double levelAt(double y) const;
    [[nodiscard]] double valueMaximum() const { return m_scene.scale.maximum; }

Q_SIGNALS:
    /// What legend() or title() answers is another now.
    void legendChanged();
    /// A click (no drag) on the plot, at this height; NaN for one by the keyboard, which has none.
    void timeClicked(gatehouse::UtcTime time, double value);

protected:
    /// Replaces the series' points; called when data, range or size changed. Answers the largest value shown.
    [[nodiscard]] virtual double updateSeries(const HistoryReply &history) = 0;
    virtual void applyColors(const ThemeColors &colors) = 0;
    /// The metric whose missing samples are gaps.
    [[nodiscard]] virtual Metric gapMetric() const = 0;
    /// The length of time that the crosshair stands for; nullopt: a moment.
    [[nodiscard]] virtual std::optional<TimeSpan> spanAt(UtcTime) const { return std::nullopt; }

    /// What the legend says of a metric: at the crosshair, else now, else where what is shown ends.
    [[nodiscard]] double legendValue(Metric metric) const;
    [[nodiscard]] bool isNow() const { return m_now && !m_axis.crosshair() && !isStale(); }
    void addToChart(QAbstractSeries *series);
    [[nodiscard]] int maxGroups() const;
    [[nodiscard]] const TimeAxisGroup &axis() const { return m_axis; }
    [[nodiscard]] const ThemeColors &colors() const;

    void drawBackground(QPainter *painter, const QRectF &rect) override;
    void drawForeground(QPainter *painter, const QRectF &rect) override;
    void resizeEvent(QResizeEvent *event) override;
    void changeEvent(QEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void rebuild();
    [[nodiscard]] int topMargin() const;
    void placePlot();
    void updateColors();

    TimeAxisGroup &m_axis;
    QValueAxis *m_timeAxis;
    QValueAxis *m_valueAxis;
    HistoryReply m_history;
    std::optional<MetricsFrame> m_now;
    ChartScene m_scene;
};

} // namespace gatehouse
