// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/reason.h"

#include <QtCore/QSet>
#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

/// What holds for each row of the table of refusals, and the rows that the channel's documentation promises.
class TestReason final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsAreInTheOrderOfTheEnumeration();
    void rowsAreSound_data();
    void rowsAreSound();
    void wireNamesAreUnique();
    void everyLimitHasOneReason();
    void findsGuards();
    void answersAsDocumented_data();
    void answersAsDocumented();
    void parseRefusesUnknownNames();
};

void TestReason::rowsAreInTheOrderOfTheEnumeration()
{
    for (size_t i = 0; i < kReasonCount; ++i)
        QCOMPARE(size_t(reasonDescriptors()[i].reason), i);
}

void TestReason::rowsAreSound_data()
{
    QTest::addColumn<int>("index");
    for (const ReasonDescriptor &row : reasonDescriptors())
        QTest::addRow("%s by %s", row.code.data(), row.guard.data()) << int(row.reason);
}

void TestReason::rowsAreSound()
{
    QFETCH(int, index);
    const ReasonDescriptor &row = reasonDescriptor(Reason(index));
    QVERIFY(!row.code.isEmpty());
    QVERIFY(!row.title.isEmpty());
    const GuardDescriptor *guard = findGuard(QString(row.guard));
    QVERIFY(guard);
    QVERIFY(!guard->title.isEmpty());
    QCOMPARE(row.limit.has_value(), row.counts != Counted::Nothing);
    QVERIFY(!row.limit || row.suggestedWait); // who is over a limit is told when to come again
    QVERIFY(row.httpStatus == 0 || (row.httpStatus >= 400 && row.httpStatus < 600));
    QVERIFY(quint16(row.closeCode) >= 1000);
    QVERIFY(metricDescriptor(row.metric).name.startsWith("refused_"_L1));
    QCOMPARE(parseReason(QString(row.code), QString(row.guard)).value(), row.reason);
}

void TestReason::wireNamesAreUnique()
{
    QSet<std::pair<QString, QString>> seen;
    for (const ReasonDescriptor &row : reasonDescriptors())
        seen.insert({ row.code, row.guard });
    QCOMPARE(seen.size(), qsizetype(kReasonCount));
}

void TestReason::everyLimitHasOneReason()
{
    QSet<LimitKey> limits;
    QSet<Counted> counted;
    int rows = 0;
    for (const ReasonDescriptor &row : reasonDescriptors()) {
        if (!row.limit)
            continue;
        limits.insert(*row.limit);
        counted.insert(row.counts);
        ++rows;
    }
    const auto refusing = std::count_if(limitDescriptors().begin(), limitDescriptors().end(),
        [](const LimitDescriptor &limit) { return limit.hasMode; });
    QCOMPARE(rows, refusing);
    QCOMPARE(limits.size(), refusing);
    QCOMPARE(counted.size(), refusing);
}

void TestReason::findsGuards()
{
    for (const GuardDescriptor &row : guardDescriptors())
        QCOMPARE(findGuard(QString(row.name)), &row);
    QVERIFY(!findGuard(u"moat"));
    QVERIFY(!findGuard(u""));
}

void TestReason::answersAsDocumented_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("guard");
    QTest::addColumn<int>("status");
    QTest::addColumn<int>("closeCode");
    QTest::newRow("origin") << u"origin_not_allowed"_s << u"origin"_s << 403 << 4503;
    QTest::newRow("host") << u"wrong_host"_s << u"origin"_s << 421 << 1005;
    QTest::newRow("no token") << u"token_missing"_s << u"token"_s << 401 << 4501;
    QTest::newRow("bad token") << u"token_invalid"_s << u"token"_s << 401 << 4501;
    QTest::newRow("old token") << u"token_expired"_s << u"token"_s << 401 << 4001;
    QTest::newRow("revoked") << u"token_revoked"_s << u"token"_s << 403 << 4504;
    QTest::newRow("banned") << u"banned"_s << u"address"_s << 403 << 4504;
    QTest::newRow("banned user") << u"banned"_s << u"user"_s << 403 << 4504;
    QTest::newRow("address") << u"too_many_connections"_s << u"address"_s << 429 << 4129;
    QTest::newRow("user") << u"too_many_connections"_s << u"user"_s << 429 << 4129;
    QTest::newRow("reconnects") << u"too_many_reconnects"_s << u"reconnect"_s << 429 << 4130;
    QTest::newRow("full") << u"server_full"_s << u"server"_s << 503 << 1013;
    QTest::newRow("draining") << u"draining"_s << u"server"_s << 503 << 1012;
    QTest::newRow("messages") << u"rate_limited"_s << u"message"_s << 0 << 4131;
    QTest::newRow("strikes") << u"rate_limit_strikes"_s << u"message"_s << 0 << 4131;
    QTest::newRow("too big") << u"message_too_big"_s << u"message"_s << 0 << 1009;
    QTest::newRow("slow") << u"slow_consumer"_s << u"queue"_s << 0 << 4132;
}

void TestReason::answersAsDocumented()
{
    QFETCH(QString, code);
    QFETCH(QString, guard);
    const std::optional<Reason> reason = parseReason(code, guard);
    QVERIFY(reason);
    QTEST(reasonDescriptor(*reason).httpStatus, "status");
    QTEST(int(reasonDescriptor(*reason).closeCode), "closeCode");
}

void TestReason::parseRefusesUnknownNames()
{
    QVERIFY(!parseReason(u"", u""));
    QVERIFY(!parseReason(u"too_many_connections", u""));
    QVERIFY(!parseReason(u"too_many_connections", u"token"));
    QVERIFY(!parseReason(u"Banned", u"address"));
    QVERIFY(!parseReason(u"unheard_of", u"address"));
}

QTEST_APPLESS_MAIN(TestReason)
#include "tst_reason.moc"
