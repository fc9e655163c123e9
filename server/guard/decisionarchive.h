// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QString>

#include "server/store/storethread.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// Which decisions somebody asks for. Empty and unset members do not narrow.
struct DecisionFilter
{
    QString guard;
    QString reason;  ///< the wire code
    QString address; ///< the bucket
    QString user;
    std::optional<UtcTime> from;
    std::optional<UtcTime> to; ///< exclusive

    [[nodiscard]] bool matches(const Decision &decision) const;
};

/// What decisions can be counted by.
enum class DecisionKey : quint8
{
    Address,
    User,
    Origin,
    Reason
};
[[nodiscard]] std::optional<DecisionKey> parseDecisionKey(QByteArrayView text);
[[nodiscard]] QString decisionValue(const Decision &decision, DecisionKey key);

struct DecisionCount
{
    QString value;
    qint64 count = 0;
};

/// Decisions in the state file. Callable from any thread; callbacks run on the store thread.
class DecisionArchive final
{
public:
    /// Beyond this many the oldest go, whatever the retention: about 250 MB.
    static constexpr qint64 kMaxRows = 1'000'000;
    /// Deleted at once; other work comes in between.
    static constexpr qint64 kPortionRows = 2'000;

    DecisionArchive(StoreThread &store, int retentionDays, qint64 maxRows = kMaxRows);

    /// For StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);

    void append(std::vector<Decision> decisions);
    /// The newest `limit` that match and whose id is below `before` (if not empty), newest first.
    void load(const DecisionFilter &filter, const QString &before, int limit,
        std::function<void(Result<std::vector<Decision>>)> done);
    /// The most frequent values and how often they occur; empty values are not counted.
    void loadTop(DecisionKey key, UtcTime from, UtcTime to, int limit,
        std::function<void(Result<std::vector<DecisionCount>>)> done);
    /// At start and once an hour. In portions; then the state file gives back what it does not need.
    void deleteOld(UtcTime now);

    /// About what a decision takes in the state file.
    [[nodiscard]] static qint64 bytesOf(const Decision &decision);

private:
    /// How many rows there are. Of the store thread alone; lives as long as its works.
    struct Rows;
    static void deletePortion(StoreThread &store, const std::shared_ptr<Rows> &rows, const QString &oldest);

    StoreThread &m_store;
    int m_retentionDays;
    std::shared_ptr<Rows> m_rows;
};

} // namespace gatehouse
