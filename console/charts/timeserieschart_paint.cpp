// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/timeserieschart.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QDateTime>

#include "console/look/theme.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kRowHeight = 3; ///< space between two rows of marker labels
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

void TimeSeriesChart::drawForeground(QPainter *painter, const QRectF &)
{
    drawGaps(*painter);
    if (isEmpty()) {
        drawEmptyText(*painter);
        return;
    }
    if (m_isStale)
        painter->fillRect(plotRect(), translucent(colors().card, 0.55F));
    drawLimit(*painter);
    drawMarkers(*painter);
    if (m_dragStart) {
        const QRectF plot = plotRect();
        const double left = std::clamp(std::min(*m_dragStart, m_dragEnd), plot.left(), plot.right());
        const double right = std::clamp(std::max(*m_dragStart, m_dragEnd), plot.left(), plot.right());
        painter->fillRect(QRectF(left, plot.top(), right - left, plot.height()), translucent(colors().accent, 0.2F));
    }
    drawCrosshair(*painter);
}

void TimeSeriesChart::drawGrid(QPainter &painter) const
{
    const QRectF plot = plotRect();
    const QFontMetrics metrics(font());
    painter.setFont(font());
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (const AxisTick &tick : m_scale.ticks) {
        const double y = std::round(plot.bottom() - plot.height() * tick.position / m_scale.maximum);
        painter.setPen(colors().grid);
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(colors().muted);
        painter.drawText(QRectF(0, y - metrics.height() / 2.0, plot.left() - 7, metrics.height()),
            Qt::AlignRight | Qt::AlignVCenter, tick.label);
    }
    const int widest = metrics.horizontalAdvance(u"00:00:00"_s);
    const int count = std::max(2, int(plot.width()) / (widest + 44));
    for (const AxisTick &tick : timeTicks(m_axis.from(), m_axis.to(), count, locale())) {
        const double x = std::round(positionOf(fromEpochMillis(qint64(tick.position))));
        painter.setPen(colors().grid);
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + 4));
        painter.setPen(colors().muted);
        const double labelWidth = metrics.horizontalAdvance(tick.label);
        const double left = std::clamp(x - labelWidth / 2, 0.0, width() - labelWidth - 1);
        painter.drawText(
            QRectF(left, plot.bottom() + 5, labelWidth + 1, metrics.height()), Qt::AlignCenter, tick.label);
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
}

void TimeSeriesChart::drawGaps(QPainter &painter) const
{
    const QRectF plot = plotRect();
    for (const TimeSpan &gap : m_gaps) {
        const double left = std::max(plot.left(), positionOf(gap.from));
        const double right = std::min(plot.right(), positionOf(gap.to));
        if (right - left < 1)
            continue;
        const QRectF band(left, plot.top(), right - left, plot.height());
        painter.fillRect(band, colors().gap);
        const QString text = tr("no data");
        if (band.width() > fontMetrics().horizontalAdvance(text) + 12) {
            painter.setPen(colors().muted);
            painter.drawText(band, Qt::AlignCenter, text);
        }
    }
}

void TimeSeriesChart::drawLimit(QPainter &painter) const
{
    const QRectF plot = plotRect();
    const auto yOf = [&](double value) { return crisp(plot.bottom() - plot.height() * value / m_scale.maximum); };
    painter.setPen(QPen(colors().bad, 1.2, Qt::DashLine));
    for (size_t i = 1; i < m_limitLine.size(); ++i) {
        const QPointF from = m_limitLine[i - 1];
        const QPointF to = m_limitLine[i];
        // Also false where one of them is NaN: not enforced.
        if (!(std::max(from.y(), to.y()) <= m_scale.maximum))
            continue;
        const double left = std::max(plot.left(), positionOf(fromEpochMillis(qint64(from.x()))));
        const double right = std::min(plot.right(), positionOf(fromEpochMillis(qint64(to.x()))));
        if (left <= right)
            painter.drawLine(QPointF(left, yOf(from.y())), QPointF(right, yOf(to.y())));
    }
    if (!isLimitInView())
        return;
    const QString text = tr("limit %1").arg(shortNumber(*limit(), locale()));
    const QFontMetrics metrics(font());
    const double textWidth = metrics.horizontalAdvance(text) + 4;
    // Above the line: what is shown is below it, unless the limit was lowered under what is open.
    const QRectF box(
        plot.right() - textWidth - 2, std::max(0.0, yOf(*limit()) - metrics.height() - 1), textWidth, metrics.height());
    painter.fillRect(box, translucent(colors().card, 0.75F));
    painter.setPen(colors().bad);
    painter.drawText(box, Qt::AlignCenter, text);
}

void TimeSeriesChart::drawMarkers(QPainter &painter) const
{
    const QRectF plot = plotRect();
    const QFontMetrics metrics(font());
    std::vector<QRectF> taken;
    for (const ChartMarker &marker : m_markers) {
        if (marker.at < m_axis.from() || marker.at > m_axis.to())
            continue;
        const double x = crisp(positionOf(marker.at));
        painter.setPen(QPen(colors().marker, 1.2));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        painter.setBrush(colors().marker);
        painter.setPen(Qt::NoPen);
        const double y = plot.top();
        painter.drawPolygon(QPolygonF{ { x, y - 4 }, { x + 4, y }, { x, y + 4 }, { x - 4, y } });
        if (!m_hasMarkerLabels)
            continue;
        const QString text = metrics.elidedText(marker.label, Qt::ElideRight, int(plot.width() / 2));
        const double textWidth = metrics.horizontalAdvance(text) + 6;
        const double left = x + 6 + textWidth > plot.right() ? x - 6 - textWidth : x + 6;
        QRectF box(left, plot.top() + 2, textWidth, metrics.height());
        const auto isTaken = [&] {
            return std::any_of(taken.begin(), taken.end(), [&](const QRectF &other) { return other.intersects(box); });
        };
        while (isTaken() && box.bottom() < plot.bottom())
            box.translate(0, metrics.height() + kRowHeight);
        if (box.bottom() >= plot.bottom())
            continue;
        taken.push_back(box);
        painter.fillRect(box, translucent(colors().card, 0.8F));
        painter.setPen(colors().marker);
        painter.drawText(box, Qt::AlignCenter, text);
    }
}

void TimeSeriesChart::drawCrosshair(QPainter &painter) const
{
    if (!m_axis.crosshair())
        return;
    const QRectF plot = plotRect();
    const double x = crisp(positionOf(*m_axis.crosshair()));
    if (x < plot.left() || x > plot.right())
        return;
    if (const std::optional<TimeSpan> span = spanAt(*m_axis.crosshair())) {
        const double left = std::max(plot.left(), positionOf(span->from));
        const double right = std::min(plot.right(), positionOf(span->to));
        painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), translucent(colors().accent, 0.16F));
    }
    painter.setPen(QPen(colors().crosshair, 1, Qt::DashLine));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    if (m_isHovered && !m_dragStart)
        drawTooltip(painter, x);
}

void TimeSeriesChart::drawTooltip(QPainter &painter, double x) const
{
    const QFontMetrics metrics(font());
    const QFontMetrics boldMetrics(boldened(font()));
    const UtcTime time = *m_axis.crosshair();
    const std::optional<TimeSpan> span = spanAt(time);
    QString heading = localTimeText(span ? span->from : time, m_axis.to(), locale());
    if (span)
        heading += u" – "_s + QDateTime::fromMSecsSinceEpoch(toEpochMillis(span->to)).toString(u"HH:mm:ss"_s);
    const std::vector<LegendEntry> entries = legend();
    double nameWidth = 0;
    double valueWidth = 0;
    for (const LegendEntry &entry : entries) {
        nameWidth = std::max<double>(nameWidth, metrics.horizontalAdvance(entry.name));
        valueWidth = std::max<double>(valueWidth, boldMetrics.horizontalAdvance(entry.value));
    }
    const double line = metrics.height() + 2;
    const double boxWidth
        = 2 * kTooltipPadding + std::max<double>(metrics.horizontalAdvance(heading), 16 + nameWidth + 18 + valueWidth);
    const double boxHeight = 2 * kTooltipPadding + line * double(entries.size() + 1);
    const QRectF plot = plotRect();
    const double left = x + 12 + boxWidth > plot.right() ? x - 12 - boxWidth : x + 12;
    const double top = std::max(2.0, std::min(plot.top() + 8, height() - boxHeight - 2.0));
    const QRectF box(left, top, boxWidth, boxHeight);
    painter.setPen(colors().border);
    painter.setBrush(translucent(colors().field, 0.96F));
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    QRectF row(box.left() + kTooltipPadding, box.top() + kTooltipPadding, boxWidth - 2 * kTooltipPadding, line);
    painter.setPen(colors().muted);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, heading);
    for (const LegendEntry &entry : entries) {
        row.translate(0, line);
        painter.fillRect(QRectF(row.left(), row.center().y() - 4, 9, 9), entry.color);
        painter.setFont(font());
        painter.setPen(colors().text);
        painter.drawText(row.adjusted(16, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, entry.name);
        painter.setFont(boldened(font()));
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, entry.value);
    }
    painter.setFont(font());
}

void TimeSeriesChart::drawEmptyText(QPainter &painter) const
{
    painter.setPen(colors().muted);
    painter.drawText(plotRect(), Qt::AlignCenter, tr("Waiting for the first sample"));
}

} // namespace gatehouse
