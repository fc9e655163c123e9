// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QTimer>
#include <QtWidgets/QMainWindow>

#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"
#include "console/look/theme.h"
#include "console/models/servermodel.h"

class QFrame;
class QLabel;
class QStackedWidget;

namespace gatehouse {

class NavigationBar;
class NoticeStrip;

/// The frame around the pages: navigation, the banner that says when something is wrong, and the status bar that always
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
    /// Shows a page by its name: overview, limits, refusals, connections, bans, alerts, nodes, log.
    void showPage(const QString &name);
    [[nodiscard]] QStringList pageNames() const { return m_names; }
    void showShortcuts();

Q_SIGNALS:
    void localServerRequested();

protected:
    void resizeEvent(QResizeEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    void addPage(const QString &name, const QString &title, QWidget *page);
    void makePages();
    void makeMenus();
    void makeLock();
    void makeStatusBar();
    void refreshStatus();
    void refreshTitle();
    void refreshTables();
    [[nodiscard]] QString sampleAgeText() const;
    [[nodiscard]] bool hasEdits() const;
    void askToDiscard(std::function<void()> then);
    void connectTo(const ServerProfile &profile, const QString &token);

    ServerModel &m_serverModel;
    Theme &m_theme;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    QTimer m_clockwork;
    QStringList m_names;
    QStringList m_titles; ///< of the pages, in the user's language
    QString m_serverName;
    bool m_isStale = false; ///< the tables are greyed
    NavigationBar *m_navigation;
    QStackedWidget *m_pages;
    QFrame *m_strip;
    NoticeStrip *m_notice;
    QLabel *m_state;
    QLabel *m_server;
    QLabel *m_role;
    QLabel *m_revision;
    QLabel *m_guards;
};

} // namespace gatehouse
