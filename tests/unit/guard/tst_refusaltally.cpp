// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/refusaltally.h"

#include <QtTest/QTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s }; // begins a minute

Decision about(UtcTime at, const QString &address, const QString &user = {})
{
    Decision decision;
    decision.at = at;
    decision.reason = Reason::TooManyConnections;
    decision.address = address;
    decision.user = user;
    return decision;
}

QStringList texts(const DecisionCounts &counts)
{
    QStringList texts;
    for (const DecisionCount &count : counts.counts)
        texts << u"%1=%2"_s.arg(count.value).arg(count.count);
    return texts;
}

} // namespace

class TestRefusalTally : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsByEachKey()
    {
        RefusalTally tally(kStart);
        tally.add(about(kStart, u"203.0.113.7"_s, u"42"_s));
        tally.add(about(kStart + 1s, u"203.0.113.7"_s), 4);
        tally.add(about(kStart + 2min, u"203.0.113.8"_s, u"43"_s));
        const auto of = [&tally](DecisionKey key) { return tally.counts(key, kStart, kStart + 1h); };
        QCOMPARE(texts(of(DecisionKey::Address)), (QStringList{ u"203.0.113.7=5"_s, u"203.0.113.8=1"_s }));
        QCOMPARE(texts(of(DecisionKey::User)), (QStringList{ u"42=1"_s, u"43=1"_s }));
        QCOMPARE(texts(of(DecisionKey::Reason)), QStringList{ u"too_many_connections=6"_s });
        QVERIFY(of(DecisionKey::Origin).counts.empty());
        QCOMPARE(of(DecisionKey::Origin).total, 6); // those without one too
        QVERIFY(of(DecisionKey::User).isExact);
    }

    void takesOverWhatAnotherHasCounted()
    {
        RefusalTally tally(kStart);
        tally.add(about(kStart + 1min, u"a"_s, u"42"_s), 2);
        RefusalTally meanwhile;
        meanwhile.add(about(kStart, u"b"_s));
        meanwhile.add(about(kStart + 90s, u"a"_s), 3);
        tally.add(meanwhile);
        const DecisionCounts counts = tally.counts(DecisionKey::Address, kStart, kStart + 1h);
        QCOMPARE(texts(counts), (QStringList{ u"a=5"_s, u"b=1"_s }));
        QCOMPARE(counts.total, 6);
        QVERIFY(counts.isExact);
        QCOMPARE(tally.from(), kStart);
        QCOMPARE(texts(tally.counts(DecisionKey::Reason, kStart + 1min, kStart + 1h)),
            QStringList{ u"too_many_connections=5"_s });
        // It ends within a minute that goes on in the other one.
        QVERIFY(!tally.counts(DecisionKey::Address, kStart, kStart + 85s).isExact);
        RefusalTally flood;
        for (int i = 0; i < 1'000; ++i)
            flood.add(about(kStart, u"flood%1"_s.arg(i)));
        tally.add(flood);
        QCOMPARE(tally.counts(DecisionKey::Address, kStart, kStart + 1h).total, 1'006);
        QVERIFY(!tally.counts(DecisionKey::Address, kStart, kStart + 1h).isExact);
        QVERIFY(tally.counts(DecisionKey::User, kStart, kStart + 1h).isExact);
    }

    void reasonsOfOneCodeCountTogether()
    {
        RefusalTally tally(kStart);
        for (const Reason reason : { Reason::TooManyConnections, Reason::TooManyUserConnections, Reason::ServerFull }) {
            Decision decision = about(kStart, u"a"_s);
            decision.reason = reason;
            tally.add(decision);
        }
        QCOMPARE(texts(tally.counts(DecisionKey::Reason, kStart, kStart + 1h)),
            (QStringList{ u"too_many_connections=2"_s, u"server_full=1"_s }));
    }

    void answersForWholeMinutes()
    {
        RefusalTally tally(kStart);
        tally.add(about(kStart + 30s, u"a"_s));
        tally.add(about(kStart + 90s, u"b"_s));
        tally.add(about(kStart + 150s, u"c"_s));
        QCOMPARE(texts(tally.counts(DecisionKey::Address, kStart + 1min, kStart + 2min)), QStringList{ u"b=1"_s });
        QVERIFY(tally.counts(DecisionKey::Address, kStart + 1min, kStart + 2min).isExact);
        const DecisionCounts part = tally.counts(DecisionKey::Address, kStart + 100s, kStart + 1h);
        QCOMPARE(texts(part), (QStringList{ u"b=1"_s, u"c=1"_s })); // the minute in which it begins
        QVERIFY(!part.isExact);
        QVERIFY(!tally.counts(DecisionKey::Address, kStart, kStart + 145s).isExact); // ends within one that goes on
    }

    void keepsAnHour()
    {
        RefusalTally tally(kStart);
        for (int minute = 0; minute < 90; ++minute)
            tally.add(about(kStart + std::chrono::minutes(minute), u"a"_s));
        QCOMPARE(tally.from(), kStart + 29min);
        QCOMPARE(tally.counts(DecisionKey::Address, kStart, kStart + 90min).total, qint64(RefusalTally::kMinutes));
        QCOMPARE(tally.counts(DecisionKey::Address, kStart + 30min, kStart + 90min).total, 60);
    }

    void aClockThatGoesBackLosesNothing()
    {
        RefusalTally tally(kStart);
        for (int minute = 0; minute < 61; ++minute)
            tally.add(about(kStart + std::chrono::minutes(minute), u"a"_s));
        tally.add(about(kStart - 1h, u"b"_s));
        tally.add(about(kStart + 5min, u"b"_s));
        QCOMPARE(tally.counts(DecisionKey::Address, kStart, kStart + 2h).total, 63);
    }

    void aFloodOfNewValuesIsBoundedAndHidesNobody()
    {
        RefusalTally tally(kStart);
        for (int i = 0; i < 20'000; ++i) {
            tally.add(about(kStart, u"flood%1"_s.arg(i)));
            tally.add(about(kStart, u"one"_s));
        }
        const DecisionCounts counts = tally.counts(DecisionKey::Address, kStart, kStart + 1min);
        QVERIFY(counts.counts.size() <= size_t(RefusalTally::kMaxValues));
        QCOMPARE(counts.counts[0].value, u"one"_s);
        QCOMPARE(counts.counts[0].count, 20'000);
        QCOMPARE(counts.total, 40'000);
        QVERIFY(!counts.isExact);
        QVERIFY(tally.counts(DecisionKey::Reason, kStart, kStart + 1min).isExact);
    }
};

QTEST_APPLESS_MAIN(TestRefusalTally)
#include "tst_refusaltally.moc"
