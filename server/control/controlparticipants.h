// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/controllog.h"

namespace gatehouse {

/// How each kind is stored; copied to the store thread.
using ControlStorages = std::array<ControlStorage, kControlKinds>;

/// Who holds each kind: what every control log carries its entries out by. Lives on the main thread.
class ControlParticipants final
{
public:
    void attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant);
    void leave(ControlKind kind) { m_participants[size_t(kind)] = nullptr; }

    [[nodiscard]] const ControlStorages &storages() const { return m_storages; }
    [[nodiscard]] const ControlStorage &storage(ControlKind kind) const { return m_storages[size_t(kind)]; }

    /// Hands each entry to whoever holds its kind; `done` is called when everybody goes by them.
    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) const;
    /// Everything there is, in place of what was.
    void takeItems(const std::array<ControlItems, kControlKinds> &items, std::function<void()> done) const;
    void joined() const;

private:
    ControlStorages m_storages{};
    std::array<ControlParticipant *, kControlKinds> m_participants{};
};

} // namespace gatehouse
