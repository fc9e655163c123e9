// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/delivery/streamreader.h"
#include "server/cluster/scripts/scripts.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakerediscalls.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

QByteArray ulid(int number)
{
    return "01ARZ3NDEKTSV4RRFFQ69G" + QByteArray::number(number).rightJustified(4, '0');
}

QByteArray notification(int number)
{
    return R"({"id":")" + ulid(number)
        + R"(","title":"t","body":"","level":"info","data":null,"created_at":"2025-11-10T12:00:00.000Z","read":false})";
}

QByteArrayList fieldsOf(int sequence)
{
    return { "s", QByteArray::number(sequence), "n", notification(sequence), "t", R"({"users":["42"]})", "r", "7" };
}

RedisReply entry(const QByteArray &id, const QByteArrayList &fields)
{
    return arrayReply({ textReply(id), textsReply(fields) });
}

/// What the reading script answers.
RedisReply read(int last, std::vector<std::pair<int, RedisReply>> entries, bool isComplete = true)
{
    std::vector<RedisReply> streams(kStreamShards, arrayReply({}));
    for (auto &[shard, one] : entries)
        streams[size_t(shard)].elements.push_back(std::move(one));
    return arrayReply({ textReply(QByteArray::number(last)), textReply("7:0:0:0"), integerReply(isComplete ? 1 : 0),
        arrayReply(streams) });
}

RedisReply ends(int last, const QByteArray &position)
{
    return arrayReply({ textReply(QByteArray::number(last)), textReply("7:0:0:0"),
        textsReply(QByteArrayList(kStreamShards, position)) });
}

struct Fixture
{
    FakeRedisCalls redis;
    FakeClock clock;
    RecordingLog log;
    std::vector<StreamBatch> batches;
    std::vector<std::function<void()>> taken;
    bool takesAtOnce = true;
    StreamReader reader{ redis,
        [this](StreamBatch batch, std::function<void()> done) {
            batches.push_back(std::move(batch));
            if (takesAtOnce)
                done();
            else
                taken.push_back(std::move(done));
        },
        clock, log };

    /// The ends have been found, and it waits.
    void begin(int last = 10)
    {
        reader.linkUp();
        redis.answer(ends(last, "5-0"));
        QTRY_COMPARE(redis.calls.size(), size_t(1));
        redis.answer(read(last, {}));
        QTRY_COMPARE(redis.calls.size(), size_t(2));
        batches.clear();
    }
    /// Something has come while it waited.
    void wake(const RedisReply &answer)
    {
        redis.answer(RedisReply{});
        redis.answer(answer);
    }
    [[nodiscard]] QList<qint64> sequences() const
    {
        QList<qint64> all;
        for (const StreamBatch &batch : batches) {
            for (const auto &part : { batch.deliveries, batch.afterMissed }) {
                for (const Delivery &delivery : part)
                    all.append(delivery.sequence);
            }
        }
        return all;
    }
};

} // namespace

class TestStreamReader final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void beginsAtTheEnds()
    {
        Fixture f;
        f.reader.linkUp();
        QCOMPARE(f.redis.calls.front().script, &scripts::streamEnds());
        f.redis.answer(ends(10, "5-0"));
        QCOMPARE(f.batches.size(), size_t(1)); // whoever is connected already looks into the inbox
        QCOMPARE(f.batches[0].missedAfter, std::optional(Cursor{ 7, 0 }));
        QTRY_COMPARE(f.redis.calls.size(), size_t(1));
        QCOMPARE(f.redis.calls.front().script, &scripts::readStreams());
        QCOMPARE(f.redis.calls.front().command.mid(3), QByteArrayList(kStreamShards, "5-0"));
        QCOMPARE(f.reader.counts().missed.load(), 0);
    }

    void waitsAndReadsInOneGo()
    {
        Fixture f;
        f.begin();
        const QByteArrayList &wait = f.redis.calls[0].command;
        QCOMPARE(wait.mid(0, 6), (QByteArrayList{ "XREAD", "COUNT", "1", "BLOCK", "2000", "STREAMS" }));
        QCOMPARE(wait.size(), 6 + 2 * kStreamShards);
        QCOMPARE(f.redis.calls[1].script, &scripts::readStreams());
        f.wake(read(12, { { 3, entry("6-1", fieldsOf(12)) }, { 4, entry("6-0", fieldsOf(11)) } }));
        QCOMPARE(f.sequences(), (QList<qint64>{ 11, 12 }));
        const Delivery &first = f.batches[0].deliveries[0];
        QCOMPARE(std::get<ToUsers>(first.to).users, QStringList{ u"42"_s });
        QVERIFY(first.message.contains(ulid(11)));
        QVERIFY(first.message.contains(encodeCursor({ 7, 11 }).toLatin1()));
        QVERIFY(!first.isDroppable);
        QTRY_COMPARE(f.redis.calls.size(), size_t(2));
        QCOMPARE(f.redis.calls[1].command[3 + 3], "6-1");
        QCOMPARE(f.redis.calls[1].command[3 + 4], "6-0");
        QCOMPARE(f.redis.calls[1].command[3 + 5], "5-0");
    }

    void readsOnAtOnceWhatOneAnswerDidNotTake()
    {
        Fixture f;
        f.begin();
        f.wake(read(13, { { 3, entry("6-0", fieldsOf(11)) }, { 3, entry("6-1", fieldsOf(13)) } }, false));
        QTRY_COMPARE(f.redis.calls.size(), size_t(1));
        f.redis.answer(read(13, { { 4, entry("6-0", fieldsOf(12)) } }));
        QCOMPARE(f.sequences(), (QList<qint64>{ 11, 12, 13 }));
        QTRY_COMPARE(f.redis.calls.size(), size_t(2));
    }

    void readsNothingMoreUntilItIsTaken()
    {
        Fixture f;
        f.begin();
        f.takesAtOnce = false;
        f.wake(read(11, { { 0, entry("6-0", fieldsOf(11)) } }));
        QCoreApplication::processEvents();
        QVERIFY(f.redis.calls.empty());
        f.taken.at(0)();
        QTRY_COMPARE(f.redis.calls.size(), size_t(2));
    }

    void goesOnFromItsPositionsWhenTheLinkComesBack()
    {
        Fixture f;
        f.begin();
        f.redis.fail(rediserrors::kDown);
        f.redis.fail(rediserrors::kDown);
        QVERIFY(f.redis.calls.empty());
        f.reader.linkUp();
        f.redis.answer(ends(12, "9-0"));
        QTRY_COMPARE(f.redis.calls.size(), size_t(1));
        QCOMPARE(f.redis.calls.front().command.mid(3), QByteArrayList(kStreamShards, "5-0"));
        f.redis.answer(read(12, { { 3, entry("6-0", fieldsOf(11)) }, { 3, entry("9-0", fieldsOf(12)) } }));
        QCOMPARE(f.sequences(), (QList<qint64>{ 11, 12 }));
        QVERIFY(!f.batches[0].missedAfter);
    }

    void saysWhatWasTrimmed()
    {
        Fixture f;
        f.begin();
        f.wake(read(14, { { 3, entry("6-0", fieldsOf(11)) }, { 3, entry("9-0", fieldsOf(14)) } }));
        QCOMPARE(f.batches.size(), size_t(1));
        QCOMPARE(f.batches[0].deliveries.size(), size_t(1));
        QCOMPARE(f.batches[0].missedAfter, std::optional(Cursor{ 7, 11 }));
        QCOMPARE(f.batches[0].afterMissed.size(), size_t(1));
        QCOMPARE(f.reader.counts().missed.load(), 1);
        QCOMPARE(f.log.lines("streams_trimmed"_L1).size(), size_t(1));
    }

    void aServerThatEndsEarlierIsReadFromItsEnd()
    {
        Fixture f;
        f.begin();
        f.reader.linkUp();
        f.redis.calls.erase(f.redis.calls.begin(), f.redis.calls.begin() + 2);
        f.redis.answer(ends(9, "4-7"));
        QTRY_COMPARE(f.redis.calls.size(), size_t(1));
        QCOMPARE(f.redis.calls.front().command.mid(3), QByteArrayList(kStreamShards, "4-7"));
    }

    void passesOverWhatIsNoEntryOfOurs_data()
    {
        QTest::addColumn<QByteArrayList>("fields");
        const auto with = [](qsizetype index, const QByteArray &value) {
            QByteArrayList fields = fieldsOf(11);
            fields[index] = value;
            return fields;
        };
        QTest::newRow("empty: too large") << QByteArrayList{};
        QTest::newRow("no sequence") << QByteArrayList{ "n", notification(1), "t", R"({"all":true})", "r", "7" };
        QTest::newRow("sequence is text") << with(1, "eleven");
        QTest::newRow("sequence is zero") << with(1, "0");
        QTest::newRow("sequence is negative") << with(1, "-11");
        QTest::newRow("sequence is huge") << with(1, "99999999999999999999");
        QTest::newRow("sequence is beyond") << with(1, "12");
        QTest::newRow("no JSON") << with(3, "{");
        QTest::newRow("a list") << with(3, "[]");
        QTest::newRow("no notification") << with(3, "{}");
        QTest::newRow("no UTF-8") << with(3, notification(1).replace("\"t\"", "\"\xff\""));
        QTest::newRow("deep") << with(3, QByteArray(1000, '[') + QByteArray(1000, ']'));
        QTest::newRow("audience is text") << with(5, "all");
        QTest::newRow("audience is empty") << with(5, R"({"users":[]})");
        QTest::newRow("audience is of numbers") << with(5, R"({"users":[42]})");
        QTest::newRow("run is text") << with(7, "x");
        QTest::newRow("odd") << QByteArrayList{ "s" };
        QTest::newRow("rubbish") << QByteArrayList{ QByteArray("\0\xff", 2), QByteArray(1000, '\n') };
    }
    void passesOverWhatIsNoEntryOfOurs()
    {
        QFETCH(QByteArrayList, fields);
        Fixture f;
        f.begin();
        f.wake(read(11, { { 2, entry("6-0", fields) }, { 2, entry("6-1", fieldsOf(11)) } }));
        QCOMPARE(f.sequences(), QList<qint64>{ 11 });
        QVERIFY(!f.batches[0].missedAfter);
        QCOMPARE(f.reader.counts().refused.load(), 1);
        QCOMPARE(f.reader.counts().entries.load(), 2);
        QCOMPARE(f.log.lines("stream_entries_refused"_L1).size(), size_t(1));
    }

    void logsRefusedEntriesInBounds()
    {
        Fixture f;
        f.begin();
        for (int i = 0; i < 100; ++i) {
            f.wake(read(10, { { 2, entry(QByteArray::number(6 + i) + "-0", { "x", "y" }) } }));
            QTRY_COMPARE(f.redis.calls.size(), size_t(2));
        }
        QCOMPARE(f.log.lines("stream_entries_refused"_L1).size(), size_t(1));
        QCOMPARE(f.reader.counts().refused.load(), 100);
        f.clock.advance(std::chrono::seconds(11));
        f.wake(read(10, { { 2, entry("200-0", { "x", "y" }) } }));
        QCOMPARE(f.log.lines("stream_entries_refused"_L1).back().fields.value("entries"_L1).toInt(), 100);
    }

    void survivesAnswersThatAreNone()
    {
        Fixture f;
        f.reader.linkUp();
        f.redis.answer(arrayReply({}));
        QTRY_COMPARE_WITH_TIMEOUT(f.redis.calls.size(), size_t(1), 10'000);
        f.redis.answer(ends(10, "nonsense"));
        QTRY_COMPARE_WITH_TIMEOUT(f.redis.calls.size(), size_t(1), 10'000);
        f.redis.answer(ends(10, "5-0"));
        QTRY_COMPARE(f.redis.calls.size(), size_t(1));
        f.redis.answer(textReply("x"));
        QTRY_COMPARE_WITH_TIMEOUT(f.redis.calls.size(), size_t(1), 10'000);
        QCOMPARE(f.redis.calls.front().script, &scripts::readStreams());
    }

    void looksNowAndThenWhereItCannotWait()
    {
        Fixture f;
        f.begin();
        f.redis.fail(rediserrors::kRefused, u"WRONGTYPE"_s);
        f.redis.answer(read(11, { { 1, entry("6-0", fieldsOf(11)) } }));
        QCOMPARE(f.sequences(), QList<qint64>{ 11 });
        QCoreApplication::processEvents();
        QVERIFY(f.redis.calls.empty()); // not as fast as it can
        QTRY_COMPARE_WITH_TIMEOUT(f.redis.calls.size(), size_t(1), 10'000);
        QCOMPARE(f.redis.calls.front().script, &scripts::readStreams());
    }
};

QTEST_GUILESS_MAIN(TestStreamReader)
#include "tst_streamreader.moc"
