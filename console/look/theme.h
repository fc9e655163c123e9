// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include <QtCore/QObject>
#include <QtGui/QColor>
#include <QtGui/QPalette>

class QApplication;

namespace gatehouse {

enum class ThemeMode : quint8
{
    Light,
    Dark,
    System, ///< as the desktop says
};

/// Reads "light", "dark" or "system"; nullopt for everything else.
[[nodiscard]] std::optional<ThemeMode> parseThemeMode(QStringView text);
[[nodiscard]] QString themeModeName(ThemeMode mode);

/// The colours that a QPalette has no role for. Series colours are told apart by people with any of the three common
/// colour blindnesses: they follow Okabe and Ito, and differ in lightness too.
struct ThemeColors
{
    bool isDark;
    QColor window, sidebar, card, field, border, text, muted;
    QColor accent, onAccent, selection;
    QColor good, warning, bad;
    QColor grid, gap, crosshair, marker;
    QColor active, messagesIn, messagesOut;
    std::array<QColor, 6> refusals; ///< connections, reconnects, messages, origin, token, other
};

/// The colours that go with a palette: every widget finds them by its own, so that a change of theme reaches it as the
/// usual change of palette.
[[nodiscard]] const ThemeColors &themeColors(const QPalette &palette);

/// Gives the application its look: Fusion style, palette and style sheet. GUI thread; one per application, owned by the
/// composition root. A change of mode takes effect at once in every open window.
class Theme final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Theme)

public:
    /// Remembers the desktop's own palette as what "system" means where Qt cannot tell.
    explicit Theme(QApplication &application, QObject *parent = nullptr);

    [[nodiscard]] ThemeMode mode() const { return m_mode; }
    [[nodiscard]] bool isDark() const;
    void setMode(ThemeMode mode);

Q_SIGNALS:
    void changed();

private:
    void apply();

    QApplication &m_application;
    bool m_isSystemDark;
    ThemeMode m_mode = ThemeMode::System;
};

} // namespace gatehouse
