// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTimeZone>

#include "server/admin/adminapi.h"
#include "server/admin/adminauth.h"
#include "server/control/controlreplica.h"
#include "server/control/localcontrollog.h"
#include "server/metrics/history.h"
#include "server/metrics/localmonitoring.h"
#include "tests/support/fakechannel.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"
#include "tests/support/storefixture.h"

namespace gatehouse {

/// Takes the name of a role for a token of it; "user" is somebody without any.
class RoleVerifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        if (token.isEmpty())
            return TokenRefusal{ Reason::TokenMissing, QStringLiteral("no token") };
        const std::optional<Role> role = parseRole(QString::fromUtf8(token));
        if (!role && token != "user")
            return TokenRefusal{ Reason::TokenInvalid, QStringLiteral("bad token") };
        const Role held = role.value_or(Role::None);
        return Identity{ QStringLiteral("someone"), held, held, {}, {}, QString::fromUtf8(token) };
    }
};

struct PublishCall
{
    QByteArray body;
    QByteArray idempotencyKey;
    Identity who;
};

/// The admin API over the real parts, with a fake channel, a fake clock and a state directory of its own. Lives on the
/// test's thread.
struct AdminFixture
{
    FakeClock clock;
    RecordingLog log;
    RoleVerifier verifier;
    FakeChannel channel;
    QObject anchor;
    StoreFixture state{ { &LimitStore::createTables, &AuditLog::createTables, &DecisionArchive::createTables,
        &MetricsArchive::createTables, &AlertService::createTables, &AccessStore::createTables,
        &controlplace::createTables } };
    LocalControlLog control{ state.store(), clock, anchor };
    AdminAuth auth{ verifier, clock };
    LimitStore limits{ state.store(), control, clock, anchor };
    AccessStore access{ state.store(), control, clock, log, anchor };
    AuditLog audit{ state.store(), control, anchor };
    DecisionArchive decisionArchive{ state.store(), 30 };
    DecisionLog decisions{ clock, log, decisionArchive };
    MetricsArchive metricsArchive{ state.store(), log, 30 };
    History history;
    AlertEngine alertEngine{ clock, UlidGenerator::systemEntropy() };
    AlertWebhook webhook{ QUrl(), log };
    AlertService alerts{ alertEngine, state.store(), control, log, webhook };
    WorkerCounters counters; ///< what "the worker" has counted
    NetCounts net;
    Aggregator aggregator{ clock, QTimeZone("UTC"),
        { .workers = { &counters },
            .addressesNearLimit = [this] { return addressesNearLimit; },
            .net = [this] { return net; } } };
    qint64 addressesNearLimit = 0;
    LocalMonitoring monitoring{ aggregator, history, self() };
    std::vector<PublishCall> published;
    std::function<void()> onPublish; ///< what happens between a publish request and its answer
    Readiness readiness;
    std::optional<ClusterStats> clusterStats;
    PeerNodes *peers = nullptr; ///< for makeApi()
    LatencyHistogram times;
    std::unique_ptr<AdminApi> api;

    static NodeInfo self()
    {
        NodeInfo info;
        info.name = QStringLiteral("one");
        return info;
    }

    AdminFixture()
    {
        const Status loaded = limits.load({ LimitSet(), {}, true });
        if (!loaded)
            qFatal("%s", qPrintable(loaded.error().message));
        if (const Status started = control.start(); !started)
            qFatal("%s", qPrintable(started.error().message));
        limits.setApplyToWorkers([](LimitSnapshotPtr, std::function<void()> done) { done(); });
        access.setApply([this](AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done) {
            auth.setAccess(rules);
            channel.applyAccess(std::move(rules), std::move(added), std::move(done));
        });
        makeApi(monitoring, {});
    }

    /// Makes the API anew, with another view of the nodes.
    void makeApi(MonitoringView &view, const ForgetNode &forgetNode)
    {
        api = std::make_unique<AdminApi>(AdminDependencies{ clock, clock, auth, aggregator, view, metricsArchive,
            decisions, alerts, channel, limits, access, audit,
            [this](const QByteArray &body, const QByteArray &key, const Identity &who, Responder done) {
                published.push_back({ body, key, who });
                if (onPublish)
                    onPublish();
                done(HttpResponse::json({}, 202));
            },
            [this] { return readiness; }, peers, [this] { return clusterStats; }, forgetNode, times, times, times });
    }

    HttpResponse ask(const QByteArray &method, const QByteArray &path, const QByteArray &token = "admin",
        const QByteArray &body = {}, std::vector<std::pair<QByteArray, QByteArray>> headers = {})
    {
        HttpRequest request;
        request.method = method;
        const qsizetype mark = path.indexOf('?');
        request.path = mark < 0 ? path : path.left(mark);
        if (mark >= 0)
            request.query = queryOf(path.mid(mark + 1));
        request.body = body;
        request.client = IpAddress::fromIpv4(0x0a000001);
        request.headers = std::move(headers);
        request.headers.emplace_back("host", "gatehouse.example");
        if (!token.isEmpty())
            request.headers.emplace_back("authorization", "Bearer " + token);
        return awaitCallback<HttpResponse>([&](auto done) { carryOut(api->judge(request), request, done); });
    }

    /// As the server does with a request whose body is there.
    static void carryOut(const RequestVerdict &verdict, const HttpRequest &request, const Responder &respond)
    {
        if (const HttpResponse *refusal = std::get_if<HttpResponse>(&verdict))
            respond(*refusal);
        else
            std::get<std::shared_ptr<AdmittedRequest>>(verdict)->carryOut(request, respond);
    }

    /// As the server reads a query.
    static std::vector<std::pair<QByteArray, QByteArray>> queryOf(const QByteArray &text)
    {
        std::vector<std::pair<QByteArray, QByteArray>> query;
        for (const QByteArray &item : text.split('&')) {
            const qsizetype equals = item.indexOf('=');
            query.emplace_back(item.left(equals), QByteArray::fromPercentEncoding(item.mid(equals + 1)));
        }
        return query;
    }

    /// A path that fits a pattern.
    static QByteArray pathOf(const Route &route)
    {
        QByteArray path(route.pattern.data(), route.pattern.size());
        return path.replace("{n}", "1").replace("{id}", "0-1").replace("{name}", "one").replace("{code}", "not_found");
    }
};

inline QString codeOf(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object().value(QLatin1StringView("code")).toString();
}

inline QJsonObject objectOf(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object();
}

/// The member that a problem names first.
inline QString fieldOf(const HttpResponse &response)
{
    return objectOf(response)
        .value(QLatin1StringView("errors"))
        .toArray()
        .at(0)
        .toObject()
        .value(QLatin1StringView("field"))
        .toString();
}

inline QByteArray headerOf(const HttpResponse &response, const QByteArray &name)
{
    for (const auto &[key, value] : response.headers) {
        if (key == name)
            return value;
    }
    return {};
}

} // namespace gatehouse
