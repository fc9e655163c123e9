// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>
#include <thread>

#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/guard/decisionlog.h"
#include "shared/util/isotime.h"
#include "shared/util/ulid.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

/// A state file and everything a decision log needs on top of it.
struct Bench
{
    explicit Bench(const QString &path, FakeClock &clock)
        : store(std::move(StoreThread::start(path, { DecisionArchive::createTables })).value())
        , archive(*store, 30)
        , decisions(clock, log, archive)
    {
    }

    DecisionLog::Page query(const DecisionFilter &filter = {}, const QString &cursor = {}, int limit = 100)
    {
        std::promise<DecisionLog::Page> page;
        decisions.query(filter, cursor, limit,
            [&page](Result<DecisionLog::Page> result) { page.set_value(result ? *result : DecisionLog::Page{}); });
        return page.get_future().get();
    }

    QStringList top(DecisionKey key, UtcTime from, UtcTime to, int limit = 10)
    {
        QStringList texts;
        for (const DecisionCount &count : counts(key, from, to, limit).counts)
            texts.append(u"%1=%2"_s.arg(count.value).arg(count.count));
        return texts;
    }
    DecisionCounts counts(DecisionKey key, UtcTime from, UtcTime to, int limit = 10)
    {
        std::promise<DecisionCounts> counts;
        decisions.top(key, from, to, limit,
            [&counts](Result<DecisionCounts> result) { counts.set_value(result ? *result : DecisionCounts{}); });
        return counts.get_future().get();
    }

    RecordingLog log;
    std::unique_ptr<StoreThread> store;
    DecisionArchive archive;
    DecisionLog decisions;
};

/// As with LOG_LEVEL=warning.
struct OnlyWarnings final : Log
{
    void log(LogLevel level, QLatin1StringView event, LogFields fields) override { written.log(level, event, fields); }
    [[nodiscard]] bool isEnabled(LogLevel level) const override { return level >= LogLevel::Warning; }

    RecordingLog written;
};

} // namespace

class DecisionLogTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void writesOneLineForEachRefusal();
    void saysWhatIsWrong();
    void limitsAreWarnings_data();
    void limitsAreWarnings();
    void tellsTheLiveStreamWhatCame();
    void answersNewestFirstInPages();
    void filters_data();
    void filters();
    void findsWhatWasBeforeARestart();
    void countsTopOffenders();
    void staysBoundedUnderAFlood();
    void findsOneByItsId();
    void saysHowManyWereNotStored();
    void saysWhatTheDiskDidNotTake();
    void leavesOutByTheSecond();
    void countsEveryRefusalOfAFlood();
    void countsThoseThatThereWasNoRoomFor();
    void countsAFloodFromMemory();
    void deletesWhatIsOlderThanTheRetention();
    void takesDecisionsFromManyThreads();
    void aClientThatIsRefusedForHoursLeavesRoom();

private:
    Decision make(Reason reason, const QString &address, const QString &user = {})
    {
        m_clock->advance(1ms);
        Decision decision;
        decision.id = m_ids->next(m_clock->utc());
        decision.at = m_clock->utc();
        decision.reason = reason;
        decision.address = address;
        decision.user = user;
        decision.origin = u"https://example.com"_s;
        decision.tokenFingerprint = u"0a1b2c3d"_s;
        decision.limit = 5;
        decision.observed = 6;
        return decision;
    }
    [[nodiscard]] QString path() const { return m_dir->filePath(u"state.sqlite"_s); }

    std::optional<FakeClock> m_clock;
    std::optional<QTemporaryDir> m_dir;
    std::optional<UlidGenerator> m_ids;
};

void DecisionLogTest::init()
{
    m_clock.emplace();
    m_dir.emplace();
    m_ids.emplace([](std::array<quint8, 10> &bytes) { bytes.fill(7); });
}

void DecisionLogTest::writesOneLineForEachRefusal()
{
    Bench bench(path(), *m_clock);
    bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
    Decision observed = make(Reason::RateLimited, u"203.0.113.8"_s, u"42"_s);
    observed.isEnforced = false;
    bench.decisions.record(observed);
    QVERIFY(bench.log.lines().empty()); // nothing happens in the caller's thread
    bench.decisions.drain();
    const auto lines = bench.log.lines();
    QCOMPARE(lines.size(), size_t(2));
    QCOMPARE(lines[0].event, u"refused"_s);
    QCOMPARE(lines[0].fields.value("reason"_L1).toString(), u"too_many_connections"_s);
    QCOMPARE(lines[0].fields.value("guard"_L1).toString(), u"address"_s);
    QCOMPARE(lines[0].fields.value("address"_L1).toString(), u"203.0.113.7"_s);
    QCOMPARE(lines[0].fields.value("limit"_L1).toInteger(), 5);
    QVERIFY(!lines[0].fields.contains("user"_L1));
    QCOMPARE(lines[1].event, u"would_refuse"_s);
    QCOMPARE(lines[1].fields.value("user"_L1).toString(), u"42"_s);
}

void DecisionLogTest::saysWhatIsWrong()
{
    Decision expired = make(Reason::TokenExpired, u"203.0.113.7"_s);
    expired.detail = u"the token expired 12 s ago"_s;
    {
        Bench bench(path(), *m_clock);
        bench.decisions.record(expired);
        bench.decisions.drain();
        QCOMPARE(bench.log.lines("refused"_L1)[0].fields.value("detail"_L1).toString(), expired.detail);
        QCOMPARE(bench.query().decisions[0].detail, expired.detail);
    }
    Bench bench(path(), *m_clock);
    QCOMPARE(bench.query().decisions[0].detail, expired.detail);
    QVERIFY(DecisionArchive::bytesOf(expired) > DecisionArchive::bytesOf(make(Reason::TokenExpired, u"203.0.113.7"_s)));
}

void DecisionLogTest::limitsAreWarnings_data()
{
    QTest::addColumn<int>("reason");
    QTest::addColumn<bool>("isEnforced");
    QTest::addColumn<bool>("isWarning");
    QTest::newRow("connections") << int(Reason::TooManyConnections) << true << true;
    QTest::newRow("messages") << int(Reason::RateLimited) << true << true;
    QTest::newRow("server full") << int(Reason::ServerFull) << true << true;
    QTest::newRow("observed") << int(Reason::TooManyConnections) << false << false;
    QTest::newRow("token") << int(Reason::TokenExpired) << true << false;
    QTest::newRow("origin") << int(Reason::OriginNotAllowed) << true << false;
}

void DecisionLogTest::limitsAreWarnings()
{
    QFETCH(int, reason);
    QFETCH(bool, isEnforced);
    QFETCH(bool, isWarning);
    Decision decision = make(Reason(reason), u"203.0.113.7"_s);
    decision.isEnforced = isEnforced;
    Bench bench(path(), *m_clock);
    bench.decisions.record(decision);
    bench.decisions.drain();
    QCOMPARE(bench.log.lines().size(), size_t(1));
    QVERIFY(bench.log.lines()[0].level == (isWarning ? LogLevel::Warning : LogLevel::Info));
    // Where only warnings are asked for, the others use none of the budget and are not missed.
    OnlyWarnings warnings;
    DecisionLog quiet(*m_clock, warnings, bench.archive);
    for (size_t i = 0; i < 2 * DecisionLog::kMaxLoggedPerSecond; ++i)
        quiet.record(decision);
    quiet.drain();
    QCOMPARE(warnings.written.lines().size(), isWarning ? size_t(DecisionLog::kMaxLoggedPerSecond) : size_t(0));
    QCOMPARE(quiet.notLogged(), isWarning ? DecisionLog::kMaxLoggedPerSecond : 0);
}

void DecisionLogTest::tellsTheLiveStreamWhatCame()
{
    Bench bench(path(), *m_clock);
    std::vector<size_t> batches;
    connect(&bench.decisions, &DecisionLog::drained, this,
        [&batches](const std::vector<Decision> &decisions, qint64) { batches.push_back(decisions.size()); });
    bench.decisions.drain();
    QVERIFY(batches.empty());
    for (int i = 0; i < 3; ++i)
        bench.decisions.record(make(Reason::TokenInvalid, u"203.0.113.7"_s));
    bench.decisions.drain();
    QCOMPARE(batches, std::vector<size_t>{ 3 });
}

void DecisionLogTest::answersNewestFirstInPages()
{
    Bench bench(path(), *m_clock);
    QStringList ids;
    for (int i = 0; i < 25; ++i) {
        const Decision decision = make(Reason::OriginNotAllowed, u"203.0.113.7"_s);
        ids.prepend(decision.id);
        bench.decisions.record(decision);
    }
    QStringList got;
    QString cursor;
    int pages = 0;
    do {
        const DecisionLog::Page page = bench.query({}, cursor, 10);
        for (const Decision &decision : page.decisions)
            got.append(decision.id);
        cursor = page.nextCursor;
        ++pages;
    } while (!cursor.isEmpty() && pages < 10);
    QCOMPARE(got, ids);
    QCOMPARE(pages, 3);
}

void DecisionLogTest::filters_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QString>("value");
    QTest::addColumn<int>("found");
    QTest::newRow("guard") << u"guard"_s << u"token"_s << 2;
    QTest::newRow("reason") << u"reason"_s << u"token_expired"_s << 1;
    QTest::newRow("one of several reasons") << u"reason"_s << u"server_full,token_expired,lemons"_s << 2;
    QTest::newRow("a part of a reason") << u"reason"_s << u"token"_s << 0;
    QTest::newRow("address") << u"address"_s << u"203.0.113.7"_s << 3;
    QTest::newRow("user") << u"user"_s << u"42"_s << 1;
    QTest::newRow("origin") << u"origin"_s << u"https://example.com"_s << 4;
    QTest::newRow("a part of an origin") << u"origin"_s << u"https://example"_s << 0;
    QTest::newRow("token") << u"token"_s << u"0a1b2c3d"_s << 4;
    QTest::newRow("text in an address") << u"text"_s << u"0.113.7"_s << 3;
    QTest::newRow("text in any case") << u"text"_s << u"EXAMPLE.com"_s << 4;
    QTest::newRow("text that SQL would take for more") << u"text"_s << u"203_0%7"_s << 0;
    QTest::newRow("text with a letter beyond ASCII") << u"text"_s << u"é"_s << 0;
    QTest::newRow("nobody") << u"user"_s << u"nobody"_s << 0;
    QTest::newRow("quotes") << u"user"_s << u"' OR 1=1 --"_s << 0;
}

void DecisionLogTest::filters()
{
    QFETCH(QString, member);
    QFETCH(QString, value);
    Bench bench(path(), *m_clock);
    bench.decisions.record(make(Reason::TokenInvalid, u"203.0.113.7"_s));
    bench.decisions.record(make(Reason::TokenExpired, u"203.0.113.7"_s));
    bench.decisions.record(make(Reason::TooManyUserConnections, u"203.0.113.7"_s, u"42"_s));
    bench.decisions.record(make(Reason::ServerFull, u"2001:db8::/64"_s));
    DecisionFilter filter;
    (member == u"guard"            ? filter.guard
            : member == u"reason"  ? filter.reason
            : member == u"address" ? filter.address
            : member == u"origin"  ? filter.origin
            : member == u"token"   ? filter.token
            : member == u"text"    ? filter.text
                                   : filter.user)
        = value;
    QTEST(int(bench.query(filter).decisions.size()), "found");
    QTEST(int(bench.query(filter, {}, 1).total), "found"); // of all pages
    // The archive alone says the same.
    DecisionArchive::Found stored;
    std::promise<void> isLoaded;
    bench.archive.load(filter, {}, 100, [&](Result<DecisionArchive::Found> found) {
        stored = *found;
        isLoaded.set_value();
    });
    isLoaded.get_future().wait();
    QTEST(int(stored.decisions.size()), "found");
    QTEST(int(stored.total), "found");
}

void DecisionLogTest::findsWhatWasBeforeARestart()
{
    const Decision before = make(Reason::TooManyReconnects, u"203.0.113.7"_s, u"42"_s);
    {
        Bench bench(path(), *m_clock);
        bench.decisions.record(before);
        bench.decisions.drain();
    }
    m_clock->advance(1h);
    Bench bench(path(), *m_clock);
    const Decision after = make(Reason::ServerFull, u"203.0.113.9"_s);
    bench.decisions.record(after);
    const DecisionLog::Page page = bench.query();
    QCOMPARE(page.decisions.size(), size_t(2));
    QCOMPARE(page.decisions[0].toJson(), after.toJson());
    QCOMPARE(page.decisions[1].toJson(), before.toJson());
    DecisionFilter range;
    range.from = before.at - 1s;
    range.to = after.at;
    QCOMPARE(bench.query(range).decisions.size(), size_t(1));
}

void DecisionLogTest::countsTopOffenders()
{
    Bench bench(path(), *m_clock);
    const UtcTime begin = m_clock->utc();
    for (int i = 0; i < 3; ++i)
        bench.decisions.record(make(Reason::TokenInvalid, u"203.0.113.7"_s));
    bench.decisions.record(make(Reason::ServerFull, u"203.0.113.8"_s, u"42"_s));
    const UtcTime end = m_clock->utc() + 1s;
    QCOMPARE(bench.top(DecisionKey::Address, begin, end), (QStringList{ u"203.0.113.7=3"_s, u"203.0.113.8=1"_s }));
    QCOMPARE(bench.top(DecisionKey::User, begin, end), QStringList{ u"42=1"_s });
    QCOMPARE(bench.top(DecisionKey::Reason, begin, end), (QStringList{ u"token_invalid=3"_s, u"server_full=1"_s }));
    QCOMPARE(bench.top(DecisionKey::Origin, begin, end), QStringList{ u"https://example.com=4"_s });
    QCOMPARE(bench.top(DecisionKey::Address, begin, end, 1).size(), 1);
    QVERIFY(bench.top(DecisionKey::Address, end, end + 1h).isEmpty());
}

void DecisionLogTest::staysBoundedUnderAFlood()
{
    Bench bench(path(), *m_clock);
    qint64 skippedLive = 0;
    connect(&bench.decisions, &DecisionLog::drained, this,
        [&skippedLive](const std::vector<Decision> &, qint64 skipped) { skippedLive += skipped; });
    const Decision one = make(Reason::TooManyConnections, u"203.0.113.7"_s);
    for (size_t i = 0; i < DecisionLog::kMaxPending + 50; ++i)
        bench.decisions.record(one);
    bench.decisions.drain();
    QCOMPARE(bench.decisions.skipped(), 50);
    QCOMPARE(skippedLive, 50);
    QCOMPARE(bench.decisions.recorded(), qint64(DecisionLog::kMaxPending) + 50);
    QCOMPARE(bench.decisions.notStored(), qint64(DecisionLog::kMaxPending) - DecisionLog::kMaxStoredPerSecond);
    QCOMPARE(bench.log.lines("refused"_L1).size(), size_t(DecisionLog::kMaxLoggedPerSecond));
    m_clock->advance(1s);
    bench.decisions.drain(); // tells how many lines were left out
    const auto told = bench.log.lines("refusals_not_logged"_L1);
    QCOMPARE(told.size(), size_t(1));
    QCOMPARE(told[0].fields.value("count"_L1).toInteger(),
        qint64(DecisionLog::kMaxPending) + 50 - DecisionLog::kMaxLoggedPerSecond);
    bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
    bench.decisions.drain();
    QCOMPARE(bench.log.lines("refused"_L1).size(), size_t(DecisionLog::kMaxLoggedPerSecond + 1)); // a new second
}

void DecisionLogTest::findsOneByItsId()
{
    Bench bench(path(), *m_clock);
    const Decision wanted = make(Reason::TokenInvalid, u"203.0.113.7"_s);
    bench.decisions.record(wanted);
    bench.decisions.record(make(Reason::TokenInvalid, u"203.0.113.7"_s));
    DecisionFilter filter;
    filter.id = wanted.id;
    const DecisionLog::Page page = bench.query(filter);
    QCOMPARE(page.decisions.size(), size_t(1));
    QCOMPARE(page.decisions[0].id, wanted.id);
}

/// Rows, what was left out and what was only counted are together everything that happened.
void DecisionLogTest::saysHowManyWereNotStored()
{
    const UtcTime begin = m_clock->utc();
    constexpr int kFlood = 30'000;
    constexpr int kCounted = 70;
    {
        Bench bench(path(), *m_clock);
        for (int i = 0; i < kFlood; ++i, i % 100 == 0 ? bench.decisions.drain() : void())
            bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
        bench.decisions.count(make(Reason::RateLimited, u"203.0.113.8"_s, u"42"_s), kCounted);
        const DecisionLog::Page page = bench.query();
        QVERIFY(page.total >= qint64(DecisionLog::kMaxInMemory));
        QCOMPARE(page.total + page.notStored, qint64(kFlood + kCounted));
        DecisionFilter others;
        others.address = u"203.0.113.8"_s;
        QCOMPARE(bench.query(others).total, 0);
        QCOMPARE(bench.query(others).notStored, page.notStored); // any of them may have been one
        DecisionFilter later;
        later.from = m_clock->utc() + 2s;
        QCOMPARE(bench.query(later).notStored, 0);
    }
    // After a restart memory is empty: what only it had is not stored either.
    Bench bench(path(), *m_clock);
    DecisionFilter filter;
    filter.from = begin;
    const DecisionLog::Page page = bench.query(filter);
    QVERIFY(page.total < kFlood && page.notStored > kFlood / 2);
    QCOMPARE(page.total + page.notStored, qint64(kFlood + kCounted));
}

void DecisionLogTest::saysWhatTheDiskDidNotTake()
{
    constexpr qint64 kLost = 40;
    const UtcTime begin = m_clock->utc();
    {
        Bench bench(path(), *m_clock);
        bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
        bench.decisions.drain();
        bench.store->write([](Database &database) {
            return database.execute("CREATE TRIGGER full BEFORE INSERT ON decisions BEGIN SELECT RAISE(ABORT, 'full'); "
                                    "END; CREATE TRIGGER full_too BEFORE INSERT ON decisions_left_out BEGIN SELECT "
                                    "RAISE(ABORT, 'full'); END");
        });
        for (int i = 0; i < kLost; ++i)
            bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
        const auto isComplete = [&bench](const DecisionLog::Page &page) { // memory has them all
            return page.total == kLost + 1 && page.notStored == 0 && page.decisions.size() == kLost + 1;
        };
        QVERIFY(isComplete(bench.query()));
        m_clock->advance(1s);
        QVERIFY(isComplete(bench.query())); // they were given to the archive again, in vain
        bench.store->write(
            [](Database &database) { return database.execute("DROP TRIGGER full; DROP TRIGGER full_too"); });
        m_clock->advance(1s);
        QVERIFY(isComplete(bench.query()));
    }
    Bench bench(path(), *m_clock);
    DecisionFilter filter;
    filter.from = begin;
    QCOMPARE(bench.query(filter).total, 1);
    QCOMPARE(bench.query(filter).notStored, kLost);
}

/// A second of which a part is asked for is asked for as a whole, in memory as in the archive.
void DecisionLogTest::leavesOutByTheSecond()
{
    Bench bench(path(), *m_clock);
    const UtcTime second = m_clock->utc();
    QCOMPARE(second, std::chrono::floor<std::chrono::seconds>(second));
    Decision decision = make(Reason::TooManyConnections, u"203.0.113.7"_s);
    const auto record = [&](int number, std::chrono::milliseconds at) {
        for (int i = 0; i < number; ++i) {
            decision.at = second + at;
            decision.id = m_ids->next(decision.at);
            bench.decisions.record(decision);
        }
    };
    record(DecisionLog::kMaxStoredPerSecond, 50ms);
    record(10, 100ms);
    record(10, 900ms);
    DecisionFilter filter;
    filter.from = second + 500ms;
    const DecisionLog::Page page = bench.query(filter);
    QCOMPARE(bench.decisions.notStored(), 20);
    QCOMPARE(page.total, 10);
    QCOMPARE(page.notStored, 0); // memory has all twenty
}

/// As many as the chart says, however few of them were stored.
void DecisionLogTest::countsEveryRefusalOfAFlood()
{
    Bench before(path(), *m_clock);
    for (int i = 0; i < 5; ++i)
        before.decisions.record(make(Reason::TooManyConnections, u"203.0.113.9"_s));
    before.decisions.drain();
    m_clock->advance(5min);
    DecisionLog decisions(*m_clock, before.log, before.archive); // the server was started anew
    for (int i = 0; i < 90'100; ++i) {
        decisions.record(make(Reason::TooManyConnections, i % 10 == 0 ? u"203.0.113.8"_s : u"203.0.113.7"_s));
        if (i % 100 == 0)
            decisions.drain();
    }
    decisions.count(make(Reason::RateLimited, u"203.0.113.7"_s, u"42"_s), 900);
    m_clock->advance(10min);
    decisions.record(make(Reason::OriginNotAllowed, u"203.0.113.6"_s));
    std::promise<DecisionCounts> promise;
    decisions.top(DecisionKey::Address, m_clock->utc() - 1h, m_clock->utc() + 1s, 10,
        [&promise](Result<DecisionCounts> result) { promise.set_value(*result); });
    const DecisionCounts counted = promise.get_future().get();
    QCOMPARE(counted.total, 91'006);
    QVERIFY(counted.isExact);
    QCOMPARE(counted.counts[0].value, u"203.0.113.7"_s);
    QCOMPARE(counted.counts[0].count, 81'990);
    QCOMPARE(counted.counts[1].count, 9'010);
    QCOMPARE(counted.counts[2].count, 5); // of before the start, from the archive
}

void DecisionLogTest::countsThoseThatThereWasNoRoomFor()
{
    Bench bench(path(), *m_clock);
    const UtcTime begin = m_clock->utc();
    for (size_t i = 0; i < DecisionLog::kMaxPending; ++i)
        bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
    for (int i = 0; i < 50; ++i)
        bench.decisions.record(make(Reason::TokenInvalid, u"203.0.113.8"_s));
    const DecisionCounts counts = bench.counts(DecisionKey::Address, begin, m_clock->utc() + 1s);
    QCOMPARE(counts.total, qint64(DecisionLog::kMaxPending) + 50);
    QVERIFY(counts.isExact);
    QCOMPARE(counts.counts[1].value, u"203.0.113.8"_s);
    QCOMPARE(counts.counts[1].count, 50);
}

void DecisionLogTest::countsAFloodFromMemory()
{
    Bench bench(path(), *m_clock);
    bench.decisions.record(make(Reason::ServerFull, u"198.51.100.1"_s));
    bench.decisions.drain();
    const UtcTime begin = m_clock->utc() + 1ms;
    for (size_t i = 0; i < DecisionLog::kMaxInMemory; ++i)
        bench.decisions.record(make(Reason::TooManyConnections, u"203.0.113.7"_s));
    // The archive has the first 500 only.
    QCOMPARE(bench.top(DecisionKey::Address, begin, m_clock->utc() + 1s), QStringList{ u"203.0.113.7=10000"_s });
    QCOMPARE(bench.query({}, {}, 1000).decisions.size(), size_t(1000));
}

void DecisionLogTest::deletesWhatIsOlderThanTheRetention()
{
    {
        Bench bench(path(), *m_clock);
        bench.decisions.record(make(Reason::ServerFull, u"203.0.113.7"_s));
        bench.decisions.drain();
        m_clock->advance(29 * 24h);
        bench.decisions.record(make(Reason::ServerFull, u"203.0.113.8"_s));
        bench.decisions.drain();
        m_clock->advance(2 * 24h);
        bench.decisions.deleteOld();
    }
    Bench bench(path(), *m_clock);
    const DecisionLog::Page page = bench.query();
    QCOMPARE(page.decisions.size(), size_t(1));
    QCOMPARE(page.decisions[0].address, u"203.0.113.8"_s);
}

void DecisionLogTest::takesDecisionsFromManyThreads()
{
    Bench bench(path(), *m_clock);
    const Decision one = make(Reason::TooManyConnections, u"203.0.113.7"_s);
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i) {
        workers.emplace_back([&bench, one] {
            for (int n = 0; n < 500; ++n)
                bench.decisions.record(one);
        });
    }
    for (int i = 0; i < 50; ++i)
        bench.decisions.drain();
    for (std::thread &worker : workers)
        worker.join();
    bench.decisions.drain();
    QCOMPARE(bench.decisions.recorded(), 2000);
}

void DecisionLogTest::aClientThatIsRefusedForHoursLeavesRoom()
{
    Bench bench(path(), *m_clock);
    constexpr int kSteps = 2 * 360; // of ten seconds: two hours
    constexpr int kEach = 80;
    Decision one = make(Reason::TooManyConnections, u"203.0.113.7"_s);
    for (int step = 0; step < kSteps; ++step) {
        m_clock->advance(10s);
        for (int i = 0; i < kEach; ++i) {
            one.id = m_ids->next(m_clock->utc());
            bench.decisions.record(one);
        }
        bench.decisions.drain();
    }
    const qint64 logged = qint64(bench.log.lines("refused"_L1).size());
    const qint64 stored = bench.decisions.recorded() - bench.decisions.notStored();
    QCOMPARE(bench.decisions.recorded(), qint64(kSteps) * kEach);
    // Half of what may be written at once, then what comes back of it, and its share of six a minute.
    constexpr qint64 kOfOne = DecisionLog::kMaxStoredPerDay / 8 / 2 + DecisionLog::kMaxStoredPerDay * 7 / 8 / 12
        + 120 * RefusalBudget::kScarcePerMinute;
    QVERIFY2(logged <= kOfOne && stored <= kOfOne, qPrintable(u"%1 %2"_s.arg(logged).arg(stored)));
    QVERIFY(stored > DecisionLog::kMaxStoredPerDay / 8 / 2);
    qint64 told = 0;
    for (const auto &line : bench.log.lines("refusals_not_logged"_L1))
        told += line.fields.value("count"_L1).toInteger();
    QVERIFY(told > 0 && told <= bench.decisions.notLogged());
    QVERIFY(!bench.log.lines("refusals_not_stored"_L1).empty());
    // Another one is written down beside it, at once.
    const Decision other = make(Reason::TokenInvalid, u"198.51.100.1"_s);
    for (int i = 0; i < kEach; ++i)
        bench.decisions.record(one);
    bench.decisions.record(other);
    bench.decisions.drain();
    QCOMPARE(bench.log.lines("refused"_L1).back().fields.value("address"_L1).toString(), u"198.51.100.1"_s);
    DecisionFilter filter;
    filter.address = u"198.51.100.1"_s;
    std::promise<size_t> inArchive;
    bench.archive.load(filter, {}, 10,
        [&inArchive](const Result<DecisionArchive::Found> &found) { inArchive.set_value(found->decisions.size()); });
    QCOMPARE(inArchive.get_future().get(), 1U);
}

QTEST_GUILESS_MAIN(DecisionLogTest)
#include "tst_decisionlog.moc"
