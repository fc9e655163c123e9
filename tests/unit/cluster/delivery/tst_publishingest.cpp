// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/delivery/publishingest.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakerediscalls.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

RedisReply entry(const QByteArray &id, const QByteArrayList &fields)
{
    return arrayReply({ textReply(id), textsReply(fields) });
}

const QByteArrayList kGood{ "to", "all", "title", "Hi" };

/// What XREADGROUP answers.
RedisReply newOnes(std::vector<RedisReply> entries)
{
    return arrayReply({ arrayReply({ textReply("gatehouse:publish"), arrayReply(std::move(entries)) }) });
}

RedisReply claimed(std::vector<RedisReply> entries, qint64 tooLarge = 0)
{
    return arrayReply({ textReply("0-0"), arrayReply(std::move(entries)), integerReply(tooLarge) });
}

RedisReply stored(qint64 before)
{
    return arrayReply({ textReply("stored"), textReply("7"), textReply(QByteArray::number(before)) });
}

struct Fixture
{
    FakeRedisCalls waiting;
    FakeRedisCalls data;
    FakeClock clock;
    RecordingLog log;
    RedisHistory history{ data, log };
    PublishScript script{ history, clock };
    qint64 storedCount = 0;
    std::vector<PublishRequest> ephemeral;
    PublishIngest ingest{ waiting, PublishIngest::by(script), u"run-a"_s,
        [this](qint64 count, const std::vector<PublishRequest> &some) {
            storedCount += count;
            ephemeral.insert(ephemeral.end(), some.begin(), some.end());
        },
        clock, log };

    /// It has joined the group, and waits for what comes.
    void begin()
    {
        ingest.linkUp();
        waiting.answer(textReply("OK"));
        waiting.answer(claimed({}));
        QCOMPARE(command(), "XREADGROUP");
    }
    [[nodiscard]] QByteArray command() const
    {
        return waiting.calls.empty() ? QByteArray() : waiting.calls.front().command.value(0);
    }
};

} // namespace

class TestPublishIngest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void joinsTheGroupAndWaits()
    {
        Fixture f;
        f.ingest.linkUp();
        QCOMPARE(f.waiting.calls.front().command,
            (QByteArrayList{ "XGROUP", "CREATE", "gatehouse:publish", "gatehouse", "0", "MKSTREAM" }));
        f.waiting.fail(rediserrors::kRefused, u"BUSYGROUP Consumer Group name already exists"_s);
        f.waiting.answer(claimed({}));
        QCOMPARE(
            f.waiting.calls.front().command.mid(0, 4), (QByteArrayList{ "XREADGROUP", "GROUP", "gatehouse", "run-a" }));
    }

    void publishesWhatComes()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(newOnes({ entry("5-0", kGood),
            entry("5-1", { "json", R"([{"to":"all","title":"a"},{"to":"all","title":"b","ephemeral":true}])" }) }));
        QCOMPARE(f.data.calls.size(), size_t(2));
        QVERIFY(f.data.calls[0].command.contains("5-0"));
        QVERIFY(f.data.calls[0].command.contains("gatehouse"));
        f.data.answer(stored(10));
        QVERIFY(f.waiting.calls.empty()); // until all are done
        f.data.answer(stored(11));
        QCOMPARE(f.command(), "XREADGROUP");
        QCOMPARE(f.storedCount, 2);
        QCOMPARE(f.ephemeral.size(), size_t(1));
        QCOMPARE(f.ephemeral[0].title, u"b"_s);
        QCOMPARE(f.ingest.taken(), 2);
    }

    void whatCannotBePublishedIsNotFollowedByMore()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(newOnes({ entry("5-0", kGood), entry("5-1", kGood) }));
        f.data.fail(rediserrors::kRefused, u"OOM"_s);
        f.data.fail(rediserrors::kRefused, u"OOM"_s);
        QVERIFY(f.waiting.calls.empty()); // the rest waits in Redis, and is not handed out
        QCOMPARE(f.log.lines("ingest_waits"_L1).size(), size_t(1));
        QTRY_COMPARE(f.command(), "XGROUP");
        f.waiting.fail(rediserrors::kRefused, u"BUSYGROUP Consumer Group name already exists"_s);
        QCOMPARE(f.command(), "XREADGROUP");
    }

    void claimsOnWhileThereIsMore()
    {
        Fixture f;
        f.ingest.linkUp();
        f.waiting.answer(textReply("OK"));
        std::vector<RedisReply> many;
        for (int i = 0; i < PublishIngest::kMostEntries; ++i)
            many.push_back(entry("5-" + QByteArray::number(i), kGood));
        f.waiting.answer(claimed(many));
        for (int i = 0; i < PublishIngest::kMostEntries; ++i)
            f.data.answer(stored(i));
        QVERIFY(f.command() != "XREADGROUP");
        f.waiting.answer(claimed({}));
        QCOMPARE(f.command(), "XREADGROUP");
    }

    void whatAnotherNodePublishedIsDoneWith()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(newOnes({ entry("5-0", { "to", "all", "title", "x", "ephemeral", "true" }) }));
        f.data.answer(arrayReply({ textReply("taken") }));
        QCOMPARE(f.ingest.taken(), 0);
        QCOMPARE(f.ephemeral.size(), size_t(0));
        QCOMPARE(f.command(), "XREADGROUP");
    }

    void setsAsideWhatCannotBePublished()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(
            newOnes({ entry("5-0", { "to", "all", "title", "x", "level", "secret" }), entry("5-1", kGood) }));
        const FakeRedisCalls::Call &refusal = f.waiting.calls.front();
        QVERIFY(refusal.script);
        QCOMPARE(refusal.command.mid(0, 2), (QByteArrayList{ "gatehouse", "5-0" }));
        QVERIFY(refusal.command[2].startsWith("level must be"));
        QCOMPARE(refusal.command[3], "level");
        QVERIFY(refusal.command[4].startsWith("to=all title=x"));
        f.waiting.answer(integerReply(1));
        QVERIFY(f.waiting.calls.empty());
        f.data.answer(stored(10));
        QCOMPARE(f.command(), "XREADGROUP");
        QCOMPARE(f.ingest.refused(), 1);
        QCOMPARE(f.log.lines("publish_refused"_L1).size(), size_t(1));
        QVERIFY(!f.log.text().contains("secret"));
    }

    void oneTroubleDoesNotHideAnother()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(
            newOnes({ entry("5-0", { "to", "all", "title", "x", "level", "secret" }), entry("5-1", kGood) }));
        f.waiting.answer(integerReply(1));
        f.data.fail(rediserrors::kRefused, u"OOM"_s);
        QCOMPARE(f.log.lines("publish_refused"_L1).size(), size_t(1));
        QCOMPARE(f.log.lines("ingest_waits"_L1).size(), size_t(1));
        QTRY_COMPARE(f.command(), "XGROUP");
        f.waiting.fail(rediserrors::kRefused, u"OOM"_s);
        QCOMPARE(f.log.lines("ingest_fails"_L1).size(), size_t(1));
    }

    void claimsWhatOthersLeft()
    {
        Fixture f;
        f.begin();
        f.clock.advance(PublishIngest::kClaimEvery);
        f.waiting.answer(RedisReply{}); // nothing new
        QVERIFY(f.waiting.calls.front().script);
        QCOMPARE(f.waiting.calls.front().command.mid(0, 4), (QByteArrayList{ "gatehouse", "run-a", "10000", "0-0" }));
        f.waiting.answer(claimed({ entry("4-0", kGood) }, 2));
        QCOMPARE(f.ingest.refused(), 2);
        f.data.answer(stored(10));
        QCOMPARE(f.ingest.taken(), 1);
        QCOMPARE(f.command(), "XREADGROUP");
    }

    void leavesWhatTheStoreDidNotTake()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(newOnes({ entry("5-0", kGood) }));
        f.data.fail(rediserrors::kLate);
        QCOMPARE(f.ingest.taken(), 0);
        QCOMPARE(f.storedCount, 0);
        QTRY_COMPARE(f.command(), "XGROUP"); // it goes on a moment later, and this one is claimed later
    }

    void beginsAnewWithTheLink()
    {
        Fixture f;
        f.begin();
        f.waiting.answer(newOnes({ entry("5-0", kGood) }));
        f.ingest.linkUp();
        QCOMPARE(f.command(), "XGROUP");
        f.data.answer(stored(10)); // of before: it is counted, and nothing else
        QCOMPARE(f.storedCount, 1);
        QCOMPARE(f.waiting.calls.size(), size_t(1));
    }

    void joinsAgainWhenTheGroupIsGone()
    {
        Fixture f;
        f.begin();
        f.waiting.fail(rediserrors::kRefused, u"NOGROUP No such key"_s);
        QTRY_COMPARE_WITH_TIMEOUT(f.command(), "XGROUP", 10'000);
    }

    void restsWhileTheLinkIsDown()
    {
        Fixture f;
        f.begin();
        f.waiting.isLinkUp = false;
        f.waiting.fail(rediserrors::kDown);
        QCoreApplication::processEvents();
        QVERIFY(f.waiting.calls.empty());
    }
};

QTEST_GUILESS_MAIN(TestPublishIngest)
#include "tst_publishingest.moc"
