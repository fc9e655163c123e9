// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/monitoringcycle.h"

#include <algorithm>
#include <future>

#include "server/auth/tokensentence.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// What part of all connections one address has.
struct Share
{
    double percent = 0;
    QString address{};

    [[nodiscard]] QString sentence(bool hasTrustedProxies) const
    {
        if (address.isEmpty())
            return {};
        return u"%1 % of the connections come from %2: if a proxy is there, its clients look like one, and share one "
               "address's limits: name it in TRUSTED_PROXIES, which %3"_s.arg(QString::number(percent, 'f', 0), address,
                   hasTrustedProxies ? u"does not hold it"_s : u"is empty"_s);
    }
};

Share shareOf(const std::optional<AddressTable::Busiest> &busiest, double connections, int ipv6PrefixBits)
{
    if (!busiest)
        return {};
    return { std::min(100.0, 100.0 * double(busiest->open) / std::max(1.0, connections)),
        busiest->bucket.toAddress().bucketText(ipv6PrefixBits) };
}

/// Whether there is another one of its algorithm for when the certificate has ended.
bool isOutlived(const JwtKey &key, const std::vector<JwtKey> &keys)
{
    return std::any_of(keys.begin(), keys.end(), [&key](const JwtKey &other) {
        return other.algorithm == key.algorithm && (!other.validUntil || *other.validUntil > *key.validUntil);
    });
}

/// A sentence for each key whose certificate ends soon, with none to follow it.
QStringList expiring(const std::vector<JwtKey> &keys, UtcTime now)
{
    QStringList sentences;
    for (const JwtKey &key : keys) {
        if (!key.validUntil || now + kCertificateEndsSoon < *key.validUntil || isOutlived(key, keys))
            continue;
        sentences.append(
            u"the certificate%1 in JWT_KEYS_FILE ends at %2, no start or reload will take it after that, and no other "
            "key for %3 lasts longer: put the issuer's next one beside it"_s.arg(
                quotedName(key.id), isoMillis(*key.validUntil), jwtAlgorithm(key.algorithm).name));
    }
    return sentences;
}

} // namespace

MonitoringCycle::MonitoringCycle(const Clock &clock, Aggregator &aggregator, History &history, MetricsArchive &archive,
    DecisionLog &decisions, AlertService &alerts, LiveFeed &feed, Watched watched, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_aggregator(aggregator)
    , m_history(history)
    , m_archive(archive)
    , m_decisions(decisions)
    , m_alerts(alerts)
    , m_feed(feed)
    , m_watched(std::move(watched))
{
    connect(&m_decisions, &DecisionLog::drained, this, [this](const std::vector<Decision> &refused) {
        for (const Decision &decision : refused)
            m_refusedUsers.add(decision, m_clock.monotonic());
    });
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        tick();
        scheduleNext();
    });
}

void MonitoringCycle::start()
{
    rememberDays();
    m_archive.deleteOld(m_clock.utc());
    m_decisions.deleteOld();
    m_decisions.start();
    scheduleNext();
}

/// Before the first look at the alerts: what is raised by days would be cleared, and raised again, at each start.
void MonitoringCycle::rememberDays()
{
    auto days = std::make_shared<std::promise<std::vector<DayRecord>>>();
    m_archive.loadDays(UtcTime(), m_aggregator.today().begin, [days](Result<std::vector<DayRecord>> loaded) {
        days->set_value(loaded ? std::move(loaded).value() : std::vector<DayRecord>());
    });
    m_idleGuards.remember(days->get_future().get());
}

void MonitoringCycle::scheduleNext()
{
    // To the full second of the wall clock, so that the frames of several servers fall together. A timer that fires a
    // little early must not tick twice for one second.
    const std::chrono::milliseconds intoSecond = m_clock.utc().time_since_epoch() % 1s;
    const std::chrono::milliseconds wait = 1s - intoSecond;
    m_timer.start(wait < 100ms ? wait + 1s : wait);
}

void MonitoringCycle::tick()
{
    ++m_ticks;
    m_idleGuards.observe(m_aggregator.today()); // all of a day that ends with this tick
    m_history.add(m_aggregator.tick());
    Q_EMIT ticked();
    m_alerts.evaluate(alertInput());
    m_feed.sendMetrics();
    if (m_ticks % kSecondsPerSave == 0)
        m_archive.save(m_aggregator, m_history);
    if (m_ticks % kSecondsPerCleaning == 0) {
        m_archive.deleteOld(m_clock.utc());
        m_decisions.deleteOld();
    }
}

AlertInput MonitoringCycle::alertInput()
{
    const LastMinute minute = m_aggregator.lastMinute();
    const double connections = m_aggregator.frame()[Metric::ActiveConnections];
    const qint64 maximum = qMax<qint64>(1, m_watched.maxConnections());
    const StoreCondition store = m_watched.store ? m_watched.store() : StoreCondition();
    const RefusedUsers::Summary refused = m_refusedUsers.summary(m_clock.monotonic());
    const Share share = m_watched.busiest
        ? shareOf(m_watched.busiest(kSharedConnections), connections, m_watched.ipv6PrefixBits)
        : Share();
    const QStringList certificates = m_watched.keys ? expiring(m_watched.keys(), m_clock.utc()) : QStringList();
    const UtcTime now = m_clock.utc();
    const QStringList guardsOff = m_watched.guardsOff ? m_watched.guardsOff() : QStringList();
    return {
        .connectionsPercent = 100.0 * connections / double(maximum),
        .violationsPerMinute = double(minute.limitRefusals),
        .errorsPerMinute = double(minute.errors),
        .lostNodes = m_watched.lostNodes ? double(m_watched.lostNodes()) : 0.0,
        .memoryPercent = m_watched.memoryPercent ? m_watched.memoryPercent() : 0.0,
        .clockSkewSeconds = m_watched.clockError ? std::chrono::duration<double>(m_watched.clockError()).count() : 0.0,
        .stateProblems = double(store.problems()),
        .stateDetail = store.summary(),
        .closedForDescriptorsPerMinute = double(minute.closedForDescriptors),
        .usersRefused = refused.weight(),
        .usersRefusedDetail = refused.sentence,
        .largestSharePercent = share.percent,
        .largestShareDetail = share.sentence(m_watched.hasTrustedProxies),
        .guardsOff = double(guardsOff.size()),
        .guardsOffDetail = guardsOff.join(u"; "),
        .certificatesExpiring = double(certificates.size()),
        .certificatesDetail = certificates.join(u"; "),
        .daysWithoutRefusal = m_idleGuards.days(now),
        .daysWithoutRefusalDetail = m_idleGuards.sentence(now),
    };
}

void MonitoringCycle::finish()
{
    m_timer.stop();
    m_decisions.drain();
    m_archive.save(m_aggregator, m_history);
}

} // namespace gatehouse
