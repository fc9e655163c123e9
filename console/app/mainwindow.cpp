// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/mainwindow.h"

#include <QtGui/QActionGroup>
#include <QtGui/QCloseEvent>
#include <QtGui/QScreen>
#include <QtGui/QShortcut>
#include <QtWidgets/QApplication>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenuBar>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QStatusBar>
#include <QtWidgets/QTableView>
#include <QtWidgets/QVBoxLayout>

#include "console/app/connectdialog.h"
#include "console/app/lockcorner.h"
#include "console/app/navigationbar.h"
#include "console/app/noticestrip.h"
#include "console/app/shortcutsheet.h"
#include "console/look/icons.h"
#include "console/pages/alertspage.h"
#include "console/pages/banspage.h"
#include "console/pages/connectionspage.h"
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

/// As small as the page that is shown; Qt's own is as large as the largest.
class PageStack final : public QStackedWidget
{
public:
    PageStack()
    {
        connect(this, &QStackedWidget::currentChanged, this, [this] { updateGeometry(); });
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return currentWidget() ? currentWidget()->minimumSizeHint() : QSize();
    }
    [[nodiscard]] int heightForWidth(int) const override { return minimumSizeHint().height(); }
};

/// A page that is larger than the window is scrolled: the window must never be larger than the screen.
QScrollArea *scrolled(QWidget *pages)
{
    auto *area = new QScrollArea;
    area->setWidget(pages);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->viewport()->setAutoFillBackground(false);
    pages->setAutoFillBackground(false);
    return area;
}

} // namespace

MainWindow::MainWindow(
    ServerModel &serverModel, Theme &theme, ProfileStore &profiles, TokenVault &vault, QWidget *parent)
    : QMainWindow(parent)
    , m_serverModel(serverModel)
    , m_theme(theme)
    , m_profiles(profiles)
    , m_vault(vault)
{
    setObjectName(u"mainwindow"_s);
    setWindowIcon(applicationIcon());
    resize(QSize(1360, 860).boundedTo(screen()->availableSize() - kAroundWindow));
    m_navigation = new NavigationBar(m_serverModel.alerts());
    m_pages = new PageStack;
    connect(m_navigation, &NavigationBar::chosen, m_pages, &QStackedWidget::setCurrentIndex);
    m_strip = new QFrame;
    m_strip->setFixedHeight(3);
    m_strip->hide();
    m_notice = new NoticeStrip(m_serverModel);
    auto *right = new QVBoxLayout;
    right->setContentsMargins(16, 14, 16, 12);
    right->setSpacing(10);
    right->addWidget(m_notice);
    right->addWidget(scrolled(m_pages), 1);
    auto *body = new QHBoxLayout;
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(0);
    body->addWidget(m_navigation);
    body->addLayout(right, 1);
    auto *central = new QWidget;
    auto *layout = new QVBoxLayout(central);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_strip);
    layout->addLayout(body, 1);
    setCentralWidget(central);
    makePages();
    makeMenus();
    makeLock();
    makeStatusBar();
    m_navigation->findChild<QPushButton *>()->setFocus(); // where the keyboard begins
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, [this] { refreshStatus(); });
    connect(&m_serverModel, &ServerModel::serverChanged, this, &MainWindow::refreshStatus);
    connect(&m_serverModel, &ServerModel::sampleArrived, this, &MainWindow::refreshStatus);
    connect(&m_serverModel, &ServerModel::revisionArrived, this, &MainWindow::refreshStatus);
    connect(&m_clockwork, &QTimer::timeout, this, &MainWindow::refreshStatus);
    m_clockwork.start(500);
    refreshStatus();
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
    auto *limits = new LimitsPage(m_serverModel);
    auto *refusals = new RefusalsPage(m_serverModel);
    addPage(u"overview"_s, tr("Overview"), overview);
    addPage(u"limits"_s, tr("Limits"), limits);
    addPage(u"refusals"_s, tr("Refusals"), refusals);
    addPage(u"connections"_s, tr("Connections"), new ConnectionsPage(m_serverModel));
    addPage(u"bans"_s, tr("Bans"), new BansPage(m_serverModel));
    addPage(u"alerts"_s, tr("Alerts"), new AlertsPage(m_serverModel));
    addPage(u"nodes"_s, tr("Nodes"), new NodesPage(m_serverModel));
    addPage(u"log"_s, tr("Log"), new LogPage(*m_serverModel.client().callLog()));
    connect(overview, &OverviewPage::refusalsRequested, this,
        [this, refusals](UtcTime from, UtcTime to, std::optional<Metric> kind) {
            refusals->showInterval(from, to, kind);
            showPage(u"refusals"_s);
        });
    connect(overview, &OverviewPage::alertsRequested, this, [this] { showPage(u"alerts"_s); });
    connect(refusals, &RefusalsPage::limitRequested, this, [this, limits](const QString &key) {
        showPage(u"limits"_s);
        limits->focusLimit(key);
    });
    connect(m_notice, &NoticeStrip::guardsRequested, this, [this, limits] {
        showPage(u"limits"_s);
        limits->askSwitch();
    });
}

void MainWindow::showPage(const QString &name)
{
    const int index = int(m_names.indexOf(name));
    if (index < 0)
        return;
    m_navigation->setCurrent(index);
    m_pages->setCurrentIndex(index);
}

void MainWindow::makeMenus()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addAction(
        themedIcon(u"server"_s), tr("&Connect…"), QKeySequence(u"Ctrl+O"_s), this, &MainWindow::askForServer);
    file->addAction(tr("Start &local server"), this, &MainWindow::localServerRequested);
    file->addAction(themedIcon(u"disconnect"_s), tr("&Disconnect"), this,
        [this] { m_serverModel.client().disconnectFromServer(); });
    file->addSeparator();
    file->addAction(tr("&Quit"), QKeySequence::Quit, this, &QWidget::close);
    QMenu *view = menuBar()->addMenu(tr("&View"));
    view->addAction(
        themedIcon(u"refresh"_s), tr("&Refresh"), QKeySequence(Qt::Key_F5), this, [this] { m_serverModel.refresh(); });
    view->addSeparator();
    auto *modes = new QActionGroup(this);
    const std::pair<ThemeMode, QString> themes[] = { { ThemeMode::Light, tr("&Light") },
        { ThemeMode::Dark, tr("&Dark") }, { ThemeMode::System, tr("As the &system") } };
    for (const auto &[mode, title] : themes) {
        QAction *action = view->addAction(title, this, [this, mode = mode] { m_theme.setMode(mode); });
        action->setCheckable(true);
        action->setChecked(m_theme.mode() == mode);
        modes->addAction(action);
    }
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Keyboard shortcuts"), QKeySequence(Qt::Key_F1), this, &MainWindow::showShortcuts);
    help->addAction(tr("&About Gatehouse"), this, [this] {
        QMessageBox::about(this, tr("About Gatehouse"),
            tr("Gatehouse %1: a guarded notification channel with a desktop control room. GPL-3.0-or-later.")
                .arg(QStringLiteral(GATEHOUSE_VERSION)));
    });
}

void MainWindow::showShortcuts()
{
    auto *sheet = new ShortcutSheet(m_titles, this);
    sheet->setAttribute(Qt::WA_DeleteOnClose);
    sheet->open();
}

void MainWindow::makeStatusBar()
{
    const auto add = [this](const QString &name) {
        auto *label = new QLabel;
        label->setObjectName(u"statusbar."_s + name);
        return label;
    };
    m_state = add(u"state"_s);
    m_server = add(u"server"_s);
    m_role = add(u"role"_s);
    m_revision = add(u"revision"_s);
    m_guards = add(u"guards"_s);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setContentsMargins(6, 0, 6, 0);
    statusBar()->addWidget(m_state);
    statusBar()->addWidget(m_server);
    statusBar()->addWidget(m_role);
    statusBar()->addPermanentWidget(m_revision);
    statusBar()->addPermanentWidget(m_guards);
}

QString MainWindow::sampleAgeText() const
{
    const std::optional<std::chrono::milliseconds> age = m_serverModel.client().sampleAge();
    return age ? tr("last sample %1 s ago").arg(double(age->count()) / 1000.0, 0, 'f', 1) : tr("no sample yet");
}

void MainWindow::refreshStatus()
{
    const ConnectionStatus status = m_serverModel.client().status();
    const ThemeColors &colors = themeColors(palette());
    const QColor dot = status.isLive()                                                          ? colors.good
        : status.state == ConnectionState::Connecting || status.state == ConnectionState::Stale ? colors.warning
                                                                                                : colors.bad;
    m_state->setText(u"<span style=\"color:%1\">●</span> %2 · %3"_s.arg(
        dot.name(), connectionStateTitle(status.state), sampleAgeText()));
    m_server->setText(m_serverModel.client().url().toString(QUrl::RemoveUserInfo));
    const std::optional<ServerInfo> &server = m_serverModel.server();
    m_role->setText(server ? tr("role: %1").arg(server->role) : QString());
    // Nothing is claimed of a server that was not asked, and what is from before is grey.
    m_revision->setVisible(server.has_value());
    m_guards->setVisible(server.has_value());
    m_revision->setText(tr("limits revision %1").arg(m_serverModel.limits().revision()));
    m_guards->setText(m_serverModel.isGuarding() ? tr("guards on") : tr("GUARDS OFF"));
    for (QLabel *label : { m_role, m_revision, m_guards })
        label->setEnabled(status.isLive());
    m_guards->setStyleSheet(m_serverModel.isGuarding() || !status.isLive()
            ? QString()
            : u"color: %1; font-weight: 600"_s.arg(colors.bad.name()));
    m_serverModel.editLock().check();
    refreshTitle();
    refreshTables();
    m_notice->refresh();
}

void MainWindow::refreshTitle()
{
    // The state is in the title too: a window on another desktop must not look alive either.
    const ConnectionStatus status = m_serverModel.client().status();
    if (m_serverName.isEmpty())
        setWindowTitle(tr("Gatehouse"));
    else if (status.isLive() && !m_serverModel.isGuarding())
        setWindowTitle(tr("%1 (guards off) – Gatehouse").arg(m_serverName));
    else if (status.isLive())
        setWindowTitle(tr("%1 – Gatehouse").arg(m_serverName));
    else
        setWindowTitle(tr("%1 (%2) – Gatehouse").arg(m_serverName, connectionStateTitle(status.state)));
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
    m_serverName = profile.name;
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
        tr("%1: %2. Nothing of it is in force.").arg(m_serverName, what.join(u", "_s)), tr("Discard"),
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

void MainWindow::askForServer()
{
    auto *dialog = new ConnectDialog(m_serverModel.client(), m_profiles, m_vault, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { open(dialog->profile(), dialog->token()); });
    dialog->open();
}

} // namespace gatehouse
