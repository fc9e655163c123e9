// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/monitoringparts.h"

#include <QtCore/QTimeZone>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

MetricSources sourcesOf(const MonitoringParts::Watched &watched, const Clock &clock)
{
    return { watched.workers.counters(),
        [addresses = &watched.addresses, strangers = &watched.strangers] {
            return addresses->size() + strangers->size();
        },
        [publisher = &watched.publisher] { return publisher->published(); },
        [store = &watched.store] { return store->failures(); },
        [addresses = &watched.addresses, limits = &watched.control.limits()] {
            return addresses->nearLimit(limits->snapshot()->limits[LimitKey::MaxConnectionsPerIp].value);
        },
        [memory = &watched.memory] { return memory->stats().usedBytes; },

        [commons = &watched.commons, &clock] { return commons->counts(clock.monotonic()); } };
}

/// What `gatehouse check` finds too: the switch, and the limits of the guide whose mode is off.
QStringList guardsOff(const LimitSnapshot &snapshot)
{
    if (!snapshot.isGuarding)
        return { u"rate limits and monitoring are off: by the switch of the console, by "
                 "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE=false, or by DEBUG=true without it"_s };
    QStringList off;
    for (const LimitKey key :
        { LimitKey::MaxConnectionsPerIp, LimitKey::MaxReconnectAttempts, LimitKey::MaxMessagesPerMinute }) {
        if (snapshot.limits[key].mode == LimitMode::Off)
            off.append(limitDescriptor(key).environmentName + u"_MODE is off"_s);
    }
    return off;
}

} // namespace

Records::Records(const Settings &settings, StoreThread &store, const Clock &clock, Log &log)
    : decisionArchive(store, settings.metricsRetentionDays)
    , decisions(clock, log, decisionArchive)
    , metricsArchive(store, log, settings.metricsRetentionDays)
{
    metricsArchive.loadHistory(history);
}

MonitoringParts::MonitoringParts(
    const Settings &settings, const Watched &watched, Records &records, const Clock &clock, Log &log)
    : aggregator(clock, QTimeZone(settings.timeZone), sourcesOf(watched, clock), records.metricsArchive.loadNewestDay())
    , view(watched.neighbours.monitoring(aggregator, records.history, records.metricsArchive))
    , feed(clock, view, watched.workers)
    , cycle(clock, aggregator, records.history, records.metricsArchive, records.decisions, watched.control.alerts(),
          feed,
          MonitoringCycle::Watched{
              .maxConnections
              = [limits
                    = &watched.control.limits()] { return limits->snapshot()->limits[LimitKey::MaxConnections].value; },
              .lostNodes = [neighbours = &watched.neighbours] { return neighbours->lost(); },
              .memoryPercent = [memory = &watched.memory] { return memory->stats().percent(); },
              .clockError = [neighbours = &watched.neighbours] { return neighbours->clockError(); },
              .store = [store = &watched.store] { return store->condition(); },
              .busiest = [addresses = &watched.addresses](qint64 atLeast) { return addresses->busiest(atLeast); },
              .ipv6PrefixBits = settings.ipv6PrefixBits,
              .hasTrustedProxies = !settings.trustedProxies.empty(),
              .guardsOff = [limits = &watched.control.limits()] { return guardsOff(*limits->snapshot()); },
              .keys = watched.keys,
          })
    , netReport(clock, log)
{
    ControlPlane &control = watched.control;
    QObject::connect(
        &cycle, &MonitoringCycle::ticked, &cycle, [neighbours = &watched.neighbours] { neighbours->tick(); });
    QObject::connect(&cycle, &MonitoringCycle::ticked, &cycle, [this] { netReport.observe(aggregator.net()); });
    QObject::connect(&records.decisions, &DecisionLog::drained, &feed, &LiveFeed::sendDecisions);
    QObject::connect(&control.alerts(), &AlertService::alertChanged, &feed, &LiveFeed::sendAlert);
    QObject::connect(
        &control.limits(), &LimitStore::limitsChanged, &feed, [this, &control, &log](const Revision &revision) {
            log.log(LogLevel::Info, "limits_changed"_L1,
                { { "revision"_L1, revision.revision }, { "by"_L1, revision.by }, { "source"_L1, revision.source } });
            feed.sendLimits(control.limits().document(), revision);
        });
    QObject::connect(&control.limits(), &LimitStore::guardingChanged, &feed, [this, &log](bool isGuarding) {
        log.log(LogLevel::Warning, "switch_changed"_L1, { { "guards_on"_L1, isGuarding } });
        feed.sendSwitch(isGuarding);
    });
}

} // namespace gatehouse
