// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "console/connection/apitypes.h"
#include "console/models/timerange.h"
#include "shared/protocol/historyreply.h"

namespace gatehouse {

/// A stretch of time in which the guards were off.
struct GuardsOffSpan
{
    TimeInterval time; ///< to the end of time while they are off still
    QString by;        ///< who turned them off; empty if that is not known
};

/// When the guards were off, as the audit tells it. A plain value.
class GuardsOff final
{
public:
    /// In any order; replaces everything but what is known of now.
    void setChanges(std::vector<SwitchChange> changes);
    /// How it is, whoever did it: known before the audit says who.
    void setNow(bool isGuarding, UtcTime now);
    void clear();

    [[nodiscard]] const std::vector<SwitchChange> &changes() const { return m_changes; } ///< in order of time
    [[nodiscard]] std::vector<GuardsOffSpan> spans(const TimeInterval &interval) const;
    /// The one that goes on; nullopt while the guards are on.
    [[nodiscard]] std::optional<GuardsOffSpan> current() const;
    /// Makes gaps of what nobody counted meanwhile: it is not known, which is not nought.
    void leaveOut(HistoryReply &history) const;
    /// Whether the server goes on counting it while the guards are off.
    [[nodiscard]] static bool isCounted(Metric metric);

private:
    [[nodiscard]] std::vector<GuardsOffSpan> allSpans() const;

    std::vector<SwitchChange> m_changes;
    std::optional<SwitchChange> m_now; ///< while the audit does not tell of it
};

} // namespace gatehouse
