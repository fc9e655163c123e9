// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QTimer>
#include <QtWidgets/QMainWindow>

#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"
#include "console/look/theme.h"
#include "console/models/noticeboard.h"
#include "console/models/palettemodel.h"

class QFrame;
class QMenu;
class QStackedWidget;

namespace gatehouse {

class LimitsPage;
class NavigationBar;
class RefusalsPage;
class ServerActions;
class StatusLine;

/// The frame around the pages: navigation, the strip that says what must not be missed, and the status bar that always
/// says how it stands with the server. GUI thread.
class MainWindow final : public QMainWindow
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MainWindow)

public:
    /// All must outlive the window.
    MainWindow(
        ServerModel &serverModel, Theme &theme, ProfileStore &profiles, TokenVault &vault, QWidget *parent = nullptr);

    /// Connects to an address that is no saved profile.
    void open(const QUrl &url, const QString &token);
    /// Connects. The profile's colour frames the window; a production server opens read-only. Asks first if edits for
    /// another server would be lost.
    void open(const ServerProfile &profile, const QString &token);
    /// Asks for a server, and connects to it.
    void askForServer();
    /// Connects to a saved server; asks for the token if the keychain does not have it.
    void openSaved(const QString &profileId);
    /// Shows a page by its name: overview, alerts, refusals, connections, limits, bans, nodes, log.
    void showPage(const QString &name);
    [[nodiscard]] QStringList pageNames() const { return m_names; }
    [[nodiscard]] QStringList pageTitles() const { return m_titles; }
    [[nodiscard]] QString pageName() const; ///< of the one that is shown
    /// Shows a limit's row.
    void showLimit(const QString &key);
    /// Shows the refusals of an address or a user.
    void showSubject(const PaletteSubject &subject);

Q_SIGNALS:
    void localServerRequested();
    /// "en" or "th"; empty: the desktop's.
    void languageRequested(const QString &language);

protected:
    void resizeEvent(QResizeEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    [[nodiscard]] QLayout *makeBody();
    void addPage(const QString &name, const QString &title, QWidget *page);
    void makePages();
    void connectActions();
    void makeMenus();
    void makeViewMenu(QMenu &menu);
    void makeLock();
    void act(NoticeAction action);
    void goToFilter();
    void showPalette();
    void showShortcuts();
    void refreshStatus();
    void refreshTables();
    [[nodiscard]] bool hasEdits() const;
    void askToDiscard(std::function<void()> then);
    void connectTo(const ServerProfile &profile, const QString &token);

    ServerModel &m_serverModel;
    Theme &m_theme;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    NoticeBoard m_board;
    ServerActions *m_actions;
    QTimer m_clockwork;
    QStringList m_names;
    QStringList m_titles;   ///< of the pages, in the user's language
    bool m_isStale = false; ///< the tables are greyed
    NavigationBar *m_navigation;
    QStackedWidget *m_pages;
    QFrame *m_strip;
    StatusLine *m_status;
    LimitsPage *m_limits = nullptr;
    RefusalsPage *m_refusals = nullptr;
};

} // namespace gatehouse
