// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/serverform.h"

#include <QtGui/QColor>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>

#include "console/app/authorityfield.h"
#include "console/app/tokenhelp.h"
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

template <typename T> T *named(T *widget, const QString &name)
{
    widget->setObjectName(name);
    return widget;
}

} // namespace

ServerForm::ServerForm(QWidget *parent)
    : QWidget(parent)
{
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(3);
    grid->setColumnStretch(1, 1);
    makeFields(*grid);
    makeChoices(*grid);
    grid->setRowStretch(grid->rowCount(), 1);
    connect(m_name, &QLineEdit::textEdited, this, [this] { showNote(Field::Name, {}); });
    connect(m_url, &QLineEdit::textEdited, this, [this] {
        showNote(Field::Url, {});
        showNote(Field::Authority, {});
    });
    connect(m_token, &QLineEdit::textEdited, this, [this] { showNote(Field::Token, {}); });
    connect(m_store, &QCheckBox::clicked, this, [this] { showNote(Field::Store, {}); });
    connect(m_authority, &AuthorityField::changed, this, [this] { showNote(Field::Authority, {}); });
    connect(
        m_authority, &AuthorityField::refused, this, [this](const QString &why) { showNote(Field::Authority, why); });
    connect(m_environment, &QComboBox::currentIndexChanged, this, &ServerForm::followEnvironment);
}

void ServerForm::addRow(Field field, QGridLayout &grid, const QString &title, QWidget *widget, const QString &hint)
{
    Row &row = m_rows[size_t(field)];
    row = { widget, makeLabel(hint, u"small"_s), hint };
    row.note->setObjectName(widget->objectName() + u".note");
    row.note->setWordWrap(true);
    row.note->setContentsMargins(0, 0, 0, 7);
    const int line = grid.rowCount();
    if (!title.isEmpty()) {
        auto *label = new QLabel(title);
        label->setBuddy(widget);
        grid.addWidget(label, line, 0);
        widget->setAccessibleName(title);
    }
    grid.addWidget(widget, line, 1);
    grid.addWidget(row.note, line + 1, 1);
    widget->setAccessibleDescription(hint);
}

void ServerForm::makeFields(QGridLayout &grid)
{
    m_name = named(new QLineEdit, u"connect.name"_s);
    m_url = named(new QLineEdit, u"connect.url"_s);
    m_url->setPlaceholderText(u"http://127.0.0.1:8080"_s);
    m_token = named(new QLineEdit, u"connect.token"_s);
    m_token->setEchoMode(QLineEdit::Password);
    addRow(Field::Name, grid, tr("Name"), m_name, tr("What you call the server; empty: its address."));
    addRow(Field::Url, grid, tr("Address"), m_url,
        tr("Where its admin API answers; https unless it is on this computer."));
    addRow(Field::Token, grid, tr("Token"), m_token, tr("Says who you are, and what you may do."));
    m_help = new TokenHelp(u"connect.help"_s);
    m_help->setContentsMargins(0, 0, 0, 7);
    grid.addWidget(m_help, grid.rowCount(), 1);
}

void ServerForm::makeChoices(QGridLayout &grid)
{
    m_environment = named(new QComboBox, u"connect.environment"_s);
    for (const Environment environment :
        { Environment::Unspecified, Environment::Development, Environment::Staging, Environment::Production })
        m_environment->addItem(environmentTitle(environment), int(environment));
    m_authority = new AuthorityField;
    m_authority->setObjectName(u"connect.authorityfield"_s);
    m_store = named(new QCheckBox(tr("Store the token in the system's keychain")), u"connect.store"_s);
    m_start = named(new QCheckBox(tr("Connect when the console starts")), u"connect.start"_s);
    addRow(Field::Environment, grid, tr("Environment"), m_environment,
        tr("Frames the window in a colour; production opens read-only."));
    addRow(Field::Authority, grid, tr("Authority"), m_authority,
        tr("Who issued the server's certificate, where that is an authority of your own."));
    m_rows[size_t(Field::Authority)].note->setObjectName(u"connect.authority.note"_s);
    addRow(Field::Store, grid, {}, m_store, tr("Else the token is asked for each time."));
    addRow(Field::Start, grid, {}, m_start, tr("One server at most, and never a production one."));
}

void ServerForm::setProfile(const ServerProfile &profile)
{
    m_profile = profile;
    m_name->setText(profile.name);
    m_url->setText(profile.url.toString());
    m_token->clear();
    m_environment->setCurrentIndex(m_environment->findData(int(profile.environment)));
    m_authority->setAuthority(profile.authority);
    m_store->setChecked(profile.storesToken);
    m_start->setChecked(profile.connectsAtStart);
    followEnvironment();
    clearErrors();
}

QString ServerForm::token() const
{
    return m_token->text().trimmed();
}

void ServerForm::setToken(const QString &token)
{
    m_token->setText(token);
}

void ServerForm::setStoresToken(bool isStored)
{
    m_store->setChecked(isStored);
}

std::optional<ServerProfile> ServerForm::read()
{
    clearErrors();
    const Result<QUrl> url = parseServerUrl(m_url->text());
    if (!url) {
        tellError(Field::Url, url.error().message);
        return std::nullopt;
    }
    if (token().isEmpty()) {
        tellError(Field::Token, tr("A token is needed. The command below prints one."));
        return std::nullopt;
    }
    ServerProfile profile = m_profile;
    profile.url = *url;
    profile.name = m_name->text().trimmed().isEmpty() ? url->authority() : m_name->text().trimmed();
    profile.environment = Environment(m_environment->currentData().toInt());
    profile.color = colorOf(profile.environment);
    profile.authority = m_authority->authority();
    profile.storesToken = m_store->isChecked();
    profile.connectsAtStart = m_start->isChecked();
    return profile;
}

void ServerForm::tellError(Field field, const QString &text)
{
    showNote(field, text);
    QWidget *widget = m_rows[size_t(field)].field;
    if (field == Field::Authority)
        widget = m_authority->tabOrder().constFirst();
    widget->setFocus();
}

void ServerForm::clearErrors()
{
    for (size_t i = 0; i < m_rows.size(); ++i)
        showNote(Field(i), {});
}

void ServerForm::begin()
{
    m_name->setFocus();
}

QList<QWidget *> ServerForm::tabOrder() const
{
    return QList<QWidget *>{ m_name, m_url, m_token } + m_help->tabOrder() + QList<QWidget *>{ m_environment }
    + m_authority->tabOrder() + QList<QWidget *>{ m_store, m_start };
}

void ServerForm::showNote(Field field, const QString &error)
{
    const Row &row = m_rows[size_t(field)];
    row.note->setText(error.isEmpty() ? row.hint : error);
    setLabelRole(*row.note, error.isEmpty() ? u"small"_s : u"bad"_s);
    row.field->setAccessibleDescription(row.note->text());
}

void ServerForm::followEnvironment()
{
    const bool mayStart = Environment(m_environment->currentData().toInt()) != Environment::Production;
    m_start->setEnabled(mayStart);
    if (!mayStart)
        m_start->setChecked(false);
}

} // namespace gatehouse
