// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/serveractions.h"

#include <QtWidgets/QMenu>

#include "console/app/tokendialog.h"
#include "console/look/icons.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ServerActions::ServerActions(ServerModel &serverModel, ProfileStore &profiles, TokenVault &vault, QWidget &window)
    : QObject(&window)
    , m_serverModel(serverModel)
    , m_profiles(profiles)
    , m_vault(vault)
    , m_window(window)
    , m_newToken(tr("&New token…"), this)
    , m_reconnect(themedIcon(u"refresh"_s), tr("Reco&nnect"), this)
{
    m_newToken.setObjectName(u"server.newtoken"_s);
    m_reconnect.setObjectName(u"server.reconnect"_s);
    connect(&m_newToken, &QAction::triggered, this, &ServerActions::askForToken);
    connect(&m_reconnect, &QAction::triggered, this, [this] { m_serverModel.client().reconnect(); });
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &ServerActions::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &ServerActions::refresh);
    refresh();
}

void ServerActions::addTo(QMenu &menu, QAction *before)
{
    menu.insertAction(before, &m_newToken);
    menu.insertAction(before, &m_reconnect);
}

ServerProfile ServerActions::profile() const
{
    const QUrl url = m_serverModel.client().url();
    if (const std::optional<ServerProfile> last = m_profiles.find(m_profiles.lastUsedId()); last && last->url == url)
        return *last;
    for (const ServerProfile &profile : m_profiles.profiles()) {
        if (profile.url == url)
            return profile;
    }
    return ServerProfile::create(url.authority(), url);
}

void ServerActions::refresh()
{
    const bool hasServer = !m_serverModel.client().url().isEmpty();
    const ConnectionState state = m_serverModel.client().status().state;
    m_newToken.setEnabled(hasServer);
    m_reconnect.setEnabled(hasServer && state != ConnectionState::Live && state != ConnectionState::Connecting);
}

void ServerActions::askForToken()
{
    if (m_window.findChild<TokenDialog *>())
        return; // is asked already
    const ServerProfile asked = profile();
    auto *dialog = new TokenDialog(
        m_serverModel.client(), asked.name, m_profiles.find(asked.id).has_value() && asked.storesToken, &m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { take(dialog->token(), dialog->isToBeStored()); });
    dialog->open();
}

void ServerActions::take(const QString &token, bool isToBeStored)
{
    ServerProfile used = profile();
    const bool isSaved = m_profiles.find(used.id).has_value();
    if (isToBeStored) {
        used.storesToken = true;
        if (const Status status = m_profiles.save(used); !status)
            Q_EMIT tokenNotStored(status.error().message);
        m_profiles.setLastUsedId(used.id);
        m_vault.write(used.id, token, this, [this](const Status &status) {
            if (!status)
                Q_EMIT tokenNotStored(status.error().message);
        });
    } else if (isSaved && used.storesToken) {
        used.storesToken = false;
        m_vault.remove(used.id, this, [](const Status &) {});
        if (const Status status = m_profiles.save(used); !status)
            Q_EMIT tokenNotStored(status.error().message);
    }
    Q_EMIT tokenGiven(used, token);
}

} // namespace gatehouse
