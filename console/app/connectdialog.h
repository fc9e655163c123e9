// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/connection/adminclient.h"
#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"

class QLabel;
class QListWidget;
class QPushButton;

namespace gatehouse {

class ServerForm;

/// Asks for a server and a token: a saved profile or a new one, tested before it is used, or a local server. Tokens go
/// to the keychain; where none works that is said, and the token is kept for this run only. What is wrong is said
/// beside the field that causes it. GUI thread.
class ConnectDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConnectDialog)

public:
    /// All must outlive the dialog.
    ConnectDialog(AdminClient &client, ProfileStore &profiles, TokenVault &vault, QWidget *parent = nullptr);

    /// What to connect to, once accepted.
    [[nodiscard]] const ServerProfile &profile() const { return m_profile; }
    [[nodiscard]] QString token() const;
    void reject() override;

Q_SIGNALS:
    /// The user has no server at hand; the dialog closes.
    void localServerRequested();

private:
    [[nodiscard]] QLayout *makeList();
    [[nodiscard]] QWidget *makeLocal();
    [[nodiscard]] QLayout *makeForm();
    void orderTabs();
    void showProfiles();
    void showProfile(const QString &id);
    void newProfile();
    void removeProfile();
    void test();
    void tellProblem(const Problem &problem);
    void acceptProfile();
    void storeToken();
    [[nodiscard]] bool readForm();
    void tell(const QString &text, const QString &role);

    AdminClient &m_client;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    ServerProfile m_profile;
    QListWidget *m_list;
    ServerForm *m_form;
    QPushButton *m_export;
    QPushButton *m_local;
    QPushButton *m_test;
    QPushButton *m_cancel;
    QPushButton *m_accept;
    QLabel *m_outcome;
};

} // namespace gatehouse
