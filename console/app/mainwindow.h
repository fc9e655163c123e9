// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QMainWindow>

#include "console/app/theme.h"
#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"
#include "console/models/session.h"

class QButtonGroup;
class QFrame;
class QLabel;
class QPushButton;
class QStackedWidget;

namespace gatehouse {

/// The frame around the pages: navigation, the banner that says when something is wrong, and the status bar that always says how it
/// stands with the server. GUI thread.
class MainWindow final : public QMainWindow
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MainWindow)

public:
    /// All must outlive the window.
    MainWindow(Session &session, Theme &theme, ProfileStore &profiles, TokenVault &vault, QWidget *parent = nullptr);

    /// Connects; `frame` colours the strip below the menu (invalid: none).
    void open(const QUrl &url, const QString &token, const QColor &frame = {});
    /// Asks for a server, and connects to it.
    void askForServer();
    /// Shows a page by its name: overview, limits, refusals, connections, alerts, log.
    void showPage(const QString &name);
    [[nodiscard]] QStringList pageNames() const { return m_names; }

Q_SIGNALS:
    void localServerRequested();

private:
    [[nodiscard]] QWidget *makeNavigation();
    void addPage(const QString &name, const QString &title, QWidget *page);
    void makePages();
    void makeMenus();
    void makeStatusBar();
    void refreshStatus();
    void refreshBanner();
    [[nodiscard]] QString sampleAgeText() const;

    Session &m_session;
    Theme &m_theme;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    QTimer m_clockwork;
    QStringList m_names;
    QButtonGroup *m_navigation;
    QStackedWidget *m_pages;
    QWidget *m_navigationBar;
    QFrame *m_strip;
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
