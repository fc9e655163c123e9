// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/clusteradmission.h"

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

void say(Log &log, const PeerAdmissionState &state)
{
    if (state.isReachable)
        log.log(LogLevel::Info, "limits_shared"_L1, { { "nodes"_L1, state.nodes } });
    else
        log.log(LogLevel::Warning, "limits_alone"_L1, { { "nodes"_L1, state.nodes }, { "detail"_L1, state.reason } });
}

} // namespace

ClusterAdmission::ClusterAdmission(const NodeIdentity &node, const AdmissionTerms &terms, RedisLink &link,
    EventThread &thread, const Clock &clock, Log &log)
    : m_limits(node, terms, link, clock, [&log](const PeerAdmissionState &state) { say(log, state); })
    , m_tickets(link, terms.timeout)
{
    m_limits.moveToThread(link.thread());
    m_tickets.moveToThread(link.thread());
    thread.add(std::make_unique<Halt>(m_limits));
    QObject::connect(&link, &RedisLink::up, &m_limits, [this](const RedisServer &server) {
        m_tickets.linkUp(server.runId);
        m_limits.linkUp();
    });
    QObject::connect(&link, &RedisLink::down, &m_limits, [this](const QString &reason) { m_limits.linkDown(reason); });
}

ClusterAdmission::~ClusterAdmission() = default;

} // namespace gatehouse
