// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtWidgets/QMenu>

#include "console/models/servermodel.h"
#include "console/models/subject.h"

namespace gatehouse {

class DataTable;

/// The one menu of subjects, for cells of tables, facts of the details and buttons: what actionsFor() says makes sense
/// for each of them. What this role, a lock or the lost connection does not allow is disabled, and it says why. Its
/// entries are named subject.<action>.<kind>. It does itself what is the same on every page; the rest it asks its page
/// for. GUI thread.
class SubjectMenu final : public QMenu
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SubjectMenu)

public:
    using Actions = std::vector<SubjectAction>;

    /// Bans, exemptions and the like.
    [[nodiscard]] static Actions accessActions();

    /// `wanted` are the actions that its page has a use for; empty: all but OnlyThis and ChangeLimit. The server model
    /// must outlive the menu.
    SubjectMenu(ServerModel &serverModel, QWidget *parent, const Actions &wanted = {});

    /// What the entries are about.
    void setSubjects(const std::vector<Subject> &subjects);
    /// These come after the entries.
    void setTail(const QList<QAction *> &actions);

Q_SIGNALS:
    void added(gatehouse::AccessList list, const gatehouse::AccessRule &rule);
    void onlyRequested(const gatehouse::Subject &subject);
    void limitRequested(const QString &key);

private:
    void rebuild();
    void addEntries(const Subject &subject);
    void refresh();
    void act(SubjectAction action, const Subject &subject);
    void askForAccess(SubjectAction action, const Subject &subject);

    ServerModel &m_serverModel;
    Actions m_wanted;
    std::vector<Subject> m_subjects;
    QList<QAction *> m_tail;
    QAction *m_why; ///< says what does not let act
};

/// The table's context menu, by the right button and by the menu key, is this one about what the current cell says,
/// with the table's own entries after it. It is named as the table, with ".menu".
void installSubjectMenu(
    DataTable *table, SubjectMenu *menu, std::function<std::optional<Subject>(const QModelIndex &)> subjectAt);

} // namespace gatehouse
