// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/connection/adminclient.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace gatehouse {

/// Asks for another token for the server that is connected to, and tries it before it is taken: nothing of what is
/// shown is lost. Named "token"; its parts token.value, token.note, token.store, token.accept, token.cancel. GUI
/// thread.
class TokenDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TokenDialog)

public:
    /// `name` is what the user calls the server. The client must outlive the dialog.
    TokenDialog(AdminClient &client, const QString &name, bool isStored, QWidget *parent = nullptr);

    [[nodiscard]] QString token() const;
    [[nodiscard]] bool isToBeStored() const;

private:
    void tryIt();
    void tell(const QString &text, bool isBad);

    AdminClient &m_client;
    QLineEdit *m_value;
    QLabel *m_note;
    QCheckBox *m_store;
    QPushButton *m_accept;
};

} // namespace gatehouse
