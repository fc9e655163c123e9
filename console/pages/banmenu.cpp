// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/banmenu.h"

#include "console/pages/bandialog.h"
#include "shared/limits/limitprofile.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// What an address is probably a part of, to begin with: the /24 of IPv4; of IPv6 its bucket, which is a network.
QString networkOf(const QString &address)
{
    const QStringList parts = address.split(u'.');
    return parts.size() == 4     ? QStringList(parts.first(3)).join(u'.') + ".0/24"_L1
        : address.contains(u'/') ? address
                                 : QString();
}

} // namespace

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
    m_exemptNetwork = add(u"ban.exemptnetwork"_s);
    m_ownLimit = add(u"ban.ownlimit"_s);
    connect(m_banAddress, &QAction::triggered, this, [this] { ask(AccessList::Bans, AccessKind::Address, m_address); });
    connect(m_banUser, &QAction::triggered, this, [this] { ask(AccessList::Bans, AccessKind::User, m_user); });
    connect(m_logOut, &QAction::triggered, this, [this] { ask(AccessList::Bans, AccessKind::User, m_user, true); });
    connect(
        m_exempt, &QAction::triggered, this, [this] { ask(AccessList::Exemptions, AccessKind::Address, m_address); });
    connect(m_exemptNetwork, &QAction::triggered, this,
        [this] { ask(AccessList::Exemptions, AccessKind::Cidr, networkOf(m_address)); });
    connect(m_ownLimit, &QAction::triggered, this, [this] {
        AccessDraft preset;
        preset.list = AccessList::Exemptions;
        preset.value = m_address;
        preset.limit = limitProfile(LimitProfile::Site).valueOf(LimitKey::MaxConnectionsPerIp);
        ask(preset);
    });
    connect(this, &QMenu::aboutToShow, this, &BanMenu::refresh);
    refresh();
}

void BanMenu::setSubject(const QString &address, const QString &user)
{
    m_address = address;
    m_user = user;
    refresh();
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
    show(m_exemptNetwork, tr("Exempt this network…"), networkOf(m_address));
    show(m_ownLimit, tr("Give it a number of its own…"), m_address);
}

void BanMenu::ask(AccessList list, AccessKind kind, const QString &value, bool isOfTokensSoFar)
{
    AccessDraft preset;
    preset.list = list;
    preset.kind = kind;
    preset.value = value;
    preset.isOfTokensSoFar = isOfTokensSoFar;
    ask(preset);
}

void BanMenu::ask(const AccessDraft &preset)
{
    auto *dialog = new BanDialog(m_serverModel, preset, parentWidget());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &BanDialog::added, this, &BanMenu::added);
    dialog->open();
}

} // namespace gatehouse
