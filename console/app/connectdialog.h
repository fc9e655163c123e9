// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/connection/adminclient.h"
#include "console/connection/profilestore.h"
#include "console/connection/tokenvault.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QPushButton;

namespace gatehouse {

/// Asks for a server and a token: a saved profile or a new one, tested before it is used. Tokens go to the keychain;
/// where none works that is said, and the token is kept for this run only. GUI thread.
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

private:
    [[nodiscard]] QWidget *makeForm();
    void showProfiles();
    void showProfile(const QString &id);
    void newProfile();
    void removeProfile();
    void test();
    void acceptProfile();
    [[nodiscard]] bool readForm();
    void tell(const QString &text, const char *role);

    AdminClient &m_client;
    ProfileStore &m_profiles;
    TokenVault &m_vault;
    ServerProfile m_profile;
    QListWidget *m_list;
    QLineEdit *m_name;
    QLineEdit *m_url;
    QLineEdit *m_token;
    QComboBox *m_environment;
    QCheckBox *m_store;
    QPushButton *m_test;
    QPushButton *m_cancel;
    QPushButton *m_accept;
    QLabel *m_outcome;
};

} // namespace gatehouse
