// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QMenu>

#include "console/models/servermodel.h"

namespace gatehouse {

/// What may be done about an address and a user: ban, log out everywhere, exempt it or its
/// network, give it a number of its own. The menu of a page's "Ban…" button
/// and of its table's rows. Each entry opens the dialog, filled in.
class BanMenu final : public QMenu
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(BanMenu)

public:
    /// The server model must outlive the menu.
    explicit BanMenu(ServerModel &serverModel, QWidget *parent = nullptr);

    /// What the entries are about; either may be empty.
    void setSubject(const QString &address, const QString &user);

Q_SIGNALS:
    void added(gatehouse::AccessList list, const gatehouse::AccessRule &rule);

private:
    void ask(AccessList list, AccessKind kind, const QString &value, bool isOfTokensSoFar = false);
    void ask(const AccessDraft &preset);
    void refresh();

    ServerModel &m_serverModel;
    QString m_address;
    QString m_user;
    QAction *m_banAddress;
    QAction *m_banUser;
    QAction *m_logOut;
    QAction *m_exempt;
    QAction *m_exemptNetwork;
    QAction *m_ownLimit;
};

} // namespace gatehouse
