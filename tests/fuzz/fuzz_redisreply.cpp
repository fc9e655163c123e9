// SPDX-License-Identifier: GPL-3.0-or-later
// What Redis, or somebody in its place, sends to a node: nothing crashes, answers do not depend on how the bytes are
// cut into pieces, and what is made of an answer keeps the shape that the next question is built of.
#include <algorithm>
#include <cstdlib>

#include "server/cluster/control/controlcodec.h"
#include "server/cluster/delivery/ephemeralcodec.h"
#include "server/cluster/delivery/ingestentry.h"
#include "server/cluster/delivery/streamreply.h"
#include "server/redis/redisprotocol.h"
#include "tests/fuzz/targets.h"

using namespace gatehouse;

namespace {

constexpr qsizetype kMostBytes = 64 * 1024;
constexpr size_t kMostAnswers = 100;

void require(bool isTrue)
{
    if (!isTrue)
        std::abort();
}

struct Outcome
{
    std::vector<RedisAnswer> answers;
    bool isBroken = false;
};

Outcome read(QByteArrayView bytes, qsizetype step)
{
    Outcome outcome;
    RedisReplyReader reader(kMostBytes);
    for (qsizetype at = 0; at < bytes.size(); at += step) {
        reader.feed(bytes.sliced(at, std::min(step, bytes.size() - at)));
        while (true) {
            Result<std::optional<RedisAnswer>> next = reader.next();
            if (!next) {
                outcome.isBroken = true;
                return outcome;
            }
            if (!*next)
                break;
            outcome.answers.push_back(**std::move(next));
            if (outcome.answers.size() >= kMostAnswers)
                return outcome;
        }
    }
    return outcome;
}

bool isSame(const RedisReply &one, const RedisReply &other)
{
    return one.type == other.type && one.integer == other.integer && one.text == other.text
        && std::equal(one.elements.begin(), one.elements.end(), other.elements.begin(), other.elements.end(), isSame);
}

/// Every reader of answers gets every answer: which one a stranger's bytes reach is not theirs to choose.
void useEverywhere(const RedisReply &reply)
{
    streamreply::Positions positions;
    positions.fill("5-0");
    if (const Result<streamreply::Read> answer = streamreply::readAnswer(reply, positions))
        require(answer->entries >= qsizetype(answer->answer.entries.size()));
    for (const QByteArray &position : positions)
        require(streamreply::isEntryId(position) && !streamreply::isBefore(position, "5-0"));
    if (const Result<streamreply::Ends> ends = streamreply::readEnds(reply)) {
        for (const QByteArray &position : ends->positions)
            require(streamreply::isEntryId(position));
    }
    static_cast<void>(readIngestEntry(reply.elements));
    static_cast<void>(controlcodec::verdictIn(reply));
    static_cast<void>(controlcodec::batchIn(reply, "0-0"));
    static_cast<void>(controlcodec::readBatchIn(reply, "0-0"));
    static_cast<void>(controlcodec::snapshotIn(reply));
    if (reply.isText())
        static_cast<void>(ephemeralcodec::decode(reply.text, QStringLiteral("run")));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    if (bytes.size() > kMostBytes)
        return 0;
    const Outcome whole = read(bytes, std::max<qsizetype>(bytes.size(), 1));
    for (const qsizetype step : { 1, 7, 200 }) {
        const Outcome pieces = read(bytes, step);
        require(pieces.isBroken == whole.isBroken && pieces.answers.size() == whole.answers.size());
        for (size_t i = 0; i < whole.answers.size(); ++i) {
            require(bool(pieces.answers[i]) == bool(whole.answers[i]));
            require(!whole.answers[i] || isSame(*pieces.answers[i], *whole.answers[i]));
        }
    }
    for (const RedisAnswer &answer : whole.answers) {
        if (answer)
            useEverywhere(*answer);
    }
    return 0;
}
