// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/clusterpubsub.h"

#include <QtCore/QJsonDocument>

#include "server/base/onthread.h"
#include "shared/util/compactjson.h"
#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

const QByteArray ClusterPubSub::kEphemeral = QByteArrayLiteral("gatehouse:ephemeral");
const QByteArray ClusterPubSub::kSignal = QByteArrayLiteral("gatehouse:signal");

ClusterPubSub::ClusterPubSub(QString run, Publish publish, const Clock &clock, Log &log, QObject *parent)
    : QObject(parent)
    , m_run(std::move(run))
    , m_publish(std::move(publish))
    , m_clock(clock)
    , m_log(log)
{
}

void ClusterPubSub::signal(const QString &type, QJsonObject fields, const QString &toRun) const
{
    fields.insert("type"_L1, type);
    fields.insert("from"_L1, m_run);
    if (!toRun.isEmpty())
        fields.insert("to"_L1, toRun);
    send(kSignal, compactJson(fields));
}

void ClusterPubSub::publishEphemeral(const QByteArray &payload) const
{
    send(kEphemeral, payload);
}

void ClusterPubSub::send(const QByteArray &channel, const QByteArray &payload) const
{
    const std::lock_guard lock(m_mutex);
    if (m_publish)
        m_publish(channel, payload);
}

void ClusterPubSub::silence()
{
    const std::lock_guard lock(m_mutex);
    m_publish = nullptr;
}

void ClusterPubSub::received(const QByteArray &channel, const QByteArray &payload)
{
    if (payload.size() > kMostBytes || m_waiting.fetch_add(1, std::memory_order_relaxed) >= kMostWaiting) {
        if (payload.size() <= kMostBytes)
            m_waiting.fetch_sub(1, std::memory_order_relaxed);
        m_refused.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    postTo(*this, [this, channel, payload] {
        m_waiting.fetch_sub(1, std::memory_order_relaxed);
        handle(channel, payload);
    });
}

void ClusterPubSub::handle(const QByteArray &channel, const QByteArray &payload)
{
    if (channel == kEphemeral) {
        if (m_ephemeral && !m_ephemeral(payload))
            refuse(channel, u"it is no ephemeral notification"_s);
    } else if (!handleSignal(payload)) {
        refuse(channel, u"it is no signal"_s);
    }
}

bool ClusterPubSub::handleSignal(const QByteArray &payload)
{
    if (isNestedDeeper(payload))
        return false;
    const QJsonObject signal = QJsonDocument::fromJson(payload).object();
    const QString type = signal.value("type"_L1).toString();
    const QString from = signal.value("from"_L1).toString();
    if (type.isEmpty() || from.isEmpty())
        return false;
    const QJsonValue to = signal.value("to"_L1);
    if (from == m_run || (!to.isUndefined() && to.toString() != m_run))
        return true;
    const auto handler = m_handlers.find(type);
    if (handler == m_handlers.end()) // of a newer node
        m_log.log(LogLevel::Debug, "signal_unknown"_L1, { { "type"_L1, type.left(64) } });
    else
        handler->second(signal);
    return true;
}

void ClusterPubSub::refuse(const QByteArray &channel, const QString &why)
{
    const qint64 count = m_refused.fetch_add(1, std::memory_order_relaxed) + 1;
    if (m_pause.isOver(m_clock.monotonic()))
        m_log.log(LogLevel::Warning, "message_refused"_L1,
            { { "channel"_L1, QString::fromLatin1(channel) }, { "detail"_L1, why }, { "so_far"_L1, count } });
}

} // namespace gatehouse
