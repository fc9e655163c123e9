// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/connectdialog.h"

#include <QtGui/QScreen>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QVBoxLayout>

#include "console/app/profiletransfer.h"
#include "console/app/serverform.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QSize kWanted{ 900, 650 };
constexpr QSize kAroundDialog{ 32, 64 }; ///< what the desktop draws around it

} // namespace

ConnectDialog::ConnectDialog(AdminClient &client, ProfileStore &profiles, TokenVault &vault, QWidget *parent)
    : QDialog(parent)
    , m_client(client)
    , m_profiles(profiles)
    , m_vault(vault)
{
    setObjectName(u"connect"_s);
    setWindowTitle(tr("Connect to a server"));
    resize(kWanted.boundedTo(screen()->availableSize() - kAroundDialog));
    auto *content = new QHBoxLayout(this);
    content->setContentsMargins(16, 16, 16, 16);
    content->setSpacing(16);
    content->addLayout(makeList(), 2);
    content->addLayout(makeForm(), 5);
    orderTabs();
    showProfiles();
}

QLayout *ConnectDialog::makeList()
{
    m_list = new QListWidget;
    m_list->setObjectName(u"connect.profiles"_s);
    m_list->setAccessibleName(tr("Saved servers"));
    auto *add = makeButton(tr("New"), u"connect.new"_s);
    auto *remove = makeButton(tr("Delete"), u"connect.delete"_s);
    auto *import = makeButton(tr("Import…"), u"connect.import"_s);
    m_export = makeButton(tr("Export…"), u"connect.export"_s);
    m_export->setToolTip(tr("All saved servers, without their tokens"));
    auto *buttons = new QGridLayout;
    buttons->addWidget(add, 0, 0);
    buttons->addWidget(remove, 0, 1);
    buttons->addWidget(import, 1, 0);
    buttons->addWidget(m_export, 1, 1);
    auto *left = new QVBoxLayout;
    left->addWidget(makeLabel(tr("Saved servers"), u"heading"_s));
    left->addWidget(m_list, 1);
    left->addLayout(buttons);
    left->addWidget(makeLocal());
    remove->setEnabled(false);
    connect(m_list, &QListWidget::currentItemChanged, this, [this, remove](QListWidgetItem *item) {
        remove->setEnabled(item);
        if (item)
            showProfile(item->data(Qt::UserRole).toString());
    });
    connect(m_list, &QListWidget::itemDoubleClicked, this, &ConnectDialog::acceptProfile);
    connect(add, &QPushButton::clicked, this, &ConnectDialog::newProfile);
    connect(remove, &QPushButton::clicked, this, &ConnectDialog::removeProfile);
    const auto say = [this](const QString &text, bool isGood) { tell(text, isGood ? u"good"_s : u"bad"_s); };
    connect(m_export, &QPushButton::clicked, this, [this, say] { exportProfiles(m_profiles, this, say); });
    connect(import, &QPushButton::clicked, this, [this, say] {
        importProfiles(m_profiles, this, [this, say](const QString &text, bool isGood) {
            if (isGood)
                showProfiles();
            say(text, isGood);
        });
    });
    return left;
}

QWidget *ConnectDialog::makeLocal()
{
    auto *card = makeCard();
    auto *hint = makeLabel(
        tr("No server at hand? This starts one on this computer, for as long as the console runs, and connects to it."),
        u"small"_s);
    hint->setObjectName(u"connect.local.hint"_s);
    hint->setWordWrap(true);
    m_local = makeButton(tr("Start a local server"), u"connect.local"_s);
    m_local->setAccessibleDescription(hint->text());
    auto *layout = new QVBoxLayout(card);
    layout->addWidget(hint);
    layout->addWidget(m_local);
    connect(m_local, &QPushButton::clicked, this, [this] {
        reject();
        Q_EMIT localServerRequested();
    });
    return card;
}

QLayout *ConnectDialog::makeForm()
{
    m_form = new ServerForm;
    auto *area = new QScrollArea;
    area->setWidget(m_form);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->viewport()->setAutoFillBackground(false);
    m_form->setAutoFillBackground(false);
    m_outcome = makeLabel({}, u"muted"_s);
    m_outcome->setObjectName(u"connect.outcome"_s);
    m_outcome->setWordWrap(true);
    m_test = makeButton(tr("Test"), u"connect.test"_s);
    m_accept = makeButton(tr("Connect"), u"connect.accept"_s);
    m_accept->setDefault(true);
    m_cancel = makeButton(tr("Cancel"), u"connect.cancel"_s);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_test);
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_accept);
    auto *layout = new QVBoxLayout;
    layout->addWidget(area, 1);
    layout->addWidget(m_outcome);
    layout->addLayout(buttons);
    connect(m_test, &QPushButton::clicked, this, &ConnectDialog::test);
    connect(m_accept, &QPushButton::clicked, this, &ConnectDialog::acceptProfile);
    connect(m_cancel, &QPushButton::clicked, this, &ConnectDialog::reject);
    return layout;
}

void ConnectDialog::orderTabs()
{
    QList<QWidget *> order{ m_list };
    for (const QString &name : { u"connect.new"_s, u"connect.delete"_s, u"connect.import"_s, u"connect.export"_s })
        order << findChild<QPushButton *>(name);
    order << m_local;
    order << m_form->tabOrder();
    order << m_test << m_cancel << m_accept;
    for (qsizetype i = 1; i < order.size(); ++i)
        setTabOrder(order[i - 1], order[i]);
}

void ConnectDialog::showProfiles()
{
    m_list->clear();
    for (const ServerProfile &profile : m_profiles.profiles()) {
        auto *item = new QListWidgetItem(profile.name, m_list);
        item->setData(Qt::UserRole, profile.id);
        item->setToolTip(profile.url.toString());
        if (profile.id == m_profiles.lastUsedId())
            m_list->setCurrentItem(item);
    }
    const bool hasNone = m_list->count() == 0;
    m_export->setEnabled(!hasNone);
    // What a newcomer needs looks like it.
    m_local->setProperty("primary", hasNone);
    m_accept->setProperty("primary", !hasNone);
    repolish(*m_local);
    repolish(*m_accept);
    if (!m_list->currentItem() && !hasNone)
        m_list->setCurrentRow(0);
    if (hasNone)
        newProfile();
}

void ConnectDialog::showProfile(const QString &id)
{
    const std::optional<ServerProfile> profile = m_profiles.find(id);
    if (!profile)
        return;
    m_profile = *profile;
    m_form->setProfile(*profile);
    m_outcome->clear();
    if (!profile->storesToken)
        return;
    m_vault.read(id, this, [this, id](const Result<QString> &token) {
        if (id != m_profile.id || !m_form->token().isEmpty())
            return;
        if (token)
            m_form->setToken(*token);
        else
            tell(token.error().message, u"warning"_s);
    });
}

void ConnectDialog::newProfile()
{
    m_list->setCurrentItem(nullptr);
    m_profile = ServerProfile::create({}, {});
    m_form->setProfile(m_profile);
    m_outcome->clear();
    m_form->begin();
}

void ConnectDialog::removeProfile()
{
    const QListWidgetItem *item = m_list->currentItem();
    if (!item)
        return;
    const QString id = item->data(Qt::UserRole).toString();
    askBefore(this, u"connect.delete.ask"_s, tr("Delete the saved server?"),
        tr("\"%1\" and its stored token are forgotten. The server itself is not touched.").arg(item->text()),
        tr("Delete"), [this, id] {
            m_vault.remove(id, this, [](const Status &) {});
            if (const Status status = m_profiles.remove(id); !status)
                tell(status.error().message, u"bad"_s);
            showProfiles();
        });
}

QString ConnectDialog::token() const
{
    return m_form->token();
}

bool ConnectDialog::readForm()
{
    m_outcome->clear();
    const std::optional<ServerProfile> profile = m_form->read();
    if (profile)
        m_profile = *profile;
    return profile.has_value();
}

void ConnectDialog::test()
{
    if (!readForm())
        return;
    tell(tr("Asking %1…").arg(m_profile.url.authority()), u"muted"_s);
    m_test->setEnabled(false);
    m_client.trust(m_profile.url, m_profiles.authoritiesOf(m_profile.url) + m_profile.authority);
    m_client.testConnection(m_profile.url, token(), this, [this](const ApiResult<ServerInfo> &server) {
        m_test->setEnabled(true);
        if (server)
            tell(tr("Gatehouse %1 answers; the token's role is %2.").arg(server->version, server->role), u"good"_s);
        else
            tellProblem(server.problem());
    });
}

void ConnectDialog::tellProblem(const Problem &problem)
{
    m_outcome->clear();
    const QString text = problem.detail.isEmpty() ? problem.title : problem.detail;
    const bool isOfToken = problem.status == 401 || problem.status == 403;
    m_form->tellError(isOfToken        ? ServerForm::Field::Token
            : problem.code == "tls"_L1 ? ServerForm::Field::Authority
                                       : ServerForm::Field::Url,
        text);
}

void ConnectDialog::acceptProfile()
{
    if (!readForm())
        return;
    if (const Status status = m_profiles.save(m_profile); !status) {
        if (status.error().field == "name"_L1)
            m_form->tellError(ServerForm::Field::Name, status.error().message);
        else
            tell(status.error().message, u"bad"_s);
        return;
    }
    m_profiles.setLastUsedId(m_profile.id);
    m_client.trust(m_profile.url, m_profiles.authoritiesOf(m_profile.url));
    if (m_profile.storesToken) {
        storeToken();
        return;
    }
    m_vault.remove(m_profile.id, this, [](const Status &) {});
    accept();
}

void ConnectDialog::storeToken()
{
    m_vault.write(m_profile.id, token(), this, [this](const Status &status) {
        if (status) {
            accept();
            return;
        }
        // Never silently: the user sees that the token is not kept, and connects with the next click.
        m_form->setStoresToken(false);
        m_form->tellError(ServerForm::Field::Store,
            tr("%1 The token is not stored; click Connect to use it for this time only.").arg(status.error().message));
    });
}

void ConnectDialog::reject()
{
    // What was tried and not saved is trusted no longer.
    m_client.trust(m_profile.url, m_profiles.authoritiesOf(m_profile.url));
    QDialog::reject();
}

void ConnectDialog::tell(const QString &text, const QString &role)
{
    setLabelRole(*m_outcome, role);
    m_outcome->setText(text);
}

} // namespace gatehouse
