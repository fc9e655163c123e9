// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/noderegistry.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// The state of several nodes: what they count now is of those that are up, what they counted today of all.
class Sum
{
public:
    Sum(const NodeReport &own, qint64 peak)
        : m_day(own.today.begin)
    {
        m_state.frame.time = own.frame.time;
        m_state.peakConnections = peak;
    }

    void add(const NodeReport &report, NodeState state)
    {
        if (report.today.begin == m_day) {
            for (size_t i = 0; i < kMetricCount; ++i)
                m_record.counts[i] += report.today.counts[i];
            m_record.closedMillis += report.today.closedMillis;
        }
        if (state != NodeState::Up)
            return;
        for (size_t i = 0; i < kMetricCount; ++i)
            m_state.frame.values[i] += report.frame.values[i];
        m_state.totals.activeConnections += report.activeConnections;
        m_state.minute.messages += report.minute.messages;
        m_state.minute.refusals += report.minute.refusals;
        m_state.minute.limitRefusals += report.minute.limitRefusals;
        m_state.minute.errors += report.minute.errors;
        m_state.addressesNearLimit += report.addressesNearLimit;
    }

    [[nodiscard]] MonitoringState state() const
    {
        MonitoringState result = m_state;
        result.totals.connectionsToday = m_record[Metric::Handshakes];
        result.totals.messagesSent = m_record[Metric::MessagesOut];
        result.totals.messagesReceived = m_record[Metric::MessagesIn];
        result.totals.averageDurationSeconds = m_record.averageDurationSeconds();
        result.totals.messagesPerMinute = result.minute.messages;
        return result;
    }

private:
    UtcTime m_day;
    DayRecord m_record;
    MonitoringState m_state;
};

} // namespace

NodeRegistry::NodeRegistry(const Clock &clock, const History &ownHistory, History &total,
    std::function<NodeReport()> self, ReadHistory readHistory)
    : m_clock(clock)
    , m_ownHistory(ownHistory)
    , m_total(total)
    , m_self(std::move(self))
    , m_readHistory(std::move(readHistory))
    , m_ownName(m_self().node.name)
{
}

NodeRegistry::~NodeRegistry() = default;

void NodeRegistry::tick()
{
    const UtcTime day = m_self().today.begin;
    if (m_peakDay != day) {
        m_peakDay = day;
        m_peak = 0;
    }
    for (const auto &[name, member] : m_members) {
        if (member.last.today.begin == day)
            m_peak = std::max(m_peak, member.last.clusterPeak);
    }
    const std::optional<MonitoringState> now = state({});
    m_peak = std::max(m_peak, now->totals.activeConnections);
    // Cut off, this node knows of itself alone: a gap says so, until what the others have kept of it is read.
    if (m_redis.isUp)
        m_total.add(now->frame);
}

void NodeRegistry::take(const NodeReport &report)
{
    store(report, m_clock.monotonic());
}

void NodeRegistry::takeKept(const std::vector<NodeReport> &reports)
{
    QStringList names;
    for (const NodeReport &report : reports) {
        const auto age = std::max<std::chrono::milliseconds>(m_clock.utc() - report.at, std::chrono::milliseconds(0));
        if (age > kForgottenAfter)
            continue;
        names.append(report.node.name);
        store(report, m_clock.monotonic() - age);
    }
    std::erase_if(m_members,
        [&](const auto &entry) { return !names.contains(entry.first) && stateOf(entry.second) != NodeState::Up; });
}

void NodeRegistry::store(const NodeReport &report, MonoTime heardAt)
{
    const QString &name = report.node.name;
    const auto known = m_members.find(name);
    if (name == m_ownName || (known == m_members.end() && m_members.size() >= kMaxNodes))
        return;
    // Of two that run under one name the later one counts. Once it is gone it does not: somebody may have set the
    // machine's clock back before the start of the next.
    const bool isKnownBetter = known != m_members.end()
        && (heardAt < known->second.heardAt
            || (report.node.startedAt < known->second.last.node.startedAt && stateOf(known->second) == NodeState::Up));
    if (!isKnownBetter)
        m_members[name] = { report, heardAt };
}

void NodeRegistry::forget(const QString &name)
{
    m_members.erase(name);
}

void NodeRegistry::setRedis(const RedisState &state)
{
    const bool isBack = state.isUp && !m_redis.isUp;
    m_redis = state;
    if (!isBack)
        return;
    // Nobody could be heard: each gets the time again that a report may take.
    for (auto &[name, member] : m_members) {
        if (!member.last.isLeaving && m_clock.monotonic() - member.heardAt < kForgottenAfter)
            member.heardAt = std::max(member.heardAt, m_clock.monotonic() - kLostAfter / 2);
    }
}

NodeState NodeRegistry::stateOf(const Member &member) const
{
    if (member.last.isLeaving)
        return NodeState::Left;
    if (!m_redis.isUp)
        return NodeState::Unknown;
    return m_clock.monotonic() - member.heardAt < kLostAfter ? NodeState::Up : NodeState::Lost;
}

QStringList NodeRegistry::lost() const
{
    QStringList names;
    for (const auto &[name, member] : m_members) {
        if (stateOf(member) == NodeState::Lost)
            names.append(name);
    }
    return names;
}

bool NodeRegistry::isSpeaker() const
{
    return std::none_of(m_members.begin(), m_members.end(),
        [this](const auto &entry) { return entry.first < m_ownName && stateOf(entry.second) == NodeState::Up; });
}

std::vector<std::pair<NodeReport, NodeState>> NodeRegistry::reports() const
{
    std::vector<std::pair<NodeReport, NodeState>> all{ { m_self(), NodeState::Up } };
    for (const auto &[name, member] : m_members)
        all.emplace_back(member.last, stateOf(member));
    return all;
}

std::optional<MonitoringState> NodeRegistry::state(const QString &node) const
{
    const NodeReport own = m_self();
    const auto member = m_members.find(node);
    if (!node.isEmpty() && node != m_ownName && member == m_members.end())
        return std::nullopt;
    if (node.isEmpty()) {
        Sum sum(own, m_peak);
        for (const auto &[report, state] : reports())
            sum.add(report, state);
        return sum.state();
    }
    const NodeReport &report = node == m_ownName ? own : member->second.last;
    Sum sum(own, report.today.begin == own.today.begin ? report.today.peakConnections : 0);
    sum.add(report, node == m_ownName ? NodeState::Up : stateOf(member->second));
    return sum.state();
}

bool NodeRegistry::hasNode(const QString &node) const
{
    return node.isEmpty() || node == m_ownName || m_members.contains(node);
}

void NodeRegistry::history(const QString &node, const HistoryQuery &query, HistoryDone done)
{
    if (!hasNode(node))
        done(Error{ u"there is no node of that name"_s, u"node"_s });
    else if (node.isEmpty())
        done(m_total.query(query.metrics, query.from, query.to, query.points));
    else if (node == m_ownName)
        done(m_ownHistory.query(query.metrics, query.from, query.to, query.points));
    else
        m_readHistory(node, query, std::move(done));
}

NodesReply NodeRegistry::nodes() const
{
    NodesReply reply;
    for (const auto &[report, state] : reports()) {
        NodeInfo info;
        info.name = report.node.name;
        info.run = report.node.run;
        info.version = report.node.version;
        info.url = report.node.url;
        info.startedAt = report.node.startedAt;
        info.state = state;
        info.isThis = info.name == m_ownName;
        if (!info.isThis)
            info.age = std::chrono::duration_cast<std::chrono::milliseconds>(
                m_clock.monotonic() - m_members.at(info.name).heardAt);
        info.isAlone = report.isAlone;
        info.aloneReason = report.aloneReason;
        info.clockSkew = report.clockSkew;
        const bool counts = state == NodeState::Up || state == NodeState::Unknown;
        info.activeConnections = counts ? report.activeConnections : 0;
        info.messagesPerMinute = counts ? report.minute.messages : 0;
        info.refusalsPerMinute = counts ? report.minute.refusals : 0;
        reply.nodes.push_back(info);
    }
    std::sort(
        reply.nodes.begin(), reply.nodes.end(), [](const NodeInfo &a, const NodeInfo &b) { return a.name < b.name; });
    reply.redis = m_redis;
    return reply;
}

} // namespace gatehouse
