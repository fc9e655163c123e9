// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/application.h"

#include "server/admin/serverfacts.h"
#include "server/app/apiparts.h"
#include "server/app/shutdown.h"
#include "server/app/startup.h"
#include "server/app/upkeep.h"
#include "server/guard/drainedclients.h"
#include "server/notify/sqlitenotificationstore.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

/// Everything the server is made of, from the ground up, in the order of its making. Destroyed from the top down, but
/// for what ~Application() does first.
struct Application::Parts
{
    UtcTime startedAt{};
    std::unique_ptr<Listeners> listeners;
    std::unique_ptr<LoopCommons> commons;
    std::unique_ptr<Neighbours> neighbours;
    std::unique_ptr<StoreThread> store;
    std::unique_ptr<SqliteNotificationStore> ownNotifications; ///< not published to where all nodes have theirs
    std::unique_ptr<ControlPlane> control;
    std::unique_ptr<GuardParts> guards;
    std::unique_ptr<Records> records;
    LateRequestHandler requestHandler;
    MemoryState memory;
    std::unique_ptr<WorkerPool> workers;
    std::unique_ptr<MemoryGovernor> governor;
    std::unique_ptr<Publisher> publisher;
    std::unique_ptr<MonitoringParts> monitoring;
    std::unique_ptr<ApiParts> api;
    std::unique_ptr<Upkeep> upkeep;
    std::unique_ptr<Shutdown> shutdown; ///< null until the server ends
};

Result<std::unique_ptr<Application>> Application::start(
    const Settings &settings, InheritedSockets inherited, const Clock &clock, Log &log, const ReadingWatch &watch)
{
    std::unique_ptr<Application> application(new Application(settings, clock, log));
    if (const Status built = application->build(std::move(inherited), watch); !built)
        return built.error();
    application->serve();
    return application;
}

Application::Application(const Settings &settings, const Clock &clock, Log &log)
    : m_settings(settings)
    , m_clock(clock)
    , m_log(log)
    , m_parts(std::make_unique<Parts>())
{
    m_parts->startedAt = clock.utc();
}

Application::~Application()
{
    (void)finish(); // it is over either way
    // The store answers its last calls while the workers that wait for them still exist.
    m_parts->store.reset();
}

bool Application::finish()
{
    Parts &parts = *m_parts;
    const bool isFirstCall = !std::exchange(m_isFinishing, true);
    if (parts.workers)
        parts.workers->endSessions(); // who may still be there when the shutdown is cut short would go on writing
    if (parts.monitoring && isFirstCall)
        parts.monitoring->cycle.finish();
    if (parts.neighbours && isFirstCall)
        parts.neighbours->leave();
    parts.requestHandler.setTarget(nullptr);
    if (parts.guards)
        parts.guards->endSideVerification();
    return !parts.store || parts.store->finish();
}

Status Application::build(InheritedSockets inherited, const ReadingWatch &watch)
{
    Parts &parts = *m_parts;
    Result<std::unique_ptr<Listeners>> listeners = Listeners::open(m_settings, std::move(inherited));
    if (!listeners)
        return listeners.error();
    parts.listeners = std::move(listeners).value();
    parts.commons = std::make_unique<LoopCommons>(parts.listeners->descriptors());
    if (const Status opened = openState(watch); !opened)
        return opened;
    Result<std::unique_ptr<GuardParts>> guards = GuardParts::make(m_settings, m_clock, m_log);
    if (!guards)
        return guards.error();
    parts.guards = std::move(guards).value();
    parts.records = std::make_unique<Records>(m_settings, *parts.store, m_clock, m_log);
    startWorkers();
    parts.governor = std::make_unique<MemoryGovernor>(m_settings.memoryBudgetBytes,
        MemoryGovernor::World::of(*parts.workers, *parts.commons), parts.memory, m_clock, m_log);
    parts.publisher = std::make_unique<Publisher>(parts.neighbours->notifications(*parts.ownNotifications),
        parts.neighbours->bus(*parts.workers), parts.neighbours->clock());
    parts.monitoring = std::make_unique<MonitoringParts>(m_settings,
        MonitoringParts::Watched{ *parts.workers, *parts.publisher, parts.guards->addresses(),
            parts.guards->strangers(), *parts.store, *parts.control, *parts.neighbours, *parts.governor, *parts.commons,
            [guards = parts.guards.get()]() -> decltype(auto) { return guards->keys(); } },
        *parts.records, m_clock, m_log);
    parts.api = std::make_unique<ApiParts>(
        m_settings, parts.startedAt,
        ApiParts::Server{ *parts.guards, *parts.control, *parts.records, *parts.monitoring, *parts.workers,
            *parts.publisher, *parts.store, *parts.neighbours, *parts.governor },
        [this] { return readiness(); }, m_clock);
    parts.requestHandler.setTarget(&parts.api->api());
    wire();
    return ok();
}

Status Application::openState(const ReadingWatch &watch)
{
    Parts &parts = *m_parts;
    const NodeIdentity self = parts.listeners->identity(m_settings, parts.startedAt);
    parts.neighbours = Neighbours::make(m_settings, self, m_anchor, m_clock, m_log);
    Result<std::unique_ptr<StoreThread>> store = openStateFile(m_settings, watch, m_log);
    if (!store)
        return store.error();
    parts.store = std::move(store).value();
    parts.ownNotifications = std::make_unique<SqliteNotificationStore>(*parts.store, m_clock);
    Result<std::unique_ptr<ControlPlane>> control = ControlPlane::open(m_settings,
        parts.neighbours->controlLog(*parts.store), *parts.store, parts.neighbours->clock(), m_log, m_anchor);
    if (!control)
        return control.error();
    parts.control = std::move(control).value();
    return ok();
}

void Application::startWorkers()
{
    Parts &parts = *m_parts;
    ChannelEnvironment channel;
    channel.guards.isDraining = &m_isDraining;
    channel.guards.memory = &parts.memory;
    parts.guards->addTo(channel, *parts.neighbours);
    channel.store = &parts.neighbours->notifications(*parts.ownNotifications);
    channel.decisions = &parts.records->decisions;
    channel.consoleHello = [this](const Identity &identity) {
        const ServerFacts server{ .startedAt = m_parts->startedAt,
            .isGuarding = m_parts->control->isGuarding(),
            .workers = m_settings.workers,
            .timeZone = QString::fromLatin1(m_settings.timeZone),
            .unforwarded = m_parts->commons->unforwarded.seen() };
        return LiveFeed::hello(server.toldTo(identity));
    };
    channel.announceRead = [this](const QString &user, const QByteArray &message, const QString &except) {
        m_parts->workers->announceRead(user, message, except);
        m_parts->neighbours->announceRead(user, message);
    };
    const ConnectionLoopEnvironment worker{ &m_clock, &parts.requestHandler, &m_anchor, &m_settings.trustedProxies,
        &parts.memory, parts.commons.get(), &m_log,
        m_settings.usesProxyProtocol ? std::vector{ ListenScope::Everything, ListenScope::ChannelOnly }
                                     : std::vector<ListenScope>(),
        m_settings.ipv6PrefixBits };
    parts.workers
        = std::make_unique<WorkerPool>(m_settings.workers, worker, channel, parts.control->limits().snapshot());
}

/// Lets what is changed live, and what only passes with time, take effect.
void Application::wire()
{
    Parts &parts = *m_parts;
    parts.control->access().setTimeKnown([neighbours = parts.neighbours.get()] { return neighbours->isTimeKnown(); });
    parts.control->takeEffectOn(*parts.workers, parts.guards->adminAuth());
    parts.upkeep = std::make_unique<Upkeep>(Upkeep::Of{ *parts.store, *parts.ownNotifications, *parts.control,
                                                *parts.guards, parts.monitoring->aggregator, parts.api->api() },
        std::chrono::days(m_settings.metricsRetentionDays), m_clock, m_log);
}

void Application::serve()
{
    Parts &parts = *m_parts;
    parts.guards->spareWhoWasDrained(*parts.store);
    parts.listeners->serve(*parts.workers);
    parts.neighbours->join({ *parts.publisher, parts.api->api(), parts.records->decisions, parts.monitoring->feed });
    parts.governor->start();
    parts.monitoring->cycle.start();
    parts.upkeep->start();
    logStart(m_settings, *parts.listeners, parts.control->limits(), m_log);
}

void Application::reloadKeys(const Result<JwtRules> &rules)
{
    if (m_parts->guards->reloadKeys(rules))
        m_parts->workers->applyAdminUsers(rules->adminUsers);
}

Readiness Application::readiness() const
{
    if (m_isDraining)
        return { false, u"draining"_s };
    if (m_parts->neighbours->isJoining())
        return { false, u"joining the cluster"_s };
    const StoreCondition condition = m_parts->store->condition();
    if (!condition.canStore())
        return { false, condition.detail };
    // Unguarded, who is banned would be let in.
    return { !condition.isUnguarded(), condition.summary(), condition.summary() };
}

QString Application::url() const
{
    return m_parts->listeners->url();
}

void Application::whenJoined(std::function<void()> joined)
{
    m_parts->neighbours->whenJoined(std::move(joined));
}

void Application::askWorkers(std::function<void()> answered)
{
    m_parts->workers->ping(std::move(answered));
}

void Application::stop()
{
    Parts &parts = *m_parts;
    if (parts.shutdown) {
        parts.shutdown->cutShort();
        return;
    }
    m_isDraining = true;
    parts.commons->isEnding = true;
    m_log.log(LogLevel::Info, "stopping"_L1,
        { { "clients"_L1, parts.workers->activeConnections() },
            { "drain_seconds"_L1, qint64(m_settings.drainWindow.count()) } });
    parts.shutdown = std::make_unique<Shutdown>(
        *parts.workers, m_settings.drainWindow, [this](ClientCounts counts) { spareNextTime(std::move(counts)); },
        [this] { m_parts->listeners->close(*m_parts->workers); });
    connect(parts.shutdown.get(), &Shutdown::finished, this, &Application::stopped);
    parts.shutdown->begin();
}

void Application::spareNextTime(ClientCounts counts)
{
    counts = m_parts->guards->toSpareNextTime(std::move(counts));
    // Not here and there: whom every node spares, the next start of this one need not.
    m_parts->neighbours->grant(counts, [this] { drainedclients::save(*m_parts->store, {}, m_clock.utc()); });
    drainedclients::save(*m_parts->store, std::move(counts), m_clock.utc());
}

} // namespace gatehouse
