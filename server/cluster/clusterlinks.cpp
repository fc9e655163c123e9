// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/clusterlinks.h"

#include "server/base/onthread.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ClusterLinks::ClusterLinks(const RedisUrl &url, const QString &node, const Clock &clock, Log &log)
    : m_url(url)
    , m_node(node.toUtf8())
    , m_clock(clock)
    , m_log(log)
    , m_guardThread(u"cluster-guard"_s)
    , m_dataThread(u"cluster-data"_s)
    , m_guard(add(m_guardThread, "guard"))
    , m_data(add(m_dataThread, "data"))
    , m_stream(add(m_dataThread, "stream"))
    , m_ingest(add(m_dataThread, "ingest"))
    , m_control(add(m_dataThread, "control"))
    , m_subscriber(add(m_dataThread, "subscriber"))
    , m_reports(add(m_dataThread, "reports"))
{
}

ClusterLinks::~ClusterLinks()
{
    end();
}

RedisLink &ClusterLinks::add(EventThread &thread, const char *purpose)
{
    const QByteArray name = "gatehouse:" + m_node + ':' + purpose;
    RedisLink &link = thread.add(std::make_unique<RedisLink>(m_url, name, m_clock, m_log));
    m_all.push_back(&link);
    return link;
}

void ClusterLinks::connect()
{
    for (RedisLink *link : m_all)
        postTo(*link, [link] { link->start(); });
}

void ClusterLinks::end()
{
    for (RedisLink *link : std::exchange(m_all, {}))
        postTo(*link, [link] { link->stop(); });
    m_guardThread.end();
    m_dataThread.end();
}

} // namespace gatehouse
