// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

#include "server/store/database.h"

namespace gatehouse {

/// What is changed through the control log. Each kind has a version of its own: two changes of the same version do not
/// both pass.
enum class ControlKind : quint8
{
    Limits,
    Access,
    Alerts,
    Audit
};
inline constexpr size_t kControlKinds = 4;

/// As in the log: "limits", "access", "alerts", "audit".
[[nodiscard]] QLatin1StringView controlKindName(ControlKind kind);
[[nodiscard]] std::optional<ControlKind> parseControlKind(QByteArrayView name);

/// What a kind consists of, by id: a revision, a ban, an alert. Together they are what a node that joins begins with.
using ControlItems = std::map<QString, QJsonObject>;

/// A change that a node asks for.
struct ControlChange
{
    ControlKind kind = ControlKind::Audit;
    std::optional<qint64> expectedVersion; ///< what it was made from; nullopt: it holds whatever came before
    QJsonObject
        payload; ///< what every node needs to carry it out. `audit`, a list of AuditEntry, is stored for every kind.
    std::vector<std::pair<QString, std::optional<QJsonObject>>> items; ///< what it makes of the items; nullopt: gone
};

/// A change that was accepted: the same for all nodes, in the same order.
struct ControlEntry
{
    ControlKind kind = ControlKind::Audit;
    qint64 version = 0; ///< of its kind, with this change
    QString node;       ///< who made it
    QJsonObject payload;
};

/// Codes that the Error of a change carries in its `field`.
namespace controlerrors {

inline constexpr QLatin1StringView kConflict(
    "control_conflict"); ///< made from an old version; the newer one has been carried out here
inline constexpr QLatin1StringView kUnavailable("cluster_unavailable"); ///< the log's place is away, or does not answer
inline constexpr QLatin1StringView kStoreFailed("store_unavailable"); ///< this process cannot store it; nothing changed

} // namespace controlerrors

/// How the changes of a kind are kept in the state file. Functions without an object: they run on the store thread, and
/// may outlive whose they are.
struct ControlStorage
{
    /// Why a payload is not one of this kind's; it came from outside.
    Status (*check)(const QJsonObject &payload) = nullptr;
    Status (*checkItem)(const QString &id, const QJsonObject &item) = nullptr;
    /// Carries out one change that has been checked. May come again with the same entry.
    Status (*store)(Database &database, const ControlEntry &entry) = nullptr;
    /// Replaces everything of the kind.
    Status (*replace)(Database &database, const ControlItems &items) = nullptr;
    /// Everything of the kind: what an empty cluster gets from this node.
    Result<ControlItems> (*read)(Database &database) = nullptr;
};

/// Who holds a kind in memory. Called on the main thread, with what is already stored.
class ControlParticipant
{
public:
    virtual ~ControlParticipant() = default;
    /// Carries out changes, in their order; calls back when all workers go by them.
    virtual void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) = 0;
    /// As takeEntries(), but with everything there is, in place of what was.
    virtual void takeItems(const ControlItems &items, std::function<void()> done) = 0;
    /// Changes can be appended (again): now is the time for what waited for that.
    virtual void joined() = 0;
};

/// One list of changes, each carried out in this order and once, and the only way in which limits, switch, bans, alert
/// rules, acknowledgements and the audit change: proposed, stored, carried out, answered. A server alone keeps the list
/// by itself (LocalControlLog); the nodes of a cluster have one in common (ControlReplica), where a node's own change
/// takes effect like the others': when it is read back. Lives on the main thread, where its callbacks come too.
class ControlLog
{
public:
    using Done = std::function<void(const Result<ControlEntry> &)>;

    virtual ~ControlLog() = default;
    /// Once, when all participants are attached and loaded: changes can be appended from now on, or when the log can be
    /// reached. The error is one sentence.
    [[nodiscard]] virtual Status start() = 0;
    /// Before anything is appended. The participant outlives the log's last callback, or leaves.
    virtual void attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant) = 0;
    virtual void leave(ControlKind kind) = 0;
    /// Of what has been carried out here.
    [[nodiscard]] virtual qint64 version(ControlKind kind) const = 0;
    [[nodiscard]] virtual bool isAvailable() const = 0;
    /// What this process is called where a change must say who made it; empty where there is nobody else.
    [[nodiscard]] virtual QString node() const = 0;
    /// Whether somebody goes by the log while this process is away: then what was last in force still is at the next
    /// start.
    [[nodiscard]] virtual bool outlivesProcess() const = 0;
    /// Calls back when the change is stored and in force here, or with an error. A conflict is answered when what came
    /// between has been carried out, so that the change can be made anew at once. An error kUnavailable may be of a
    /// change that is carried out later; one kStoreFailed is of a change that is not.
    virtual void append(ControlChange change, Done done) = 0;
};

/// How often a change is made anew on what came between.
inline constexpr int kMaxControlAttempts = 20;

/// Whether a change is to be made anew: another one came first, and it was not always so.
[[nodiscard]] inline bool isToBeMadeAnew(const Result<ControlEntry> &appended, int attempt)
{
    return !appended && appended.error().field == controlerrors::kConflict && attempt < kMaxControlAttempts;
}
/// Whether an error is of a change that could not be made now, whatever it was.
[[nodiscard]] inline bool isUnavailable(const Error &error)
{
    return error.field == controlerrors::kUnavailable || error.field == controlerrors::kStoreFailed;
}
/// The error of an append for who asked for the change: one that conflicted for good was not possible now.
[[nodiscard]] inline Error changeError(const Error &error)
{
    return { error.message,
        error.field == controlerrors::kStoreFailed ? error.field : QString(controlerrors::kUnavailable) };
}

} // namespace gatehouse
