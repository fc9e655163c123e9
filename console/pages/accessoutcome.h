// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

/// Says what came of a ban, an exemption or their lifting, and takes it back on a click. Asks the server now and then
/// whether there still is something to take back: it may have ended, or a colleague was faster. Hidden while there is
/// nothing to say.
class AccessOutcome final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AccessOutcome)

public:
    static constexpr std::chrono::seconds kLookInterval{ 5 };

    /// Its parts are named `name`.text and `name`.undo. The server model must outlive it.
    AccessOutcome(ServerModel &serverModel, const QString &name, QWidget *parent = nullptr);

    void tellAdded(AccessList list, const AccessRule &rule);
    void tellLifted(AccessList list, const AccessRule &rule);
    void tellFailure(const QString &text);

Q_SIGNALS:
    /// A list is another now.
    void changed();

protected:
    void showEvent(QShowEvent *event) override;

private:
    /// What was done, for as long as it can be taken back.
    struct Deed
    {
        AccessList list;
        AccessRule rule;
        bool isLifted = false; ///< else added
    };
    [[nodiscard]] static QString wordsFor(AccessList list, const AccessRule &rule); ///< once it has been added
    void tell(const QString &text, bool isGood, std::optional<Deed> deed);
    void takeBack();
    void undoAdded(AccessList list, const AccessRule &rule);
    void undoLifted(AccessList list, const AccessRule &rule);
    void look();
    /// Whether it is as the deed left it.
    [[nodiscard]] bool holds(const Deed &deed, const std::vector<AccessRule> &rules) const;
    template <typename T> void undone(const ApiResult<T> &result);
    void refresh();

    ServerModel &m_serverModel;
    QLabel *m_text;
    QPushButton *m_undo;
    std::optional<Deed> m_deed; ///< nullopt: nothing to take back
    quint64 m_told = 0;         ///< answers about what was told before are dropped
    QTimer m_looking;
};

} // namespace gatehouse
