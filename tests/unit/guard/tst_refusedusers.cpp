// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/refusedusers.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

constexpr MonoTime kNow{ 1000h };

Decision refusal(const QString &address, const QString &user = u"42"_s, Reason reason = Reason::TooManyConnections)
{
    Decision decision;
    decision.reason = reason;
    decision.address = address;
    decision.user = user;
    decision.limit = 5;
    return decision;
}

} // namespace

class TestRefusedUsers final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsUsersWhomLimitsRefuse_data();
    void countsUsersWhomLimitsRefuse();
    void threeAddressesCountAsTen();
    void namesTheNetworkAndWhatHelps_data();
    void namesTheNetworkAndWhatHelps();
    void forgetsAfterAnHour();
    void staysBounded();
};

void TestRefusedUsers::countsUsersWhomLimitsRefuse_data()
{
    QTest::addColumn<int>("reason");
    QTest::addColumn<QString>("user");
    QTest::addColumn<bool>("isEnforced");
    QTest::addColumn<bool>("isCounted");
    const auto row = [](const char *name, Reason reason, const QString &user, bool isEnforced, bool isCounted) {
        QTest::newRow(name) << int(reason) << user << isEnforced << isCounted;
    };
    row("address", Reason::TooManyConnections, u"42"_s, true, true);
    row("user", Reason::TooManyUserConnections, u"42"_s, true, true);
    row("reconnects", Reason::TooManyReconnects, u"42"_s, true, true);
    row("server full", Reason::ServerFull, u"42"_s, true, true);
    row("nobody known", Reason::TooManyConnections, {}, true, false);
    row("only observed", Reason::TooManyConnections, u"42"_s, false, false);
    row("messages", Reason::RateLimited, u"42"_s, true, false);
    row("a bad token", Reason::TokenInvalid, u"42"_s, true, false);
    row("banned", Reason::UserBanned, u"42"_s, true, false);
    row("slow", Reason::SlowConsumer, u"42"_s, true, false);
}

void TestRefusedUsers::countsUsersWhomLimitsRefuse()
{
    QFETCH(int, reason);
    QFETCH(QString, user);
    QFETCH(bool, isEnforced);
    QFETCH(bool, isCounted);
    Decision decision = refusal(u"203.0.113.7"_s, user, Reason(reason));
    decision.isEnforced = isEnforced;
    RefusedUsers refused;
    refused.add(decision, kNow);
    const RefusedUsers::Summary summary = refused.summary(kNow);
    QCOMPARE(summary.refusals, isCounted ? 1 : 0);
    QCOMPARE(summary.addresses, isCounted ? 1 : 0);
    QCOMPARE(summary.sentence.isEmpty(), !isCounted);
}

void TestRefusedUsers::threeAddressesCountAsTen()
{
    RefusedUsers refused;
    for (int i = 0; i < 9; ++i)
        refused.add(refusal(u"203.0.113.7"_s), kNow);
    QCOMPARE(refused.summary(kNow).weight(), 9.0);
    refused.add(refusal(u"203.0.113.8"_s), kNow);
    QCOMPARE(refused.summary(kNow).weight(), 10.0);
    RefusedUsers few;
    for (const auto address : { "203.0.113.7"_L1, "203.0.113.8"_L1 })
        few.add(refusal(address), kNow);
    QVERIFY(few.summary(kNow).weight() < 9);
    few.add(refusal(u"2001:db8::/64"_s), kNow + 5min);
    QCOMPARE(few.summary(kNow + 5min).weight(), 10.0);
}

void TestRefusedUsers::namesTheNetworkAndWhatHelps_data()
{
    QTest::addColumn<int>("reason");
    QTest::addColumn<QString>("address");
    QTest::addColumn<QStringList>("words");
    QTest::newRow("office") << int(Reason::TooManyConnections) << u"203.0.113.7"_s
                            << QStringList{ u"12 times"_s, u"at 203.0.113.7,"_s, u"MAX_CONNECTIONS_PER_IP (5)"_s,
                                   u"LIMITS_PROFILE=site"_s, u"EXEMPT_NETWORKS=203.0.113.7/32=200"_s,
                                   u"TRUSTED_PROXIES"_s };
    QTest::newRow("IPv6") << int(Reason::TooManyConnections) << u"2001:db8::/64"_s
                          << QStringList{ u"EXEMPT_NETWORKS=2001:db8::/64=200"_s };
    QTest::newRow("user") << int(Reason::TooManyUserConnections) << u"203.0.113.7"_s
                          << QStringList{ u"by MAX_CONNECTIONS_PER_USER (5)"_s, u"raise MAX_CONNECTIONS_PER_USER"_s };
    QTest::newRow("reconnects") << int(Reason::TooManyReconnects) << u"203.0.113.7"_s
                                << QStringList{ u"raise MAX_RECONNECT_ATTEMPTS"_s };
    QTest::newRow("full") << int(Reason::ServerFull) << u"203.0.113.7"_s << QStringList{ u"raise MAX_CONNECTIONS,"_s };
}

void TestRefusedUsers::namesTheNetworkAndWhatHelps()
{
    QFETCH(int, reason);
    QFETCH(QString, address);
    QFETCH(QStringList, words);
    RefusedUsers refused;
    refused.add(refusal(u"198.51.100.1"_s), kNow);
    for (int i = 0; i < 11; ++i)
        refused.add(refusal(address, u"42"_s, Reason(reason)), kNow);
    const QString sentence = refused.summary(kNow).sentence;
    for (const QString &word : words)
        QVERIFY2(sentence.contains(word), qPrintable(sentence));
}

void TestRefusedUsers::forgetsAfterAnHour()
{
    RefusedUsers refused;
    refused.add(refusal(u"203.0.113.7"_s), kNow);
    refused.add(refusal(u"203.0.113.8"_s), kNow + 30min);
    QCOMPARE(refused.summary(kNow + 60min - 1ms).refusals, 2);
    QCOMPARE(refused.summary(kNow + 60min).refusals, 1);
    QVERIFY(refused.summary(kNow + 60min).sentence.contains(u"203.0.113.8"_s));
    QCOMPARE(refused.summary(kNow + 90min).refusals, 0);
    QVERIFY(refused.summary(kNow + 90min).sentence.isEmpty());
}

void TestRefusedUsers::staysBounded()
{
    RefusedUsers refused;
    for (int i = 0; i < 5000; ++i)
        refused.add(refusal(u"10.0.%1.%2"_s.arg(i / 256).arg(i % 256)), kNow);
    const RefusedUsers::Summary summary = refused.summary(kNow);
    QCOMPARE(summary.refusals, 5000);
    QCOMPARE(summary.addresses, RefusedUsers::kMaxAddresses);
}

QTEST_APPLESS_MAIN(TestRefusedUsers)
#include "tst_refusedusers.moc"
