// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>

#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"
#include "server/alerts/alertcodec.h"
#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// A rule may come back as it was given out: what is the server's of it is passed over.
const KnownNames kRuleMembers{ "key"_L1, "title"_L1, "metric"_L1, "help"_L1, "severity"_L1, "raise_above"_L1,
    "clear_below"_L1, "for_seconds"_L1, "enabled"_L1 };

/// What another version may let somebody choose is not passed over in silence.
std::optional<Error> judgeSeverity(const QJsonObject &rule)
{
    const QLatin1StringView severity = alertSeverityName(alertSeverity(rule.value("key"_L1).toString()));
    const QJsonValue said = rule.value("severity"_L1);
    if (said.isUndefined() || said == severity)
        return std::nullopt;
    return Error{ u"the severity of this rule is %1, and cannot be changed"_s.arg(severity), u"severity"_s };
}

QJsonObject rulesObject(const AdminDependencies &parts)
{
    return alertcodec::rulesJson(parts.alerts.rules());
}

void listAlerts(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const QString active = textParameter(request.http, "active");
    if (!active.isEmpty() && active != "true"_L1 && active != "false"_L1) {
        respond(HttpResponse::badRequest({ u"active must be true or false"_s, u"active"_s }));
        return;
    }
    QJsonArray array;
    for (const Alert &alert : parts.alerts.alerts(active == "true"_L1))
        array.append(alert.toJson());
    respond(HttpResponse::json({ { "alerts"_L1, array } }));
}

HttpResponse alertFailure(const Error &error)
{
    if (isUnavailable(error))
        return changeUnavailable(error);
    return error.field == alerterrors::kNoSuchAlert ? notFound(error.message)
                                                    : unprocessable(u"invalid_rules"_s, { error });
}

void acknowledge(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const Result<QString> note = noteOf(request.http);
    if (!note) {
        respond(HttpResponse::badRequest(note.error()));
        return;
    }
    parts.alerts.acknowledge(request.parameters.value("id"_L1), request.actor(), *note, parts.sharedClock.utc(),
        [respond](const Result<Alert> &alert) {
            respond(alert ? HttpResponse::json(alert->toJson()) : alertFailure(alert.error()));
        });
}

void putRules(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const Result<QJsonObject> body = jsonBody(request.http);
    if (!body || !body->value("rules"_L1).isArray()) {
        respond(
            HttpResponse::badRequest(body ? Error{ u"rules must be a list of rules"_s, u"rules"_s } : body.error()));
        return;
    }
    const Result<QString> note = noteOf(*body);
    if (!note) {
        respond(HttpResponse::badRequest(note.error()));
        return;
    }
    std::vector<AlertRule> rules;
    std::vector<Error> errors;
    for (const QJsonValue &entry : body->value("rules"_L1).toArray()) {
        const QString key = entry.toObject().value("key"_L1).toString();
        std::optional<Error> wrong = judgeMembers(entry.toObject(), kRuleMembers);
        if (!wrong)
            wrong = judgeSeverity(entry.toObject());
        const Result<AlertRule> rule = wrong ? Result<AlertRule>(*wrong) : AlertRule::fromJson(entry.toObject());
        for (const Error &error : rule ? rule->outOfBounds() : std::vector{ rule.error() })
            errors.push_back({ error.message, key + u'.' + error.field });
        if (rule)
            rules.push_back(*rule);
    }
    if (!errors.empty()) {
        respond(unprocessable(u"invalid_rules"_s, errors));
        return;
    }
    parts.alerts.changeRules(
        rules, request.actor(), *note, parts.sharedClock.utc(), [&parts, respond](const Status &status) {
            respond(status ? HttpResponse::json(rulesObject(parts)) : alertFailure(status.error()));
        });
}

} // namespace

std::vector<Route> alertRoutes(const AdminDependencies &parts)
{
    return {
        { "GET", paths::kAlerts, Role::Viewer, { .query = { "active"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) { listAlerts(parts, request, respond); } },
        { "GET", paths::kAlertRules, Role::Viewer, {},
            [&parts](
                const AdminRequest &, const Responder &respond) { respond(HttpResponse::json(rulesObject(parts))); } },
        { "PUT", paths::kAlertRules, Role::Operator, { .members = { "rules"_L1, "note"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) { putRules(parts, request, respond); } },
        { "POST", paths::kAlertAck, Role::Operator, { .members = { "note"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) { acknowledge(parts, request, respond); } },
    };
}

std::vector<Route> auditRoutes(const AdminDependencies &parts)
{
    return {
        { "GET", paths::kAudit, Role::Viewer, { .query = { "action"_L1, "cursor"_L1, "limit"_L1 } },
            [&parts](const AdminRequest &request, const Responder &respond) {
                const Result<int> limit = numberParameter(request.http, "limit", 100, 1, 1000);
                if (!limit) {
                    respond(HttpResponse::badRequest(limit.error()));
                    return;
                }
                parts.audit.list(textParameter(request.http, "cursor"), textParameter(request.http, "action"), *limit,
                    [respond](const Result<AuditPage> &page) {
                        if (!page) {
                            respond(page.error().field == "cursor"_L1 ? HttpResponse::badRequest(page.error())
                                                                      : storeUnavailable(page.error()));
                            return;
                        }
                        QJsonArray array;
                        for (const AuditEntry &entry : page->entries)
                            array.append(entry.toJson());
                        respond(HttpResponse::json(
                            { { "entries"_L1, array }, { "next_cursor"_L1, cursorValue(page->nextCursor) } }));
                    });
            } },
    };
}

} // namespace gatehouse
