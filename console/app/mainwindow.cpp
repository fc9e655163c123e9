// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/mainwindow.h"

#include <QtGui/QActionGroup>
#include <QtGui/QCloseEvent>
#include <QtGui/QScreen>
#include <QtGui/QShortcut>
#include <QtWidgets/QApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTableView>
#include <QtWidgets/QVBoxLayout>

#include "console/app/commandpalette.h"
#include "console/app/connectdialog.h"
#include "console/app/lockcorner.h"
#include "console/app/navigationbar.h"
#include "console/app/noticestrip.h"
#include "console/app/pagestack.h"
#include "console/app/paletteentries.h"
#include "console/app/serveractions.h"
#include "console/app/shortcutsheet.h"
#include "console/app/statusline.h"
#include "console/look/icons.h"
#include "console/pages/alertspage.h"
#include "console/pages/banspage.h"
#include "console/pages/connectionspage.h"
#include "console/pages/filterfield.h"
#include "console/pages/limitspage.h"
#include "console/pages/logpage.h"
#include "console/pages/nodespage.h"
#include "console/pages/overviewpage.h"
#include "console/pages/refusalspage.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QSize kAroundWindow{ 16, 48 }; ///< what the desktop draws around a window
constexpr int kNarrow = 1200;            ///< below, the navigation shows its icons only
constexpr int kMessageTime = 4000;       ///< milliseconds

} // namespace

MainWindow::MainWindow(
    ServerModel &serverModel, Theme &theme, ProfileStore &profiles, TokenVault &vault, QWidget *parent)
    : QMainWindow(parent)
    , m_serverModel(serverModel)
    , m_theme(theme)
    , m_profiles(profiles)
    , m_vault(vault)
    , m_board(serverModel)
    , m_actions(new ServerActions(serverModel, profiles, vault, *this))
    , m_navigation(new NavigationBar(serverModel.alerts()))
    , m_pages(new PageStack)
    , m_strip(new QFrame)
    , m_status(new StatusLine(serverModel))
{
    setObjectName(u"mainwindow"_s);
    setWindowIcon(applicationIcon());
    resize(QSize(1360, 860).boundedTo(screen()->availableSize() - kAroundWindow));
    connect(m_navigation, &NavigationBar::chosen, m_pages, &QStackedWidget::setCurrentIndex);
    m_strip->setFixedHeight(3);
    m_strip->hide();
    auto *central = new QWidget;
    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_strip);
    layout->addLayout(makeBody(), 1);
    setCentralWidget(central);
    setStatusBar(m_status);
    makePages();
    connectActions();
    makeMenus();
    makeLock();
    m_navigation->findChild<QPushButton *>()->setFocus(); // where the keyboard begins
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &MainWindow::refreshStatus);
    connect(&m_board, &NoticeBoard::changed, this,
        [this] { setWindowTitle(windowTitleOf(m_board.serverName(), m_board.worst())); });
    connect(&m_clockwork, &QTimer::timeout, this, &MainWindow::refreshStatus);
    m_clockwork.start(500);
    refreshStatus();
}

QLayout *MainWindow::makeBody()
{
    auto *notice = new NoticeStrip(m_board);
    connect(notice, &NoticeStrip::requested, this, &MainWindow::act);
    auto *right = new QVBoxLayout;
    right->setContentsMargins(16, 14, 16, 12);
    right->setSpacing(10);
    right->addWidget(notice);
    right->addWidget(scrolledPages(m_pages), 1);
    auto *body = new QHBoxLayout;
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(0);
    body->addWidget(m_navigation);
    body->addLayout(right, 1);
    return body;
}

void MainWindow::connectActions()
{
    connect(m_actions, &ServerActions::tokenGiven, this,
        [this](const ServerProfile &profile, const QString &token) { open(profile, token); });
    connect(m_actions, &ServerActions::tokenNotStored, this,
        [this](const QString &why) { QMessageBox::warning(this, tr("The token is not stored"), why); });
}

void MainWindow::makeLock()
{
    auto *lock = new LockCorner(m_serverModel.editLock(), this);
    menuBar()->setCornerWidget(lock);
    auto *shortcut = new QShortcut(QKeySequence(u"Ctrl+L"_s), this);
    connect(shortcut, &QShortcut::activated, lock, &LockCorner::toggle);
}

void MainWindow::addPage(const QString &name, const QString &title, QWidget *page)
{
    const int index = m_pages->addWidget(page);
    m_navigation->add(name, title);
    m_names.append(name);
    m_titles.append(title);
    auto *shortcut = new QShortcut(QKeySequence(u"Ctrl+%1"_s.arg(index + 1)), this);
    connect(shortcut, &QShortcut::activated, this, [this, name] { showPage(name); });
}

void MainWindow::makePages()
{
    auto *overview = new OverviewPage(m_serverModel);
    m_limits = new LimitsPage(m_serverModel);
    m_refusals = new RefusalsPage(m_serverModel);
    m_navigation->addGroup(u"watch"_s, tr("Watch"));
    addPage(u"overview"_s, tr("Overview"), overview);
    addPage(u"alerts"_s, tr("Alerts"), new AlertsPage(m_serverModel));
    addPage(u"refusals"_s, tr("Refusals"), m_refusals);
    addPage(u"connections"_s, tr("Connections"), new ConnectionsPage(m_serverModel));
    m_navigation->addGroup(u"act"_s, tr("Act"));
    addPage(u"limits"_s, tr("Limits"), m_limits);
    addPage(u"bans"_s, tr("Bans"), new BansPage(m_serverModel));
    m_navigation->addGroup(u"prove"_s, tr("Prove"));
    addPage(u"nodes"_s, tr("Nodes"), new NodesPage(m_serverModel));
    addPage(u"log"_s, tr("Log"), new LogPage(*m_serverModel.client().callLog()));
    connect(
        overview, &OverviewPage::refusalsRequested, this, [this](UtcTime from, UtcTime to, std::optional<Metric> kind) {
            m_refusals->showInterval(from, to, kind);
            showPage(u"refusals"_s);
        });
    connect(m_refusals, &RefusalsPage::limitRequested, this, &MainWindow::showLimit);
}

void MainWindow::act(NoticeAction action)
{
    switch (action) {
    case NoticeAction::TurnGuardsOn:
        showPage(u"limits"_s);
        return m_limits->askSwitch();
    case NoticeAction::ShowAlerts:
        return showPage(u"alerts"_s);
    case NoticeAction::Reconnect:
        return m_actions->reconnect().trigger();
    case NoticeAction::NewToken:
        return m_actions->newToken().trigger();
    case NoticeAction::Connect:
        return askForServer();
    case NoticeAction::None:
        break;
    }
}

void MainWindow::showPage(const QString &name)
{
    const int index = int(m_names.indexOf(name));
    if (index < 0)
        return;
    m_navigation->setCurrent(index);
    m_pages->setCurrentIndex(index);
}

QString MainWindow::pageName() const
{
    return m_names.value(m_pages->currentIndex());
}

void MainWindow::showLimit(const QString &key)
{
    showPage(u"limits"_s);
    m_limits->focusLimit(key);
    // One that may not be changed takes no focus, and is shown all the same.
    const auto *value = m_limits->findChild<QWidget *>(u"limits.value."_s + key);
    for (QWidget *around = value ? value->parentWidget() : nullptr; around; around = around->parentWidget()) {
        if (auto *area = qobject_cast<QScrollArea *>(around))
            area->ensureWidgetVisible(m_limits->findChild<QWidget *>(value->objectName()));
    }
}

void MainWindow::showSubject(const PaletteSubject &subject)
{
    if (subject.kind == PaletteSubject::Kind::Address)
        m_refusals->showAddress(subject.value);
    else
        m_refusals->showUser(subject.value);
    showPage(u"refusals"_s);
}

void MainWindow::goToFilter()
{
    if (auto *filter = m_pages->currentWidget()->findChild<FilterField *>()) {
        filter->setFocus(Qt::ShortcutFocusReason);
        filter->selectAll();
    } else {
        m_status->showMessage(tr("This page has no filter."), kMessageTime);
    }
}

void MainWindow::showPalette()
{
    auto *palette = new CommandPalette(
        paletteEntries(*this, m_serverModel, m_profiles),
        [this](const PaletteSubject &subject) { showSubject(subject); }, this);
    palette->setAttribute(Qt::WA_DeleteOnClose);
    palette->open();
}

void MainWindow::makeMenus()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addAction(
        themedIcon(u"server"_s), tr("&Connect…"), QKeySequence(u"Ctrl+O"_s), this, &MainWindow::askForServer);
    file->addAction(tr("Start &local server"), this, &MainWindow::localServerRequested);
    m_actions->addTo(*file, nullptr);
    file->addAction(themedIcon(u"disconnect"_s), tr("&Disconnect"), this,
        [this] { m_serverModel.client().disconnectFromServer(); });
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence::Quit, this, &QWidget::close);
    makeViewMenu(*menuBar()->addMenu(tr("&View")));
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Keyboard shortcuts"), QKeySequence(Qt::Key_F1), this, &MainWindow::showShortcuts);
    help->addAction(tr("&About Gatehouse"), this, [this] {
        QMessageBox::about(this, tr("About Gatehouse"),
            tr("Gatehouse %1: a guarded notification channel with a desktop control room. GPL-3.0-or-later.")
                .arg(QStringLiteral(GATEHOUSE_VERSION)));
    });
}

void MainWindow::makeViewMenu(QMenu &menu)
{
    menu.addAction(tr("&Go to…"), QKeySequence(u"Ctrl+K"_s), this, &MainWindow::showPalette);
    menu.addAction(tr("&Filter"), QKeySequence(u"Ctrl+F"_s), this, &MainWindow::goToFilter);
    menu.addAction(
        themedIcon(u"refresh"_s), tr("&Refresh"), QKeySequence(Qt::Key_F5), this, [this] { m_serverModel.refresh(); });
    menu.addSeparator();
    auto *modes = new QActionGroup(this);
    const std::pair<ThemeMode, QString> themes[] = { { ThemeMode::Light, tr("&Light") },
        { ThemeMode::Dark, tr("&Dark") }, { ThemeMode::System, tr("As the &system") } };
    for (const auto &[mode, title] : themes) {
        QAction *action = menu.addAction(title, this, [this, mode = mode] { m_theme.setMode(mode); });
        action->setObjectName(u"view.theme."_s + themeModeName(mode));
        action->setCheckable(true);
        action->setChecked(m_theme.mode() == mode);
        modes->addAction(action);
        connect(&m_theme, &Theme::changed, action,
            [this, action, mode = mode] { action->setChecked(m_theme.mode() == mode); });
    }
    menu.addSeparator();
    // Each in its own language: who cannot read this one finds theirs.
    const std::pair<QString, QString> languages[]
        = { { u"en"_s, u"English"_s }, { u"th"_s, u"ไทย"_s }, { QString(), tr("Language of the &desktop") } };
    for (const auto &[name, title] : languages) {
        QAction *action = menu.addAction(title, this, [this, name = name] {
            Q_EMIT languageRequested(name);
            m_status->showMessage(tr("The language changes at the next start."), kMessageTime);
        });
        action->setObjectName(u"view.language."_s + (name.isEmpty() ? u"desktop"_s : name));
    }
}

void MainWindow::showShortcuts()
{
    auto *sheet = new ShortcutSheet(m_titles, this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

void MainWindow::refreshStatus()
{
    m_serverModel.editLock().check();
    m_navigation->setLive(m_serverModel.isLive());
    m_board.refresh();
    m_status->refresh();
    refreshTables();
}

void MainWindow::refreshTables()
{
    const bool isStale = !m_serverModel.isLive() && m_serverModel.latest();
    if (isStale == m_isStale)
        return;
    m_isStale = isStale;
    for (QTableView *table : m_pages->findChildren<QTableView *>()) {
        table->setProperty("stale", isStale);
        repolish(*table);
    }
}

void MainWindow::open(const QUrl &url, const QString &token)
{
    open(ServerProfile::create(url.authority(), url), token);
}

void MainWindow::open(const ServerProfile &profile, const QString &token)
{
    if (profile.url != m_serverModel.client().url() && hasEdits())
        askToDiscard([this, profile, token] { connectTo(profile, token); });
    else
        connectTo(profile, token);
}

void MainWindow::connectTo(const ServerProfile &profile, const QString &token)
{
    m_strip->setVisible(profile.color.isValid());
    m_strip->setStyleSheet(u"background: %1; border: none"_s.arg(profile.color.name()));
    m_board.setServerName(profile.name);
    m_serverModel.editLock().setProtected(profile.isReadOnlyAtFirst());
    m_serverModel.open(profile.url, token);
    refreshStatus();
}

bool MainWindow::hasEdits() const
{
    return m_serverModel.limits().hasEdits() || m_serverModel.alertRules().hasEdits();
}

void MainWindow::askToDiscard(std::function<void()> then)
{
    if (findChild<QWidget *>(u"window.discard"_s))
        return; // is asked already
    QStringList what;
    if (const int limits = int(m_serverModel.limits().diff().size()); limits > 0)
        what << tr("%n staged limit(s)", nullptr, limits);
    if (m_serverModel.alertRules().hasEdits())
        what << tr("edited alert rules");
    askBefore(this, u"window.discard"_s, tr("Discard what was not sent?"),
        tr("%1: %2. Nothing of it is in force.").arg(m_board.serverName(), what.join(u", "_s)), tr("Discard"),
        [this, then = std::move(then)] {
            m_serverModel.limits().discardAll();
            m_serverModel.alertRules().discard();
            then();
        });
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    m_navigation->setCompact(width() < kNarrow);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    event->setAccepted(!hasEdits());
    if (!event->isAccepted())
        askToDiscard([this] { close(); });
}

void MainWindow::openSaved(const QString &profileId)
{
    m_vault.read(profileId, this, [this, profileId](const Result<QString> &token) {
        const std::optional<ServerProfile> profile = m_profiles.find(profileId);
        m_profiles.setLastUsedId(profileId);
        if (profile && profile->storesToken && token && !token->isEmpty())
            open(*profile, *token);
        else
            askForServer(); // it says what is missing
    });
}

void MainWindow::askForServer()
{
    auto *dialog = new ConnectDialog(m_serverModel.client(), m_profiles, m_vault, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { open(dialog->profile(), dialog->token()); });
    connect(dialog, &ConnectDialog::localServerRequested, this, &MainWindow::localServerRequested);
    dialog->open();
}

} // namespace gatehouse
