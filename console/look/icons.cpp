// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/look/icons.h"

#include <QtCore/QFile>
#include <QtGui/QGuiApplication>
#include <QtGui/QIconEngine>
#include <QtGui/QPainter>
#include <QtGui/QPalette>
#include <QtGui/QPixmapCache>
#include <QtSvg/QSvgRenderer>

#include "console/look/theme.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QByteArray readIcon(const QString &name)
{
    QFile file(u":/gatehouse/icons/%1.svg"_s.arg(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Paints an SVG with its "currentColor" replaced by the palette's, or by a colour of its own.
class ThemedIconEngine final : public QIconEngine
{
public:
    explicit ThemedIconEngine(const QString &name, const QColor &color = {})
        : m_name(name)
        , m_color(color)
        , m_svg(readIcon(name))
    {
    }

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override
    {
        const QColor color = colorFor(mode, state);
        QByteArray svg = m_svg;
        QSvgRenderer renderer(svg.replace("currentColor", color.name().toLatin1()));
        const float opacity = color.alphaF();
        painter->save();
        painter->setOpacity(painter->opacity() * double(opacity));
        renderer.render(painter, rect);
        painter->restore();
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        const QString key = u"gatehouse-icon-%1-%2-%3x%4"_s.arg(m_name, colorFor(mode, state).name(QColor::HexArgb))
                                .arg(size.width())
                                .arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap))
            return pixmap;
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        painter.end();
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }

    [[nodiscard]] QIconEngine *clone() const override { return new ThemedIconEngine(m_name); }

private:
    [[nodiscard]] QColor colorFor(QIcon::Mode mode, QIcon::State state) const
    {
        if (m_color.isValid())
            return m_color;
        const QPalette palette = QGuiApplication::palette();
        if (mode == QIcon::Disabled)
            return palette.color(QPalette::Disabled, QPalette::Text);
        if (state == QIcon::On || mode == QIcon::Selected)
            return palette.color(QPalette::Text);
        return themeColors(palette).muted;
    }

    QString m_name;
    QColor m_color; ///< invalid: the palette's
    QByteArray m_svg;
};

} // namespace

QIcon themedIcon(const QString &name)
{
    return QIcon(new ThemedIconEngine(name));
}

QIcon tintedIcon(const QString &name, const QColor &color)
{
    return QIcon(new ThemedIconEngine(name, color));
}

QIcon applicationIcon(const QColor &dot)
{
    QIcon icon;
    QSvgRenderer renderer(readIcon(u"gatehouse"_s));
    for (const int size : { 16, 22, 24, 32, 48, 64, 128, 256 }) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        renderer.render(&painter);
        if (dot.isValid()) {
            const double diameter = size * 0.42;
            painter.setPen(QPen(Qt::white, size / 24.0));
            painter.setBrush(dot);
            painter.drawEllipse(QRectF(size - diameter - 1, size - diameter - 1, diameter, diameter));
        }
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace gatehouse
