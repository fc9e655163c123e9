// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/nodeexchange.h"

#include <algorithm>

#include "server/base/onthread.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

const QByteArray kReportChannel("gatehouse:metrics");
const QByteArray kReportsKey("gatehouse:reports");
const QString kTotal(u'*'); // no node's name
constexpr auto kKeepInterval = 10s;
constexpr auto kCleanInterval = 1h;
constexpr int kBlocksPerCall = 100;
constexpr int kFieldsPerPage = 200;
constexpr qsizetype kMaxBlockBytes = 64 * 1024;
constexpr qsizetype kMaxLayoutBytes = 8 * 1024;

QByteArray historyKey(const QString &node, qint64 step)
{
    return "gatehouse:history:" + node.toUtf8() + ':' + QByteArray::number(step);
}

/// A block as it is kept: the names of its metrics, so that nodes of several versions read each other, and its data.
QByteArray encodeBlock(const QByteArray &data)
{
    QByteArrayList names;
    for (const MetricDescriptor &descriptor : metricDescriptors())
        names.append(QByteArray(descriptor.name.data(), descriptor.name.size()));
    return names.join(',') + '\n' + data;
}

std::optional<LaidOutBlock> decodeBlock(qint64 step, qint64 block, const QByteArray &value)
{
    const qsizetype end = value.left(kMaxLayoutBytes).indexOf('\n');
    if (end <= 0 || value.size() > kMaxBlockBytes)
        return std::nullopt;
    LaidOutBlock read{ { step, block, value.mid(end + 1) }, {} };
    for (const QByteArray &name : value.left(end).split(',')) {
        const MetricDescriptor *descriptor = findMetric(QString::fromLatin1(name));
        read.order.push_back(descriptor ? std::optional(descriptor->metric) : std::nullopt);
    }
    return read;
}

} // namespace

/// The blocks of one question, read a part after the other.
struct NodeExchange::HistoryReading
{
    QByteArray key;
    qint64 step;
    qint64 next;
    qint64 last;
    std::vector<LaidOutBlock> blocks{};
    std::function<void(const Result<std::vector<LaidOutBlock>> &)> done;
};

NodeExchange::NodeExchange(RedisLink &calls, RedisLink &subscriber, NodeIdentity self, const Clock &clock, Log &log,
    NodeExchangeHandlers handlers)
    : m_calls(calls)
    , m_self(std::move(self))
    , m_clock(clock)
    , m_log(log)
    , m_handlers(std::move(handlers))
    , m_keeping(this)
    , m_cleaning(this)
{
    subscriber.subscribe(
        { kReportChannel }, [this](const QByteArray &, const QByteArray &payload) { received(payload); });
    connect(&m_calls, &RedisLink::up, this, &NodeExchange::connected);
    connect(&m_calls, &RedisLink::down, this, [this](const QString &reason) {
        m_handlers.redisChanged({ false, {}, reason, m_clock.utc() });
    });
    connect(&m_keeping, &QTimer::timeout, this, [this] {
        keepReport({});
        readKept();
    });
    connect(&m_cleaning, &QTimer::timeout, this, &NodeExchange::dropOldHistory);
}

void NodeExchange::connected(const RedisServer &server)
{
    m_handlers.redisChanged({ true, server.address, {}, m_clock.utc() });
    m_isSending = false;
    m_isKept = false;
    readKept();
    for (const auto &[step, span] : History::kSpans)
        readTotal(step.count(), "0");
    dropOldHistory();
    sendHistory();
    m_keeping.start(kKeepInterval);
    m_cleaning.start(kCleanInterval);
}

void NodeExchange::report(const NodeReport &report)
{
    postTo(*this, [this, json = report.toJson()] {
        m_lastReport = json;
        if (!m_calls.isUp())
            return;
        m_calls.call(
            { "PUBLISH", kReportChannel, json }, [](const Result<RedisReply> &) {}); // the next one is on its way
        if (!std::exchange(m_isKept, true))
            keepReport({}); // at once: also who dies soon is missed
    });
}

void NodeExchange::received(const QByteArray &payload)
{
    const std::optional<NodeReport> report = NodeReport::fromJson(payload);
    if (!report) {
        m_log.log(LogLevel::Debug, "node_report_refused"_L1, { { "bytes"_L1, qint64(payload.size()) } });
        return;
    }
    const bool isMyName = report->node.name == m_self.name;
    if (isMyName && report->node.run != m_self.run && !std::exchange(m_saidNameIsTaken, true))
        m_log.log(LogLevel::Error, "node_name_taken"_L1,
            { { "name"_L1, m_self.name }, { "other_url"_L1, report->node.url },
                { "detail"_L1, u"two nodes have this name and are taken for one: set NODE_NAME"_s } });
    if (!isMyName)
        m_handlers.reported(*report);
}

void NodeExchange::keepReport(std::function<void()> done)
{
    if (m_lastReport.isEmpty() || !m_calls.isUp()) {
        if (done)
            done();
        return;
    }
    m_calls.call({ "HSET", kReportsKey, m_self.name.toUtf8(), m_lastReport },
        [done = std::move(done)](const Result<RedisReply> &) {
            if (done)
                done();
        });
}

void NodeExchange::readKept()
{
    m_calls.call({ "HGETALL", kReportsKey }, [this](const Result<RedisReply> &reply) {
        if (!reply || !reply->isArray())
            return;
        std::vector<NodeReport> reports;
        for (size_t i = 1; i < reply->elements.size(); i += 2) {
            if (std::optional<NodeReport> report = NodeReport::fromJson(reply->elements[i].text))
                reports.push_back(*std::move(report));
        }
        m_handlers.kept(reports);
    });
}

void NodeExchange::keepHistory(bool isOfAll, const std::vector<History::Block> &blocks)
{
    postTo(*this, [this, isOfAll, blocks] {
        for (const History::Block &block : blocks)
            m_unsent[{ historyKey(isOfAll ? kTotal : m_self.name, block.stepSeconds), block.block }] = block.data;
        while (qsizetype(m_unsent.size()) > kMaxUnsentBlocks)
            m_unsent.erase(m_unsent.begin());
        sendHistory();
    });
}

void NodeExchange::sendHistory()
{
    if (m_isSending || m_unsent.empty() || !m_calls.isUp())
        return;
    // Those of one hash at a time.
    const QByteArray key = m_unsent.begin()->first.first;
    auto sent = std::make_shared<std::map<std::pair<QByteArray, qint64>, QByteArray>>();
    QByteArrayList command{ "HSET", key };
    for (const auto &[place, data] : m_unsent) {
        if (place.first != key || sent->size() == kBlocksPerCall)
            break;
        command << QByteArray::number(place.second) << encodeBlock(data);
        sent->emplace(place, data);
    }
    m_isSending = true;
    m_calls.call(std::move(command), [this, sent](const Result<RedisReply> &reply) {
        m_isSending = false;
        if (!reply)
            return; // with the next blocks, or when Redis is back
        for (const auto &[place, data] : *sent) {
            const auto found = m_unsent.find(place);
            if (found != m_unsent.end() && found->second == data)
                m_unsent.erase(found);
        }
        sendHistory();
    });
    const std::chrono::seconds longest = History::kSpans.back().second;
    m_calls.call({ "EXPIRE", key, QByteArray::number(longest.count()) }, [](const Result<RedisReply> &) {});
}

void NodeExchange::dropOldHistory()
{
    const qint64 now = toEpochMillis(m_clock.utc()) / 1000;
    for (const auto &[step, span] : History::kSpans) {
        const qint64 oldest = (now - span.count()) / (step.count() * History::kBlockSlots) - 1;
        for (const QString &node : { m_self.name, kTotal }) {
            const QByteArray key = historyKey(node, step.count());
            m_calls.call({ "HKEYS", key }, [this, key, oldest](const Result<RedisReply> &reply) {
                QByteArrayList command{ "HDEL", key };
                for (const RedisReply &block : reply ? reply->elements : std::vector<RedisReply>()) {
                    if (block.toInteger() < oldest)
                        command << block.text;
                }
                if (command.size() > 2)
                    m_calls.call(std::move(command), [](const Result<RedisReply> &) {});
            });
        }
    }
}

void NodeExchange::readTotal(qint64 step, const QByteArray &cursor)
{
    m_calls.call({ "HSCAN", historyKey(kTotal, step), cursor, "COUNT", QByteArray::number(kFieldsPerPage) },
        [this, step](const Result<RedisReply> &reply) {
            if (!reply || reply->elements.size() != 2 || !reply->elements[1].isArray())
                return; // it is read again when Redis is back
            std::vector<LaidOutBlock> blocks;
            const std::vector<RedisReply> &fields = reply->elements[1].elements;
            for (size_t i = 0; i + 1 < fields.size(); i += 2) {
                if (std::optional<LaidOutBlock> block = decodeBlock(step, fields[i].toInteger(), fields[i + 1].text))
                    blocks.push_back(*std::move(block));
            }
            m_handlers.totalRead(blocks);
            if (const QByteArray next = reply->elements[0].text; next != "0")
                readTotal(step, next);
        });
}

void NodeExchange::readHistory(const QString &node, qint64 step, qint64 first, qint64 last,
    std::function<void(const Result<std::vector<LaidOutBlock>> &)> done)
{
    auto reading = std::make_shared<HistoryReading>(
        HistoryReading{ historyKey(node, step), step, first, last, {}, std::move(done) });
    postTo(*this, [this, reading] { readPart(reading); });
}

void NodeExchange::readPart(const std::shared_ptr<HistoryReading> &reading)
{
    if (reading->next > reading->last) {
        reading->done(reading->blocks);
        return;
    }
    const qint64 first = reading->next;
    reading->next = std::min(reading->last + 1, first + kBlocksPerCall);
    QByteArrayList command{ "HMGET", reading->key };
    for (qint64 block = first; block < reading->next; ++block)
        command << QByteArray::number(block);
    m_calls.call(std::move(command), [this, reading, first](const Result<RedisReply> &reply) {
        if (!reply) {
            reading->done(reply.error());
            return;
        }
        for (size_t i = 0; i < reply->elements.size(); ++i) {
            if (std::optional<LaidOutBlock> block
                = decodeBlock(reading->step, first + qint64(i), reply->elements[i].text))
                reading->blocks.push_back(*std::move(block));
        }
        readPart(reading);
    });
}

void NodeExchange::forget(const QString &node, std::function<void(const Status &)> done)
{
    postTo(*this, [this, node, done = std::move(done)] {
        QByteArrayList keys{ "UNLINK" };
        for (const auto &[step, span] : History::kSpans)
            keys << historyKey(node, step.count());
        m_calls.call(std::move(keys), [](const Result<RedisReply> &) {});
        m_calls.call({ "HDEL", kReportsKey, node.toUtf8() },
            [done](const Result<RedisReply> &reply) { done(reply ? ok() : Status(reply.error())); });
    });
}

void NodeExchange::leave(NodeReport report, std::function<void()> done)
{
    report.isLeaving = true;
    postTo(*this, [this, json = report.toJson(), done = std::move(done)] {
        m_lastReport = json;
        if (m_calls.isUp())
            m_calls.call({ "PUBLISH", kReportChannel, json }, [](const Result<RedisReply> &) {});
        keepReport(done);
    });
}

} // namespace gatehouse
