// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/apiparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// What comes while a node joins its cluster waits for that: it could not be stored before, and would be refused for
/// nothing but a restart.
PublishFunction publishWhenJoined(Publisher &publisher, Neighbours &neighbours)
{
    return [&publisher, &neighbours](
               const QByteArray &body, const QByteArray &key, const Identity &who, const Responder &done) {
        if (neighbours.isJoining())
            neighbours.whenJoined(
                [&publisher, body, key, user = who.user, done] { publisher.publish(body, key, user, done); });
        else
            publisher.publish(body, key, who.user, done);
    };
}

} // namespace

ApiParts::ApiParts(const Settings &settings, UtcTime startedAt, const Server &server,
    std::function<Readiness()> readiness, const Clock &clock)
    : m_api(dependencies(settings, startedAt, server, std::move(readiness), clock))
{
}

AdminDependencies ApiParts::dependencies(const Settings &settings, UtcTime startedAt, const Server &server,
    std::function<Readiness()> readiness, const Clock &clock)
{
    AdminDependencies admin{
        .clock = clock,
        .sharedClock = server.neighbours.clock(),
        .auth = server.guards.adminAuth(),
        .aggregator = server.monitoring.aggregator,
        .monitoring = server.monitoring.view,
        .metricsArchive = server.records.metricsArchive,
        .decisions = server.records.decisions,
        .alerts = server.control.alerts(),
        .channels = server.workers,
        .limits = server.control.limits(),
        .access = server.control.access(),
        .audit = server.control.audit(),
        .publish = publishWhenJoined(server.publisher, server.neighbours),
        .readiness = std::move(readiness),
        .clusterStats = [] { return std::nullopt; },
        .forgetNode = {},
        .publishTimes = m_publishTimes,
        .fanoutTimes = server.workers.fanoutTimes(),
        .storeWriteTimes = server.store.writeTimes(),
        .startedAt = startedAt,
        .workers = settings.workers,
        .timeZone = QString::fromLatin1(settings.timeZone),
        .hasPublicMetrics = settings.hasPublicMetrics,
        .memory = [memory = &server.memory] { return memory->stats(); },
    };
    server.neighbours.addTo(admin);
    return admin;
}

} // namespace gatehouse
