// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QMainWindow>

#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"
#include "console/look/theme.h"
#include "console/models/servermodel.h"

class QButtonGroup;
class QFrame;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace gatehouse {

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
    /// Connects. The profile's colour frames the window; a production server opens read-only.
    void open(const ServerProfile &profile, const QString &token);
    /// Asks for a server, and connects to it.
    void askForServer();
    /// Shows a page by its name: overview, limits, refusals, connections, bans, alerts, nodes, log.
    void showPage(const QString &name);
    [[nodiscard]] QStringList pageNames() const { return m_names; }
    void showShortcuts();

Q_SIGNALS:
    void localServerRequested();

private:
    [[nodiscard]] QWidget *makeNavigation();
    void addPage(const QString &name, const QString &title, QWidget *page);
    void makePages();
    void makeAlertBadge();
    void makeMenus();
    void makeLock();
    void makeStatusBar();
    void refreshStatus();
    void refreshTitle();
    void refreshAlertBadge();
    void refreshBanner();
    void refreshTables();
    [[nodiscard]] QString sampleAgeText() const;

    ServerModel &m_serverModel;
    Theme &m_theme;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    QTimer m_clockwork;
    QStringList m_names;
    QStringList m_titles; ///< of the pages, in the user's language
    QString m_serverName;
    bool m_isStale = false; ///< the tables are greyed
    QButtonGroup *m_navigation;
    QStackedWidget *m_pages;
    QWidget *m_navigationBar;
    QFrame *m_strip;
    QLabel *m_alertBadge; ///< in the navigation: how many alerts wait to be acknowledged
    QFrame *m_banner;
    QLabel *m_bannerText;
    QPushButton *m_bannerRetry;
    QLabel *m_state;
    QLabel *m_server;
    QLabel *m_role;
    QLabel *m_revision;
    QLabel *m_guards;
};

} // namespace gatehouse
