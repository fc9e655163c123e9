// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/timeserieschart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QtCharts/QChart>
#include <QtCharts/QValueAxis>
#include <QtGui/QMouseEvent>
#include <QtWidgets/QGraphicsLayout>

#include "console/look/theme.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr int kTopMargin = 10;
constexpr int kRightMargin = 18;
constexpr int kLabelGap = 8;
constexpr double kDragThreshold = 5;
/// A limit this much above the data would press the line to the floor; the legend tells it instead.
constexpr double kLimitInView = 8;
constexpr double kHeadroom = 1.05;
/// Above the limit line, so that its label has a place that the data does not reach.
constexpr double kLimitHeadroom = 1.15;

} // namespace

TimeSeriesChart::TimeSeriesChart(TimeAxisGroup &axis, QWidget *parent)
    : QChartView(parent)
    , m_axis(axis)
    , m_timeAxis(new QValueAxis(this))
    , m_valueAxis(new QValueAxis(this))
    , m_scene{ niceScale(1, 4, locale()) }
{
    chart()->legend()->hide();
    chart()->setBackgroundVisible(false);
    chart()->setAnimationOptions(QChart::NoAnimation);
    chart()->setMargins({});
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->addAxis(m_timeAxis, Qt::AlignBottom);
    chart()->addAxis(m_valueAxis, Qt::AlignLeft);
    m_timeAxis->setVisible(false);
    m_valueAxis->setVisible(false);
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setViewportUpdateMode(QGraphicsView::FullViewportUpdate);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumHeight(96);

    connect(&m_axis, &TimeAxisGroup::labelWidthChanged, this, [this] {
        placePlot();
        viewport()->update();
    });
    connect(&m_axis, &TimeAxisGroup::crosshairChanged, this, [this] {
        viewport()->update();
        Q_EMIT legendChanged();
    });
}

void TimeSeriesChart::setHistory(const HistoryReply &history)
{
    m_history = history;
    rebuild();
}

void TimeSeriesChart::setLimitLine(const std::vector<QPointF> &line)
{
    m_scene.limitLine = line;
    rebuild();
}

std::optional<double> TimeSeriesChart::limit() const
{
    if (m_scene.limitLine.empty() || std::isnan(m_scene.limitLine.back().y()))
        return std::nullopt;
    return m_scene.limitLine.back().y();
}

bool TimeSeriesChart::isLimitInView() const
{
    return limit() && *limit() <= m_scene.scale.maximum;
}

void TimeSeriesChart::setMarkers(const std::vector<ChartMarker> &markers)
{
    m_scene.markers = markers;
    rebuild();
}

void TimeSeriesChart::setGuardsOff(const std::vector<TimeSpan> &spans)
{
    m_scene.guardsOff = spans;
    viewport()->update();
}

void TimeSeriesChart::setStale(bool isStale)
{
    if (isStale == m_scene.isStale)
        return;
    m_scene.isStale = isStale;
    viewport()->update();
    Q_EMIT legendChanged();
}

bool TimeSeriesChart::isEmpty() const
{
    const HistorySeries *series = findSeries(m_history, gapMetric());
    return !series
        || std::all_of(series->mean.begin(), series->mean.end(), [](double value) { return std::isnan(value); });
}

QRectF TimeSeriesChart::plotRect() const
{
    const int left = m_axis.labelWidth() + kLabelGap;
    const int bottom = fontMetrics().height() + kLabelGap;
    return QRectF(
        left, topMargin(), std::max(1, width() - left - kRightMargin), std::max(1, height() - topMargin() - bottom));
}

int TimeSeriesChart::topMargin() const
{
    return kTopMargin + (m_scene.hasMarkerLabels && !m_scene.markers.empty() ? fontMetrics().height() : 0);
}

double TimeSeriesChart::positionOf(UtcTime time) const
{
    const QRectF plot = plotRect();
    return plot.left()
        + plot.width() * double((time - m_axis.from()).count()) / double((m_axis.to() - m_axis.from()).count());
}

UtcTime TimeSeriesChart::timeAt(double x) const
{
    const QRectF plot = plotRect();
    const double share = std::clamp((x - plot.left()) / plot.width(), 0.0, 1.0);
    return m_axis.from() + std::chrono::milliseconds(qint64(share * double((m_axis.to() - m_axis.from()).count())));
}

double TimeSeriesChart::legendValue(Metric metric) const
{
    if (m_axis.crosshair())
        return valueAt(m_history, metric, *m_axis.crosshair());
    return m_now ? (*m_now)[metric] : lastValue(m_history, metric);
}

double TimeSeriesChart::levelAt(double y) const
{
    const QRectF plot = plotRect();
    return plot.height() > 0 ? m_scene.scale.maximum * (plot.bottom() - y) / plot.height() : 0;
}

void TimeSeriesChart::addToChart(QAbstractSeries *series)
{
    chart()->addSeries(series);
    series->attachAxis(m_timeAxis);
    series->attachAxis(m_valueAxis);
}

int TimeSeriesChart::maxGroups() const
{
    return std::max(16, int(plotRect().width()));
}

const ThemeColors &TimeSeriesChart::colors() const
{
    return themeColors(palette());
}

void TimeSeriesChart::rebuild()
{
    placePlot();
    const double largest = updateSeries(m_history);
    double top = largest * kHeadroom;
    for (const QPointF &point : m_scene.limitLine) {
        if (!std::isnan(point.y()) && largest * kLimitInView >= point.y())
            top = std::max(top, point.y() * kLimitHeadroom);
    }
    m_scene.scale = niceScale(top, std::clamp(int(plotRect().height()) / 36, 2, 5), locale());
    m_valueAxis->setRange(0, m_scene.scale.maximum);
    m_timeAxis->setRange(double(toEpochMillis(m_axis.from())), double(toEpochMillis(m_axis.to())));

    int widest = 0;
    for (const AxisTick &tick : m_scene.scale.ticks)
        widest = std::max(widest, fontMetrics().horizontalAdvance(tick.label));
    m_axis.requestLabelWidth(this, std::max(widest, fontMetrics().horizontalAdvance(u"0000"_s)));

    // One missed sample is jitter, two are a gap.
    const std::chrono::milliseconds shortest = std::max<std::chrono::milliseconds>(m_history.step * 2, 2500ms);
    m_scene.gaps = gapsOf(m_history, gapMetric(), m_axis.to(), shortest);
    viewport()->update();
    Q_EMIT legendChanged();
}

void TimeSeriesChart::placePlot()
{
    chart()->setPlotArea(plotRect());
}

void TimeSeriesChart::updateColors()
{
    setBackgroundBrush(colors().card);
    applyColors(colors());
    viewport()->update();
}

void TimeSeriesChart::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    rebuild();
}

void TimeSeriesChart::changeEvent(QEvent *event)
{
    QChartView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange)
        updateColors();
    else if (event->type() == QEvent::FontChange || event->type() == QEvent::LocaleChange)
        rebuild();
}

void TimeSeriesChart::mouseMoveEvent(QMouseEvent *event)
{
    m_scene.isHovered = plotRect().adjusted(-4, -4, 4, 4).contains(event->position());
    if (m_scene.dragStart) {
        m_scene.dragEnd = event->position().x();
        viewport()->update();
    }
    m_axis.setCrosshair(m_scene.isHovered && !isEmpty() ? std::optional(timeAt(event->position().x())) : std::nullopt);
}

void TimeSeriesChart::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !plotRect().contains(event->position()))
        return;
    m_scene.dragStart = event->position().x();
    m_scene.dragEnd = *m_scene.dragStart;
}

void TimeSeriesChart::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton || !m_scene.dragStart)
        return;
    const double begin = *m_scene.dragStart;
    const double end = event->position().x();
    m_scene.dragStart.reset();
    viewport()->update();
    if (std::abs(end - begin) < kDragThreshold) {
        Q_EMIT timeClicked(timeAt(end), levelAt(event->position().y()));
        return;
    }
    const UtcTime from = timeAt(std::min(begin, end));
    const UtcTime to = timeAt(std::max(begin, end));
    if (to - from >= 5s)
        m_axis.requestZoom(from, to);
}

void TimeSeriesChart::mouseDoubleClickEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        m_axis.requestReset();
}

void TimeSeriesChart::leaveEvent(QEvent *event)
{
    QChartView::leaveEvent(event);
    m_scene.isHovered = false;
    m_axis.setCrosshair(std::nullopt);
}

void TimeSeriesChart::keyPressEvent(QKeyEvent *event)
{
    const auto stride = (m_axis.to() - m_axis.from()) / 100;
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const UtcTime now = m_axis.crosshair().value_or(m_axis.to());
        const UtcTime moved = event->key() == Qt::Key_Left ? now - stride : now + stride;
        m_scene.isHovered = true;
        m_axis.setCrosshair(std::clamp(moved, m_axis.from(), m_axis.to()));
        return;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_axis.crosshair())
            Q_EMIT timeClicked(*m_axis.crosshair(), std::numeric_limits<double>::quiet_NaN());
        return;
    case Qt::Key_Escape:
        m_axis.setCrosshair(std::nullopt);
        m_axis.requestReset();
        return;
    default:
        QChartView::keyPressEvent(event);
    }
}

void TimeSeriesChart::drawBackground(QPainter *painter, const QRectF &)
{
    painter->fillRect(rect(), colors().card);
    ChartPainter(*this, m_axis, m_scene, *painter).drawGrid();
}

void TimeSeriesChart::drawForeground(QPainter *painter, const QRectF &)
{
    const std::optional<TimeSpan> span = m_axis.crosshair() ? spanAt(*m_axis.crosshair()) : std::nullopt;
    ChartPainter(*this, m_axis, m_scene, *painter).drawRest(span);
}

} // namespace gatehouse
