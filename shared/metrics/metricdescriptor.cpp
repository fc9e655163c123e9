// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/metrics/metricdescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

const std::array<MetricDescriptor, kMetricCount> &metricDescriptors()
{
    using enum Metric;
    using enum MetricKind;
    static constexpr std::array<MetricDescriptor, kMetricCount> kMetrics{ {
        { ActiveConnections, "active_connections"_L1, "Active connections"_L1, "connections"_L1, Gauge },
        { Handshakes, "handshakes"_L1, "Connections accepted"_L1, "per second"_L1, Rate },
        { Closes, "closes"_L1, "Connections closed"_L1, "per second"_L1, Rate },
        { MessagesIn, "messages_in"_L1, "Messages in"_L1, "per second"_L1, Rate },
        { MessagesOut, "messages_out"_L1, "Messages out"_L1, "per second"_L1, Rate },
        { RefusedConnections, "refused_connections"_L1, "Refused: connections"_L1, "per second"_L1, Rate },
        { RefusedReconnects, "refused_reconnects"_L1, "Refused: reconnects"_L1, "per second"_L1, Rate },
        { RefusedMessages, "refused_messages"_L1, "Refused: messages"_L1, "per second"_L1, Rate },
        { RefusedOrigin, "refused_origin"_L1, "Refused: origin"_L1, "per second"_L1, Rate },
        { RefusedToken, "refused_token"_L1, "Refused: token"_L1, "per second"_L1, Rate },
        { RefusedOther, "refused_other"_L1, "Refused: other"_L1, "per second"_L1, Rate },
        { Observed, "observed"_L1, "Would have been refused"_L1, "per second"_L1, Rate },
        { Errors, "errors"_L1, "Errors"_L1, "per second"_L1, Rate },
        { Published, "published"_L1, "Notifications published"_L1, "per second"_L1, Rate },
        { SendQueueBytes, "send_queue_bytes"_L1, "Send queues"_L1, "bytes"_L1, Gauge },
        { TrackedAddresses, "tracked_addresses"_L1, "Known addresses"_L1, "addresses"_L1, Gauge },
    } };
    return kMetrics;
}

const MetricDescriptor &metricDescriptor(Metric metric)
{
    return metricDescriptors()[size_t(metric)];
}

const MetricDescriptor *findMetric(QStringView name)
{
    for (const MetricDescriptor &descriptor : metricDescriptors()) {
        if (descriptor.name == name)
            return &descriptor;
    }
    return nullptr;
}

} // namespace gatehouse
