// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/pendingchanges.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

void PendingChanges::add(const QString &id, ControlKind kind, Done done)
{
    m_changes.emplace(id, Change{ kind, std::move(done) });
}

PendingChanges::State PendingChanges::state(const QString &id) const
{
    const auto found = m_changes.find(id);
    if (found == m_changes.end())
        return State::Unknown;
    if (found->second.refusedAt)
        return State::Refused;
    return found->second.isAccepted ? State::Accepted : State::Asked;
}

void PendingChanges::accept(const QString &id)
{
    if (const auto found = m_changes.find(id); found != m_changes.end())
        found->second.isAccepted = true;
}

void PendingChanges::refuse(const QString &id, qint64 version)
{
    if (const auto found = m_changes.find(id); found != m_changes.end())
        found->second.refusedAt = version;
}

void PendingChanges::answer(const QString &id, const Result<ControlEntry> &result)
{
    const auto found = m_changes.find(id);
    if (found == m_changes.end())
        return;
    const Done done = std::move(found->second.done);
    m_changes.erase(found);
    done(result);
}

void PendingChanges::answerOwn(const std::vector<ControlEntry> &entries)
{
    for (const ControlEntry &entry : entries) {
        if (const QString id = entry.payload.value("id"_L1).toString(); m_changes.contains(id))
            answer(id, entry);
    }
}

void PendingChanges::answerRefused(const Versions &inForce)
{
    QStringList ids;
    for (const auto &[id, change] : m_changes) {
        if (change.refusedAt && *change.refusedAt <= inForce[size_t(change.kind)])
            ids.append(id);
    }
    for (const QString &id : ids)
        answer(id, Error{ u"another change came first"_s, controlerrors::kConflict });
}

} // namespace gatehouse
