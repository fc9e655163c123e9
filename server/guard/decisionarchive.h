// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QString>

#include "server/guard/refusaltally.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// Which decisions somebody asks for. Empty and unset members do not narrow.
struct DecisionFilter
{
    QString id;
    QString guard;
    QString reason;  ///< the wire code, or several with commas between
    QString address; ///< the bucket
    QString user;
    QString origin;
    QString token; ///< its fingerprint
    QString text;  ///< that the decision mentions
    std::optional<UtcTime> from;
    std::optional<UtcTime> to; ///< exclusive

    [[nodiscard]] bool matches(const Decision &decision) const;
};

/// The seconds since the epoch that have a part in a stretch of time: what is left out is counted by them.
struct SecondRange
{
    SecondRange(std::optional<UtcTime> begin, std::optional<UtcTime> end);
    [[nodiscard]] static qint64 secondOf(UtcTime time);
    [[nodiscard]] bool contains(UtcTime time) const { return secondOf(time) >= from && secondOf(time) < to; }

    qint64 from = 0;
    qint64 to = std::numeric_limits<qint64>::max(); ///< exclusive
};

/// Decisions in the state file. Callable from any thread; callbacks run on the store thread.
class DecisionArchive final
{
public:
    /// Beyond this many the oldest go, whatever the retention: about 250 MB.
    static constexpr qint64 kMaxRows = 1'000'000;
    /// Deleted at once; other work comes in between.
    static constexpr qint64 kPortionRows = 2'000;
    /// Of a page's total no more are counted, so that an export does not read everything anew for each page.
    static constexpr qint64 kMaxCounted = 100'000;
    /// Seconds of which it is known how much was left out.
    static constexpr qint64 kMaxSeconds = 200'000;

    struct Found
    {
        std::vector<Decision> decisions; ///< newest first
        qint64 total = 0;                ///< that match, whatever the cursor and the limit: kMaxCounted at most
        qint64 leftOut = 0;              ///< of the seconds of that time, matching or not
    };
    /// How many were left out, by the second since the epoch.
    using LeftOut = std::map<qint64, qint64>;

    DecisionArchive(StoreThread &store, int retentionDays, qint64 maxRows = kMaxRows);

    /// For StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);

    /// Is told, before any read that was queued later, of what could not be stored: each as left out.
    using NotStored = std::function<void(const LeftOut &)>;
    /// And remembers how many were not given to it.
    void append(std::vector<Decision> decisions, LeftOut leftOut, NotStored notStored = {});
    /// The newest `limit` that match and whose id is below `before` (if not empty).
    void load(const DecisionFilter &filter, const QString &before, int limit, std::function<void(Result<Found>)> done);
    /// What somebody asks who is refused most.
    struct TopQuery
    {
        DecisionKey key = DecisionKey::Address;
        UtcTime from{};
        UtcTime to{}; ///< exclusive
        int limit = 10;
        UtcTime split{};            ///< from when on somebody else has counted all
        bool isMissingSome = false; ///< of that time, although nothing is left out here
    };
    struct Top
    {
        DecisionCounts counts;
        bool isAll = true; ///< false: only what was before the split, because something was left out
    };
    /// The most frequent values and how often they occur.
    void loadTop(const TopQuery &query, std::function<void(Result<Top>)> done);
    /// At start and once an hour. In portions; then the state file gives back what it does not need.
    void deleteOld(UtcTime now);

    /// About what a decision takes in the state file.
    [[nodiscard]] static qint64 bytesOf(const Decision &decision);

private:
    /// How many rows there are. Of the store thread alone; lives as long as its works.
    struct Rows;
    static void deletePortion(StoreThread &store, const std::shared_ptr<Rows> &rows, UtcTime oldest);

    StoreThread &m_store;
    int m_retentionDays;
    std::shared_ptr<Rows> m_rows;
};

} // namespace gatehouse
