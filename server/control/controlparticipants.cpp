// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controlparticipants.h"

namespace gatehouse {

namespace {

/// Calls on when it was called by every kind.
std::function<void()> afterAllKinds(std::function<void()> done)
{
    return [left = std::make_shared<size_t>(kControlKinds), done = std::move(done)] {
        if (--*left == 0)
            done();
    };
}

} // namespace

void ControlParticipants::attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant)
{
    m_storages[size_t(kind)] = storage;
    m_participants[size_t(kind)] = participant;
}

void ControlParticipants::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) const
{
    std::array<std::vector<ControlEntry>, kControlKinds> byKind;
    for (const ControlEntry &entry : entries)
        byKind[size_t(entry.kind)].push_back(entry);
    const auto finished = afterAllKinds(std::move(done));
    for (size_t i = 0; i < kControlKinds; ++i) {
        if (byKind[i].empty() || !m_participants[i])
            finished();
        else
            m_participants[i]->takeEntries(byKind[i], finished);
    }
}

void ControlParticipants::takeItems(
    const std::array<ControlItems, kControlKinds> &items, std::function<void()> done) const
{
    const auto finished = afterAllKinds(std::move(done));
    for (size_t i = 0; i < kControlKinds; ++i) {
        if (m_participants[i])
            m_participants[i]->takeItems(items[i], finished);
        else
            finished();
    }
}

void ControlParticipants::joined() const
{
    for (ControlParticipant *participant : m_participants) {
        if (participant)
            participant->joined();
    }
}

} // namespace gatehouse
