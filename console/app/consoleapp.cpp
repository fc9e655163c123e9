// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/consoleapp.h"

#include <QtCore/QDir>
#include <QtCore/QLocale>
#include <QtCore/QRandomGenerator>
#include <QtCore/QStandardPaths>
#include <QtWidgets/QMessageBox>

#include "console/app/desktopnotifier.h"
#include "console/app/mainwindow.h"
#include "console/app/trayicon.h"
#include "console/app/windowmemory.h"
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

/// What is remembered between starts.
QString stateFile()
{
    return QDir(QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation)).filePath(u"console.ini"_s);
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
    DesktopNotifier notifier;
    TrayIcon tray;
    QStringList picturesLeft;
};

ConsoleApp::ConsoleApp(QApplication &application, ConsoleOptions options)
    : m_application(application)
    , m_options(std::move(options))
{
    registerResources();
    const QString language
        = m_options.language.isEmpty() ? ConsoleStateFile(stateFile()).read().language : m_options.language;
    m_language.emplace(language.isEmpty() ? QLocale() : QLocale(language)); // before any text is made
    m_parts = std::make_unique<Parts>(application);
    m_parts->theme.setMode(m_options.theme.value_or(ThemeMode::System));
    if (m_options.screenshotDirectory.isEmpty()) // pictures are alike, whoever takes them
        new WindowMemory(m_parts->window, m_parts->serverModel, m_parts->theme, stateFile(), !m_options.theme);
    connectParts();
    trustAuthorities();
}

ConsoleApp::~ConsoleApp() = default;

void ConsoleApp::connectParts()
{
    Parts &parts = *m_parts;
    connect(&parts.window, &MainWindow::localServerRequested, this, &ConsoleApp::startLocalServer);
    connect(&parts.tray, &TrayIcon::activated, &parts.window, [this] {
        m_parts->window.show();
        m_parts->window.raise();
    });
    connect(&parts.tray, &TrayIcon::notified, this, &ConsoleApp::notify);
    connect(&parts.profiles, &ProfileStore::profilesChanged, this, &ConsoleApp::trustAuthorities);
    connect(&parts.localServer, &LocalServer::started, this,
        [this](const QUrl &url, const QString &token) { m_parts->window.open(url, token); });
    connect(&parts.localServer, &LocalServer::failed, this, [this](const QString &message) {
        QMessageBox::warning(&m_parts->window, tr("The local server did not start"), message);
    });
}

void ConsoleApp::trustAuthorities()
{
    for (const ServerProfile &profile : m_parts->profiles.profiles())
        m_parts->client.trust(profile.url, m_parts->profiles.authoritiesOf(profile.url));
}

void ConsoleApp::notify(const QString &title, const QString &text)
{
    if (!QSystemTrayIcon::isSystemTrayAvailable() || !QSystemTrayIcon::supportsMessages())
        m_parts->notifier.show(title, text); // else the tray did
}

void ConsoleApp::connectAtStart()
{
    const std::optional<ServerProfile> profile = m_parts->profiles.startProfile();
    if (!profile || !profile->storesToken) {
        m_parts->window.askForServer();
        return;
    }
    m_parts->vault.read(profile->id, this, [this, profile = *profile](const Result<QString> &token) {
        if (token && !token->isEmpty())
            m_parts->window.open(profile, *token);
        else
            m_parts->window.askForServer(); // which says what is wrong with the keychain
    });
}

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
        connectAtStart();
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
