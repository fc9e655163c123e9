// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/controlplace.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// The entries of a cluster's log on their way into the state file, with the place that they lead to. What cannot be
/// stored is in force all the same, and stays here until it can. Lives on the main thread, where its callbacks come
/// too; `store` and `anchor` outlive it.
class UnsavedEntries final : public QObject
{
    Q_OBJECT

public:
    UnsavedEntries(StoreThread &store, QObject &anchor)
        : m_store(store)
        , m_anchor(anchor)
    {
    }

    [[nodiscard]] bool isEmpty() const { return m_entries.empty(); }
    /// A snapshot that is stored has them.
    void clear() { m_entries.clear(); }
    /// Stores these behind what is here already, and `place`; then calls `then`, once, whether it worked or not: a disk
    /// that does not answer keeps nobody in who was banned.
    void save(std::vector<ControlEntry> entries, const ControlStorages &storages, const ControlPlace &place,
        std::function<void()> then);

Q_SIGNALS:
    /// Comes before `then`.
    void failed(const QString &why);

private:
    void saved(const std::vector<ControlEntry> &entries, const Status &status);

    StoreThread &m_store;
    QObject &m_anchor;
    std::vector<ControlEntry> m_entries;
};

} // namespace gatehouse
