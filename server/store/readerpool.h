// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

class Database;

/// The threads that read the state file, each by a connection of its own, so that no commit waits for a reader. What is
/// read is done in portions, in turns that go round over those who ask (FairQueue): each has one portion under way at a
/// time, whatever they have asked for. Owned by the StoreThread. Callable from any thread.
class ReaderPool final
{
public:
    enum class Turn
    {
        Done,
        More, ///< there is another portion, for the next turn
        Waits ///< goes on with resume(), which may come before the portion has returned
    };
    /// Runs on a reader thread, with a database that cannot be written, in a transaction of its own: what it sees is of
    /// one moment, and durable. A few milliseconds at most.
    using Portion = std::function<Turn(Database &)>;

    static constexpr int kThreads = 2; ///< a slow question of one holds up one
    static constexpr qsizetype kMostOfOne = 4096;
    static constexpr qsizetype kMostInAll = 65'536;

    /// `path` is a state file that is open for writing already and stays so until the pool has ended.
    [[nodiscard]] static Result<std::unique_ptr<ReaderPool>> start(const QString &path);
    ~ReaderPool();
    Q_DISABLE_COPY_MOVE(ReaderPool)

    /// Queues the first portion of what `who` asks for. False if there is no room for more.
    [[nodiscard]] bool add(const QString &who, Portion portion);
    /// The same for those who must be heard and are few.
    void addBeyondBounds(const QString &who, Portion portion);
    /// Goes on with what has said that it waits.
    void resume(const QString &who, Portion portion);
    /// What has said that it waits is over.
    void finish(const QString &who);

    /// Whether one of them has met a damaged page.
    [[nodiscard]] bool haveMetDamage() const;
    /// Ends the threads once the portions that run have returned; what waits is dropped. Returns whether a reader has
    /// met a damaged page.
    bool stop();

private:
    struct State;
    explicit ReaderPool(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace gatehouse
