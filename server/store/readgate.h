// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>

#include "server/store/readerpool.h"

namespace gatehouse {

/// Lets reads wait for the writes that were queued before them: until then the user's turn waits, and no reader thread
/// does. Knows when nothing is under way any more. Any thread; owned by the StoreThread, as the pool is.
class ReadGate final
{
public:
    using Turn = ReaderPool::Turn;
    using Portion = ReaderPool::Portion;
    /// Told instead of the read that the disk does not answer; empty: it waits for as long as that lasts.
    using Late = std::function<void(const Error &)>;

    /// `readers` outlives it.
    explicit ReadGate(ReaderPool &readers);
    Q_DISABLE_COPY_MOVE(ReadGate)

    /// A write is about to be queued: later reads are to see it.
    void writeQueued();
    /// So many are done: who waits for them alone goes on. Also for those behind them that were refused meanwhile.
    void written(qint64 count);
    /// So many of those queued last will not be done. What has begun goes before them, so that who waits for them waits
    /// until the next written().
    void refused(qint64 count);

    /// Queues a read of the server's own, beyond the bounds of the pool.
    void read(Portion portion, Late late);
    /// Queues a user's. False if too much is asked for.
    [[nodiscard]] bool readInTurns(const QString &who, Portion portion, Late late);
    /// Goes on with what has said that it waits.
    void resume(const QString &who, Portion portion);

    /// The disk does not answer: those who wait for a write, and can be told so, are, and wait no more.
    void giveUp(const Error &error);

    [[nodiscard]] bool isQuiet() const;
    void waitUntilQuiet();

private:
    struct Waiting
    {
        QString who;
        Portion portion;
        Late late;
    };

    /// How many writes were queued before a read that is queued now; the read is outstanding from then on.
    [[nodiscard]] qint64 beginRead();
    void readEnded();
    [[nodiscard]] Portion counted(Portion portion);
    [[nodiscard]] Portion afterWrites(qint64 count, Waiting read);

    ReaderPool &m_readers;
    mutable std::mutex m_mutex;
    std::condition_variable m_quiet;
    // Guarded by m_mutex:
    std::multimap<qint64, Waiting> m_waiting; ///< by how many writes are to be done first
    qint64 m_writesQueued = 0;
    qint64 m_writesDone = 0;
    qint64 m_writesRefused = 0; ///< behind those that are under way
    qint64 m_outstanding = 0;   ///< writes, and reads that are queued or run
};

} // namespace gatehouse
