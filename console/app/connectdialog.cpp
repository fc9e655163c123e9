// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/connectdialog.h"

#include <QtGui/QColor>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListWidget>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyle>
#include <QtWidgets/QVBoxLayout>

#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Each environment frames the window in a colour of its own.
QColor colorOf(Environment environment)
{
    switch (environment) {
    case Environment::Production:
        return QColor(0xd5, 0x2b, 0x4a);
    case Environment::Staging:
        return QColor(0xe6, 0x9f, 0x00);
    case Environment::Development:
        return QColor(0x00, 0x9e, 0x73);
    case Environment::Unspecified:
        break;
    }
    return {};
}

} // namespace

ConnectDialog::ConnectDialog(AdminClient &client, ProfileStore &profiles, TokenVault &vault, QWidget *parent)
    : QDialog(parent)
    , m_client(client)
    , m_profiles(profiles)
    , m_vault(vault)
{
    setObjectName(u"connect"_s);
    setWindowTitle(tr("Connect to a server"));
    resize(720, 400);
    m_list = new QListWidget;
    m_list->setObjectName(u"connect.profiles"_s);
    m_list->setAccessibleName(tr("Saved servers"));
    auto *add = makeButton(tr("New"), u"connect.new"_s);
    auto *remove = makeButton(tr("Delete"), u"connect.delete"_s);
    auto *listButtons = new QHBoxLayout;
    listButtons->addWidget(add);
    listButtons->addWidget(remove);
    auto *left = new QVBoxLayout;
    left->addWidget(m_list, 1);
    left->addLayout(listButtons);
    auto *content = new QHBoxLayout(this);
    content->setContentsMargins(16, 16, 16, 16);
    content->setSpacing(16);
    content->addLayout(left, 2);
    content->addWidget(makeForm(), 3);
    remove->setEnabled(false);
    connect(m_list, &QListWidget::currentItemChanged, this, [this, remove](QListWidgetItem *item) {
        remove->setEnabled(item);
        if (item)
            showProfile(item->data(Qt::UserRole).toString());
    });
    connect(m_list, &QListWidget::itemDoubleClicked, this, &ConnectDialog::acceptProfile);
    connect(add, &QPushButton::clicked, this, &ConnectDialog::newProfile);
    connect(remove, &QPushButton::clicked, this, &ConnectDialog::removeProfile);
    tabInOrder({ m_list, add, remove, m_name, m_url, m_token, m_environment, m_store, m_test, m_cancel, m_accept });
    showProfiles();
}

QWidget *ConnectDialog::makeForm()
{
    auto *form = new QWidget;
    auto *layout = new QVBoxLayout(form);
    layout->setContentsMargins(0, 0, 0, 0);
    m_name = new QLineEdit;
    m_name->setObjectName(u"connect.name"_s);
    m_url = new QLineEdit;
    m_url->setObjectName(u"connect.url"_s);
    m_url->setPlaceholderText(u"http://127.0.0.1:8080"_s);
    m_token = new QLineEdit;
    m_token->setObjectName(u"connect.token"_s);
    m_token->setEchoMode(QLineEdit::Password);
    m_environment = new QComboBox;
    m_environment->setObjectName(u"connect.environment"_s);
    for (const Environment environment :
        { Environment::Unspecified, Environment::Development, Environment::Staging, Environment::Production })
        m_environment->addItem(environmentTitle(environment), int(environment));
    m_store = new QCheckBox(tr("Store the token in the system's keychain"));
    m_store->setObjectName(u"connect.store"_s);
    auto *fields = new QFormLayout;
    fields->addRow(tr("Name"), m_name);
    fields->addRow(tr("Address"), m_url);
    fields->addRow(tr("Token"), m_token);
    fields->addRow(tr("Environment"), m_environment);
    fields->addRow(QString(), m_store);
    m_outcome = new QLabel;
    m_outcome->setObjectName(u"connect.outcome"_s);
    m_outcome->setWordWrap(true);
    m_test = makeButton(tr("Test"), u"connect.test"_s);
    m_accept = makeButton(tr("Connect"), u"connect.accept"_s);
    m_accept->setProperty("primary", true);
    m_accept->setDefault(true);
    m_cancel = makeButton(tr("Cancel"), u"connect.cancel"_s);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_test);
    buttons->addStretch(1);
    buttons->addWidget(m_cancel);
    buttons->addWidget(m_accept);
    layout->addLayout(fields);
    layout->addWidget(m_outcome);
    layout->addStretch(1);
    layout->addLayout(buttons);
    connect(m_test, &QPushButton::clicked, this, &ConnectDialog::test);
    connect(m_accept, &QPushButton::clicked, this, &ConnectDialog::acceptProfile);
    connect(m_cancel, &QPushButton::clicked, this, &QDialog::reject);
    return form;
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
    if (!m_list->currentItem() && m_list->count() > 0)
        m_list->setCurrentRow(0);
    if (m_list->count() == 0)
        newProfile();
}

void ConnectDialog::showProfile(const QString &id)
{
    const std::optional<ServerProfile> profile = m_profiles.find(id);
    if (!profile)
        return;
    m_profile = *profile;
    m_name->setText(profile->name);
    m_url->setText(profile->url.toString());
    m_environment->setCurrentIndex(m_environment->findData(int(profile->environment)));
    m_store->setChecked(profile->storesToken);
    m_token->clear();
    m_outcome->clear();
    if (!profile->storesToken)
        return;
    m_vault.read(id, this, [this, id](const Result<QString> &token) {
        if (id != m_profile.id || !m_token->text().isEmpty())
            return;
        if (token)
            m_token->setText(*token);
        else
            tell(token.error().message, "warning");
    });
}

void ConnectDialog::newProfile()
{
    m_list->setCurrentItem(nullptr);
    m_profile = ServerProfile::create({}, {});
    m_name->clear();
    m_url->clear();
    m_token->clear();
    m_environment->setCurrentIndex(0);
    m_store->setChecked(true);
    m_outcome->clear();
    m_name->setFocus();
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
                tell(status.error().message, "bad");
            showProfiles();
        });
}

QString ConnectDialog::token() const
{
    return m_token->text().trimmed();
}

bool ConnectDialog::readForm()
{
    const Result<QUrl> url = parseServerUrl(m_url->text());
    if (!url) {
        tell(url.error().message, "bad");
        m_url->setFocus();
        return false;
    }
    if (token().isEmpty()) {
        tell(tr("A token is needed: \"gatehouse token --user 1 --role operator\" prints one."), "bad");
        m_token->setFocus();
        return false;
    }
    m_profile.url = *url;
    m_profile.name = m_name->text().trimmed().isEmpty() ? url->authority() : m_name->text().trimmed();
    m_profile.environment = Environment(m_environment->currentData().toInt());
    m_profile.color = colorOf(m_profile.environment);
    m_profile.storesToken = m_store->isChecked();
    return true;
}

void ConnectDialog::test()
{
    if (!readForm())
        return;
    tell(tr("Asking %1…").arg(m_profile.url.authority()), "muted");
    m_test->setEnabled(false);
    m_client.testConnection(m_profile.url, token(), this, [this](const ApiResult<ServerInfo> &server) {
        m_test->setEnabled(true);
        if (server)
            tell(tr("Gatehouse %1 answers; the token's role is %2.").arg(server->version, server->role), "good");
        else
            tell(server.problem().detail, "bad");
    });
}

void ConnectDialog::acceptProfile()
{
    if (!readForm())
        return;
    if (const Status status = m_profiles.save(m_profile); !status) {
        tell(status.error().message, "bad");
        return;
    }
    m_profiles.setLastUsedId(m_profile.id);
    if (!m_profile.storesToken) {
        m_vault.remove(m_profile.id, this, [](const Status &) {});
        accept();
        return;
    }
    m_vault.write(m_profile.id, token(), this, [this](const Status &status) {
        if (status) {
            accept();
            return;
        }
        // Never silently: the user sees that the token is not kept, and connects with the next click.
        m_store->setChecked(false);
        tell(tr("%1 The token is not stored; click Connect to use it for this time only.").arg(status.error().message),
            "warning");
    });
}

void ConnectDialog::tell(const QString &text, const char *role)
{
    m_outcome->setProperty("role", QString::fromLatin1(role));
    m_outcome->setText(text);
    m_outcome->style()->polish(m_outcome);
}

} // namespace gatehouse
