// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/chartpainter.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QDateTime>
#include <QtGui/QPainter>

#include "console/charts/timeserieschart.h"
#include "console/look/theme.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kLabelSpace = 14;    ///< between the labels of two markers
constexpr double kMarkerReach = 6; ///< of the mouse
constexpr int kTooltipPadding = 9;

QFont boldened(QFont font)
{
    font.setBold(true);
    return font;
}

/// The middle of a pixel: a thin line there is one sharp row or column, not two pale ones.
double crisp(double position)
{
    return std::floor(position) + 0.5;
}

QColor translucent(QColor color, float alpha)
{
    color.setAlphaF(alpha);
    return color;
}

} // namespace

ChartPainter::ChartPainter(
    const TimeSeriesChart &chart, const TimeAxisGroup &axis, const ChartScene &scene, QPainter &painter)
    : m_chart(chart)
    , m_axis(axis)
    , m_scene(scene)
    , m_colors(themeColors(chart.palette()))
    , m_painter(painter)
    , m_plot(chart.plotRect())
{
}

void ChartPainter::drawRest(const std::optional<TimeSpan> &span) const
{
    drawGaps();
    drawGuardsOff();
    if (m_chart.isEmpty() && m_scene.guardsOff.empty()) {
        drawEmptyText();
        return;
    }
    if (m_scene.isStale)
        m_painter.fillRect(m_plot, translucent(m_colors.card, 0.55F));
    drawLimit();
    drawMarkers();
    drawMarkerLabels();
    drawDragged();
    drawCrosshair(span);
}

void ChartPainter::drawDragged() const
{
    if (!m_scene.dragStart)
        return;
    const double left = std::clamp(std::min(*m_scene.dragStart, m_scene.dragEnd), m_plot.left(), m_plot.right());
    const double right = std::clamp(std::max(*m_scene.dragStart, m_scene.dragEnd), m_plot.left(), m_plot.right());
    m_painter.fillRect(QRectF(left, m_plot.top(), right - left, m_plot.height()), translucent(m_colors.accent, 0.2F));
}

void ChartPainter::drawGrid() const
{
    const QFontMetrics metrics(m_chart.font());
    m_painter.setFont(m_chart.font());
    m_painter.setRenderHint(QPainter::Antialiasing, false);
    for (const AxisTick &tick : m_scene.scale.ticks) {
        const double y = std::round(m_plot.bottom() - m_plot.height() * tick.position / m_scene.scale.maximum);
        m_painter.setPen(m_colors.grid);
        m_painter.drawLine(QPointF(m_plot.left(), y), QPointF(m_plot.right(), y));
        m_painter.setPen(m_colors.muted);
        m_painter.drawText(QRectF(0, y - metrics.height() / 2.0, m_plot.left() - 7, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    const int widest = metrics.horizontalAdvance(u"00:00:00"_s);
    const int count = std::max(2, int(m_plot.width()) / (widest + 60));
    for (const AxisTick &tick : timeTicks(m_axis.from(), m_axis.to(), m_axis.now(), count, m_chart.locale())) {
        const double x = std::round(m_chart.positionOf(fromEpochMillis(qint64(tick.position))));
        m_painter.setPen(m_colors.grid);
        m_painter.drawLine(QPointF(x, m_plot.bottom()), QPointF(x, m_plot.bottom() + 4));
        m_painter.setPen(m_colors.muted);
        const double labelWidth = metrics.horizontalAdvance(tick.label);
        const double left = std::clamp(x - labelWidth / 2, 0.0, m_chart.width() - labelWidth - 1);
        m_painter.drawText(
            QRectF(left, m_plot.bottom() + 5, labelWidth + 1, metrics.height()), Qt::AlignCenter, tick.label);
    }
    m_painter.setRenderHint(QPainter::Antialiasing, true);
}

void ChartPainter::drawGaps() const
{
    for (const TimeSpan &gap : m_scene.gaps) {
        const double left = std::max(m_plot.left(), m_chart.positionOf(gap.from));
        const double right = std::min(m_plot.right(), m_chart.positionOf(gap.to));
        if (right - left < 1)
            continue;
        const QRectF band(left, m_plot.top(), right - left, m_plot.height());
        m_painter.fillRect(band, m_colors.gap);
        if (isGuardsOff(gap))
            continue;
        const QString text = tr("no data");
        if (band.width() > m_chart.fontMetrics().horizontalAdvance(text) + 12) {
            m_painter.setPen(m_colors.muted);
            m_painter.drawText(band, Qt::AlignCenter, text);
        }
    }
}

void ChartPainter::drawLimit() const
{
    const auto yOf
        = [&](double value) { return crisp(m_plot.bottom() - m_plot.height() * value / m_scene.scale.maximum); };
    m_painter.setPen(QPen(m_colors.bad, 1.2, Qt::DashLine));
    for (size_t i = 1; i < m_scene.limitLine.size(); ++i) {
        const QPointF from = m_scene.limitLine[i - 1];
        const QPointF to = m_scene.limitLine[i];
        // Also false where one of them is NaN: not enforced.
        if (!(std::max(from.y(), to.y()) <= m_scene.scale.maximum))
            continue;
        const double left = std::max(m_plot.left(), m_chart.positionOf(fromEpochMillis(qint64(from.x()))));
        const double right = std::min(m_plot.right(), m_chart.positionOf(fromEpochMillis(qint64(to.x()))));
        if (left <= right)
            m_painter.drawLine(QPointF(left, yOf(from.y())), QPointF(right, yOf(to.y())));
    }
    if (!m_chart.isLimitInView())
        return;
    const QString text = tr("limit %1").arg(shortNumber(*m_chart.limit(), m_chart.locale()));
    const QFontMetrics metrics(m_chart.font());
    const double textWidth = metrics.horizontalAdvance(text) + 4;
    // Above the line: what is shown is below it, unless the limit was lowered under what is open.
    const QRectF box(m_plot.right() - textWidth - 2, std::max(0.0, yOf(*m_chart.limit()) - metrics.height() - 1),
        textWidth, metrics.height());
    m_painter.fillRect(box, translucent(m_colors.card, 0.75F));
    m_painter.setPen(m_colors.bad);
    m_painter.drawText(box, Qt::AlignCenter, text);
}

bool ChartPainter::isGuardsOff(const TimeSpan &gap) const
{
    const UtcTime middle = gap.from + (gap.to - gap.from) / 2;
    return std::any_of(m_scene.guardsOff.begin(), m_scene.guardsOff.end(),
        [middle](const TimeSpan &span) { return middle >= span.from && middle < span.to; });
}

void ChartPainter::drawGuardsOff() const
{
    const QString text = tr("guards off");
    const QFontMetrics metrics(m_chart.font());
    for (const TimeSpan &span : m_scene.guardsOff) {
        const double left = std::max(m_plot.left(), m_chart.positionOf(std::max(span.from, m_axis.from())));
        const double right = std::min(m_plot.right(), m_chart.positionOf(std::min(span.to, m_axis.to())));
        if (right <= left)
            continue;
        const QRectF band(left, m_plot.top(), std::max(2.0, right - left), m_plot.height());
        m_painter.fillRect(band, translucent(m_colors.bad, 0.14F));
        m_painter.setPen(m_colors.bad);
        if (band.width() > metrics.horizontalAdvance(text) + 12)
            m_painter.drawText(band, Qt::AlignCenter, text);
    }
}

void ChartPainter::drawMarkers() const
{
    for (const ChartMarker &marker : m_scene.markers) {
        if (marker.at < m_axis.from() || marker.at > m_axis.to())
            continue;
        const double x = crisp(m_chart.positionOf(marker.at));
        m_painter.setPen(QPen(m_colors.marker, 1.2));
        m_painter.drawLine(QPointF(x, m_plot.top()), QPointF(x, m_plot.bottom()));
        m_painter.setBrush(m_colors.marker);
        m_painter.setPen(Qt::NoPen);
        const double y = m_plot.top();
        m_painter.drawPolygon(QPolygonF{ { x, y - 4 }, { x + 4, y }, { x, y + 4 }, { x - 4, y } });
    }
}

/// In a strip above the plot, the newest first: what finds no place there is told where the mouse is.
void ChartPainter::drawMarkerLabels() const
{
    if (!m_scene.hasMarkerLabels)
        return;
    const QFontMetrics metrics(m_chart.font());
    double end = m_chart.width();
    m_painter.setPen(m_colors.marker);
    for (auto marker = m_scene.markers.rbegin(); marker != m_scene.markers.rend(); ++marker) {
        if (marker->at < m_axis.from() || marker->at > m_axis.to())
            continue;
        const QString text = metrics.elidedText(marker->label, Qt::ElideRight, int(m_plot.width() / 2));
        const double textWidth = metrics.horizontalAdvance(text) + 2;
        const double left = std::min(m_chart.positionOf(marker->at) - 4, end - textWidth);
        if (left < m_plot.left() || left + textWidth < m_chart.positionOf(marker->at) - textWidth)
            continue;
        m_painter.drawText(QRectF(left, 0, textWidth, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, text);
        end = left - kLabelSpace;
    }
}

QStringList ChartPainter::markerLinesAt(double x) const
{
    QStringList lines;
    for (const ChartMarker &marker : m_scene.markers) {
        if (std::abs(m_chart.positionOf(marker.at) - x) <= kMarkerReach)
            lines += (marker.text.isEmpty() ? marker.label : marker.text).split(u'\n');
    }
    return lines;
}

void ChartPainter::drawCrosshair(const std::optional<TimeSpan> &span) const
{
    if (!m_axis.crosshair())
        return;
    const double x = crisp(m_chart.positionOf(*m_axis.crosshair()));
    if (x < m_plot.left() || x > m_plot.right())
        return;
    if (span) {
        const double left = std::max(m_plot.left(), m_chart.positionOf(span->from));
        const double right = std::min(m_plot.right(), m_chart.positionOf(span->to));
        m_painter.fillRect(
            QRectF(left, m_plot.top(), right - left, m_plot.height()), translucent(m_colors.accent, 0.16F));
    }
    m_painter.setPen(QPen(m_colors.crosshair, 1, Qt::DashLine));
    m_painter.drawLine(QPointF(x, m_plot.top()), QPointF(x, m_plot.bottom()));
    if (m_scene.isHovered && !m_scene.dragStart)
        drawTooltip(x, span);
}

void ChartPainter::drawTooltip(double x, const std::optional<TimeSpan> &span) const
{
    const QFontMetrics metrics(m_chart.font());
    const QFontMetrics boldMetrics(boldened(m_chart.font()));
    const UtcTime time = *m_axis.crosshair();
    QString heading = localTimeText(span ? span->from : time, m_axis.now(), m_chart.locale());
    if (span)
        heading += u" – "_s + QDateTime::fromMSecsSinceEpoch(toEpochMillis(span->to)).toString(u"HH:mm:ss"_s);
    const std::vector<LegendEntry> entries = m_chart.legend();
    const QStringList lines = markerLinesAt(x);
    double textWidth = metrics.horizontalAdvance(heading);
    for (const QString &one : lines)
        textWidth = std::max<double>(textWidth, metrics.horizontalAdvance(one));
    double nameWidth = 0;
    double valueWidth = 0;
    for (const LegendEntry &entry : entries) {
        nameWidth = std::max<double>(nameWidth, metrics.horizontalAdvance(entry.name));
        valueWidth = std::max<double>(valueWidth, boldMetrics.horizontalAdvance(entry.value));
    }
    const double line = metrics.height() + 2;
    const double boxWidth = 2 * kTooltipPadding + std::max<double>(textWidth, 16 + nameWidth + 18 + valueWidth);
    const double boxHeight = 2 * kTooltipPadding + line * double(entries.size() + size_t(lines.size()) + 1);
    const double left = x + 12 + boxWidth > m_plot.right() ? x - 12 - boxWidth : x + 12;
    const double top = std::max(2.0, std::min(m_plot.top() + 8, m_chart.height() - boxHeight - 2.0));
    const QRectF box(left, top, boxWidth, boxHeight);
    m_painter.setPen(m_colors.border);
    m_painter.setBrush(translucent(m_colors.field, 0.96F));
    m_painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    QRectF row(box.left() + kTooltipPadding, box.top() + kTooltipPadding, boxWidth - 2 * kTooltipPadding, line);
    m_painter.setPen(m_colors.muted);
    m_painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, heading);
    for (const LegendEntry &entry : entries) {
        row.translate(0, line);
        m_painter.fillRect(QRectF(row.left(), row.center().y() - 4, 9, 9), entry.color);
        m_painter.setFont(m_chart.font());
        m_painter.setPen(m_colors.text);
        m_painter.drawText(row.adjusted(16, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, entry.name);
        m_painter.setFont(boldened(m_chart.font()));
        m_painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, entry.value);
    }
    m_painter.setFont(m_chart.font());
    m_painter.setPen(m_colors.marker);
    for (const QString &one : lines) {
        row.translate(0, line);
        m_painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, one);
    }
}

void ChartPainter::drawEmptyText() const
{
    m_painter.setPen(m_colors.muted);
    m_painter.drawText(m_plot, Qt::AlignCenter, m_scene.emptyText);
}

} // namespace gatehouse
