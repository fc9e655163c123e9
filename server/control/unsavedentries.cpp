// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/unsavedentries.h"

#include <algorithm>

#include "server/base/onthread.h"
#include "server/control/controlentries.h"

namespace gatehouse {

void UnsavedEntries::save(std::vector<ControlEntry> entries, const ControlStorages &storages, const ControlPlace &place,
    std::function<void()> then)
{
    std::move(entries.begin(), entries.end(), std::back_inserter(m_entries));
    auto unsaved = std::make_shared<const std::vector<ControlEntry>>(m_entries);
    const auto goOn = std::make_shared<std::function<void()>>(std::move(then));
    const auto goOnOnce = [goOn] {
        if (const std::function<void()> next = std::exchange(*goOn, {}))
            next();
    };
    m_store.write(
        [unsaved, storages, place](Database &database) {
            const Status status = controlentries::store(database, storages, *unsaved);
            return status ? controlplace::store(database, place) : status;
        },
        onThreadOf(m_anchor, this,
            [this, unsaved, goOnOnce](const Status &status) {
                saved(*unsaved, status);
                goOnOnce();
            }),
        onThreadOf(m_anchor, this, [goOnOnce](const Error &) { goOnOnce(); }));
}

void UnsavedEntries::saved(const std::vector<ControlEntry> &entries, const Status &status)
{
    if (!status) {
        Q_EMIT failed(status.error().message);
        return;
    }
    // More may have come meanwhile, and another call may have stored these before.
    const auto isLast = [&entries](const ControlEntry &entry) {
        return !entries.empty() && entry.kind == entries.back().kind && entry.version == entries.back().version;
    };
    const auto last = std::find_if(m_entries.begin(), m_entries.end(), isLast);
    if (last != m_entries.end())
        m_entries.erase(m_entries.begin(), last + 1);
}

} // namespace gatehouse
