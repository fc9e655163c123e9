// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/adminmessages.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QJsonArray>

#include "shared/alerts/alertruledescriptor.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QJsonValue toJsonValue(const std::optional<qint64> &value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

QJsonValue toJsonValue(const std::optional<UtcTime> &time)
{
    return time ? QJsonValue(isoMillis(*time)) : QJsonValue();
}

std::optional<qint64> integerFrom(const QJsonObject &object, QLatin1StringView name)
{
    const QJsonValue value = object.value(name);
    return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
}

std::optional<UtcTime> timeFrom(const QJsonObject &object, QLatin1StringView name)
{
    return parseIso(object.value(name).toString());
}

/// A number of an alert rule, with its name on the wire.
struct AlertNumber
{
    QLatin1StringView name;
    double number;
    AlertBounds bounds;

    [[nodiscard]] Error outOfBounds() const
    {
        const auto text = [](double value) { return QString::number(value, 'g', 10); };
        return { u"%1 must be a number from %2 to %3"_s.arg(name, text(bounds.minimum), text(bounds.maximum)), name };
    }
};

std::array<AlertNumber, 3> alertNumbers(const QString &key, double raiseAbove, double clearBelow, double holdSeconds)
{
    const AlertRuleBounds bounds = alertRuleBounds(key);
    return { { { "raise_above"_L1, raiseAbove, bounds.threshold }, { "clear_below"_L1, clearBelow, bounds.threshold },
        { "for_seconds"_L1, holdSeconds, bounds.holdSeconds } } };
}

double numberFrom(const QJsonObject &object, QLatin1StringView name)
{
    return object.value(name).toDouble(-1);
}

} // namespace

bool Decision::mentions(QStringView text) const
{
    const auto isSame = [](QChar one, QChar other) {
        return one == other || (one.unicode() < 128 && other.unicode() < 128 && one.toLower() == other.toLower());
    };
    const auto has = [&](const QString &where) {
        return std::search(where.begin(), where.end(), text.begin(), text.end(), isSame) != where.end();
    };
    return text.isEmpty() || has(address) || has(user) || has(origin) || has(tokenFingerprint) || has(detail)
        || has(id);
}

QJsonObject Decision::toJson() const
{
    const ReasonDescriptor &descriptor = reasonDescriptor(reason);
    QJsonObject object{
        { "id"_L1, id },
        { "at"_L1, isoMillis(at) },
        { "guard"_L1, descriptor.guard },
        { "reason"_L1, descriptor.code },
        { "address"_L1, address },
        { "user"_L1, user },
        { "origin"_L1, origin },
        { "token"_L1, tokenFingerprint },
        { "limit"_L1, toJsonValue(limit) },
        { "observed"_L1, toJsonValue(observed) },
        { "retry_after"_L1, toJsonValue(retryAfterSeconds) },
        { "action"_L1, isEnforced ? "refused"_L1 : "observed"_L1 },
        { "detail"_L1, detail },
    };
    if (!node.isEmpty())
        object.insert("node"_L1, node);
    return object;
}

std::optional<Decision> Decision::fromJson(const QJsonObject &object)
{
    const std::optional<UtcTime> at = timeFrom(object, "at"_L1);
    const std::optional<Reason> reason
        = parseReason(object.value("reason"_L1).toString(), object.value("guard"_L1).toString());
    if (!at || !reason)
        return std::nullopt;
    Decision decision;
    decision.id = object.value("id"_L1).toString();
    decision.at = *at;
    decision.reason = *reason;
    decision.address = object.value("address"_L1).toString();
    decision.user = object.value("user"_L1).toString();
    decision.origin = object.value("origin"_L1).toString();
    decision.tokenFingerprint = object.value("token"_L1).toString();
    decision.limit = integerFrom(object, "limit"_L1);
    decision.observed = integerFrom(object, "observed"_L1);
    decision.retryAfterSeconds = integerFrom(object, "retry_after"_L1);
    decision.isEnforced = object.value("action"_L1).toString() != "observed"_L1;
    decision.detail = object.value("detail"_L1).toString(); // earlier versions have none
    decision.node = object.value("node"_L1).toString();
    return decision;
}

QJsonObject ConnectionInfo::toJson() const
{
    QJsonObject object{
        { "id"_L1, id },
        { "user"_L1, user },
        { "address"_L1, address },
        { "origin"_L1, origin },
        { "user_agent"_L1, userAgent },
        { "connected_at"_L1, isoMillis(connectedAt) },
        { "messages_in"_L1, messagesIn },
        { "messages_out"_L1, messagesOut },
        { "messages_last_minute"_L1, messagesLastMinute },
        { "queued_bytes"_L1, queuedBytes },
        { "worker"_L1, worker },
    };
    if (!node.isEmpty())
        object.insert("node"_L1, node);
    return object;
}

ConnectionInfo ConnectionInfo::fromJson(const QJsonObject &object)
{
    ConnectionInfo info;
    info.id = object.value("id"_L1).toString();
    info.user = object.value("user"_L1).toString();
    info.address = object.value("address"_L1).toString();
    info.origin = object.value("origin"_L1).toString();
    info.userAgent = object.value("user_agent"_L1).toString();
    info.connectedAt = timeFrom(object, "connected_at"_L1).value_or(UtcTime{});
    info.messagesIn = object.value("messages_in"_L1).toInteger();
    info.messagesOut = object.value("messages_out"_L1).toInteger();
    info.messagesLastMinute = object.value("messages_last_minute"_L1).toInteger();
    info.queuedBytes = object.value("queued_bytes"_L1).toInteger();
    info.worker = object.value("worker"_L1).toInt();
    info.node = object.value("node"_L1).toString();
    return info;
}

QJsonObject AlertRule::toJson() const
{
    return {
        { "key"_L1, key },
        { "title"_L1, title },
        { "metric"_L1, metric },
        { "help"_L1, help },
        { "severity"_L1, alertSeverityName(alertSeverity(key)) },
        { "raise_above"_L1, raiseAbove },
        { "clear_below"_L1, clearBelow },
        { "for_seconds"_L1, qint64(holdFor.count()) },
        { "enabled"_L1, isEnabled },
    };
}

Result<AlertRule> AlertRule::fromJson(const QJsonObject &object)
{
    AlertRule rule;
    rule.key = object.value("key"_L1).toString();
    if (rule.key.isEmpty())
        return Error{ u"key must be the name of a rule"_s, u"key"_s };
    rule.title = object.value("title"_L1).toString();
    rule.metric = object.value("metric"_L1).toString();
    rule.help = object.value("help"_L1).toString();
    rule.raiseAbove = numberFrom(object, "raise_above"_L1);
    rule.clearBelow = numberFrom(object, "clear_below"_L1);
    const double holdSeconds = numberFrom(object, "for_seconds"_L1);
    for (const AlertNumber &number : alertNumbers(rule.key, rule.raiseAbove, rule.clearBelow, holdSeconds)) {
        if (!AlertBounds().contain(number.number))
            return number.outOfBounds();
    }
    if (holdSeconds != std::floor(holdSeconds))
        return Error{ u"for_seconds must be a whole number"_s, u"for_seconds"_s };
    rule.holdFor = std::chrono::seconds(qint64(holdSeconds));
    if (rule.clearBelow > rule.raiseAbove)
        return Error{ u"clear_below must not be above raise_above"_s, u"clear_below"_s };
    if (!object.value("enabled"_L1).isUndefined() && !object.value("enabled"_L1).isBool())
        return Error{ u"enabled must be true or false"_s, u"enabled"_s };
    rule.isEnabled = object.value("enabled"_L1).toBool(true);
    return rule;
}

std::vector<Error> AlertRule::outOfBounds() const
{
    std::vector<Error> errors;
    for (const AlertNumber &number : alertNumbers(key, raiseAbove, clearBelow, double(holdFor.count()))) {
        if (!number.bounds.contain(number.number))
            errors.push_back(number.outOfBounds());
    }
    return errors;
}

AlertRule AlertRule::clamped() const
{
    const auto clamp = [](double number, const AlertBounds &to) { return std::clamp(number, to.minimum, to.maximum); };
    const AlertRuleBounds bounds = alertRuleBounds(key);
    AlertRule rule = *this;
    rule.raiseAbove = clamp(raiseAbove, bounds.threshold);
    rule.clearBelow = clamp(clearBelow, bounds.threshold);
    rule.holdFor = std::chrono::seconds(qint64(clamp(double(holdFor.count()), bounds.holdSeconds)));
    return rule;
}

QJsonObject Alert::toJson() const
{
    QJsonObject object{
        { "id"_L1, id },
        { "rule"_L1, rule },
        { "title"_L1, title },
        { "severity"_L1, alertSeverityName(alertSeverity(rule)) },
        { "state"_L1, isActive() ? "raised"_L1 : "cleared"_L1 },
        { "value"_L1, value },
        { "threshold"_L1, threshold },
        { "raised_at"_L1, isoMillis(raisedAt) },
        { "cleared_at"_L1, toJsonValue(clearedAt) },
        { "acknowledged_at"_L1, toJsonValue(acknowledgedAt) },
        { "acknowledged_by"_L1, acknowledgedBy },
    };
    if (!node.isEmpty())
        object.insert("node"_L1, node);
    if (!detail.isEmpty())
        object.insert("detail"_L1, detail);
    return object;
}

std::optional<Alert> Alert::fromJson(const QJsonObject &object)
{
    const std::optional<UtcTime> raisedAt = timeFrom(object, "raised_at"_L1);
    if (!raisedAt || object.value("id"_L1).toString().isEmpty())
        return std::nullopt;
    Alert alert;
    alert.id = object.value("id"_L1).toString();
    alert.rule = object.value("rule"_L1).toString();
    alert.title = object.value("title"_L1).toString();
    alert.value = object.value("value"_L1).toDouble();
    alert.threshold = object.value("threshold"_L1).toDouble();
    alert.raisedAt = *raisedAt;
    alert.clearedAt = timeFrom(object, "cleared_at"_L1);
    alert.acknowledgedAt = timeFrom(object, "acknowledged_at"_L1);
    alert.acknowledgedBy = object.value("acknowledged_by"_L1).toString();
    alert.node = object.value("node"_L1).toString();
    alert.detail = object.value("detail"_L1).toString();
    return alert;
}

QJsonObject NotForwarded::toJson() const
{
    return {
        { "count"_L1, count },
        { "proxy"_L1, proxy },
        { "header"_L1, header },
        { "last_at"_L1, isoMillis(lastAt) },
    };
}

std::optional<NotForwarded> NotForwarded::fromJson(const QJsonObject &object)
{
    if (object.isEmpty())
        return std::nullopt;
    return NotForwarded{ object.value("count"_L1).toInteger(), object.value("proxy"_L1).toString(),
        object.value("header"_L1).toString(), timeFrom(object, "last_at"_L1).value_or(UtcTime{}) };
}

QJsonObject ServerInfo::toJson() const
{
    QJsonObject object{
        { "version"_L1, version },
        { "started_at"_L1, isoMillis(startedAt) },
        { "guards_on"_L1, isGuarding },
        { "workers"_L1, workers },
        { "role"_L1, role },
        { "user"_L1, user },
        { "time_zone"_L1, timeZone },
    };
    if (notForwarded)
        object.insert("not_forwarded"_L1, notForwarded->toJson());
    return object;
}

ServerInfo ServerInfo::fromJson(const QJsonObject &object)
{
    ServerInfo info;
    info.version = object.value("version"_L1).toString();
    info.startedAt = timeFrom(object, "started_at"_L1).value_or(UtcTime{});
    info.isGuarding = object.value("guards_on"_L1).toBool(true);
    info.workers = object.value("workers"_L1).toInt(1);
    info.role = object.value("role"_L1).toString();
    info.user = object.value("user"_L1).toString();
    info.timeZone = object.value("time_zone"_L1).toString();
    info.notForwarded = NotForwarded::fromJson(object.value("not_forwarded"_L1).toObject());
    return info;
}

QJsonObject Overview::toJson() const
{
    QJsonArray alertArray;
    for (const Alert &alert : alerts)
        alertArray.append(alert.toJson());
    return {
        { "server"_L1, server.toJson() },
        { "totals"_L1, totals.toJson(now.time) },
        { "metadata"_L1, metricsMetadata() },
        { "now"_L1, now.toJson() },
        { "limits"_L1, limits.toJson() },
        { "alerts"_L1, alertArray },
        { "peak_connections"_L1, peakConnections },
        { "refusals_per_minute"_L1, refusalsPerMinute },
        { "addresses_near_limit"_L1, addressesNearLimit },
    };
}

Result<Overview> Overview::fromJson(const QJsonObject &object)
{
    Overview overview;
    overview.server = ServerInfo::fromJson(object.value("server"_L1).toObject());
    overview.totals = DailyTotals::fromJson(object.value("totals"_L1).toObject());
    const std::optional<MetricsFrame> now = MetricsFrame::fromJson(
        object.value("now"_L1).toObject(), metricsOrder(object.value("metadata"_L1).toArray()));
    if (!now)
        return Error{ u"the overview has no valid \"now\" frame"_s, u"now"_s };
    overview.now = *now;
    Result<LimitsDocument> limits = LimitsDocument::fromJson(object.value("limits"_L1).toObject());
    if (!limits)
        return limits.error();
    overview.limits = std::move(limits).value();
    for (const QJsonValue &entry : object.value("alerts"_L1).toArray()) {
        if (std::optional<Alert> alert = Alert::fromJson(entry.toObject()))
            overview.alerts.push_back(*std::move(alert));
    }
    overview.peakConnections = object.value("peak_connections"_L1).toInteger();
    overview.refusalsPerMinute = object.value("refusals_per_minute"_L1).toInteger();
    overview.addressesNearLimit = object.value("addresses_near_limit"_L1).toInteger();
    return overview;
}

} // namespace gatehouse
