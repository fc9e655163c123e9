// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/admissionscripts.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse::admissionscripts {

namespace {

constexpr char kNodes[] = "gatehouse:nodes";
constexpr char kGrants[] = "gatehouse:grants";

QByteArray flag(bool value)
{
    return value ? QByteArrayLiteral("1") : QByteArrayLiteral("0");
}

void appendRule(QByteArrayList &arguments, const LimitRule &rule)
{
    arguments << QByteArray::number(rule.isJudged() ? rule.value : -1) << flag(rule.mode == LimitMode::Enforce);
}

/// Adds the attempt to what a script has counted before it; it says -1 of what it has not counted.
void countAttempt(LimitCounts &counts, Counted counted, qint64 before, std::chrono::milliseconds exactWait = {})
{
    if (before >= 0)
        counts.set(counted, before + 1, exactWait);
}

/// Whose budget it is; of an address that is not counted, nobody's.
QByteArray clientOf(const PeerAttempt &attempt)
{
    return attempt.bucket ? clientName(ClientKey::of(*attempt.bucket, attempt.user)) : QByteArray();
}

QByteArray attemptsKey(const QByteArray &client)
{
    return "gatehouse:attempts:" + (client.isEmpty() ? QByteArray("none") : client);
}

} // namespace

CountKeys CountKeys::of(const QByteArray &run)
{
    return { "gatehouse:open:a:" + run, "gatehouse:open:u:" + run };
}

QByteArray bucketName(const AddressKey &bucket)
{
    return bucket.toAddress().bucketText().toLatin1();
}

QByteArray clientName(const ClientKey &client)
{
    return bucketName(client.bucket) + ':' + QByteArray::number(client.user, 16);
}

Call admitCall(const QByteArray &run, const PeerAttempt &attempt)
{
    const CountKeys own = CountKeys::of(run);
    const QByteArray client = clientOf(attempt);
    Call call;
    call.keys = { kNodes, own.addresses, own.users, attemptsKey(client), kGrants };
    call.arguments = { run, attempt.bucket ? bucketName(*attempt.bucket) : QByteArray(), attempt.user.toUtf8() };
    for (const Reason reason : kPeerReasons)
        appendRule(call.arguments, peerRule(reason, *attempt.snapshot, attempt.addressLimit));
    const std::chrono::milliseconds window = attempt.snapshot->limits.windowOf(LimitKey::MaxReconnectAttempts).value();
    call.arguments << flag(attempt.usesBudget) << client << QByteArray::number(qint64(window.count()));
    return call;
}

std::optional<AdmitAnswer> readAdmitReply(const RedisReply &reply, const PeerAttempt &attempt)
{
    constexpr size_t kValues = 9;
    if (!reply.isArray() || reply.elements.size() != kValues)
        return std::nullopt;
    std::array<qint64, kValues> values{};
    std::transform(reply.elements.begin(), reply.elements.end(), values.begin(),
        [](const RedisReply &value) { return value.toInteger(-1); });
    const auto [isAdmitted, openOfAddress, attempts, wait, openOfUser, isSpared, countedAt, hasGrants, nodes] = values;
    AdmitAnswer answer;
    answer.hasGrants = hasGrants == 1;
    answer.nodes = std::max<qint64>(1, nodes);
    PeerVerdict &verdict = answer.verdict;
    verdict.kind = isAdmitted == 1 ? PeerVerdict::Kind::Admitted : PeerVerdict::Kind::Refused;
    verdict.sparedBudget = isSpared == 1;
    verdict.countedAt = countedAt;
    LimitCounts counts;
    countAttempt(counts, Counted::ConnectionsOfAddress, openOfAddress);
    countAttempt(counts, Counted::AttemptsOfClient, attempts, std::chrono::milliseconds(wait));
    countAttempt(counts, Counted::ConnectionsOfUser, openOfUser);
    verdict.findings = judgePeerLimits(*attempt.snapshot, counts, attempt.addressLimit);
    // The script compares too, for it has to count in the same moment. Both must say the same.
    if (doRefuse(verdict.findings) != (verdict.kind == PeerVerdict::Kind::Refused))
        return std::nullopt;
    return answer;
}

Call takeBackCall(const QByteArray &run, const PeerAttempt &attempt, const PeerVerdict &verdict, bool isCounted)
{
    const CountKeys own = CountKeys::of(run);
    const QByteArray client = clientOf(attempt);
    return { { own.addresses, own.users, attemptsKey(client), kGrants },
        { attempt.bucket ? bucketName(*attempt.bucket) : QByteArray(), attempt.user.toUtf8(),
            QByteArray::number(verdict.countedAt), flag(verdict.sparedBudget), flag(isCounted), client } };
}

Call releaseCall(const CountKeys &keys, const QByteArrayList &buckets, const QByteArrayList &users)
{
    return { { keys.addresses, keys.users }, QByteArrayList{ QByteArray::number(buckets.size()) } + buckets + users };
}

Call setCountsCall(const CountKeys &keys, const CountRows &buckets, const CountRows &users)
{
    Call call{ { keys.addresses, keys.users }, { QByteArray::number(buckets.size()) } };
    for (const CountRows *rows : { &buckets, &users }) {
        for (const auto &[field, count] : *rows)
            call.arguments << field << QByteArray::number(count);
    }
    return call;
}

Call adoptCountsCall(const CountKeys &keys)
{
    const CountKeys next = keys.next();
    return { { keys.addresses, keys.users, next.addresses, next.users }, {} };
}

Call heartbeatCall(const NodeIdentity &node)
{
    const QByteArray run = node.run.toLatin1();
    const CountKeys own = CountKeys::of(run);
    return { { kNodes, "gatehouse:node:" + run, own.addresses, own.users, kGrants },
        { run, node.name.toUtf8(), node.version.toUtf8(), node.url.toUtf8(),
            QByteArray::number(qint64(node.startedAt.time_since_epoch().count())) } };
}

std::optional<HeartbeatAnswer> readHeartbeatReply(const RedisReply &reply)
{
    if (!reply.isArray() || reply.elements.size() != 3)
        return std::nullopt;
    return HeartbeatAnswer{ reply.elements[0].toInteger() == 1, std::max<qint64>(1, reply.elements[1].toInteger(1)),
        reply.elements[2].toInteger() == 1 };
}

Call leaveCall(const QByteArray &run)
{
    const CountKeys own = CountKeys::of(run);
    return { { kNodes, "gatehouse:node:" + run, own.addresses, own.users }, { run } };
}

Call grantCall(const ClientCounts &counts, size_t from, size_t most)
{
    Call call{ { kGrants }, {} };
    for (size_t i = from; i < std::min(counts.size(), from + most); ++i)
        call.arguments << clientName(counts[i].first) << QByteArray::number(counts[i].second);
    return call;
}

} // namespace gatehouse::admissionscripts
