// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/startup.h"

#include "server/config/statedirectory.h"
#include "server/guard/decisionarchive.h"
#include "server/guard/drainedclients.h"
#include "server/metrics/metricsarchive.h"
#include "server/net/descriptorlimit.h"
#include "server/notify/sqlitenotificationstore.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Result<std::unique_ptr<StoreThread>> openStateFile(const Settings &settings, const ReadingWatch &watch, Log &log)
{
    std::vector<StoreThread::Work> schemas = ControlPlane::schemas();
    schemas.insert(schemas.end(),
        { &SqliteNotificationStore::createTables, &DecisionArchive::createTables, &drainedclients::createTables,
            &MetricsArchive::createTables });
    DatabaseOptions options;
    options.watch = watch;
    options.keptTables = ControlPlane::guardTables();
    options.afterLoss = [](Database &database) {
        const Status status = ControlPlane::afterLoss(database);
        return status ? SqliteNotificationStore::afterLoss(database) : status;
    };
    Result<std::unique_ptr<StoreThread>> store
        = StoreThread::start(stateFilePath(settings.stateDir), schemas, std::move(options));
    if (!store)
        return store.error();
    if (const QString setAside = (*store)->setAside(); !setAside.isEmpty())
        log.log(LogLevel::Error, "state_set_aside"_L1,
            { { "file"_L1, setAside },
                { "detail"_L1, u"the state file was corrupt; what could be read of it is in a new one"_s } });
    return store;
}

void logStart(const Settings &settings, const Listeners &listeners, const LimitStore &limits, Log &log)
{
    const LimitSnapshotPtr snapshot = limits.snapshot();
    const qint64 maxConnections = snapshot->limits[LimitKey::MaxConnections].value;
    if (const std::optional<QString> few = fewDescriptors(listeners.descriptors(), maxConnections))
        log.log(LogLevel::Warning, "few_descriptors"_L1,
            { { "descriptors"_L1, listeners.descriptors() }, { "max_connections"_L1, maxConnections },
                { "detail"_L1, *few } });
    if (!snapshot->isGuarding)
        log.log(LogLevel::Warning, "guards_off"_L1,
            { { "detail"_L1,
                u"rate limits and monitoring are off: USE_PRODUCTION_WEBSOCKET_MIDDLEWARE or DEBUG says so"_s } });
    if (const std::optional<QString> advice = sharedAddressAdvice(snapshot->limits); advice && snapshot->isGuarding)
        log.log(LogLevel::Info, "shared_addresses"_L1, { { "detail"_L1, *advice } });
    log.log(LogLevel::Info, "started"_L1,
        { { "version"_L1, QStringLiteral(GATEHOUSE_VERSION) }, { "url"_L1, listeners.url() },
            { "admin_url"_L1, listeners.adminUrl() }, { "workers"_L1, settings.workers },
            { "state_dir"_L1, settings.stateDir }, { "limits_revision"_L1, limits.revision() } });
}

} // namespace gatehouse
