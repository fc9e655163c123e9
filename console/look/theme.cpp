// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/look/theme.h"

#include <utility>

#include <QtCore/QFile>
#include <QtGui/QStyleHints>
#include <QtWidgets/QApplication>
#include <QtWidgets/QStyleFactory>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

const ThemeColors &lightColors()
{
    static const ThemeColors kLight{
        .isDark = false,
        .window = QColor(0xf3, 0xf5, 0xf9),
        .sidebar = QColor(0xf3, 0xf5, 0xf9),
        .card = QColor(0xff, 0xff, 0xff),
        .field = QColor(0xf6, 0xf8, 0xfb),
        .border = QColor(0xd5, 0xda, 0xe3),
        .text = QColor(0x18, 0x1d, 0x27),
        .muted = QColor(0x5b, 0x65, 0x76),
        .accent = QColor(0x1f, 0x6f, 0xd6),
        .onAccent = QColor(0xff, 0xff, 0xff),
        .selection = QColor(0xda, 0xe7, 0xf9),
        .good = QColor(0x08, 0x7a, 0x56),
        .warning = QColor(0x9a, 0x58, 0x00),
        .bad = QColor(0xc4, 0x2b, 0x46),
        .grid = QColor(0xe6, 0xe9, 0xef),
        .gap = QColor(0xe4, 0xe7, 0xec),
        .crosshair = QColor(0x8a, 0x93, 0xa3),
        .marker = QColor(0xb4, 0x6a, 0x00),
        .active = QColor(0x1f, 0x6f, 0xd6),
        .messagesIn = QColor(0x1f, 0x6f, 0xd6),
        .messagesOut = QColor(0x00, 0x93, 0x6c),
        .refusals = { QColor(0xc8, 0x4b, 0x10), QColor(0xe9, 0xa2, 0x1b), QColor(0xa8, 0x4f, 0x8e),
            QColor(0x2b, 0x8f, 0xd0), QColor(0x00, 0x8a, 0x66), QColor(0x84, 0x8e, 0x9d) },
    };
    return kLight;
}

const ThemeColors &darkColors()
{
    static const ThemeColors kDark{
        .isDark = true,
        .window = QColor(0x13, 0x17, 0x1d),
        .sidebar = QColor(0x13, 0x17, 0x1d),
        .card = QColor(0x1b, 0x21, 0x2a),
        .field = QColor(0x14, 0x19, 0x21),
        .border = QColor(0x2f, 0x38, 0x45),
        .text = QColor(0xe8, 0xec, 0xf2),
        .muted = QColor(0x98, 0xa3, 0xb3),
        .accent = QColor(0x4c, 0xa0, 0xff),
        .onAccent = QColor(0x08, 0x12, 0x1f),
        .selection = QColor(0x24, 0x42, 0x63),
        .good = QColor(0x2c, 0xc8, 0x97),
        .warning = QColor(0xf2, 0xa9, 0x3b),
        .bad = QColor(0xf0, 0x65, 0x78),
        .grid = QColor(0x28, 0x30, 0x3b),
        .gap = QColor(0x2a, 0x31, 0x3b),
        .crosshair = QColor(0x7d, 0x88, 0x98),
        .marker = QColor(0xf2, 0xa9, 0x3b),
        .active = QColor(0x4c, 0xa0, 0xff),
        .messagesIn = QColor(0x5a, 0xb0, 0xf5),
        .messagesOut = QColor(0x2c, 0xc8, 0x97),
        .refusals = { QColor(0xf0, 0x6e, 0x3c), QColor(0xf5, 0xbe, 0x4a), QColor(0xcf, 0x87, 0xc4),
            QColor(0x5a, 0xb0, 0xf5), QColor(0x22, 0xb8, 0x8a), QColor(0x93, 0x9e, 0xae) },
    };
    return kDark;
}

QPalette paletteOf(const ThemeColors &colors)
{
    QPalette palette(colors.text, colors.window);
    palette.setColor(QPalette::Window, colors.window);
    palette.setColor(QPalette::WindowText, colors.text);
    palette.setColor(QPalette::Base, colors.card);
    palette.setColor(QPalette::AlternateBase, colors.field);
    palette.setColor(QPalette::Text, colors.text);
    palette.setColor(QPalette::Button, colors.isDark ? colors.card : QColor(0xf7, 0xf9, 0xfb));
    palette.setColor(QPalette::ButtonText, colors.text);
    palette.setColor(QPalette::BrightText, colors.bad);
    palette.setColor(QPalette::Highlight, colors.accent);
    palette.setColor(QPalette::HighlightedText, colors.onAccent);
    palette.setColor(QPalette::Link, colors.accent);
    palette.setColor(QPalette::LinkVisited, colors.accent);
    palette.setColor(QPalette::ToolTipBase, colors.card);
    palette.setColor(QPalette::ToolTipText, colors.text);
    palette.setColor(QPalette::PlaceholderText, colors.muted);
    palette.setColor(QPalette::Light, colors.isDark ? colors.border.lighter(120) : QColor(Qt::white));
    palette.setColor(QPalette::Midlight, colors.border);
    palette.setColor(QPalette::Mid, colors.border);
    palette.setColor(QPalette::Dark, colors.isDark ? colors.border.darker(140) : colors.border.darker(115));
    palette.setColor(QPalette::Shadow, colors.isDark ? QColor(0x06, 0x08, 0x0b) : colors.border.darker(140));
    QColor faded = colors.muted;
    faded.setAlphaF(0.65F);
    for (const QPalette::ColorRole role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText })
        palette.setColor(QPalette::Disabled, role, faded);
    palette.setColor(QPalette::Disabled, QPalette::Highlight, colors.border);
    return palette;
}

/// The style sheet with its @names@ replaced by colours.
QString styleSheetOf(const ThemeColors &colors)
{
    QFile file(u":/gatehouse/style/console.qss"_s);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QString sheet = QString::fromUtf8(file.readAll());
    const std::pair<QLatin1StringView, QColor> tokens[] = {
        { "@window@"_L1, colors.window },
        { "@sidebar@"_L1, colors.sidebar },
        { "@card@"_L1, colors.card },
        { "@field@"_L1, colors.field },
        { "@border@"_L1, colors.border },
        { "@text@"_L1, colors.text },
        { "@muted@"_L1, colors.muted },
        { "@accent@"_L1, colors.accent },
        { "@onaccent@"_L1, colors.onAccent },
        { "@selection@"_L1, colors.selection },
        { "@good@"_L1, colors.good },
        { "@warning@"_L1, colors.warning },
        { "@bad@"_L1, colors.bad },
        { "@hover@"_L1, colors.isDark ? colors.border : colors.grid },
    };
    for (const auto &[token, color] : tokens)
        sheet.replace(token, color.name());
    return sheet;
}

bool isDarkPalette(const QPalette &palette)
{
    return palette.color(QPalette::Active, QPalette::Window).lightness() < 128;
}

} // namespace

std::optional<ThemeMode> parseThemeMode(QStringView text)
{
    for (const ThemeMode mode : { ThemeMode::Light, ThemeMode::Dark, ThemeMode::System }) {
        if (text == themeModeName(mode))
            return mode;
    }
    return std::nullopt;
}

QString themeModeName(ThemeMode mode)
{
    switch (mode) {
    case ThemeMode::Light:
        return u"light"_s;
    case ThemeMode::Dark:
        return u"dark"_s;
    case ThemeMode::System:
        break;
    }
    return u"system"_s;
}

const ThemeColors &themeColors(const QPalette &palette)
{
    return isDarkPalette(palette) ? darkColors() : lightColors();
}

Theme::Theme(QApplication &application, QObject *parent)
    : QObject(parent)
    , m_application(application)
    , m_isSystemDark(isDarkPalette(application.palette()))
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(application.styleHints(), &QStyleHints::colorSchemeChanged, this, [this] {
        if (m_mode == ThemeMode::System)
            apply();
    });
#endif
    application.setStyle(QStyleFactory::create(u"Fusion"_s));
    apply();
}

bool Theme::isDark() const
{
    if (m_mode != ThemeMode::System)
        return m_mode == ThemeMode::Dark;
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    if (m_application.styleHints()->colorScheme() != Qt::ColorScheme::Unknown)
        return m_application.styleHints()->colorScheme() == Qt::ColorScheme::Dark;
#endif
    return m_isSystemDark;
}

void Theme::setMode(ThemeMode mode)
{
    if (m_mode == mode)
        return;
    m_mode = mode;
    apply();
}

void Theme::apply()
{
    const ThemeColors &colors = isDark() ? darkColors() : lightColors();
    m_application.setPalette(paletteOf(colors));
    m_application.setStyleSheet(styleSheetOf(colors));
    Q_EMIT changed();
}

} // namespace gatehouse
