// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "console/look/theme.h"
#include "console/models/consolestate.h"
#include "console/models/servermodel.h"

class QTableView;

namespace gatehouse {

class MainWindow;

/// Puts a window back as the user left it, and takes note when it closes: place, page, theme, language, range of time,
/// tables, and where exports went. GUI thread; a child of its window.
class WindowMemory final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(WindowMemory)

public:
    /// All must outlive the window. Puts it back at once; the theme only if `isThemeFree`: else it was asked for by
    /// other means, and is not remembered.
    WindowMemory(
        MainWindow &window, ServerModel &serverModel, Theme &theme, const QString &path, bool isThemeFree = true);

    void save();

protected:
    /// Of the window: it closes.
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void putBack();
    void putBackTable(QTableView &table);
    void watchRange();
    void watchTable(QTableView &table);
    void takePlace();
    void takeTable(const QTableView &table);

    MainWindow &m_window;
    ServerModel &m_serverModel;
    Theme &m_theme;
    ConsoleStateFile m_file;
    ConsoleState m_state;
    bool m_isThemeFree;
};

} // namespace gatehouse
