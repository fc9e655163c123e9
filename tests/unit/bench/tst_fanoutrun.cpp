// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/bench/fanoutmode.h"
#include "server/bench/wireformat.h"
#include "tests/support/loopbackpeer.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace gatehouse::bench;
using namespace std::chrono_literals;

class TestFanoutRun final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void markers();
    void findsMarkers_data();
    void findsMarkers();
    void hintFollows();
    void bodies();
    void publisherReadsItsAnswer();
    void publisherComesAgain();
};

namespace {

/// Hears what became of publishes.
class Ear final : public PublishObserver
{
public:
    void published(int, int status) override { statuses.push_back(status); }
    std::vector<int> statuses;
};

} // namespace

void TestFanoutRun::markers()
{
    QCOMPARE(publishMarker(0), QByteArray("gatehouse-bench-00000000"));
    QCOMPARE(publishMarker(0xffffffff), QByteArray("gatehouse-bench-ffffffff"));
}

void TestFanoutRun::findsMarkers_data()
{
    QTest::addColumn<QByteArray>("message");
    QTest::addColumn<qint64>("sequence"); // -1: none
    QTest::newRow("alone") << QByteArray("gatehouse-bench-0000002a") << qint64(42);
    QTest::newRow("within") << QByteArray(R"({"body":"gatehouse-bench-deadbeef...."})") << qint64(0xdeadbeef);
    QTest::newRow("none") << QByteArray(R"({"type":"pong"})") << qint64(-1);
    QTest::newRow("cut off") << QByteArray("gatehouse-bench-000000") << qint64(-1);
    QTest::newRow("no number") << QByteArray("gatehouse-bench-0000zz00") << qint64(-1);
    QTest::newRow("empty") << QByteArray() << qint64(-1);
}

void TestFanoutRun::findsMarkers()
{
    QFETCH(QByteArray, message);
    QFETCH(qint64, sequence);
    for (qsizetype hint : { 0, 9, 10'000 }) {
        const std::optional<quint32> found = findPublishMarker(message, hint);
        QCOMPARE(found ? qint64(*found) : -1, sequence);
    }
}

void TestFanoutRun::hintFollows()
{
    qsizetype hint = 0;
    QCOMPARE(findPublishMarker("abcgatehouse-bench-00000001", hint).value_or(0), 1U);
    QCOMPARE(hint, 3);
    QCOMPARE(findPublishMarker("xyzgatehouse-bench-00000002", hint).value_or(0), 2U);
    QCOMPARE(findPublishMarker("gatehouse-bench-00000003", hint).value_or(0), 3U);
    QCOMPARE(hint, 0);
}

void TestFanoutRun::bodies()
{
    BenchPlan plan;
    plan.bodyBytes = 30;
    QCOMPARE(notificationBody(plan, "gatehouse-bench-0000002a"),
        QByteArray(R"({"to":"all","title":"gatehouse bench","body":"gatehouse-bench-0000002a......","ttl":60})"));
    plan.bodyBytes = 0;
    plan.isEphemeral = true;
    QCOMPARE(notificationBody(plan, "x"),
        QByteArray(R"({"to":"all","title":"gatehouse bench","body":"x","ttl":60,"ephemeral":true})"));
}

void TestFanoutRun::publisherReadsItsAnswer()
{
    LoopbackPeer peer;
    EventLoop loop;
    BenchPlan plan;
    plan.publishTarget = peer.target();
    plan.publishPath = "/publish/";
    plan.publisherToken = "t.o.k";
    Ear ear;
    const auto publishers = makePublishers(loop, plan, ear);
    QCOMPARE(publishers.size(), size_t(1));
    QVERIFY(publishers[0]->open().isOk());
    publishers[0]->publish("gatehouse-bench-00000001");
    QVERIFY(peer.read().startsWith("POST /publish/ HTTP/1.1\r\n"));
    QVERIFY(peer.read().contains("\r\nAuthorization: Bearer t.o.k\r\n"));
    QVERIFY(peer.read().contains("gatehouse-bench-00000001"));
    const auto isHeard = [&ear] { return !ear.statuses.empty(); };
    peer.write("HTTP/1.1 202 Accepted\r\nContent-Length: 10\r\n\r\n{\"ids\"");
    QVERIFY(loop.run(20ms, isHeard) == EventLoop::End::TimeUp); // the answer is not complete
    peer.write(":1}\n");
    QVERIFY(loop.run(5s, isHeard) == EventLoop::End::Done);
    QCOMPARE(ear.statuses, std::vector<int>{ 202 });
}

void TestFanoutRun::publisherComesAgain()
{
    LoopbackPeer peer;
    EventLoop loop;
    BenchPlan plan;
    plan.publishTarget = peer.target();
    plan.publishPath = "/publish/";
    Ear ear;
    const auto publishers = makePublishers(loop, plan, ear);
    QVERIFY(publishers[0]->open().isOk());
    publishers[0]->publish("one");
    QVERIFY(peer.hasRequest());
    peer.write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    QVERIFY(loop.run(5s, [&ear] { return ear.statuses.size() == 1; }) == EventLoop::End::Done);
    peer.hangUp();
    publishers[0]->publish("two");
    QVERIFY(peer.read().contains("two"));
    peer.hangUp(); // this time in the middle
    QVERIFY(loop.run(5s, [&ear] { return ear.statuses.size() == 2; }) == EventLoop::End::Done);
    QCOMPARE(ear.statuses, std::vector<int>({ 202, 0 }));
    peer.stopListening();
    publishers[0]->publish("three");
    QCOMPARE(ear.statuses, std::vector<int>({ 202, 0, 0 }));
}

QTEST_GUILESS_MAIN(TestFanoutRun)
#include "tst_fanoutrun.moc"
