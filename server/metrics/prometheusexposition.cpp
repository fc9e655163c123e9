// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/prometheusexposition.h"

#include <sstream>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace gatehouse {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;
using Families = std::vector<MetricFamily>;

MetricFamily &addFamily(Families &families, const char *name, const char *help, MetricType type)
{
    families.push_back({ name, help, type, {} });
    return families.back();
}

void addValue(MetricFamily &family, double value, Labels labels = {})
{
    ClientMetric metric;
    metric.label = std::move(labels);
    if (family.type == MetricType::Counter)
        metric.counter.value = value;
    else
        metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
}

void addGauge(Families &families, const char *name, const char *help, double value)
{
    addValue(addFamily(families, name, help, MetricType::Gauge), value);
}

void addCounter(Families &families, const char *name, const char *help, double value)
{
    addValue(addFamily(families, name, help, MetricType::Counter), value);
}

std::string text(QLatin1StringView view)
{
    return { view.data(), size_t(view.size()) };
}

void addHandshakes(Families &families, const CounterSums &sums)
{
    MetricFamily &family = addFamily(families, "gatehouse_handshakes_total",
        "Requests to open a channel connection, by what became of them.", MetricType::Counter);
    addValue(family, double(sums.accepted), { { "outcome", "accepted" }, { "guard", "" }, { "reason", "" } });
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        if (descriptor.httpStatus == 0)
            continue; // arises on open connections only
        addValue(family, double(sums.refused[size_t(descriptor.reason)]),
            { { "outcome", "refused" }, { "guard", text(descriptor.guard) }, { "reason", text(descriptor.code) } });
    }
}

void addRefusals(Families &families, const CounterSums &sums)
{
    MetricFamily &family = addFamily(families, "gatehouse_guard_refusals_total",
        "What guards refused (enforce) or would have refused (observe).", MetricType::Counter);
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        const auto labels = [&descriptor](const char *mode) {
            return Labels{ { "guard", text(descriptor.guard) }, { "reason", text(descriptor.code) }, { "mode", mode } };
        };
        addValue(family, double(sums.refused[size_t(descriptor.reason)]), labels("enforce"));
        addValue(family, double(sums.observed[size_t(descriptor.reason)]), labels("observe"));
    }
}

void addLeftOut(Families &families, const PrometheusInput &input)
{
    MetricFamily &family = addFamily(families, "gatehouse_refusals_left_out_total",
        "Refusals that were counted but not written down, because there were too many: in the log, in the state file "
        "(store), not even in memory.",
        MetricType::Counter);
    addValue(family, double(input.refusalsNotLogged), { { "place", "log" } });
    addValue(family, double(input.refusalsNotStored), { { "place", "store" } });
    addValue(family, double(input.refusalsNotKept), { { "place", "memory" } });
}

void addMessages(Families &families, const CounterSums &sums)
{
    MetricFamily &family = addFamily(
        families, "gatehouse_messages_total", "Channel messages from (in) and to (out) clients.", MetricType::Counter);
    const qint64 refused = sums.refused[size_t(Reason::RateLimited)];
    addValue(
        family, double(std::max<qint64>(0, sums.messagesIn - refused)), { { "direction", "in" }, { "outcome", "ok" } });
    addValue(family, double(refused), { { "direction", "in" }, { "outcome", "refused" } });
    addValue(family, double(sums.messagesOut), { { "direction", "out" }, { "outcome", "ok" } });
}

void addCloses(Families &families, const CounterSums &sums)
{
    MetricFamily &family = addFamily(families, "gatehouse_closes_total",
        "Channel connections closed, by close code and by who began (a lost connection: the client).",
        MetricType::Counter);
    for (size_t i = 0; i < kCountedCloseCodes.size(); ++i) {
        const std::string code = i == kOtherCloseCode ? "other" : std::to_string(kCountedCloseCodes[i]);
        addValue(family, double(sums.closedByClient[i]), { { "code", code }, { "initiator", "client" } });
        addValue(family, double(sums.closedByServer[i]), { { "code", code }, { "initiator", "server" } });
    }
}

void addHistogram(Families &families, const char *name, const char *help, const LatencyHistogram &histogram)
{
    ClientMetric metric;
    quint64 cumulative = 0;
    for (size_t i = 0; i < LatencyHistogram::kBounds.size(); ++i) {
        cumulative += quint64(histogram.bucket(i));
        metric.histogram.bucket.push_back({ cumulative, LatencyHistogram::kBounds[i] });
    }
    metric.histogram.sample_count = std::max(cumulative, quint64(histogram.count()));
    metric.histogram.sample_sum = histogram.sumSeconds();
    addFamily(families, name, help, MetricType::Histogram).metric.push_back(std::move(metric));
}

void addLimits(Families &families, const LimitSet &limits)
{
    addGauge(families, "gatehouse_limits_revision", "Revision of the limits in force.", double(limits.revision));
    MetricFamily &family
        = addFamily(families, "gatehouse_limit", "Each limit in force, with what it does.", MetricType::Gauge);
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const LimitValue &limit = limits[descriptor.key];
        addValue(family, double(limit.value),
            { { "limit", text(descriptor.name) }, { "mode", text(limitModeName(limit.mode)) } });
    }
}

void addIngest(Families &families, const IngestStats &ingest)
{
    addGauge(families, "gatehouse_ingest_redis_up", "Whether the Redis of INGEST_REDIS_URL is reached.",
        ingest.isRedisUp ? 1 : 0);
    MetricFamily &ingested = addFamily(families, "gatehouse_ingested_total",
        "Entries of gatehouse:publish that were taken from there.", MetricType::Counter);
    addValue(ingested, double(ingest.taken), { { "outcome", "ok" } });
    addValue(ingested, double(ingest.refused), { { "outcome", "refused" } });
}

void addCluster(Families &families, const ClusterStats &cluster)
{
    addGauge(families, "gatehouse_cluster_redis_up", "Whether this node reaches Redis.", cluster.isRedisUp ? 1 : 0);
    addGauge(families, "gatehouse_cluster_limits_shared",
        "Whether limits are judged for all nodes together; 0: by this node alone.", cluster.asksPeers ? 1 : 0);
    MetricFamily &nodes
        = addFamily(families, "gatehouse_cluster_nodes", "Nodes that this one knows of, by state.", MetricType::Gauge);
    for (const NodeState state : kNodeStates)
        addValue(nodes, double(cluster.nodes[size_t(state)]), { { "state", text(nodeStateName(state)) } });
    addHistogram(families, "gatehouse_cluster_admission_seconds",
        "From asking for the shared limits to the verdict, by Redis or without it.", *cluster.admissionTimes);
    addCounter(families, "gatehouse_cluster_admissions_unanswered_total",
        "Admissions that Redis did not judge in time.", double(cluster.unansweredAdmissions));
    MetricFamily &entries = addFamily(families, "gatehouse_cluster_stream_entries_total",
        "Entries of the notification streams that this node read, and those of them that no node can have written.",
        MetricType::Counter);
    addValue(
        entries, double(std::max<qint64>(0, cluster.streamEntries - cluster.refusedEntries)), { { "outcome", "ok" } });
    addValue(entries, double(cluster.refusedEntries), { { "outcome", "refused" } });
    addCounter(families, "gatehouse_cluster_stream_gaps_total",
        "Times that entries were trimmed before this node had read them.", double(cluster.streamGaps));
    addGauge(families, "gatehouse_cluster_stream_behind",
        "Notifications published and not yet handed out by this node.", double(cluster.streamBehind));
    MetricFamily &ingested = addFamily(families, "gatehouse_cluster_ingested_total",
        "Entries that backends appended to gatehouse:publish and this node took.", MetricType::Counter);
    addValue(ingested, double(cluster.ingested), { { "outcome", "ok" } });
    addValue(ingested, double(cluster.refusedIngests), { { "outcome", "refused" } });
    addCounter(families, "gatehouse_cluster_messages_refused_total",
        "Messages of pub/sub that no node can have sent, or that were too many.", double(cluster.refusedMessages));
}

void addMemory(Families &families, const MemoryStats &memory)
{
    addGauge(families, "gatehouse_memory_budget_bytes", "What MEMORY_BUDGET or the cgroup allows; 0 for any.",
        double(memory.budgetBytes));
    addGauge(families, "gatehouse_memory_level",
        "What is done for the memory: 0 nothing, 1 drops what may be dropped, 2 cuts slow consumers, 3 refuses "
        "newcomers.",
        double(memory.level));
    MetricFamily &held = addFamily(families, "gatehouse_memory_held_bytes",
        "Memory held for clients, by what for; frames that several queues share count in each.", MetricType::Gauge);
    for (size_t i = 0; i < kMemoryHolderCount; ++i)
        addValue(held, double(memory.held[i]), { { "holder", kMemoryHolderNames[i] } });
}

double seconds(std::chrono::milliseconds time)
{
    return double(time.count()) / 1000.0;
}

void addNet(Families &families, const NetCounts &net)
{
    addGauge(families, "gatehouse_http_connections", "Open connections that speak HTTP, idle ones among them.",
        double(net.places.connections));
    addGauge(families, "gatehouse_http_held_bytes",
        "Bytes held for HTTP connections: unfinished heads and bodies, answers that are not taken.",
        double(net.places.bytes));
    MetricFamily &dropped = addFamily(families, "gatehouse_http_dropped_total",
        "HTTP connections that were closed to make room, by what was short.", MetricType::Counter);
    static constexpr std::array<std::pair<HttpPlaces::Why, const char *>, HttpPlaces::kWhyCount> kWhys{ {
        { HttpPlaces::Why::Address, "address" },
        { HttpPlaces::Why::Memory, "memory" },
        { HttpPlaces::Why::Descriptors, "descriptors" },
    } };
    for (const auto &[why, name] : kWhys)
        addValue(dropped, double(net.places.lost[size_t(why)]), { { "reason", name } });
    MetricFamily &malformed = addFamily(families, "gatehouse_http_malformed_total",
        "Requests that were refused for what they look like, before anybody looked at what they ask for.",
        MetricType::Counter);
    for (size_t i = 0; i < kMalformedKindCount; ++i)
        addValue(malformed, double(net.malformed[i]), { { "kind", kMalformedKindNames[i] } });
    addCounter(families, "gatehouse_clients_turned_away_total",
        "Clients that were closed at once because no descriptor was left.", double(net.turnedAway));
    addCounter(families, "gatehouse_accept_failures_total", "Failures of accept(2).", double(net.acceptFailures));
    addCounter(families, "gatehouse_worker_blocked_total", "Times that a worker served nobody for a second or longer.",
        double(net.blockedTimes));
    addCounter(
        families, "gatehouse_worker_blocked_seconds_total", "How long those were in all.", seconds(net.blockedTime));
    addGauge(families, "gatehouse_worker_blocked_now_seconds", "For how long a worker has been blocked; 0: none is.",
        seconds(net.blockedFor));
}

void addProcess(Families &families, const ProcessStats &process)
{
    addCounter(families, "process_cpu_seconds_total", "User and system CPU time spent.", process.cpuSeconds);
    addGauge(families, "process_resident_memory_bytes", "Resident memory.", process.residentBytes);
    addGauge(families, "process_virtual_memory_bytes", "Virtual memory.", process.virtualBytes);
    addGauge(families, "process_start_time_seconds", "Start of the process since the epoch.", process.startTimeSeconds);
    addGauge(families, "process_open_fds", "Open file descriptors.", process.openFds);
    addGauge(families, "process_max_fds", "File descriptors that may be open.", process.maxFds);
}

} // namespace

QByteArray prometheusText(const PrometheusInput &input, const ProcessStats &process)
{
    Families families;
    addGauge(families, "gatehouse_connections", "Open channel connections.", double(input.sums.activeConnections));
    addHandshakes(families, input.sums);
    addRefusals(families, input.sums);
    addMessages(families, input.sums);
    addCloses(families, input.sums);
    addCounter(families, "gatehouse_connection_seconds_total", "Summed length of the closed channel connections.",
        double(input.sums.closedMillis) / 1000.0);
    addCounter(
        families, "gatehouse_notifications_published_total", "Notifications published.", double(input.published));
    addHistogram(families, "gatehouse_publish_seconds", "From a publish request to its answer.", input.publishTimes);
    addHistogram(families, "gatehouse_fanout_seconds",
        "From a stored notification to the last worker that has handed it out.", input.fanoutTimes);
    addHistogram(families, "gatehouse_store_write_seconds",
        "Groups of writes to the state file, until they are durable.", input.storeWriteTimes);
    addGauge(families, "gatehouse_send_queue_bytes", "Bytes waiting to be sent to clients.",
        double(input.sums.sendQueueBytes));
    addGauge(families, "gatehouse_tracked_addresses", "Address buckets that limits know of.",
        double(input.trackedAddresses));
    addLimits(families, input.limits);
    addCounter(families, "gatehouse_errors_total", "Internal failures of workers.", double(input.sums.errors));
    addCounter(
        families, "gatehouse_store_failures_total", "Failed writes to the state file.", double(input.storeFailures));
    addLeftOut(families, input);
    addNet(families, input.net);
    if (input.cluster)
        addCluster(families, *input.cluster);
    if (input.ingest)
        addIngest(families, *input.ingest);
    addMemory(families, input.memory);
    addProcess(families, process);

    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return QByteArray::fromStdString(out.str());
}

} // namespace gatehouse
