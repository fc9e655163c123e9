// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/sharedguards.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Among the objects of the guard thread: halts the limits when that ends.
class Halt final : public QObject
{
public:
    explicit Halt(ClusterLimits &limits)
        : m_limits(limits)
    {
    }
    ~Halt() override { m_limits.halt(); }
    Q_DISABLE_COPY_MOVE(Halt)

private:
    ClusterLimits &m_limits;
};

void say(Log &log, const SharingState &state)
{
    if (state.isShared)
        log.log(LogLevel::Info, "limits_shared"_L1, { { "nodes"_L1, state.nodes } });
    else
        log.log(LogLevel::Warning, "limits_alone"_L1, { { "nodes"_L1, state.nodes }, { "detail"_L1, state.reason } });
}

} // namespace

SharedGuards::SharedGuards(Cluster &cluster, const Clock &clock, Log &log)
    : m_limits(cluster.identity(), cluster.guardLink(), clock, [&log](const SharingState &state) { say(log, state); })
    , m_tickets(cluster.guardLink())
{
    RedisLink &link = cluster.guardLink();
    m_limits.moveToThread(link.thread());
    m_tickets.moveToThread(link.thread());
    cluster.guardThread().add(std::make_unique<Halt>(m_limits));
    QObject::connect(&link, &RedisLink::up, &m_limits, [this](const RedisServer &) { m_limits.linkUp(); });
    QObject::connect(&link, &RedisLink::down, &m_limits, [this](const QString &reason) { m_limits.linkDown(reason); });
    cluster.addFarewell([this](std::function<void()> done) { m_limits.resign(std::move(done)); });
}

SharedGuards::~SharedGuards() = default;

} // namespace gatehouse
