// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/upkeep.h"

#include "server/admin/adminapi.h"
#include "server/metrics/aggregator.h"
#include "server/notify/sqlitenotificationstore.h"

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::seconds kSweepInterval = 1s;
constexpr std::chrono::hours kPurgeInterval = 1h;

} // namespace

Upkeep::Upkeep(const Of &of, std::chrono::days retention, const Clock &clock, Log &log)
    : m_of(of)
    , m_retention(retention)
    , m_clock(clock)
    , m_storeReporter(log)
{
    m_storeReporter.observe(m_of.store.condition());
    connect(&m_sweep, &QTimer::timeout, this, &Upkeep::sweep);
    connect(&m_purge, &QTimer::timeout, this, &Upkeep::deleteOld);
}

void Upkeep::start()
{
    m_sweep.start(kSweepInterval);
    m_purge.start(kPurgeInterval);
    deleteOld();
}

void Upkeep::sweep()
{
    const StoreCondition condition = m_of.store.condition();
    m_storeReporter.observe(condition);
    m_of.api.setStoreHanging(condition.trouble == StoreCondition::Trouble::Hanging);
    m_of.control.access().upkeep();
    m_of.guards.sweep();
    m_heapTrimmer.observe(m_of.aggregator.sums().activeConnections);
}

void Upkeep::deleteOld()
{
    m_of.notifications.purge();
    m_of.control.deleteOld(m_clock.utc(), m_retention);
}

} // namespace gatehouse
