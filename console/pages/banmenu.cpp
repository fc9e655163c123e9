// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/banmenu.h"

#include <QtWidgets/QTableView>

#include "console/pages/bandialog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

BanMenu::BanMenu(ServerModel &serverModel, QWidget *parent)
    : QMenu(parent)
    , m_serverModel(serverModel)
{
    const auto add = [this](const QString &name) {
        QAction *action = addAction(QString());
        action->setObjectName(name);
        return action;
    };
    m_banAddress = add(u"ban.address"_s);
    m_banUser = add(u"ban.user"_s);
    m_logOut = add(u"ban.logout"_s);
    addSeparator();
    m_exempt = add(u"ban.exempt"_s);
    connect(m_banAddress, &QAction::triggered, this, [this] { ask(AccessList::Bans, AccessKind::Address, m_address); });
    connect(m_banUser, &QAction::triggered, this, [this] { ask(AccessList::Bans, AccessKind::User, m_user); });
    connect(m_logOut, &QAction::triggered, this, [this] { ask(AccessList::Bans, AccessKind::User, m_user, true); });
    connect(
        m_exempt, &QAction::triggered, this, [this] { ask(AccessList::Exemptions, AccessKind::Address, m_address); });
    connect(this, &QMenu::aboutToShow, this, &BanMenu::refresh);
    refresh();
}

void BanMenu::setSubject(const QString &address, const QString &user)
{
    m_address = address;
    m_user = user;
    refresh();
}

void BanMenu::openOn(QTableView *table)
{
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(table, &QWidget::customContextMenuRequested, this, [this, table](const QPoint &at) {
        if (table->selectionModel()->hasSelection())
            popup(table->viewport()->mapToGlobal(at));
    });
}

void BanMenu::refresh()
{
    const bool mayChange = m_serverModel.mayChange(Role::Operator);
    const auto show = [mayChange](QAction *action, const QString &text, const QString &subject) {
        action->setText(text);
        action->setVisible(!subject.isEmpty());
        action->setEnabled(mayChange);
    };
    show(m_banAddress, tr("Ban address %1…").arg(m_address), m_address);
    show(m_banUser, tr("Ban user %1…").arg(m_user), m_user);
    show(m_logOut, tr("Log user %1 out everywhere…").arg(m_user), m_user);
    show(m_exempt, tr("Exempt address %1 from limits…").arg(m_address), m_address);
}

void BanMenu::ask(AccessList list, AccessKind kind, const QString &value, bool isOfTokensSoFar)
{
    AccessDraft preset;
    preset.list = list;
    preset.kind = kind;
    preset.value = value;
    preset.isOfTokensSoFar = isOfTokensSoFar;
    auto *dialog = new BanDialog(m_serverModel, preset, parentWidget());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &BanDialog::added, this, &BanMenu::added);
    dialog->open();
}

} // namespace gatehouse
