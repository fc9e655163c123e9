// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QtCore/QJsonArray>

#include "server/access/accesschange.h"
#include "server/access/accesscodec.h"
#include "server/access/accessledger.h"

namespace gatehouse {

/// Changes of bans and exemptions that are proposed together, in the order in which they were asked for. Not
/// thread-safe; audit() is called on the store thread.
class AccessBatch final
{
public:
    explicit AccessBatch(std::vector<AccessChange> changes)
        : m_changes(std::move(changes))
    {
    }

    /// Judges each change by what is in force and by those before it. They hold when they come back from the log: the
    /// ledger is left as it was. May be called again.
    void judge(AccessLedger &ledger, const std::function<QString()> &nextId, UtcTime now);
    /// The audit's entries, each with what the changes before it make of the state file.
    [[nodiscard]] Result<QJsonArray> audit(Database &database, UtcTime now) const;
    /// Of those that are not refused.
    [[nodiscard]] std::vector<accesscodec::Step> steps() const;
    /// What is not refused yet is, for that.
    void refuse(const Error &error);
    void answer() const;

private:
    static void judge(AccessChange &change, AccessLedger &ledger, const std::function<QString()> &nextId, UtcTime now);
    void takeBack(AccessLedger &ledger) const;

    std::vector<AccessChange> m_changes;
};

} // namespace gatehouse
