// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/decisionarchive.h"

#include <future>

#include <QtCore/QFileInfo>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "shared/util/isotime.h"
#include "shared/util/ulid.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// An archive in a state file of its own. What is queued is finished at the end.
struct Bench
{
    explicit Bench(const QString &path, qint64 maxRows = DecisionArchive::kMaxRows)
        : store(std::move(StoreThread::start(path, { DecisionArchive::createTables })).value())
        , archive(*store, 30, maxRows)
    {
    }

    /// The first column of the first row.
    qint64 number(const char *sql)
    {
        std::promise<qint64> result;
        store->read([&](Database &database) {
            Statement row = database.prepare(sql);
            result.set_value(row.nextRow() ? row.integer(0) : -1);
        });
        return result.get_future().get();
    }
    qint64 rows() { return number("SELECT COUNT(*) FROM decisions"); }
    DecisionArchive::Found load(const DecisionFilter &filter = {}, const QString &before = {}, int limit = 100)
    {
        std::promise<DecisionArchive::Found> result;
        archive.load(filter, before, limit,
            [&result](const Result<DecisionArchive::Found> &found) { result.set_value(found.value()); });
        return result.get_future().get();
    }
    DecisionArchive::Top top(const DecisionArchive::TopQuery &query)
    {
        std::promise<DecisionArchive::Top> result;
        archive.loadTop(query, [&result](const Result<DecisionArchive::Top> &top) { result.set_value(top.value()); });
        return result.get_future().get();
    }
    qint64 seconds() { return number("SELECT COUNT(*) FROM decisions_left_out"); }

    std::unique_ptr<StoreThread> store;
    DecisionArchive archive;
};

} // namespace

class TestDecisionArchive : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesAFileOfAnEarlierVersion()
    {
        const std::vector<Decision> before = some(1);
        {
            Bench bench(path());
            bench.archive.append(before, {});
        }
        {
            const auto database = Database::open(path());
            QVERIFY(database.isOk());
            QVERIFY((*database)->execute("ALTER TABLE decisions DROP COLUMN detail").isOk());
        }
        for (int start = 0; start < 2; ++start) {
            Bench bench(path());
            const std::vector<Decision> found = bench.load().decisions;
            QCOMPARE(found.size(), size_t(1));
            QCOMPARE(found[0].toJson(), before[0].toJson());
        }
    }

    void findsOneByItsId()
    {
        Bench bench(path());
        const std::vector<Decision> decisions = some(5);
        const Decision &wanted = decisions[2];
        bench.archive.append(decisions, {});
        DecisionFilter filter;
        filter.id = wanted.id;
        const auto isFound = [&](const QString &before = {}) {
            const DecisionArchive::Found found = bench.load(filter, before);
            return found.total == 1 && found.decisions.size() == 1 && found.decisions[0].id == wanted.id;
        };
        QVERIFY(isFound());
        QVERIFY(isFound(decisions[3].id));
        QVERIFY(bench.load(filter, wanted.id).decisions.empty());
        filter.from = wanted.at;
        filter.to = wanted.at + 1ms;
        QVERIFY(isFound());
        filter.address = u"203.0.113.8"_s;
        QCOMPARE(bench.load(filter).total, 0);
        filter = {};
        filter.id = wanted.id;
        filter.from = wanted.at + 1ms;
        QCOMPARE(bench.load(filter).total, 0);
        for (const QString &other : { wanted.id.chopped(1), QString(wanted.id + u'0'), u"~~"_s, u"!"_s }) {
            filter = {};
            filter.id = other;
            QCOMPARE(bench.load(filter).total, 0);
        }
    }

    void countsOnlyWhatWasBeforeWhereSomethingIsMissing()
    {
        Bench bench(path());
        const std::vector<Decision> decisions = some(5);
        bench.archive.append(decisions, {});
        DecisionArchive::TopQuery query{ .from = decisions[0].at, .to = m_clock.utc() + 2s, .split = decisions[3].at };
        QVERIFY(bench.top(query).isAll);
        QCOMPARE(bench.top(query).counts.total, 5);
        query.isMissingSome = true;
        QVERIFY(!bench.top(query).isAll);
        QCOMPARE(bench.top(query).counts.total, 3);
        QVERIFY(bench.top(query).counts.isExact);
        query.isMissingSome = false;
        bench.archive.append({}, { { SecondRange::secondOf(m_clock.utc() + 1s), 7 } });
        QVERIFY(!bench.top(query).isAll);
        QCOMPARE(bench.top(query).counts.total, 3);
        QVERIFY(bench.top(query).counts.isExact); // it was left out behind the split
        query.split = m_clock.utc() + 2s;
        QCOMPARE(bench.top(query).counts.total, 5);
        QVERIFY(!bench.top(query).counts.isExact);
    }

    void keepsSoManyRows()
    {
        constexpr qint64 kMost = 5'000;
        Bench bench(path(), kMost);
        bench.archive.append(some(12'345), {});
        bench.archive.deleteOld(m_clock.utc());
        QTRY_COMPARE(bench.rows(), kMost);
        bench.archive.append(some(10), {}); // are counted from now on
        bench.archive.deleteOld(m_clock.utc());
        QTRY_COMPARE(bench.rows(), kMost);
        bench.archive.deleteOld(m_clock.utc() + 31 * 24h); // all are too old
        QTRY_COMPARE(bench.rows(), 0);
    }

    void keepsSoManySecondsOfWhatWasLeftOut()
    {
        Bench bench(path());
        bench.store->write([now = toEpochMillis(m_clock.utc()) / 1000](Database &database) {
            Statement statement = database.prepare("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
                                                   "WHERE i < 209999) INSERT INTO decisions_left_out "
                                                   "SELECT ? - i, 1 FROM n");
            return statement.bind(1, now).run();
        });
        bench.archive.append(some(3), {});
        QCOMPARE(bench.seconds(), 210'000);
        bench.archive.deleteOld(m_clock.utc());
        QTRY_COMPARE(bench.seconds(), DecisionArchive::kMaxSeconds);
        QCOMPARE(bench.rows(), 3);
    }

    void theFileShrinksAgain()
    {
        {
            Bench bench(path());
            for (int batch = 0; batch < 40; ++batch)
                bench.archive.append(some(1'000, u"https://evil.example/"_s.repeated(9)), {});
        }
        const qint64 full = QFileInfo(path()).size();
        QVERIFY2(full > 10'000'000, qPrintable(QString::number(full)));
        {
            Bench bench(path());
            bench.archive.deleteOld(m_clock.utc() + 31 * 24h);
        }
        const qint64 now = QFileInfo(path()).size();
        QVERIFY2(now < full / 2 && now < 6'000'000, qPrintable(QString::number(now)));
    }

    void init() { m_dir.emplace(); }

private:
    std::vector<Decision> some(int count, const QString &origin = {})
    {
        std::vector<Decision> decisions;
        for (int i = 0; i < count; ++i) {
            m_clock.advance(1ms);
            Decision decision;
            decision.at = m_clock.utc();
            decision.id = m_ids.next(decision.at);
            decision.reason = Reason::OriginNotAllowed;
            decision.address = u"203.0.113.7"_s;
            decision.origin = origin;
            decisions.push_back(std::move(decision));
        }
        return decisions;
    }
    [[nodiscard]] QString path() const { return m_dir->filePath(u"state.sqlite"_s); }

    FakeClock m_clock;
    std::optional<QTemporaryDir> m_dir;
    UlidGenerator m_ids = UlidGenerator::withSystemEntropy();
};

QTEST_GUILESS_MAIN(TestDecisionArchive)
#include "tst_decisionarchive.moc"
