// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/sparkline.h"

#include <algorithm>
#include <cmath>

#include <QtGui/QPainter>
#include <QtGui/QPainterPath>

namespace gatehouse {

Sparkline::Sparkline(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setMinimumSize(40, 28);
    setAttribute(Qt::WA_TransparentForMouseEvents);
}

void Sparkline::setValues(const QList<double> &values)
{
    m_values = values;
    update();
}

void Sparkline::setColor(const QColor &color)
{
    m_color = color;
    update();
}

void Sparkline::paintEvent(QPaintEvent *)
{
    if (m_values.size() < 2)
        return;
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const double value : m_values) {
        if (!std::isnan(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (low > high)
        return;
    // A flat line lies in the middle when it has a value, at the bottom when it is nought.
    const double span = high > low ? high - low : 1;
    const double base = high > low ? low : (low > 0 ? low - 0.5 : low);
    const double stepX = (width() - 3.0) / double(m_values.size() - 1);
    QPainterPath path;
    bool isDown = false;
    for (qsizetype i = 0; i < m_values.size(); ++i) {
        if (std::isnan(m_values[i])) {
            isDown = false;
            continue;
        }
        const QPointF point(1.5 + stepX * double(i), height() - 2 - (height() - 4.0) * (m_values[i] - base) / span);
        isDown ? path.lineTo(point) : path.moveTo(point);
        isDown = true;
    }
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(isEnabled() ? 1 : 0.4);
    painter.setPen(QPen(m_color, 1.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPath(path);
}

} // namespace gatehouse
