// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "server/access/accesschange.h"
#include "server/access/accessledger.h"
#include "server/log/log.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// The networks that settings exempt, on their way into the rules. What is news of them is in force at once, and
/// becomes rules like others when the control log can be appended to. What they name no more is lifted then. So what an
/// operator changes stays until the setting changes. What finds the list full waits until there is room, which is
/// logged. Part of an AccessStore; main thread.
class ConfiguredExemptions final
{
public:
    /// How rules are changed.
    struct Changes
    {
        std::function<void(AccessRule rule, const Actor &by, std::function<void(bool isDone)> done)> put;
        std::function<void(const QString &id, const Actor &by, std::function<void()> done)> lift;
    };
    ConfiguredExemptions(StoreThread &store, const AccessLedger &ledger, Log &log, Changes changes);
    Q_DISABLE_COPY_MOVE(ConfiguredExemptions)

    /// Once, before anything else: what they say now, and what they said when they last had their way.
    void begin(const ExemptNetworks &configured, const ExemptNetworks &known);
    /// Brings what is news into the log, if it can be appended to. What cannot be appended is tried again by a later
    /// call.
    void settle();
    /// What is news, and in no log yet: it is in force beside the rules.
    [[nodiscard]] const std::vector<AccessRule> &unsettled() const { return m_unsettled; }

private:
    void put(const AccessRule &rule);
    void sayWaiting();
    void settled();
    [[nodiscard]] std::vector<AccessRule> noMoreConfigured() const;

    StoreThread &m_store;
    const AccessLedger &m_ledger;
    Log &m_log;
    const Changes m_changes;
    ExemptNetworks m_configured; ///< what settings exempt
    ExemptNetworks m_known;      ///< what they did when they last had their way
    std::vector<AccessRule> m_unsettled;
    bool m_hasSaidWaiting = false;
    int m_settling = 0; ///< changes of it that have no answer yet
};

} // namespace gatehouse
