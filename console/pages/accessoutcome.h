// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

/// Says what came of a ban, an exemption or their lifting, and takes it back on a click. Hidden while there is nothing
/// to say.
class AccessOutcome final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AccessOutcome)

public:
    /// Its parts are named `name`.text and `name`.undo. The server model must outlive it.
    AccessOutcome(ServerModel &serverModel, const QString &name, QWidget *parent = nullptr);

    void tellAdded(AccessList list, const AccessRule &rule);
    void tellLifted(AccessList list, const AccessRule &rule);
    void tellFailure(const QString &text);

Q_SIGNALS:
    /// A list is another now.
    void changed();

private:
    [[nodiscard]] static QString wordsFor(AccessList list, const AccessRule &rule); ///< once it has been added
    void tell(const QString &text, bool isGood, std::function<void()> undo);
    void undoAdded(AccessList list, const AccessRule &rule);
    void undoLifted(AccessList list, const AccessRule &rule);
    template <typename T> void undone(const ApiResult<T> &result);
    void refresh();

    ServerModel &m_serverModel;
    QLabel *m_text;
    QPushButton *m_undo;
    std::function<void()> m_takeBack; ///< null: nothing to take back
};

} // namespace gatehouse
