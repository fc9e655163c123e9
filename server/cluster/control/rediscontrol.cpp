// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/control/rediscontrol.h"

#include <QtCore/QPointer>

#include "server/base/onthread.h"
#include "server/cluster/control/controlcodec.h"
#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr char kLog[] = "gatehouse:control";
constexpr char kVersions[] = "gatehouse:control:version";
constexpr char kItemsPrefix[] = "gatehouse:control:"; ///< and the name of the kind
constexpr char kBlockMillis[] = "1000";               ///< then it looks anew whether its place is still there
constexpr char kCount[] = "60"; ///< entries at once: with the largest payloads they fit into an answer
constexpr char kBeginning[] = "0-0";
constexpr std::chrono::milliseconds kReadDeadline = 4000ms;
constexpr std::chrono::milliseconds kLoadDeadline = 10s; // a hundred thousand bans
constexpr std::chrono::milliseconds kAskAgain = 1000ms;

QByteArrayList keys()
{
    QByteArrayList keys{ kLog, kVersions };
    for (size_t i = 0; i < kControlKinds; ++i) {
        const QLatin1StringView kind = controlKindName(ControlKind(i));
        keys.append(kItemsPrefix + QByteArray(kind.data(), kind.size()));
    }
    return keys;
}

/// What Redis answered with an error was not carried out; of everything else that is not known.
Error asControlError(const Error &error)
{
    const bool isRefused = error.field == rediserrors::kRefused;
    return { error.message, isRefused ? QString(controlerrors::kUnavailable) : QString() };
}

} // namespace

RedisControl::RedisControl(RedisCalls &writer, RedisCalls &reader, QObject &anchor)
    : m_writer(writer)
    , m_reader(reader)
    , m_anchor(anchor)
    , m_listener(std::make_shared<ControlListener *>(nullptr))
    , m_later(this)
{
    m_later.setSingleShot(true);
    connect(&m_later, &QTimer::timeout, this, &RedisControl::ask);
}

RedisControl::~RedisControl() = default;

void RedisControl::setListener(ControlListener *listener)
{
    *m_listener = listener;
    post([this, isThere = listener != nullptr] {
        m_isListenedTo = isThere;
        if (m_isListenedTo)
            tellOfLinks();
    });
}

void RedisControl::linksChanged(const QString &reason)
{
    const bool isUp = m_reader.isUp() && m_writer.isUp();
    if (isUp == m_isUp && (isUp || reason.isEmpty() || reason == m_reason))
        return;
    m_isUp = isUp;
    m_reason = reason;
    m_position.clear();
    if (m_isListenedTo)
        tellOfLinks();
}

void RedisControl::tellOfLinks()
{
    if (m_isUp)
        tell([](ControlListener &one) { one.cameUp(); });
    else if (!m_reason.isEmpty())
        tell([reason = m_reason](ControlListener &one) { one.wentDown(reason); });
}

void RedisControl::follow(const QByteArray &position)
{
    post([this, position] {
        if (!m_isUp)
            return; // the listener calls again when it is
        m_position = position;
        ask();
    });
}

/// First whether the place is there, then what comes after it. One that waits already is waited for.
void RedisControl::ask()
{
    if (!m_isUp || m_isAsking || m_position.isEmpty())
        return;
    m_isAsking = true;
    m_later.stop();
    const QByteArray position = m_position;
    const QPointer self(this);
    m_reader.call(
        { "XRANGE", kLog, position, position },
        [this, self, position](const Result<RedisReply> &reply) {
            if (self)
                looked(position, reply);
        },
        kReadDeadline);
    m_reader.call(
        { "XREAD", "COUNT", kCount, "BLOCK", kBlockMillis, "STREAMS", kLog, position },
        [this, self, position](const Result<RedisReply> &reply) {
            if (self)
                read(position, reply);
        },
        kReadDeadline);
}

void RedisControl::looked(const QByteArray &position, const Result<RedisReply> &reply)
{
    if (!reply || position != m_position)
        return; // the second answer says what comes of it
    if (position == kBeginning || !reply->elements.empty()) {
        tell([](ControlListener &one) { one.foundPlace(); });
        return;
    }
    m_position.clear();
    tell([](ControlListener &one) { one.lostPlace(); });
}

void RedisControl::read(const QByteArray &position, const Result<RedisReply> &reply)
{
    m_isAsking = false;
    if (position != m_position) {
        ask(); // for another place meanwhile, or not at all
        return;
    }
    if (!reply) {
        if (reply.error().field == rediserrors::kRefused)
            askLater(reply.error().message);
        else
            ask();
        return;
    }
    const Result<std::optional<ControlBatch>> batch = controlcodec::readBatchIn(*reply, position);
    if (!batch) {
        askLater(batch.error().message);
    } else if (!*batch) {
        ask();
    } else {
        m_position.clear(); // until the listener has carried it out
        tell([batch = **batch](ControlListener &one) { one.received(batch); });
    }
}

void RedisControl::askLater(const QString &why)
{
    tell([why](ControlListener &one) { one.cannotRead(why); });
    m_later.start(kAskAgain);
}

void RedisControl::append(
    const ControlChange &change, const QString &node, std::function<void(const Result<ControlVerdict> &)> done)
{
    const auto answer = onThreadOf(m_anchor, std::move(done));
    const Result<QByteArrayList> arguments = controlcodec::appendArguments(change, node);
    if (!arguments) {
        answer(Error{ arguments.error().message, controlerrors::kUnavailable });
        return;
    }
    const QLatin1StringView kind = controlKindName(change.kind);
    const QByteArray items = kItemsPrefix + QByteArray(kind.data(), kind.size());
    post([this, arguments, items, answer] {
        m_writer.run(
            scripts::appendChange(), { kLog, kVersions, items }, *arguments, [answer](const Result<RedisReply> &reply) {
                answer(reply ? controlcodec::verdictIn(*reply) : Result<ControlVerdict>(asControlError(reply.error())));
            });
    });
}

void RedisControl::load(LoadDone done)
{
    const LoadDone answer = onThreadOf(m_anchor, std::move(done));
    post([this, answer] {
        const auto loaded = [this, answer, self = QPointer(this)](const Result<RedisReply> &reply) {
            if (!self)
                return;
            Result<std::optional<ControlSnapshot>> snapshot = reply
                ? controlcodec::snapshotIn(*reply)
                : Result<std::optional<ControlSnapshot>>(asControlError(reply.error()));
            if (snapshot && *snapshot)
                readLog(std::make_shared<ControlSnapshot>(**snapshot), "-", answer);
            else
                answer(snapshot);
        };
        m_writer.run(scripts::loadState(), keys(), {}, loaded, kLoadDeadline);
    });
}

/// What is left of the log up to the snapshot, part by part. Of it only the audit is wanted, and whose changes it
/// holds.
void RedisControl::readLog(std::shared_ptr<ControlSnapshot> snapshot, QByteArray after, LoadDone done)
{
    const QByteArray from = after == "-" ? after : '(' + after;
    const auto read = [this, snapshot, after, done, self = QPointer(this)](const Result<RedisReply> &reply) {
        if (!self)
            return;
        const Result<ControlBatch> batch
            = reply ? controlcodec::batchIn(*reply, after) : Result<ControlBatch>(asControlError(reply.error()));
        if (!batch) {
            done(batch.error());
            return;
        }
        for (const ControlEntry &entry : batch->entries) {
            QJsonObject kept;
            for (const QLatin1StringView name : { "id"_L1, "audit"_L1 }) {
                if (entry.payload.contains(name))
                    kept.insert(name, entry.payload.value(name));
            }
            if (!kept.isEmpty())
                snapshot->log.push_back({ entry.kind, entry.version, entry.node, kept });
        }
        if (reply->elements.empty() || batch->position == snapshot->position)
            done(std::optional(std::move(*snapshot)));
        else
            readLog(snapshot, batch->position, done);
    };
    m_writer.call({ "XRANGE", kLog, from, snapshot->position, "COUNT", kCount }, read);
}

void RedisControl::seed(
    const std::array<ControlItems, kControlKinds> &items, const QString &node, std::function<void(const Status &)> done)
{
    const auto answer = onThreadOf(m_anchor, [done = std::move(done)](const Result<RedisReply> &reply) {
        done(reply ? ok() : Status(asControlError(reply.error())));
    });
    post([this, arguments = controlcodec::seedArguments(items, node), answer] {
        m_writer.run(scripts::seedState(), keys(), arguments, answer, kLoadDeadline);
    });
}

void RedisControl::tell(std::function<void(ControlListener &)> call)
{
    postTo(m_anchor, [listener = m_listener, call = std::move(call)] {
        if (*listener)
            call(**listener);
    });
}

void RedisControl::post(std::function<void()> call)
{
    postTo(*this, std::move(call));
}

} // namespace gatehouse
