// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/application.h"
#include "server/app/controlplane.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QRegularExpression>
#include <QtCore/QSysInfo>
#include <QtCore/QTimeZone>

#include "server/admin/adminauth.h"
#include "server/admin/livefeed.h"
#include "server/admin/monitoringcycle.h"
#include "server/app/heaptrimmer.h"
#include "server/app/shutdown.h"
#include "server/auth/jwtverifier.h"
#include "server/auth/reloadableverifier.h"
#include "server/channel/workerpool.h"
#include "server/cluster/clusternode.h"
#include "server/config/keysettings.h"
#include "server/config/statedirectory.h"
#include "server/guard/decisionarchive.h"
#include "server/guard/drainedaddresses.h"
#include "server/metrics/localmonitoring.h"
#include "server/net/descriptorlimit.h"
#include "server/notify/publisher.h"
#include "server/notify/sqlitenotificationstore.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::seconds kSweepInterval = 1s;
constexpr std::chrono::hours kPurgeInterval = 1h;
constexpr qint64 kOwnDescriptors
    = 64; // beside those of clients: state file, log, Redis, and what each worker waits with

/// What a node is called that was not given a name: after its host and port, so that two on one machine differ.
QString nodeName(const QString &configured, const QString &url)
{
    if (!configured.isEmpty())
        return configured;
    const QString place = url.startsWith("unix:"_L1) ? url.section(u'/', -1) : url.section(u':', -1);
    QString name = QSysInfo::machineHostName() + u':' + place;
    static const QRegularExpression kForeign(u"[^A-Za-z0-9._:-]"_s);
    return name.replace(kForeign, u"-"_s).left(64);
}

/// Lets the workers be made before the admin API, which needs them. Nothing listens until the target is set.
class LateRequestHandler final : public RequestHandler
{
public:
    void handle(const HttpRequest &request, Responder respond) override
    {
        m_target->handle(request, std::move(respond));
    }
    void setTarget(RequestHandler *target) { m_target = target; }

private:
    RequestHandler *m_target = nullptr;
};

} // namespace

/// Everything the server is made of, in the order of its making. Destroyed from the bottom up, but for what
/// ~Application() does first.
struct Application::Parts
{
    std::unique_ptr<ClusterNode> cluster;             ///< null without REDIS_URL
    std::unique_ptr<ClusterDelivery> clusterDelivery; ///< as the cluster; made later, but workers speak by it
    std::unique_ptr<ClusterMonitoring> clusterMonitoring;
    std::unique_ptr<StoreThread> store;
    std::unique_ptr<SqliteNotificationStore> ownNotifications; ///< not used in a cluster
    NotificationStore *notifications = nullptr;                ///< these, or the cluster's
    std::unique_ptr<ControlPlane> control;
    std::unique_ptr<DecisionArchive> decisionArchive;
    std::unique_ptr<DecisionLog> decisions;
    std::unique_ptr<MetricsArchive> metricsArchive;
    std::unique_ptr<History> history;
    std::unique_ptr<ReloadableVerifier> verifier;
    std::unique_ptr<AdminAuth> adminAuth;
    std::unique_ptr<OriginPolicy> originPolicy;
    std::unique_ptr<OriginPolicy> servedHosts; ///< null without SERVED_HOSTS
    AddressTable addresses;
    UserTable users;
    ReconnectGrants grants;
    std::unique_ptr<TicketBook> tickets;
    AddressRate previews{ ChannelRequests::kPreviewsPerMinute };
    LatencyHistogram publishTimes;
    LateRequestHandler requestHandler;
    std::unique_ptr<ListenSocket> listenSocket;
    std::unique_ptr<ListenSocket> adminSocket;
    std::unique_ptr<WorkerPool> workers;
    std::unique_ptr<Aggregator> aggregator;
    std::unique_ptr<LocalMonitoring> localMonitoring; ///< null in a cluster
    MonitoringView *monitoring = nullptr;             ///< the local one, or the cluster's
    std::unique_ptr<Publisher> publisher;
    std::unique_ptr<LiveFeed> feed;
    std::unique_ptr<MonitoringCycle> cycle;
    std::unique_ptr<AdminApi> api;
    std::unique_ptr<ClusterMembership> membership; ///< null without REDIS_URL
    HeapTrimmer heapTrimmer;
    QTimer sweep;
    QTimer purge;
    std::atomic<bool> isGuarding{ true };
    qint64 descriptors = 0; ///< how many the process may have
    UtcTime startedAt{};
    QString url;
    NodeIdentity identity;
    std::unique_ptr<Shutdown> shutdown; ///< null until the server ends
};

Result<std::unique_ptr<Application>> Application::start(
    const Settings &settings, InheritedSockets inherited, const Clock &clock, Log &log)
{
    std::unique_ptr<Application> application(new Application(settings, clock, log));
    application->m_parts->listenSocket = std::move(inherited.clients);
    application->m_parts->adminSocket = std::move(inherited.admin);
    Status status = application->openSockets();
    if (status)
        status = application->openState();
    if (status)
        status = application->build();
    if (!status)
        return status.error();
    application->listen();
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
    Parts &parts = *m_parts;
    if (parts.workers)
        parts.workers->stopListening();
    if (parts.cycle)
        parts.cycle->finish();
    if (parts.control)
        parts.control->stop();
    parts.membership.reset();
    // The store answers its last calls while the workers that wait for them still exist.
    parts.store.reset();
}

Status Application::openSockets()
{
    Parts &parts = *m_parts;
    parts.descriptors = raiseDescriptorLimit();
    const auto open
        = [](const ListenAddress &address, const QString &setting, std::unique_ptr<ListenSocket> &socket) -> Status {
        if (socket)
            return ok(); // inherited
        Result<std::unique_ptr<ListenSocket>> opened = ListenSocket::open(address, setting);
        if (!opened)
            return opened.error();
        socket = std::move(opened).value();
        return ok();
    };
    Status status = open(m_settings.listen, u"LISTEN"_s, parts.listenSocket);
    if (status && m_settings.adminListen)
        status = open(*m_settings.adminListen, u"ADMIN_LISTEN"_s, parts.adminSocket);
    if (!status)
        return status;
    parts.url = parts.listenSocket->url();
    parts.identity
        = { nodeName(m_settings.nodeName, parts.url), UlidGenerator::withSystemEntropy().next(parts.startedAt),
              QStringLiteral(GATEHOUSE_VERSION), parts.url, parts.startedAt };
    if (m_settings.redis)
        parts.cluster = std::make_unique<ClusterNode>(*m_settings.redis, parts.identity, m_anchor, m_clock, m_log);
    return ok();
}

Status Application::openState()
{
    Parts &parts = *m_parts;
    std::vector<StoreThread::Work> schemas = ControlPlane::schemas();
    schemas.insert(schemas.end(),
        { &SqliteNotificationStore::createTables, &DecisionArchive::createTables, &drainedaddresses::createTables,
            &MetricsArchive::createTables });
    Result<std::unique_ptr<StoreThread>> store = StoreThread::start(stateFilePath(m_settings.stateDir), schemas);
    if (!store)
        return store.error();
    parts.store = std::move(store).value();
    if (const QString setAside = parts.store->setAside(); !setAside.isEmpty())
        m_log.log(LogLevel::Error, "state_set_aside"_L1,
            { { "file"_L1, setAside }, { "detail"_L1, u"the state file was corrupt; a new one was begun"_s } });
    parts.ownNotifications = std::make_unique<SqliteNotificationStore>(*parts.store, m_clock);
    parts.notifications = parts.ownNotifications.get();
    if (parts.cluster)
        parts.notifications = &parts.cluster->notifications();
    Result<std::unique_ptr<ControlPlane>> control
        = ControlPlane::open(m_settings, parts.identity, *parts.store, m_clock, m_log, m_anchor);
    if (!control)
        return control.error();
    parts.control = std::move(control).value();
    return ok();
}

Status Application::build()
{
    Parts &parts = *m_parts;
    parts.isGuarding = parts.control->limits().snapshot()->isGuarding;
    Result<std::unique_ptr<JwtVerifier>> verifier = JwtVerifier::create(jwtRulesOf(m_settings));
    if (!verifier)
        return verifier.error();
    parts.verifier = std::make_unique<ReloadableVerifier>(std::move(verifier).value());
    parts.adminAuth = std::make_unique<AdminAuth>(*parts.verifier, m_clock);
    parts.originPolicy
        = std::make_unique<OriginPolicy>(m_settings.allowedHosts, m_settings.isDebug, m_settings.allowsMissingOrigin);
    if (!m_settings.servedHosts.isEmpty())
        parts.servedHosts = std::make_unique<OriginPolicy>(m_settings.servedHosts, false, false);
    parts.decisionArchive = std::make_unique<DecisionArchive>(*parts.store, m_settings.metricsRetentionDays);
    parts.decisions = std::make_unique<DecisionLog>(m_clock, m_log, *parts.decisionArchive);
    parts.metricsArchive = std::make_unique<MetricsArchive>(*parts.store, m_log, m_settings.metricsRetentionDays);
    parts.history = std::make_unique<History>();
    parts.metricsArchive->loadHistory(*parts.history);
    startWorkers();
    buildMonitoring();
    wireLimits();
    wireAccess();
    return ok();
}

void Application::startWorkers()
{
    Parts &parts = *m_parts;
    ChannelEnvironment channel;
    parts.tickets = std::make_unique<TicketBook>(m_clock);
    channel.guards = { &m_clock, parts.originPolicy.get(), parts.verifier.get(), &parts.addresses, &parts.users,
        &m_isDraining, parts.servedHosts.get(), &parts.grants, parts.tickets.get() };
    if (parts.cluster) {
        channel.guards.peers = &parts.cluster->limits();
        channel.guards.peerTickets = &parts.cluster->tickets();
        constexpr qsizetype kTagChars = 6; // of the run's random part
        channel.nodeTag = parts.identity.run.right(kTagChars).toLower();
        parts.addresses.setPeers(channel.guards.peers);
        parts.users.setPeers(channel.guards.peers);
    }
    channel.store = parts.notifications;
    channel.decisions = parts.decisions.get();
    channel.failures = &parts.adminAuth->failures();
    channel.previews = &parts.previews;
    channel.admitConsole = [this](const HttpRequest &request) -> std::variant<Identity, HttpResponse> {
        if (request.hasHeader("origin") && !isSameHost(request.header("origin"), request.header("host")))
            return HttpResponse::problem({ 403, u"origin_not_allowed"_s, u"Origin not allowed"_s,
                u"pages of other hosts may not use the API"_s });
        AdminAuth::Verdict verdict
            = m_parts->adminAuth->authenticate(request.bearerToken(), request.client, Role::Viewer);
        if (const Problem *problem = std::get_if<Problem>(&verdict))
            return HttpResponse::problem(*problem);
        return std::get<Identity>(std::move(verdict));
    };
    channel.consoleHello = [this](const Identity &identity) {
        const ServerInfo info{ QStringLiteral(GATEHOUSE_VERSION), m_parts->startedAt, m_parts->isGuarding.load(),
            m_settings.workers, roleName(identity.role), identity.user };
        return QJsonDocument(QJsonObject{ { "type"_L1, "hello"_L1 }, { "server"_L1, info.toJson() },
                                 { "metadata"_L1, metricsMetadata() } })
            .toJson(QJsonDocument::Compact);
    };
    channel.announceRead = [this](const QString &user, const QByteArray &message, const QString &except) {
        m_parts->workers->announceRead(user, message, except);
        if (m_parts->clusterDelivery)
            m_parts->clusterDelivery->announceRead(user, message);
    };
    const WorkerEnvironment worker{ &m_clock, &parts.requestHandler, &m_anchor, &m_settings.trustedProxies };
    parts.workers
        = std::make_unique<WorkerPool>(m_settings.workers, worker, channel, parts.control->limits().snapshot());
}

void Application::buildMonitoring()
{
    Parts &parts = *m_parts;
    const auto nearLimit = [this] {
        return m_parts->addresses.nearLimit(
            m_parts->control->limits().snapshot()->limits[LimitKey::MaxConnectionsPerIp].value);
    };
    buildPublisher();
    parts.aggregator = std::make_unique<Aggregator>(m_clock, QTimeZone(m_settings.timeZone),
        MetricSources{ parts.workers->counters(), [this] { return m_parts->addresses.size(); },
            [this] { return m_parts->publisher->published(); }, [this] { return m_parts->store->failures(); },
            nearLimit },
        parts.metricsArchive->loadNewestDay());
    parts.monitoring = &buildMonitoringView();
    parts.feed = std::make_unique<LiveFeed>(m_clock, *parts.monitoring, *parts.workers);
    parts.cycle = std::make_unique<MonitoringCycle>(m_clock, *parts.aggregator, *parts.history, *parts.metricsArchive,
        *parts.decisions, parts.control->alerts(), *parts.feed,
        MonitoringCycle::Watched{
            [this] { return m_parts->control->limits().snapshot()->limits[LimitKey::MaxConnections].value; },
            [this] { return m_parts->clusterMonitoring ? m_parts->clusterMonitoring->lostToAnnounce().size() : 0; } });
    if (parts.clusterMonitoring)
        connect(parts.cycle.get(), &MonitoringCycle::ticked, this, [this] { m_parts->clusterMonitoring->tick(); });
}

void Application::buildPublisher()
{
    Parts &parts = *m_parts;
    if (parts.cluster)
        parts.clusterDelivery = parts.cluster->deliver(*parts.workers);
    MessageBus &bus = parts.clusterDelivery ? parts.clusterDelivery->bus() : *parts.workers;
    parts.publisher = std::make_unique<Publisher>(*parts.notifications, bus, m_clock);
}

MonitoringView &Application::buildMonitoringView()
{
    Parts &parts = *m_parts;
    if (!parts.cluster) {
        NodeInfo self;
        self.name = parts.identity.name;
        self.run = parts.identity.run;
        self.version = parts.identity.version;
        self.url = parts.identity.url;
        self.startedAt = parts.startedAt;
        parts.localMonitoring = std::make_unique<LocalMonitoring>(*parts.aggregator, *parts.history, self);
        return *parts.localMonitoring;
    }
    parts.clusterMonitoring
        = parts.cluster->monitor(*parts.clusterDelivery, { *parts.aggregator, *parts.history, *parts.metricsArchive });
    return parts.clusterMonitoring->registry();
}

void Application::wireLimits()
{
    Parts &parts = *m_parts;
    parts.control->limits().setApplyToWorkers([this](LimitSnapshotPtr snapshot, std::function<void()> done) {
        m_parts->isGuarding = snapshot->isGuarding;
        m_parts->workers->applyLimits(std::move(snapshot), std::move(done));
    });
    connect(&parts.control->limits(), &LimitStore::limitsChanged, this, [this](const Revision &revision) {
        m_log.log(LogLevel::Info, "limits_changed"_L1,
            { { "revision"_L1, revision.revision }, { "by"_L1, revision.by }, { "source"_L1, revision.source } });
        m_parts->feed->sendLimits(m_parts->control->limits().document(), revision);
    });
    connect(&parts.control->limits(), &LimitStore::guardingChanged, this, [this](bool isGuarding) {
        m_log.log(LogLevel::Warning, "switch_changed"_L1, { { "guards_on"_L1, isGuarding } });
        m_parts->feed->sendSwitch(isGuarding);
    });
    connect(parts.decisions.get(), &DecisionLog::drained, parts.feed.get(), &LiveFeed::sendDecisions);
    connect(&parts.control->alerts(), &AlertService::alertChanged, parts.feed.get(), &LiveFeed::sendAlert);
    connect(&parts.sweep, &QTimer::timeout, this, [this] {
        m_parts->control->access().removeExpired();
        m_parts->addresses.sweep(m_clock.monotonic());
        m_parts->grants.expire(m_clock.monotonic());
        m_parts->heapTrimmer.observe(m_parts->aggregator->sums().activeConnections);
    });
    connect(&parts.purge, &QTimer::timeout, this, &Application::deleteOld);
}

void Application::wireAccess()
{
    m_parts->control->access().setApply([this](AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done) {
        m_parts->adminAuth->setAccess(rules);
        m_parts->workers->applyAccess(std::move(rules), std::move(added), std::move(done));
    });
    m_parts->adminAuth->setAccess(m_parts->control->access().rules());
    m_parts->workers->applyAccess(m_parts->control->access().rules(), nullptr, {}); // before anybody is listened to
}

void Application::deleteOld()
{
    const std::chrono::days retention(m_settings.metricsRetentionDays);
    m_parts->ownNotifications->purge();
    m_parts->control->deleteOld(m_clock.utc(), retention);
}

void Application::listen()
{
    Parts &parts = *m_parts;
    parts.api = std::make_unique<AdminApi>(AdminDependencies{
        .clock = m_clock,
        .auth = *parts.adminAuth,
        .aggregator = *parts.aggregator,
        .monitoring = *parts.monitoring,
        .metricsArchive = *parts.metricsArchive,
        .decisions = *parts.decisions,
        .alerts = parts.control->alerts(),
        .channels = *parts.workers,
        .limits = parts.control->limits(),
        .access = parts.control->access(),
        .audit = parts.control->audit(),
        .publish = [this](const QByteArray &body, const QByteArray &key, const Identity &who,
                       Responder done) { m_parts->publisher->publish(body, key, who.user, std::move(done)); },
        .readiness = [this] { return readiness(); },
        .peers = parts.clusterMonitoring ? &parts.clusterMonitoring->peers() : nullptr,
        .clusterStats
        = [this] { return m_parts->membership ? std::optional(m_parts->membership->stats()) : std::nullopt; },
        .forgetNode = parts.cluster ? ForgetNode([this](const QString &node, std::function<void(const Status &)> done) {
            m_parts->clusterMonitoring->forget(node, std::move(done));
        })
                                    : ForgetNode(),
        .publishTimes = parts.publishTimes,
        .fanoutTimes = parts.workers->fanoutTimes(),
        .storeWriteTimes = parts.store->writeTimes(),
        .startedAt = parts.startedAt,
        .workers = m_settings.workers,
        .hasPublicMetrics = m_settings.hasPublicMetrics,
    });
    parts.requestHandler.setTarget(parts.api.get());
    parts.grants.give(drainedaddresses::takeAll(*parts.store, m_clock.utc()), m_clock.monotonic());
    parts.workers->listen(*parts.listenSocket, parts.adminSocket ? ListenScope::ChannelOnly : ListenScope::Everything);
    if (parts.adminSocket)
        parts.workers->listen(*parts.adminSocket, ListenScope::AdminOnly);
    if (parts.cluster) {
        parts.control->join(parts.cluster->control());
        parts.membership = parts.cluster->join(*parts.clusterDelivery, *parts.clusterMonitoring,
            { *parts.publisher, *parts.api, *parts.decisions, *parts.feed });
    }
    parts.cycle->start();
    parts.sweep.start(kSweepInterval);
    parts.purge.start(kPurgeInterval);
    deleteOld();
    logStart();
}

void Application::reloadKeys(const Result<JwtRules> &rules)
{
    Result<std::unique_ptr<JwtVerifier>> verifier = rules ? JwtVerifier::create(*rules) : rules.error();
    if (!verifier) {
        m_log.log(LogLevel::Error, "keys_kept"_L1, { { "detail"_L1, verifier.error().message } });
        return;
    }
    m_parts->verifier->replace(std::move(verifier).value());
    QStringList ids;
    for (const JwtKey &key : rules->keys) {
        if (!key.id.isEmpty())
            ids.append(key.id);
    }
    m_log.log(LogLevel::Info, "keys_reloaded"_L1,
        { { "keys"_L1, qint64(rules->keys.size()) }, { "kids"_L1, ids.join(u',') } });
}

Readiness Application::readiness() const
{
    if (m_isDraining)
        return { false, u"draining"_s };
    if (!m_parts->store->isHealthy())
        return { false, u"the store cannot write"_s };
    return {};
}

void Application::logStart()
{
    const LimitSnapshotPtr snapshot = m_parts->control->limits().snapshot();
    const qint64 maxConnections = snapshot->limits[LimitKey::MaxConnections].value;
    if (m_parts->descriptors - kOwnDescriptors < maxConnections)
        m_log.log(LogLevel::Warning, "few_descriptors"_L1,
            { { "descriptors"_L1, m_parts->descriptors }, { "max_connections"_L1, maxConnections },
                { "detail"_L1,
                    u"whoever comes when all are used is closed at once: raise ulimit -n, or lower MAX_CONNECTIONS"_s } });
    if (!snapshot->isGuarding)
        m_log.log(LogLevel::Warning, "guards_off"_L1,
            { { "detail"_L1,
                u"rate limits and monitoring are off: USE_PRODUCTION_WEBSOCKET_MIDDLEWARE or DEBUG says so"_s } });
    m_log.log(LogLevel::Info, "started"_L1,
        { { "version"_L1, QStringLiteral(GATEHOUSE_VERSION) }, { "url"_L1, url() },
            { "admin_url"_L1, m_parts->adminSocket ? m_parts->adminSocket->url() : url() },
            { "workers"_L1, m_settings.workers }, { "state_dir"_L1, m_settings.stateDir },
            { "limits_revision"_L1, m_parts->control->limits().revision() } });
}

QString Application::url() const
{
    return m_parts->url;
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
    m_log.log(LogLevel::Info, "stopping"_L1,
        { { "clients"_L1, parts.workers->activeConnections() },
            { "drain_seconds"_L1, qint64(m_settings.drainWindow.count()) } });
    // The acceptors have descriptors of their own: only without this one too is a new client refused, instead of
    // waiting in vain.
    parts.workers->stopAcceptingClients();
    parts.listenSocket.reset();
    parts.shutdown = std::make_unique<Shutdown>(
        *parts.workers, m_settings.drainWindow, [this](AddressCounts counts) { spareNextTime(std::move(counts)); });
    connect(parts.shutdown.get(), &Shutdown::finished, this, &Application::stopped);
    parts.shutdown->begin();
}

void Application::spareNextTime(AddressCounts counts)
{
    // And those who have not come back since the last time.
    const AddressCounts left = m_parts->grants.left(m_clock.monotonic());
    counts.insert(counts.end(), left.begin(), left.end());
    if (m_parts->cluster)
        grantEverywhere(counts);
    drainedaddresses::save(*m_parts->store, std::move(counts), m_clock.utc());
}

void Application::grantEverywhere(const AddressCounts &counts)
{
    m_parts->cluster->limits().grant(counts, [this](bool isGranted) {
        if (!isGranted)
            return;
        // Not here and there: whom every node spares, the next start of this one need not.
        QMetaObject::invokeMethod(
            &m_anchor, [this] { drainedaddresses::save(*m_parts->store, {}, m_clock.utc()); }, Qt::QueuedConnection);
    });
}

} // namespace gatehouse
