// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/consoleapp.h"

#include <QtCore/QDir>
#include <QtCore/QLocale>
#include <QtCore/QRandomGenerator>
#include <QtCore/QStandardPaths>
#include <QtWidgets/QMessageBox>

#include "console/app/mainwindow.h"
#include "console/app/trayicon.h"
#include "console/connection/consoleclock.h"
#include "console/connection/httpadminclient.h"
#include "console/connection/keychainvault.h"
#include "console/connection/localserver.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Resources of a static library must be asked for; the macro works outside of namespaces only.
static void registerResources()
{
    Q_INIT_RESOURCE(console);
}

namespace gatehouse {

namespace {

constexpr auto kPictureDelay = 1200ms; // for a page to ask the server and to be drawn

QString configFile()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation)).filePath(u"profiles.ini"_s);
}

QString localState()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).filePath(u"local-server"_s);
}

} // namespace

struct ConsoleApp::Parts
{
    explicit Parts(QApplication &application)
        : theme(application)
        , client(clock, ReconnectPolicy([] { return QRandomGenerator::global()->generateDouble(); }))
        , serverModel(client, clock)
        , profiles(configFile())
        , localServer(localState())
        , window(serverModel, theme, profiles, vault)
        , tray(serverModel)
    {
    }
    ConsoleClock clock;
    Theme theme;
    HttpAdminClient client;
    ServerModel serverModel;
    ProfileStore profiles;
    KeychainVault vault;
    LocalServer localServer;
    MainWindow window;
    TrayIcon tray;
    QStringList picturesLeft;
};

ConsoleApp::ConsoleApp(QApplication &application, ConsoleOptions options)
    : m_application(application)
    , m_options(std::move(options))
{
    registerResources();
    m_language.emplace(
        m_options.language.isEmpty() ? QLocale() : QLocale(m_options.language)); // before any text is made
    m_parts = std::make_unique<Parts>(application);
    m_parts->theme.setMode(m_options.theme);
    connect(&m_parts->window, &MainWindow::localServerRequested, this, &ConsoleApp::startLocalServer);
    connect(&m_parts->tray, &TrayIcon::activated, &m_parts->window, [this] {
        m_parts->window.show();
        m_parts->window.raise();
    });
    connect(&m_parts->localServer, &LocalServer::started, this,
        [this](const QUrl &url, const QString &token) { m_parts->window.open(url, token); });
    connect(&m_parts->localServer, &LocalServer::failed, this, [this](const QString &message) {
        QMessageBox::warning(&m_parts->window, tr("The local server did not start"), message);
    });
}

ConsoleApp::~ConsoleApp() = default;

Status ConsoleApp::start()
{
    QString token;
    if (!m_options.tokenFile.isEmpty()) {
        const Result<QString> read = readTokenFile(m_options.tokenFile);
        if (!read)
            return read.error();
        token = *read;
    }
    MainWindow &window = m_parts->window;
    window.show();
    if (m_options.isLocal)
        startLocalServer();
    else if (!m_options.url.isEmpty())
        window.open(m_options.url, token);
    else
        window.askForServer();
    if (!m_options.screenshotDirectory.isEmpty()) {
        QDir().mkpath(m_options.screenshotDirectory);
        m_parts->picturesLeft = window.pageNames();
        QTimer::singleShot(3s, this, &ConsoleApp::takeScreenshots);
    }
    return ok();
}

void ConsoleApp::startLocalServer()
{
    if (!m_parts->localServer.isRunning())
        m_parts->localServer.start();
}

void ConsoleApp::takeScreenshots()
{
    if (m_parts->picturesLeft.isEmpty()) {
        m_application.quit();
        return;
    }
    const QString page = m_parts->picturesLeft.takeFirst();
    m_parts->window.showPage(page);
    QTimer::singleShot(kPictureDelay, this, [this, page] {
        const QString suffix = m_parts->theme.isDark() ? u"dark"_s : u"light"_s;
        const QString name = u"%1-%2.png"_s.arg(page, suffix);
        if (!m_parts->window.grab().save(QDir(m_options.screenshotDirectory).filePath(name)))
            qWarning("cannot save %s", qUtf8Printable(name));
        takeScreenshots();
    });
}

} // namespace gatehouse
