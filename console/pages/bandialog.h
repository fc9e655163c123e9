// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class NumberBox;

/// Asks what is to be banned or exempted, why and for how long, and has the server do it. Stays open with the server's
/// words if it refuses, and asks once more before a ban that would hit the user themselves or the last administrator.
class BanDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(BanDialog)

public:
    /// `preset` says which list, and what is filled in. The server model must outlive the dialog.
    BanDialog(ServerModel &serverModel, const AccessDraft &preset, QWidget *parent = nullptr);

Q_SIGNALS:
    void added(gatehouse::AccessList list, const gatehouse::AccessRule &rule);

private:
    [[nodiscard]] QFormLayout *makeForm();
    void fillKinds();
    void fillEnds();
    void kindChanged();
    void check();
    void send(bool isForced);
    void answered(const ApiResult<AccessRule> &result);
    [[nodiscard]] AccessDraft draft() const;

    ServerModel &m_serverModel;
    AccessList m_list;
    QComboBox *m_kind;
    QLineEdit *m_value;
    QLineEdit *m_reason;
    QComboBox *m_ends;
    QLineEdit *m_note;
    NumberBox *m_limit; ///< of an exemption; 0: none of its own
    QLabel *m_help;
    QLabel *m_error;
    QPushButton *m_accept;
    bool m_isSending = false;
};

} // namespace gatehouse
