// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/tokendialog.h"

#include <QtWidgets/QCheckBox>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QVBoxLayout>

#include "console/app/tokenhelp.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

TokenDialog::TokenDialog(AdminClient &client, const QString &name, bool isStored, QWidget *parent)
    : QDialog(parent)
    , m_client(client)
    , m_value(new QLineEdit)
    , m_note(makeLabel({}, u"small"_s))
    , m_store(new QCheckBox(tr("Store the token in the system's keychain")))
    , m_accept(makeButton(tr("Use this token"), u"token.accept"_s))
{
    setObjectName(u"token"_s);
    setWindowTitle(tr("New token"));
    m_value->setObjectName(u"token.value"_s);
    m_value->setAccessibleName(tr("New token"));
    m_value->setEchoMode(QLineEdit::Password);
    m_note->setObjectName(u"token.note"_s);
    m_note->setWordWrap(true);
    m_store->setObjectName(u"token.store"_s);
    m_store->setChecked(isStored);
    m_accept->setProperty("primary", true);
    m_accept->setDefault(true);
    auto *cancel = makeButton(tr("Cancel"), u"token.cancel"_s);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_accept);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    auto *title = makeLabel(tr("A new token for %1").arg(name), u"heading"_s);
    title->setWordWrap(true);
    layout->addWidget(title);
    layout->addWidget(m_value);
    layout->addWidget(m_note);
    layout->addWidget(new TokenHelp(u"token.help"_s));
    layout->addWidget(m_store);
    layout->addStretch(1);
    layout->addLayout(buttons);
    setMinimumWidth(460);
    tell(tr("It is tried before it is used; what is shown stays."), false);
    connect(m_accept, &QPushButton::clicked, this, &TokenDialog::tryIt);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_value, &QLineEdit::textEdited, this,
        [this] { tell(tr("It is tried before it is used; what is shown stays."), false); });
    m_value->setFocus();
}

QString TokenDialog::token() const
{
    return m_value->text().trimmed();
}

bool TokenDialog::isToBeStored() const
{
    return m_store->isChecked();
}

void TokenDialog::tryIt()
{
    if (token().isEmpty()) {
        tell(tr("A token is needed. The command below prints one."), true);
        m_value->setFocus();
        return;
    }
    m_accept->setEnabled(false);
    m_client.testConnection(m_client.url(), token(), this, [this](const ApiResult<ServerInfo> &server) {
        m_accept->setEnabled(true);
        if (server) {
            accept();
            return;
        }
        const Problem &problem = server.problem();
        tell(problem.detail.isEmpty() ? problem.title : problem.detail, true);
        m_value->setFocus();
    });
}

void TokenDialog::tell(const QString &text, bool isBad)
{
    m_note->setText(text);
    setLabelRole(*m_note, isBad ? u"bad"_s : u"small"_s);
    m_value->setAccessibleDescription(text);
}

} // namespace gatehouse
