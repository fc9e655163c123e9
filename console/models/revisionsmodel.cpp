// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/revisionsmodel.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

RevisionsModel::RevisionsModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void RevisionsModel::setPage(const RevisionPage &page)
{
    beginResetModel();
    m_revisions = page.revisions;
    endResetModel();
}

void RevisionsModel::add(const Revision &revision)
{
    const auto place = std::find_if(m_revisions.begin(), m_revisions.end(),
        [&](const Revision &other) { return other.revision <= revision.revision; });
    if (place != m_revisions.end() && place->revision == revision.revision)
        return;
    const int row = int(place - m_revisions.begin());
    beginInsertRows({}, row, row);
    m_revisions.insert(place, revision);
    endInsertRows();
}

void RevisionsModel::clear()
{
    setPage({});
}

const Revision *RevisionsModel::lastChangeOf(const QString &key, qint64 revision) const
{
    const auto found = std::find_if(m_revisions.begin(), m_revisions.end(), [&](const Revision &one) {
        return one.revision <= revision
            && std::any_of(one.changes.begin(), one.changes.end(),
                [&key](const LimitChange &change) { return change.key == key; });
    });
    return found == m_revisions.end() ? nullptr : &*found;
}

std::optional<std::vector<LimitPatch>> RevisionsModel::wayBack(qint64 from, qint64 to) const
{
    std::vector<LimitPatch> patches;
    qint64 next = from;
    for (const Revision &revision : m_revisions) {
        if (next <= to || revision.revision > from)
            continue;
        if (revision.revision != next)
            return std::nullopt;
        --next;
        for (const LimitChange &change : revision.changes) {
            const auto known = std::find_if(
                patches.begin(), patches.end(), [&change](const LimitPatch &patch) { return patch.key == change.key; });
            LimitPatch &patch
                = known != patches.end() ? *known : patches.emplace_back(LimitPatch{ change.key, {}, {} });
            if (change.before.value != change.after.value)
                patch.value = change.before.value;
            if (change.before.mode != change.after.mode)
                patch.mode = change.before.mode;
        }
    }
    return next <= to ? std::optional(patches) : std::nullopt;
}

int RevisionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_revisions.size());
}

int RevisionsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant RevisionsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Revision &revision = at(index.row());
    if (role == RevisionRole)
        return revision.revision;
    if (role == kExportRole && index.column() == TimeColumn)
        return isoMillis(revision.at);
    if (role == Qt::ToolTipRole)
        return changesText(revision.changes);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case RevisionColumn:
        return QString::number(revision.revision);
    case TimeColumn:
        return dateAndTime(revision.at);
    case ByColumn:
        return revision.by;
    case AddressColumn:
        return revision.address;
    case SourceColumn:
        if (revision.source == "api"_L1)
            return tr("Admin API");
        if (revision.source == "environment"_L1)
            return tr("Environment");
        if (revision.source == "restore"_L1)
            return tr("Restored");
        return revision.source;
    case ChangesColumn:
        return changesText(revision.changes, u"; ");
    case NoteColumn:
        return revision.note;
    default:
        return {};
    }
}

QVariant RevisionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case RevisionColumn:
        return tr("Revision");
    case TimeColumn:
        return tr("Time");
    case ByColumn:
        return tr("By");
    case AddressColumn:
        return tr("From");
    case SourceColumn:
        return tr("How");
    case ChangesColumn:
        return tr("Changes");
    case NoteColumn:
        return tr("Note");
    default:
        return {};
    }
}

QString changesText(const std::vector<LimitChange> &changes, QStringView separator)
{
    QStringList lines;
    const QLocale locale;
    for (const LimitChange &change : changes) {
        QString line = limitTitle(change.key) + ": "_L1;
        if (change.before.value != change.after.value)
            line += u"%1 → %2"_s.arg(locale.toString(change.before.value), locale.toString(change.after.value));
        if (change.before.mode != change.after.mode) {
            if (change.before.value != change.after.value)
                line += ", "_L1;
            line += u"%1 → %2"_s.arg(limitModeTitle(change.before.mode), limitModeTitle(change.after.mode));
        }
        lines << line;
    }
    return lines.join(separator);
}

} // namespace gatehouse
