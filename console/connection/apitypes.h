// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QJsonObject>
#include <QtCore/QUrlQuery>

#include "shared/protocol/accessrule.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// One limit to change, by its name on the wire: the server may be of another version than the console's own table.
struct LimitPatch
{
    QString key;
    std::optional<qint64> value;
    std::optional<LimitMode> mode;
    friend bool operator==(const LimitPatch &, const LimitPatch &) = default;
};
/// The `limits` member of a PATCH.
[[nodiscard]] QJsonObject toJson(const std::vector<LimitPatch> &patches);

/// A page of GET limits/revisions, newest first.
struct RevisionPage
{
    std::vector<Revision> revisions;
    QString nextCursor; ///< empty on the last page
};

/// The rollback switch was thrown.
struct SwitchChange
{
    UtcTime at{};
    bool isGuarding = true;
    QString by; ///< empty if that is not known
    QString note;

    /// Of an entry of the audit; nullopt if it is of something else.
    [[nodiscard]] static std::optional<SwitchChange> fromJson(const QJsonObject &entry);
};

/// Which decisions to list. Empty members do not filter.
struct DecisionQuery
{
    QString guard;
    QString reason; ///< its code
    QString address;
    QString user;
    QString origin;
    QString filter; ///< free text
    std::optional<UtcTime> from;
    std::optional<UtcTime> to;
    QString cursor;
    int limit = 200; ///< 1 to 1000

    [[nodiscard]] QUrlQuery toQuery() const;
};

/// A page of GET decisions, newest first.
struct DecisionPage
{
    std::vector<Decision> decisions;
    QString nextCursor;   ///< empty on the last page
    qint64 total = 0;     ///< that match, on all pages
    qint64 notStored = 0; ///< of that time, counted and not kept: they may match or not
};

enum class OffenderKind : quint8
{
    Address,
    User,
    Origin,
    Reason,
};
[[nodiscard]] QLatin1StringView offenderKindName(OffenderKind kind);

/// How often one address, user, origin or reason was refused.
struct TopOffender
{
    QString value;
    qint64 count = 0;
    friend bool operator==(const TopOffender &, const TopOffender &) = default;
};

/// GET decisions/top.
struct TopOffenders
{
    std::vector<TopOffender> top; ///< most first
    qint64 total = 0;             ///< all refusals of that time, those that are of none of these too
    bool isSample = false;        ///< some could not be counted
};

/// Which connections to list, in which order. The server filters and sorts.
struct ConnectionQuery
{
    QString filter; ///< free text
    QString sort;   ///< a member of ConnectionInfo's JSON; empty for the server's order
    bool isDescending = false;
    QString cursor;
    int limit = 1000; ///< 1 to 1000

    [[nodiscard]] QUrlQuery toQuery() const;
};

struct ConnectionPage
{
    std::vector<ConnectionInfo> connections;
    qint64 total = 0;         ///< that match the filter
    QString nextCursor;       ///< empty on the last page
    QStringList missingNodes; ///< of a cluster: those that did not answer
};

/// Which bans or exemptions to list, newest first.
struct AccessQuery
{
    AccessList list = AccessList::Bans;
    QString filter; ///< free text
    QString cursor;
    int limit = 500; ///< 1 to 1000

    [[nodiscard]] QUrlQuery toQuery() const;
};

struct AccessRulePage
{
    std::vector<AccessRule> rules;
    qint64 total = 0;   ///< that match the filter
    QString nextCursor; ///< empty on the last page
};

/// A ban or an exemption to make. Times that begin now are left to the server's clock.
struct AccessDraft
{
    AccessList list = AccessList::Bans;
    AccessKind kind = AccessKind::Address;
    QString value;
    bool isOfTokensSoFar = false;          ///< with the kind User: every token issued until now, not the user
    std::optional<UtcTime> issuedBefore{}; ///< the same for a given moment, to make a lifted one again
    std::chrono::seconds lifetime{};       ///< 0: until it is lifted
    std::optional<qint64> limit{};         ///< of an exemption: a number of its own
    QString reason{};
    QString note{};
    bool isForced = false; ///< also if it is about who asks, or about the last administrator

    [[nodiscard]] QJsonObject toJson() const;
    friend bool operator==(const AccessDraft &, const AccessDraft &) = default;
};

/// One second of the live stream.
struct LiveSample
{
    MetricsFrame frame;
    DailyTotals totals;
    qint64 peakConnections = 0; ///< since midnight
    qint64 refusalsPerMinute = 0;
    qint64 addressesNearLimit = 0;
    qint64 lostFrames = 0; ///< that the server skipped before this one, because this console was slow
};

} // namespace gatehouse
