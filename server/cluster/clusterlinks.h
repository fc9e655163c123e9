// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/base/eventthread.h"
#include "server/redis/redislink.h"

namespace gatehouse {

/// The connections of a node to Redis, and the two threads on which they live together with what asks them: a long list
/// that is being read never delays an admission. The threads run from the beginning, the links rest until connect().
/// Lives on the main thread.
class ClusterLinks final
{
public:
    /// `node` is the node's name. `clock` and `log` outlive it.
    ClusterLinks(const RedisUrl &url, const QString &node, const Clock &clock, Log &log);
    ~ClusterLinks();
    Q_DISABLE_COPY_MOVE(ClusterLinks)

    [[nodiscard]] EventThread &guardThread() { return m_guardThread; }
    [[nodiscard]] EventThread &dataThread() { return m_dataThread; }

    /// For admissions and counts; on the guard thread.
    [[nodiscard]] RedisLink &guard() { return m_guard; }
    /// For all else that is asked; on the data thread, as the next ones.
    [[nodiscard]] RedisLink &data() { return m_data; }
    /// These wait: for the streams, for what backends append, for the control log.
    [[nodiscard]] RedisLink &stream() { return m_stream; }
    [[nodiscard]] RedisLink &ingest() { return m_ingest; }
    [[nodiscard]] RedisLink &control() { return m_control; }
    /// These listen: to signals and ephemeral notifications, to the reports of nodes.
    [[nodiscard]] RedisLink &subscriber() { return m_subscriber; }
    [[nodiscard]] RedisLink &reports() { return m_reports; }

    void connect();
    /// Answers what waits, disconnects, and destroys what lives on the threads: whatever refers to that must not be
    /// called any more. Does nothing the second time.
    void end();

private:
    RedisLink &add(EventThread &thread, const char *purpose);

    const RedisUrl m_url;
    const QByteArray m_node;
    const Clock &m_clock;
    Log &m_log;
    std::vector<RedisLink *> m_all;
    EventThread m_guardThread;
    EventThread m_dataThread;
    RedisLink &m_guard;
    RedisLink &m_data;
    RedisLink &m_stream;
    RedisLink &m_ingest;
    RedisLink &m_control;
    RedisLink &m_subscriber;
    RedisLink &m_reports;
};

} // namespace gatehouse
