// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/metrics/metricdescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kPerSecond(QT_TRANSLATE_NOOP("gatehouse::Titles", "per second"));

} // namespace

const std::array<MetricDescriptor, kMetricCount> &metricDescriptors()
{
    using enum Metric;
    using enum MetricKind;
    static constexpr std::array<MetricDescriptor, kMetricCount> kMetrics{ {
        { ActiveConnections, "active_connections"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Active connections")),
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "connections")), Gauge },
        { Handshakes, "handshakes"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections accepted")), kPerSecond, Rate },
        { Closes, "closes"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Connections closed")),
            kPerSecond, Rate },
        { MessagesIn, "messages_in"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages in")),
            kPerSecond, Rate },
        { MessagesOut, "messages_out"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Messages out")),
            kPerSecond, Rate },
        { RefusedConnections, "refused_connections"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: connections")), kPerSecond, Rate },
        { RefusedReconnects, "refused_reconnects"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: reconnects")), kPerSecond, Rate },
        { RefusedMessages, "refused_messages"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: messages")), kPerSecond, Rate },
        { RefusedOrigin, "refused_origin"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: origin")), kPerSecond, Rate },
        { RefusedToken, "refused_token"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: token")),
            kPerSecond, Rate },
        { RefusedOther, "refused_other"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Refused: other")),
            kPerSecond, Rate },
        { Observed, "observed"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Would have been refused")),
            kPerSecond, Rate },
        { Errors, "errors"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Errors")), kPerSecond, Rate },
        { Published, "published"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Notifications published")), kPerSecond, Rate },
        { SendQueueBytes, "send_queue_bytes"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Send queues")),
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "bytes")), Gauge },
        { TrackedAddresses, "tracked_addresses"_L1,
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Known addresses")),
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "addresses")), Gauge },
        { MemoryBytes, "memory_bytes"_L1, QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "Memory")),
            QLatin1StringView(QT_TRANSLATE_NOOP("gatehouse::Titles", "bytes")), Gauge },
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
