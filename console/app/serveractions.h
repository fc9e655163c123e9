// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QAction>

#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"
#include "console/models/servermodel.h"

class QMenu;

namespace gatehouse {

/// What is done about the connection at hand: *New token…* and *Reconnect*, each an action that a menu, a strip or a
/// button shares. Belongs to the window that it is made for. GUI thread.
class ServerActions final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ServerActions)

public:
    /// All must outlive it.
    ServerActions(ServerModel &serverModel, ProfileStore &profiles, TokenVault &vault, QWidget &window);

    /// Asks for another token of the server that is connected to; tokenGiven() tells of it once it was tried. Enabled
    /// when there is a server.
    [[nodiscard]] QAction &newToken() { return m_newToken; }
    /// Connects to the same server with the same token. Enabled when that is not so already.
    [[nodiscard]] QAction &reconnect() { return m_reconnect; }
    /// Puts both into a menu, before one of its actions.
    void addTo(QMenu &menu, QAction *before);
    /// The saved profile of the server that is connected to, or one for its address alone.
    [[nodiscard]] ServerProfile profile() const;

Q_SIGNALS:
    /// It is good, and stored if that was wanted: connect with it.
    void tokenGiven(const gatehouse::ServerProfile &profile, const QString &token);
    /// The keychain did not take the token; it is good for this run. A sentence says why.
    void tokenNotStored(const QString &why);

private:
    void refresh();
    void askForToken();
    void take(const QString &token, bool isToBeStored);

    ServerModel &m_serverModel;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    QWidget &m_window;
    QAction m_newToken;
    QAction m_reconnect;
};

} // namespace gatehouse
