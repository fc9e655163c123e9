// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <random>

#include <QtTest/QTest>

#include "server/cluster/delivery/streamorder.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

constexpr quint32 kRun = 7;

StreamedNotification entry(qint64 sequence, const QString &id = {}, quint32 run = kRun)
{
    return { sequence, run, id.isEmpty() ? u"id-%1"_s.arg(sequence) : id, "{}", ToAll{} };
}

StreamAnswer answer(
    qint64 last, const QList<qint64> &sequences, bool isComplete = true, HistoryRunBegin run = { kRun, 0, 0 })
{
    StreamAnswer made{ last, run, isComplete, {} };
    for (const qint64 sequence : sequences)
        made.entries.push_back(entry(sequence, {}, run.mark));
    return made;
}

QList<qint64> given(const StreamProgress &progress)
{
    QList<qint64> sequences;
    for (const StreamedNotification &one : progress.deliveries)
        sequences.append(one.sequence);
    return sequences;
}

/// A history with its 16 streams, a reader's positions in them, and somebody who writes rubbish there.
class Model
{
public:
    explicit Model(quint32 seed)
        : m_random(seed)
    {
    }

    int below(int bound) { return std::uniform_int_distribution(0, bound - 1)(m_random); }
    void publish() { append(entry(++last)); }
    void spoil()
    {
        switch (below(3)) {
        case 0: // runs ahead
            append(entry(last + 1 + below(1000), u"bad-%1"_s.arg(++m_bad)));
            break;
        case 1: // what is there already, once more
            append(entry(1 + below(int(last))));
            break;
        default: // a number that is taken
            append(entry(1 + below(int(last)), u"bad-%1"_s.arg(++m_bad)));
            break;
        }
    }
    /// Drops the oldest of a stream; whether the reader had not seen them.
    void trim()
    {
        auto &stream = m_streams[size_t(below(16))];
        const size_t count = std::min<size_t>(stream.entries.size(), size_t(below(5)));
        for (size_t i = 0; i < count; ++i) {
            if (stream.base + i >= stream.position && !stream.entries[i].id.startsWith("bad"_L1))
                trimmed.insert(stream.entries[i].sequence);
        }
        stream.entries.erase(stream.entries.begin(), stream.entries.begin() + qsizetype(count));
        stream.base += count;
    }
    StreamAnswer read(size_t most)
    {
        StreamAnswer made{ last, { kRun, 0, 0 }, true, {} };
        for (Stream &stream : m_streams) {
            stream.position = std::max(stream.position, stream.base);
            for (size_t n = 0; stream.position < stream.base + stream.entries.size(); ++n, ++stream.position) {
                if (n == most) {
                    made.isComplete = false;
                    break;
                }
                made.entries.push_back(stream.entries[stream.position - stream.base]);
            }
        }
        return made;
    }

    qint64 last = 0;
    QSet<qint64> trimmed; ///< before the reader came to them

private:
    struct Stream
    {
        std::vector<StreamedNotification> entries;
        size_t base = 0;
        size_t position = 0;
    };
    void append(StreamedNotification one) { m_streams[size_t(below(16))].entries.push_back(std::move(one)); }

    std::mt19937 m_random;
    std::array<Stream, 16> m_streams;
    int m_bad = 0;
};

} // namespace

class TestStreamOrder final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesOutInOrder()
    {
        StreamOrder order;
        order.restart(10, kRun);
        const StreamProgress progress = order.take(answer(14, { 13, 11, 14, 12 }));
        QCOMPARE(given(progress), (QList<qint64>{ 11, 12, 13, 14 }));
        QVERIFY(!progress.missedAfter);
        QCOMPARE(order.position(), (Cursor{ kRun, 14 }));
    }

    void waitsForWhatIsStillToCome()
    {
        StreamOrder order;
        QCOMPARE(given(order.take(answer(5, { 1, 3, 5 }, false))), QList<qint64>{ 1 });
        QCOMPARE(order.waiting(), size_t(2));
        QCOMPARE(order.waitingBytes(), 4);
        QCOMPARE(given(order.take(answer(5, { 4 }, false))), QList<qint64>{});
        const StreamProgress progress = order.take(answer(6, { 2, 6 }));
        QCOMPARE(given(progress), (QList<qint64>{ 2, 3, 4, 5, 6 }));
        QVERIFY(!progress.missedAfter);
        QCOMPARE(order.waiting(), size_t(0));
        QCOMPARE(order.waitingBytes(), 0);
    }

    void whatIsInNoStreamDoesNotExist()
    {
        StreamOrder order;
        order.restart(3, kRun);
        const StreamProgress progress = order.take(answer(9, { 4, 7, 8 }));
        QCOMPARE(given(progress), (QList<qint64>{ 4, 7, 8 }));
        QCOMPARE(progress.missedAfter, std::optional(Cursor{ kRun, 4 })); // 9 is missing as well: one look is enough
        QCOMPARE(progress.beforeMissed, size_t(1));
        QCOMPARE(order.position().sequence, 9);
    }

    void noticesThatAllIsMissing()
    {
        StreamOrder order;
        order.restart(3, kRun);
        const StreamProgress progress = order.take(answer(5, {}));
        QCOMPARE(progress.missedAfter, std::optional(Cursor{ kRun, 3 }));
        QCOMPARE(order.position().sequence, 5);
        QVERIFY(!order.take(answer(5, {})).missedAfter);
    }

    void refusesNumbersBeyondTheHistory()
    {
        StreamOrder order;
        order.restart(3, kRun);
        QCOMPARE(given(order.take(answer(3, { 4, 1'000'000'000'000, 0, -5, std::numeric_limits<qint64>::max() }))),
            QList<qint64>{});
        QCOMPARE(order.refused(), 5);
        const StreamProgress progress = order.take(answer(5, { 4, 5 }));
        QCOMPARE(given(progress), (QList<qint64>{ 4, 5 }));
        QVERIFY(!progress.missedAfter);
    }

    void givesNothingTwice()
    {
        StreamOrder order;
        QCOMPARE(given(order.take(answer(2, { 1, 2, 2 }))), (QList<qint64>{ 1, 2 }));
        QCOMPARE(given(order.take(answer(3, { 1, 2, 3 }))), QList<qint64>{ 3 });
        QCOMPARE(order.refused(), 3);
    }

    void aForgedNumberCostsTheRealOneNothing()
    {
        StreamOrder order;
        StreamAnswer both = answer(2, { 1, 2 });
        both.entries.insert(both.entries.begin(), entry(2, u"forged"_s));
        QCOMPARE(given(order.take(both)), (QList<qint64>{ 1, 2, 2 }));
        StreamAnswer forged = answer(4, { 3 }, false);
        forged.entries.push_back(entry(4, u"forged"_s));
        QCOMPARE(given(order.take(forged)), (QList<qint64>{ 3, 4 }));
        QCOMPARE(given(order.take(answer(5, { 4, 5 }))), (QList<qint64>{ 4, 5 }));
        QCOMPARE(given(order.take(answer(5, { 4 }))), QList<qint64>{}); // once is enough
        QCOMPARE(order.refused(), 1);
    }

    void followsANewRun()
    {
        StreamOrder order;
        order.restart(20, kRun);
        const HistoryRunBegin next{ 8, 20, 1'000'020 };
        QVERIFY(!order.take(answer(1'000'020, {}, true, next)).missedAfter);
        QCOMPARE(order.position(), (Cursor{ 8, 1'000'020 }));
        const StreamProgress progress = order.take(answer(1'000'022, { 1'000'022, 1'000'021 }, true, next));
        QCOMPARE(given(progress), (QList<qint64>{ 1'000'021, 1'000'022 }));
        QVERIFY(!progress.missedAfter);
    }

    void noticesWhatIsMissingAroundANewRun_data()
    {
        QTest::addColumn<int>("last");
        QTest::addColumn<QList<qint64>>("sequences");
        QTest::addColumn<bool>("misses");
        QTest::newRow("nothing") << 20 << QList<qint64>{ 1021, 1022 } << false;
        QTest::newRow("the end of the one before") << 19 << QList<qint64>{ 1021, 1022 } << true;
        QTest::newRow("has the end") << 19 << QList<qint64>{ 20, 1021, 1022 } << false;
        QTest::newRow("its first") << 20 << QList<qint64>{ 1022 } << true;
        QTest::newRow("its last") << 20 << QList<qint64>{ 1021 } << true;
        QTest::newRow("knew of what was lost") << 25 << QList<qint64>{ 1021, 1022 } << false;
    }
    void noticesWhatIsMissingAroundANewRun()
    {
        QFETCH(int, last);
        QFETCH(QList<qint64>, sequences);
        QFETCH(bool, misses);
        StreamOrder order;
        order.restart(last, kRun);
        const StreamProgress progress = order.take(answer(1022, sequences, true, { 8, 20, 1020 }));
        QCOMPARE(given(progress), sequences);
        QCOMPARE(progress.missedAfter.has_value(), misses);
        QCOMPARE(order.position(), (Cursor{ 8, 1022 }));
    }

    void waitsWhileAServerHasFallenBack()
    {
        StreamOrder order;
        order.restart(20, kRun);
        QCOMPARE(given(order.take(answer(17, {}))), QList<qint64>{});
        QCOMPARE(order.position().sequence, 20);
        const StreamProgress progress = order.take(answer(1021, { 1021 }, true, { 8, 17, 1020 }));
        QCOMPARE(given(progress), QList<qint64>{ 1021 });
        QVERIFY(!progress.missedAfter);
    }

    void beginsAnewInAnotherHistory()
    {
        StreamOrder order;
        order.restart(5'000'000, kRun);
        const StreamProgress progress
            = order.take(answer(1'000'002, { 1'000'001, 1'000'002 }, true, { 9, 0, 1'000'000 }));
        QCOMPARE(progress.missedAfter, std::optional(Cursor{}));
        QCOMPARE(progress.beforeMissed, size_t(0));
        QCOMPARE(given(progress), (QList<qint64>{ 1'000'001, 1'000'002 }));
        QCOMPARE(order.position(), (Cursor{ 9, 1'000'002 }));
    }

    void remembersInBounds()
    {
        StreamOrder order;
        for (qint64 sequence = 1; sequence <= 10'000; ++sequence)
            QCOMPARE(given(order.take(answer(sequence, { sequence }))).size(), 1);
        StreamAnswer late{ 10'000, { kRun, 0, 0 }, true, { entry(1, u"forged"_s), entry(9'999, u"forged"_s) } };
        QCOMPARE(given(order.take(late)), QList<qint64>{ 9'999 });
    }

    void anyInterleavingOfAnyAnswers_data()
    {
        QTest::addColumn<bool>("isHostile");
        QTest::addColumn<bool>("isTrimmed");
        QTest::newRow("plain") << false << false;
        QTest::newRow("hostile") << true << false;
        QTest::newRow("trimmed") << false << true;
        QTest::newRow("hostile and trimmed") << true << true;
    }
    void anyInterleavingOfAnyAnswers()
    {
        QFETCH(bool, isHostile);
        QFETCH(bool, isTrimmed);
        for (quint32 seed = 1; seed <= 100; ++seed) {
            Model model(seed);
            StreamOrder order;
            QSet<QString> seen;
            qint64 newest = 0;
            qint64 missedAfter = -1;
            QSet<qint64> missing;
            const auto take = [&](StreamAnswer given) {
                const StreamProgress progress = order.take(std::move(given));
                if (progress.missedAfter && missedAfter < 0)
                    missedAfter = progress.missedAfter->sequence;
                for (const StreamedNotification &one : progress.deliveries) {
                    QVERIFY2(!seen.contains(one.id), qPrintable(u"seed %1: %2 came twice"_s.arg(seed).arg(one.id)));
                    seen.insert(one.id);
                    if (!isHostile)
                        QVERIFY2(one.sequence > newest, qPrintable(u"seed %1: out of order"_s.arg(seed)));
                    newest = std::max(newest, one.sequence);
                }
            };
            for (int step = 0; step < 200; ++step) {
                const int kind = model.below(10);
                if (kind < 6 || model.last == 0)
                    model.publish();
                else if (kind == 6 && isHostile)
                    model.spoil();
                else if (kind == 7 && isTrimmed)
                    model.trim();
                else
                    take(model.read(size_t(1 + model.below(4))));
            }
            take(model.read(1000));
            // Each that was published came, or is told to be missing.
            for (qint64 sequence = 1; sequence <= model.last; ++sequence) {
                if (!seen.contains(u"id-%1"_s.arg(sequence)))
                    missing.insert(sequence);
            }
            const bool isExplained = std::all_of(missing.begin(), missing.end(), [&](qint64 sequence) {
                return model.trimmed.contains(sequence) && (isHostile || sequence > missedAfter);
            });
            QVERIFY2(isExplained, qPrintable(u"seed %1: lost some"_s.arg(seed)));
            QVERIFY2(isTrimmed || missedAfter < 0, qPrintable(u"seed %1: misses what came"_s.arg(seed)));
            QVERIFY(missing.isEmpty() || isHostile || missedAfter >= 0);
            QCOMPARE(order.waiting(), size_t(0));
        }
    }
};

QTEST_GUILESS_MAIN(TestStreamOrder)
#include "tst_streamorder.moc"
