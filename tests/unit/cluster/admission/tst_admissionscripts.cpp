// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDateTime>
#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/cluster/admission/admissionscripts.h"
#include "server/cluster/scripts/scripts.h"
#include "server/guard/limitjudge.h"
#include "tests/support/redisfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

const QByteArray kClient = admissionscripts::clientName(ClientKey::of(AddressKey::of(IpAddress::fromIpv4(1)), u"42"_s));

/// What a Redis holds, and what it is asked.
struct Situation
{
    qint64 openHere = 0; ///< of the address
    qint64 openThere = 0;
    qint64 attempts = 0;
    qint64 userHere = 0;
    qint64 userThere = 0;
    qint64 grants = 0;
    PeerAttempt attempt;
};

Situation randomSituation(QRandomGenerator &random)
{
    auto snapshot = std::make_shared<LimitSnapshot>();
    snapshot->isGuarding = random.bounded(10) != 0;
    for (const LimitDescriptor &limit : limitDescriptors())
        snapshot->limits[limit.key] = { random.bounded(1, 7), LimitMode(random.bounded(3)) };
    snapshot->limits[LimitKey::ReconnectWindow].value = random.bounded(60, 3'601);
    Situation situation;
    for (qint64 *count : { &situation.openHere, &situation.openThere, &situation.userHere, &situation.userThere })
        *count = random.bounded(4);
    situation.attempts = random.bounded(9);
    situation.grants = random.bounded(4) == 0 ? 1 : 0;
    if (random.bounded(8) != 0)
        situation.attempt.bucket = AddressKey::of(IpAddress::fromIpv4(1));
    situation.attempt.user = u"42"_s;
    situation.attempt.usesBudget = random.bounded(5) != 0;
    situation.attempt.snapshot = std::move(snapshot);
    if (random.bounded(3) == 0)
        situation.attempt.addressLimit = random.bounded(1, 7);
    return situation;
}

QByteArray describe(const Situation &situation)
{
    QByteArray text = "open " + QByteArray::number(situation.openHere + situation.openThere) + ", attempts "
        + QByteArray::number(situation.attempts) + ", of user "
        + QByteArray::number(situation.userHere + situation.userThere) + ", grants "
        + QByteArray::number(situation.grants);
    for (const Reason reason : kPeerReasons) {
        const LimitRule rule = LimitRule::of(reason, *situation.attempt.snapshot);
        text += "; " + QByteArray::number(rule.value) + ' ' + limitModeName(rule.mode).data();
    }
    return text;
}

} // namespace

/// Holds the script of admission, which compares in Lua, against the one function that compares in C++.
class TestAdmissionScripts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judgesAsTheOneFunctionDoes()
    {
        QRandomGenerator random(20'261'130);
        int admitted = 0;
        QHash<Reason, int> refused;
        int observed = 0;
        for (int i = 0; i < 3'000; ++i) {
            const Situation situation = randomSituation(random);
            const LimitSnapshot &rules = *situation.attempt.snapshot;
            prepare(situation);
            const Result<RedisReply> reply = admit(situation);
            QVERIFY(reply);
            const std::optional<admissionscripts::AdmitAnswer> answer
                = admissionscripts::readAdmitReply(*reply, situation.attempt);
            QVERIFY2(answer, describe(situation).constData()); // else the two disagree
            const Findings expected = judgePeerLimits(rules, countsOf(situation), situation.attempt.addressLimit);
            const Findings &said = answer->verdict.findings;
            const bool isAdmitted = answer->verdict.kind == PeerVerdict::Kind::Admitted;
            QVERIFY2(isAdmitted == !doRefuse(expected), describe(situation).constData());
            QVERIFY2(said.size() == expected.size(), describe(situation).constData());
            for (size_t at = 0; at < said.size(); ++at) {
                QCOMPARE(said[at].reason, expected[at].reason);
                QCOMPARE(said[at].limit, expected[at].limit);
                QCOMPARE(said[at].observed, expected[at].observed);
                QCOMPARE(said[at].isEnforced, expected[at].isEnforced);
                QCOMPARE(
                    said[at].exactWait > std::chrono::milliseconds(0), said[at].reason == Reason::TooManyReconnects);
                observed += said[at].isEnforced ? 0 : 1;
            }
            checkCounted(situation, isAdmitted);
            if (QTest::currentTestFailed())
                return;
            if (isAdmitted)
                ++admitted;
            else
                ++refused[said.back().reason];
        }
        // All of it has been seen.
        QVERIFY(admitted > 100);
        QVERIFY(observed > 100);
        for (const Reason reason : kPeerReasons)
            QVERIFY(refused.value(reason) > 100);
    }

    void doesNotBelieveAnAnswerThatItsCountsContradict_data()
    {
        QTest::addColumn<qint64>("isAdmitted");
        QTest::addColumn<qint64>("open");
        QTest::addColumn<bool>("isBelieved");
        QTest::newRow("admitted") << qint64(1) << qint64(4) << true;
        QTest::newRow("refused") << qint64(0) << qint64(5) << true;
        QTest::newRow("admitted over the limit") << qint64(1) << qint64(5) << false;
        QTest::newRow("refused below it") << qint64(0) << qint64(4) << false;
    }

    void doesNotBelieveAnAnswerThatItsCountsContradict()
    {
        QFETCH(qint64, isAdmitted);
        QFETCH(qint64, open);
        auto snapshot = std::make_shared<LimitSnapshot>();
        snapshot->limits[LimitKey::MaxConnectionsPerIp] = { 5 };
        RedisReply reply;
        reply.type = RedisReply::Type::Array;
        for (const qint64 value :
            { isAdmitted, open, qint64(-1), qint64(0), qint64(-1), qint64(0), qint64(0), qint64(0), qint64(2) }) {
            RedisReply element;
            element.type = RedisReply::Type::Integer;
            element.integer = value;
            reply.elements.push_back(element);
        }
        const PeerAttempt attempt{ AddressKey::of(IpAddress::fromIpv4(1)), u"42"_s, true, snapshot };
        QTEST(admissionscripts::readAdmitReply(reply, attempt).has_value(), "isBelieved");
    }

private:
    /// What the function compares: what is counted of the attempt, itself included.
    static LimitCounts countsOf(const Situation &situation)
    {
        LimitCounts counts;
        counts.set(Counted::ConnectionsOfUser, situation.userHere + situation.userThere + 1);
        if (!situation.attempt.bucket)
            return counts;
        counts.set(Counted::ConnectionsOfAddress, situation.openHere + situation.openThere + 1);
        if (situation.attempt.usesBudget && situation.grants == 0)
            counts.set(Counted::AttemptsOfClient, situation.attempts + 1);
        return counts;
    }

    void prepare(const Situation &situation)
    {
        const QByteArray now = QByteArray::number(QDateTime::currentMSecsSinceEpoch());
        ask({ "FLUSHALL" });
        ask({ "ZADD", "gatehouse:nodes", now, "HERE", now, "THERE" });
        const auto set = [this](const QByteArray &key, const QByteArray &field, qint64 count) {
            if (count > 0)
                ask({ "HSET", key, field, QByteArray::number(count) });
        };
        set("gatehouse:open:a:HERE", "0.0.0.1", situation.openHere);
        set("gatehouse:open:a:THERE", "0.0.0.1", situation.openThere);
        set("gatehouse:open:u:HERE", "42", situation.userHere);
        set("gatehouse:open:u:THERE", "42", situation.userThere);
        set("gatehouse:grants", kClient, situation.grants);
        // Whatever the window is: those count, and an older one and a colleague's do not.
        const qint64 window = qint64(situation.attempt.snapshot->limits[LimitKey::ReconnectWindow].value) * 1000;
        const qint64 moment = QDateTime::currentMSecsSinceEpoch();
        m_old = QByteArray::number(moment - window - 1);
        ask({ "RPUSH", "gatehouse:attempts:" + kClient, m_old });
        for (qint64 i = 0; i < situation.attempts; ++i)
            ask({ "RPUSH", "gatehouse:attempts:" + kClient, QByteArray::number(moment - window / 2 + i) });
    }

    Result<RedisReply> admit(const Situation &situation)
    {
        const admissionscripts::Call call = admissionscripts::admitCall("HERE", situation.attempt);
        return m_calls.ask(QByteArrayList{ "EVAL", scripts::admit().source(), QByteArray::number(call.keys.size()) }
            + call.keys + call.arguments);
    }

    void checkCounted(const Situation &situation, bool isAdmitted)
    {
        const auto countOf = [this](const QByteArray &key, const QByteArray &field) {
            return ask({ "HGET", key, field }).text.toLongLong();
        };
        const qint64 more = isAdmitted ? 1 : 0;
        QCOMPARE(countOf("gatehouse:open:u:HERE", "42"), situation.userHere + more);
        const bool hasBucket = situation.attempt.bucket.has_value();
        QCOMPARE(countOf("gatehouse:open:a:HERE", "0.0.0.1"), situation.openHere + (hasBucket ? more : 0));
        const LimitRule budget = LimitRule::of(Reason::TooManyReconnects, *situation.attempt.snapshot);
        const bool usesBudget = isAdmitted && budget.isJudged() && countsOf(situation).of(Counted::AttemptsOfClient);
        const QByteArray key = "gatehouse:attempts:" + kClient;
        const qint64 window = qint64(situation.attempt.snapshot->limits[LimitKey::ReconnectWindow].value) * 1000;
        const bool hasOld = ask({ "LINDEX", key, "0" }).text == m_old;
        QCOMPARE(ask({ "LLEN", key }).toInteger(), situation.attempts + (usesBudget ? 1 : 0) + (hasOld ? 1 : 0));
        const qint64 left = ask({ "PTTL", key }).toInteger();
        if (usesBudget)
            QVERIFY(left > window - 10'000 && left <= window);
    }

    RedisReply ask(const QByteArrayList &command)
    {
        const Result<RedisReply> reply = m_calls.ask(command);
        if (!reply)
            qFatal("%s", qPrintable(reply.error().message));
        return *reply;
    }

    QByteArray m_old; ///< an attempt that the window has let go
    RedisServerProcess m_server;
    BlockingRedis m_calls{ m_server.socketPath() };
};

QTEST_GUILESS_MAIN(TestAdmissionScripts)
#include "tst_admissionscripts.moc"
