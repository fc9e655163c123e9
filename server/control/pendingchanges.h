// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>

#include "server/control/controllog.h"

namespace gatehouse {

/// The changes that a node has asked the log for and that are not answered yet, by the id in their payload. Each is
/// answered once. Lives on the main thread.
class PendingChanges final
{
public:
    using Done = ControlLog::Done;
    using Versions = std::array<qint64, kControlKinds>;

    enum class State : quint8
    {
        Asked,
        Accepted, ///< it is in the log: to be answered when it is in force here
        Refused,  ///< another change came first: to be answered when that is in force here
        Unknown,  ///< answered, or never asked for
    };

    void add(const QString &id, ControlKind kind, Done done);
    [[nodiscard]] State state(const QString &id) const;
    /// The kind of a change that is not answered.
    [[nodiscard]] ControlKind kind(const QString &id) const { return m_changes.at(id).kind; }
    void accept(const QString &id);
    /// To be made anew from `version` of its kind, or a later one.
    void refuse(const QString &id, qint64 version);

    /// Answers the change, if it was not.
    void answer(const QString &id, const Result<ControlEntry> &result);
    /// Answers those that are among the entries, which are in force now.
    void answerOwn(const std::vector<ControlEntry> &entries);
    /// Answers those that were refused for what is in force now.
    void answerRefused(const Versions &inForce);

private:
    struct Change
    {
        ControlKind kind = ControlKind::Audit;
        Done done;
        bool isAccepted = false;
        std::optional<qint64> refusedAt{};
    };
    std::map<QString, Change> m_changes;
};

} // namespace gatehouse
