// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/channel/channelcontrol.h"
#include "server/cluster/delivery/streamreply.h"
#include "server/log/log.h"
#include "server/log/logpause.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// What the streams brought, to be delivered in this order.
struct StreamBatch
{
    std::vector<Delivery> deliveries;
    std::optional<Cursor> missedAfter{}; ///< then what comes after this is to be looked up in the inboxes
    std::vector<Delivery> afterMissed{};

    [[nodiscard]] bool isEmpty() const { return deliveries.empty() && !missedAfter && afterMissed.empty(); }
};

/// What a StreamReader has seen. Any thread.
struct StreamCounts
{
    std::atomic<qint64> entries{ 0 }; ///< read
    std::atomic<qint64> refused{ 0 }; ///< of them, because they are not what the publish script writes
    std::atomic<qint64> missed{ 0 };  ///< how often some had been trimmed before they were read
    std::atomic<qint64> behind{ 0 };  ///< sequences that were published and not given out yet, when it last looked
};

/// Reads what is published on any node, in the order of publishing, by a link of its own. It waits in XREAD BLOCK,
/// whose answer only wakes it: a script behind it in the pipeline reads all streams in one moment, together with the
/// sequence that the history has come to, which is what StreamOrder needs. Positions are kept while Redis is away. The
/// first time it begins where the streams end, and says that what came before is to be looked up. Lives on the link's
/// thread.
class StreamReader final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kBlock{ 2000 };
    /// Of an answer once Redis looks: it takes its time where somebody has written something huge, and to ask again
    /// would cost the same again.
    static constexpr std::chrono::milliseconds kReadDeadline{ 10'000 };
    static constexpr std::chrono::milliseconds kRetry{ 1000 }; ///< after an answer that is an error
    /// More than this waiting for something before it: what there is is looked up in the inboxes instead.
    static constexpr qsizetype kMostWaitingBytes = 32 * 1024 * 1024;
    static constexpr size_t kMostWaiting = 50'000;

    /// Gets what was read. Nothing more is read until `taken` is called, on any thread.
    using Arrived = std::function<void(StreamBatch batch, std::function<void()> taken)>;

    /// All outlive it.
    StreamReader(RedisCalls &calls, Arrived arrived, const Clock &clock, Log &log, QObject *parent = nullptr);

    /// The link has come up. When it goes down its calls are answered so, and the reader rests.
    void linkUp();
    [[nodiscard]] const StreamCounts &counts() const { return m_counts; }

private:
    void findEnds(bool isSkipping);
    void foundEnds(const RedisReply &reply, bool isSkipping);
    void read();
    void waitAndRead();
    void answered(const Result<RedisReply> &reply);
    void handOn(StreamProgress progress, bool isComplete);
    void goOn(bool isComplete);
    void retryLater();
    void sayMissed(Cursor after);
    void sayRefused(const QStringList &refused, qint64 byOrder);
    /// A callback that does nothing once the link has come up anew.
    template <typename F> [[nodiscard]] auto ofThisLink(F callback);

    RedisCalls &m_calls;
    Arrived m_arrived;
    const Clock &m_clock;
    Log &m_log;
    QTimer m_retry;
    StreamOrder m_order;
    streamreply::Positions m_positions;
    bool m_hasPositions = false;
    bool m_cannotWait = false; ///< XREAD was refused: then it looks once a second
    quint64 m_connection = 0;
    qint64 m_refusedByOrder = 0;
    qint64 m_unsaid = 0; ///< refused since the last line in the log
    LogPause m_pause;
    StreamCounts m_counts;
};

} // namespace gatehouse
