// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/metricsarchive.h"

#include <algorithm>
#include <future>
#include <mutex>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "server/base/answeronce.h"
#include "server/store/columns.h"
#include "shared/util/compactjson.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS metrics_layouts (
    id INTEGER PRIMARY KEY,
    names TEXT NOT NULL UNIQUE -- JSON array: the metrics of a block by position
);
CREATE TABLE IF NOT EXISTS metrics_blocks (
    step INTEGER NOT NULL, -- seconds
    block INTEGER NOT NULL, -- time since the epoch in steps of ten slots
    layout INTEGER NOT NULL REFERENCES metrics_layouts (id),
    data BLOB NOT NULL,
    PRIMARY KEY (step, block)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metrics_days (
    begin_ms INTEGER PRIMARY KEY,
    end_ms INTEGER NOT NULL,
    day TEXT NOT NULL, -- in the TIME_ZONE of then
    counts TEXT NOT NULL, -- JSON object by metric
    closed_ms INTEGER NOT NULL,
    peak INTEGER NOT NULL
);
)";

QString layoutNames()
{
    QJsonArray names;
    for (const MetricDescriptor &descriptor : metricDescriptors())
        names.append(descriptor.name);
    return QString::fromUtf8(compactJson(names));
}

std::vector<std::optional<Metric>> orderOf(const QString &names)
{
    std::vector<std::optional<Metric>> order;
    for (const QJsonValue &name : QJsonDocument::fromJson(names.toUtf8()).array()) {
        const MetricDescriptor *descriptor = findMetric(name.toString());
        order.push_back(descriptor ? std::optional(descriptor->metric) : std::nullopt);
    }
    return order;
}

Status writeBlocks(Database &database, const std::vector<History::Block> &blocks)
{
    const QString names = layoutNames();
    if (Status status
        = database.prepare("INSERT OR IGNORE INTO metrics_layouts (names) VALUES (?)").bind(1, names).run();
        !status)
        return status;
    for (const History::Block &block : blocks) {
        Statement insert = database.prepare("INSERT OR REPLACE INTO metrics_blocks (step, block, layout, data) "
                                            "VALUES (?, ?, (SELECT id FROM metrics_layouts WHERE names = ?), ?)");
        insert.bind(1, block.stepSeconds).bind(2, block.block).bind(3, names).bindBlob(4, block.data);
        if (Status status = insert.run(); !status)
            return status;
    }
    return ok();
}

Status writeDay(Database &database, const DayRecord &day)
{
    Statement insert
        = database.prepare("INSERT OR REPLACE INTO metrics_days (begin_ms, end_ms, day, counts, closed_ms, peak) "
                           "VALUES (?, ?, ?, ?, ?, ?)");
    insert.bind(1, toEpochMillis(day.begin)).bind(2, toEpochMillis(day.end)).bind(3, day.day.toString(Qt::ISODate));
    insert.bind(4, jsoncolumn::ofObject(day.countsToJson()));
    insert.bind(5, day.closedMillis).bind(6, day.peakConnections);
    return insert.run();
}

DayRecord readDay(const Statement &row)
{
    DayRecord day;
    day.begin = fromEpochMillis(row.integer(0));
    day.end = fromEpochMillis(row.integer(1));
    day.day = QDate::fromString(row.text(2), Qt::ISODate);
    day.countsFromJson(jsoncolumn::objectIn(row.text(3)));
    day.closedMillis = row.integer(4);
    day.peakConnections = row.integer(5);
    return day;
}

/// How many blocks could not be put back.
qint64 readBlocks(Database &database, History &history)
{
    qint64 damaged = 0;
    QString names;
    std::vector<std::optional<Metric>> order;
    Statement row = database.prepare("SELECT step, block, names, data FROM metrics_blocks JOIN metrics_layouts "
                                     "ON metrics_layouts.id = layout ORDER BY step, block");
    while (row.nextRow()) {
        if (const QString rowNames = row.text(2); rowNames != names) {
            names = rowNames;
            order = orderOf(names);
        }
        if (order.empty() || !history.restore({ row.integer(0), row.integer(1), row.blob(3) }, order))
            ++damaged;
    }
    return row.status() ? damaged : damaged + 1;
}

} // namespace

/// What a failed save leaves for the next one.
struct MetricsArchive::Unsaved
{
    static constexpr size_t kMaxBlocks = 2000; ///< hours of a broken disk; then the oldest are given up

    std::mutex mutex;
    std::vector<History::Block> blocks;
    std::vector<DayRecord> days;
    bool wasReported = false;
};

MetricsArchive::MetricsArchive(StoreThread &store, Log &log, int retentionDays)
    : m_store(store)
    , m_log(log)
    , m_retentionDays(std::max(1, retentionDays))
    , m_unsaved(std::make_shared<Unsaved>())
{
}

MetricsArchive::~MetricsArchive() = default;

Status MetricsArchive::createTables(Database &database)
{
    return database.execute(kSchema);
}

DayRecord MetricsArchive::loadNewestDay()
{
    auto newest = std::make_shared<std::promise<DayRecord>>();
    m_store.read([newest](Database &database) {
        Statement row = database.prepare(
            "SELECT begin_ms, end_ms, day, counts, closed_ms, peak FROM metrics_days ORDER BY begin_ms DESC LIMIT 1");
        newest->set_value(row.nextRow() ? readDay(row) : DayRecord{});
    });
    return newest->get_future().get();
}

void MetricsArchive::loadHistory(History &history)
{
    auto damaged = std::make_shared<std::promise<qint64>>();
    m_store.read([damaged, &history](Database &database) { damaged->set_value(readBlocks(database, history)); });
    if (const qint64 count = damaged->get_future().get(); count > 0)
        m_log.log(LogLevel::Warning, "metrics_history_damaged"_L1, { { "blocks_skipped"_L1, count } });
}

void MetricsArchive::save(Aggregator &aggregator, History &history)
{
    std::vector<History::Block> blocks;
    std::vector<DayRecord> days;
    {
        const std::scoped_lock lock(m_unsaved->mutex);
        blocks = std::exchange(m_unsaved->blocks, {});
        days = std::exchange(m_unsaved->days, {});
    }
    std::vector<History::Block> changed = history.takeChanges();
    if (m_observer)
        m_observer(changed);
    std::move(changed.begin(), changed.end(), std::back_inserter(blocks));
    if (std::optional<DayRecord> finished = aggregator.takeFinishedDay())
        days.push_back(*std::move(finished));
    days.push_back(aggregator.today());

    auto batch = std::make_shared<std::pair<std::vector<History::Block>, std::vector<DayRecord>>>(
        std::move(blocks), std::move(days));
    const auto write = [batch](Database &database) {
        for (const DayRecord &day : batch->second) {
            if (Status status = writeDay(database, day); !status)
                return status;
        }
        return writeBlocks(database, batch->first);
    };
    m_store.write(write, [batch, unsaved = m_unsaved, log = &m_log](const Status &status) {
        const std::scoped_lock lock(unsaved->mutex);
        if (!status) {
            // In front of what may have failed since, so that newer forms of a block replace older ones.
            const size_t room = Unsaved::kMaxBlocks - std::min(Unsaved::kMaxBlocks, unsaved->blocks.size());
            const size_t kept = std::min(room, batch->first.size());
            unsaved->blocks.insert(unsaved->blocks.begin(), batch->first.end() - qsizetype(kept), batch->first.end());
            if (unsaved->days.size() < 10)
                unsaved->days.insert(unsaved->days.begin(), batch->second.begin(), batch->second.end());
            if (!std::exchange(unsaved->wasReported, true))
                log->log(LogLevel::Error, "metrics_not_saved"_L1, { { "detail"_L1, status.error().message } });
        } else if (std::exchange(unsaved->wasReported, false)) {
            log->log(LogLevel::Info, "metrics_saved_again"_L1);
        }
    });
}

void MetricsArchive::deleteOld(UtcTime now)
{
    const auto retention = std::chrono::hours(24 * m_retentionDays);
    const History spans;
    std::array<std::pair<qint64, qint64>, History::kResolutions> oldest; // step, first block that stays
    for (size_t i = 0; i < History::kResolutions; ++i) {
        const HistoryRing &ring = spans.ring(i);
        const auto keep = std::min<std::chrono::seconds>(ring.span() + 60 * ring.step(), retention);
        oldest[i] = { ring.step().count(), ring.bucketOf(now - keep) / History::kBlockSlots };
    }
    m_store.write([oldest, oldestDay = toEpochMillis(now - retention)](Database &database) {
        for (const auto &[step, block] : oldest) {
            Statement drop = database.prepare("DELETE FROM metrics_blocks WHERE step = ? AND block < ?");
            if (Status status = drop.bind(1, step).bind(2, block).run(); !status)
                return status;
        }
        return database.prepare("DELETE FROM metrics_days WHERE end_ms < ?").bind(1, oldestDay).run();
    });
}

void MetricsArchive::loadDays(UtcTime from, UtcTime to, std::function<void(Result<std::vector<DayRecord>>)> done)
{
    const auto answer = answerOnce<Result<std::vector<DayRecord>>>(std::move(done));
    const auto work = [from, to, answer](Database &database) {
        std::vector<DayRecord> days;
        Statement row = database.prepare("SELECT begin_ms, end_ms, day, counts, closed_ms, peak FROM metrics_days "
                                         "WHERE begin_ms >= ? AND begin_ms < ? ORDER BY begin_ms");
        row.bind(1, toEpochMillis(from)).bind(2, toEpochMillis(to));
        while (row.nextRow())
            days.push_back(readDay(row));
        if (const Status status = row.status(); !status)
            answer(status.error());
        else
            answer(std::move(days));
    };
    m_store.read(work, answer);
}

} // namespace gatehouse
