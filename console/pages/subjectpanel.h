// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QDialog>

#include "console/models/servermodel.h"
#include "console/models/subject.h"
#include "console/models/subjectrows.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QLayout;
QT_END_NAMESPACE

namespace gatehouse {

class AccessOutcome;
class SubjectMenu;
class SubjectPart;

/// Everything about an address or a user: open connections, refusals, the bans and exemptions that hold for it. A
/// window beside its page, which stays about its subject; every part loads by itself and leads to its page. GUI thread.
class SubjectPanel final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SubjectPanel)

public:
    /// How often connections and refusals are asked for again, and how often rules are.
    static constexpr std::chrono::seconds kRefresh{ 5 };
    static constexpr std::chrono::seconds kRefreshRules{ 30 };
    static constexpr int kMostRules = 5000; ///< that are looked at by themselves

    /// Shows that of the subject, beside the window that `from` is in: the one that is open already, or a new one. The
    /// server model must outlive it.
    static void open(ServerModel &serverModel, const Subject &subject, QWidget *from);

private:
    SubjectPanel(ServerModel &serverModel, const Subject &subject, QWidget *from);
    [[nodiscard]] QLayout *makeHead();
    [[nodiscard]] SubjectPart *makeConnections();
    [[nodiscard]] SubjectPart *makeRefusals();
    [[nodiscard]] SubjectPart *makeRules(AccessList list);
    void refresh();
    void refreshRules();
    void refreshNote();
    void lookAtMore(AccessModel &rules);

    ServerModel &m_serverModel;
    const Subject m_subject;
    ConnectionsModel m_connections;
    SubjectRows m_itsConnections;
    DecisionsModel m_decisions;
    AccessModel m_bans;
    SubjectRows m_itsBans;
    AccessModel m_exemptions;
    SubjectRows m_itsExemptions;
    SubjectMenu *m_menu;
    AccessOutcome *m_outcome;
    QLabel *m_note;
    std::optional<UtcTime> m_liveAt; ///< when there was a connection last
    QTimer m_refreshing;
    QTimer m_refreshingRules;
};

} // namespace gatehouse
