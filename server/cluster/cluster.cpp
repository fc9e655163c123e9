// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/cluster.h"

#include <QtCore/QSemaphore>

using namespace Qt::StringLiterals;

namespace gatehouse {

Cluster::Cluster(const RedisUrl &url, NodeIdentity identity, const Clock &clock, Log &log)
    : m_url(url)
    , m_clock(clock)
    , m_log(log)
    , m_identity(std::move(identity))
    , m_guardThread(u"cluster-guard"_s)
    , m_dataThread(u"cluster-data"_s)
    , m_guardLink(addLink(m_guardThread, "guard"))
    , m_dataLink(addLink(m_dataThread, "data"))
    , m_streamLink(addLink(m_dataThread, "stream"))
{
}

Cluster::~Cluster()
{
    stop();
}

RedisLink &Cluster::addLink(ClusterThread &thread, const char *purpose)
{
    const QByteArray name = "gatehouse:" + m_identity.name.toUtf8() + ':' + purpose;
    RedisLink &link = thread.add(std::make_unique<RedisLink>(m_url, name, m_clock, m_log));
    m_links.push_back(&link);
    return link;
}

ClusterMonitoring &Cluster::addMonitoring(const History &ownHistory, std::function<NodeReport()> self)
{
    m_monitoring = std::make_unique<ClusterMonitoring>(m_clock, ownHistory, std::move(self));
    RedisLink &reports = addLink(m_dataThread, "reports");
    NodeExchange &exchange = m_dataThread.add(
        std::make_unique<NodeExchange>(m_dataLink, reports, m_identity, m_clock, m_log, m_monitoring->handlers()));
    m_monitoring->setExchange(exchange);
    addFarewell([this](std::function<void()> done) { m_monitoring->leave(std::move(done)); });
    return *m_monitoring;
}

RedisControl &Cluster::addControl(QObject &anchor)
{
    RedisLink &reader = addLink(m_dataThread, "control");
    RedisControl &control = m_dataThread.add(std::make_unique<RedisControl>(m_dataLink, reader, anchor));
    for (RedisLink *link : { &m_dataLink, &reader }) {
        QObject::connect(link, &RedisLink::up, &control, [&control] { control.linksChanged(); });
        QObject::connect(
            link, &RedisLink::down, &control, [&control](const QString &reason) { control.linksChanged(reason); });
    }
    return control;
}

void Cluster::start()
{
    m_isRunning = true;
    m_guardThread.start();
    m_dataThread.start();
    for (RedisLink *link : m_links)
        QMetaObject::invokeMethod(
            link, [link] { link->start(); }, Qt::QueuedConnection);
}

void Cluster::sayGoodbye()
{
    // Shared: one that answers late must not find it gone.
    const auto said = std::make_shared<QSemaphore>();
    for (const Farewell &farewell : m_farewells)
        farewell([said] { said->release(); });
    said->tryAcquire(int(m_farewells.size()), int(kFarewellTime.count()));
}

void Cluster::stop()
{
    if (std::exchange(m_isRunning, false))
        sayGoodbye();
    for (RedisLink *link : std::exchange(m_links, {}))
        QMetaObject::invokeMethod(
            link, [link] { link->stop(); }, Qt::QueuedConnection); // answers what waits
    m_guardThread.stop();
    m_dataThread.stop();
}

} // namespace gatehouse
