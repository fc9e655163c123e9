// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/notify/historyruns.h"
#include "server/notify/inboxqueries.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestHistoryRuns final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<StoreFixture>(
            std::vector<StoreThread::Work>{ inboxqueries::createTables, HistoryRuns::createTables });
    }

    void knowsItsOwnCursors()
    {
        HistoryRuns runs;
        QVERIFY(record(runs));
        QCOMPARE(runs.sequenceOf({ runs.mark(), 7 }, 7), std::optional<qint64>(7));
        QCOMPARE(runs.sequenceOf({ runs.mark(), 0 }, 7), std::optional<qint64>(0));
        QVERIFY(!runs.sequenceOf({ runs.mark(), 8 }, 7)); // nobody was given it
        QVERIFY(!runs.sequenceOf({ runs.mark() + 1, 7 }, 7));
        QVERIFY(!runs.sequenceOf({}, 7));
    }

    void knowsEarlierRunsUpToTheirEnd()
    {
        HistoryRuns first;
        QVERIFY(record(first));
        publish(5);
        HistoryRuns second;
        QVERIFY(record(second));
        publish(4);
        m_fixture->reopen();
        HistoryRuns third;
        QVERIFY(record(third));
        QCOMPARE(third.sequenceOf({ first.mark(), 5 }, 9), std::optional<qint64>(5));
        QVERIFY(!third.sequenceOf({ first.mark(), 6 }, 9)); // of a first run that went on where this history did not
        QCOMPARE(third.sequenceOf({ second.mark(), 9 }, 9), std::optional<qint64>(9));
        QVERIFY(!third.sequenceOf({ second.mark(), 10 }, 12));
    }

    void isRecordedOnceItIsCommitted()
    {
        HistoryRuns runs;
        QVERIFY(!m_fixture->run([&runs](Database &database) -> Status {
            const Status status = runs.record(database);
            return status ? Status(Error{ u"undone"_s, {} }) : status;
        }));
        QCOMPARE(m_fixture->query("SELECT count(*) FROM history_run"), 0);
        QVERIFY(m_fixture->run([&runs](Database &database) {
            const Status status = runs.record(database);
            return status ? runs.record(database) : status; // two works of one group of writes
        }));
        QCOMPARE(m_fixture->query("SELECT count(*) FROM history_run"), 1);
        runs.confirm();
        QVERIFY(record(runs));
        QCOMPARE(m_fixture->query("SELECT count(*) FROM history_run"), 1);
    }

    void isBounded()
    {
        std::vector<quint32> marks;
        for (size_t i = 0; i < HistoryRuns::kMaxRuns + 2; ++i) {
            HistoryRuns runs;
            QVERIFY(record(runs));
            marks.push_back(runs.mark());
        }
        QCOMPARE(m_fixture->query("SELECT count(*) FROM history_run"), qint64(HistoryRuns::kMaxRuns));
        HistoryRuns last;
        QVERIFY(record(last));
        QVERIFY(!last.sequenceOf({ marks[1], 0 }, 0));
        QVERIFY(last.sequenceOf({ marks[2], 0 }, 0));
    }

private:
    Status record(HistoryRuns &runs)
    {
        const Status status = m_fixture->run([&runs](Database &database) { return runs.record(database); });
        if (status)
            runs.confirm();
        return status;
    }
    void publish(int count)
    {
        QVERIFY(m_fixture->run([count](Database &database) -> Status {
            for (int i = 0; i < count; ++i) {
                const Notification one{ QString::number(database.lastInsertRowId()) + u"-%1"_s.arg(i), u"t"_s, {},
                    u"info"_s, {}, {}, false };
                const Result<qint64> sequence = inboxqueries::insert(database, one, ToAll{}, std::nullopt);
                if (!sequence)
                    return sequence.error();
            }
            return ok();
        }));
    }

    std::unique_ptr<StoreFixture> m_fixture;
};

QTEST_GUILESS_MAIN(TestHistoryRuns)
#include "tst_historyruns.moc"
