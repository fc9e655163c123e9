// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QJsonObject>

#include "shared/metrics/metricsframe.h"
#include "shared/protocol/limitsdocument.h"
#include "shared/protocol/reason.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// One refusal (or what `observe` would have refused), as the refusal explorer shows it.
struct Decision
{
    QString id; ///< ULID; the `instance` of the problem that the client got
    UtcTime at{};
    Reason reason = Reason::OriginNotAllowed;
    QString address; ///< the address bucket
    QString user;    ///< empty before authentication
    QString origin;
    QString tokenFingerprint; ///< a few characters of a hash; never the token
    std::optional<qint64> limit;
    std::optional<qint64> observed;
    std::optional<qint64> retryAfterSeconds;
    bool isEnforced = true; ///< false: recorded by a limit in observe mode
    QString detail;         ///< what is wrong, in one sentence; empty where reason, limit and observed say it
    QString node;           ///< of a cluster, where several answer; else empty

    /// Whether it has this text in address, user, Origin, token, detail or id, whatever the case of ASCII letters: what
    /// `filter` means to the server.
    [[nodiscard]] bool mentions(QStringView text) const;
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static std::optional<Decision> fromJson(const QJsonObject &object);
};

/// One open connection, as the connections table shows it.
struct ConnectionInfo
{
    QString id; ///< one of its own in the whole cluster
    QString user;
    QString address;
    QString origin;
    QString userAgent;
    UtcTime connectedAt{};
    qint64 messagesIn = 0;
    qint64 messagesOut = 0;
    qint64 messagesLastMinute = 0; ///< what the message limit counts
    qint64 queuedBytes = 0;
    int worker = 0;
    QString node; ///< of a cluster, where several answer; else empty

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static ConnectionInfo fromJson(const QJsonObject &object);
};

/// When an alert is raised and cleared.
struct AlertRule
{
    QString key; ///< of a row of alertRuleDescriptors()
    QString title;
    QString metric; ///< what is compared; its meaning is in `help`
    QString help;
    double raiseAbove = 0;
    double clearBelow = 0;          ///< not above raiseAbove: the hysteresis
    std::chrono::seconds holdFor{}; ///< how long the value must stay beyond a threshold
    bool isEnabled = true;

    [[nodiscard]] QJsonObject toJson() const;
    /// Checks types and that clearBelow <= raiseAbove, but not the bounds of the table: earlier versions had none.
    [[nodiscard]] static Result<AlertRule> fromJson(const QJsonObject &object);
    /// Each number that is out of the bounds that the table sets.
    [[nodiscard]] std::vector<Error> outOfBounds() const;
    /// The rule with every number within them.
    [[nodiscard]] AlertRule clamped() const;
};

/// One alert that was raised.
struct Alert
{
    QString id; ///< ULID
    QString rule;
    QString title;
    double value = 0; ///< when it was raised
    double threshold = 0;
    UtcTime raisedAt{};
    std::optional<UtcTime> clearedAt; ///< nullopt while it is active
    std::optional<UtcTime> acknowledgedAt;
    QString acknowledgedBy;
    QString node;   ///< which node of a cluster raised it; empty without one
    QString detail; ///< what is wrong, in one sentence, where the value does not say it; else empty

    [[nodiscard]] bool isActive() const { return !clearedAt; }
    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static std::optional<Alert> fromJson(const QJsonObject &object);
    friend bool operator==(const Alert &, const Alert &) = default;
};

/// Pages that came through a trusted proxy which did not say whose they are.
struct NotForwarded
{
    qint64 count = 0; ///< since the start of the server that answers
    QString proxy;    ///< of the last one: its address, or "unix"
    QString header;   ///< its X-Forwarded-For: "missing" or "unusable"
    UtcTime lastAt{};

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static std::optional<NotForwarded> fromJson(const QJsonObject &object);
};

/// What a console has to know of the server itself.
struct ServerInfo
{
    QString version;
    UtcTime startedAt{};
    bool isGuarding = true; ///< rate limits and monitoring are on: the rollback switch
    int workers = 1;
    QString role; ///< of the token that asked
    QString user;
    QString timeZone{};                         ///< where "today" begins
    std::optional<NotForwarded> notForwarded{}; ///< nullopt: there were none

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static ServerInfo fromJson(const QJsonObject &object);
};

/// The answer of GET overview: everything for a console's first paint.
struct Overview
{
    ServerInfo server;
    DailyTotals totals;
    MetricsFrame now;
    LimitsDocument limits;
    std::vector<Alert> alerts;  ///< active ones
    qint64 peakConnections = 0; ///< since midnight
    qint64 refusalsPerMinute = 0;
    qint64 addressesNearLimit = 0; ///< with 80 % or more of their open connections used

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<Overview> fromJson(const QJsonObject &object);
};

} // namespace gatehouse
