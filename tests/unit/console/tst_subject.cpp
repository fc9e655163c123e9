// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QTest>

#include "console/models/accessmodel.h"
#include "console/models/addressrange.h"
#include "console/models/connectionsmodel.h"
#include "console/models/subjectcells.h"
#include "console/models/subjectrows.h"
#include "tests/support/fakeadminclient.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

QStringList namesFor(const Subject &subject)
{
    QStringList names;
    for (const SubjectAction action : actionsFor(subject))
        names << subjectActionName(action);
    return names;
}

} // namespace

class TestSubject : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatMakesSense_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("limit");
        QTest::addColumn<QString>("actions");
        QTest::newRow("an address") << int(SubjectKind::Address) << u"203.0.113.7"_s << u"max_connections_per_ip"_s
                                    << u"only everything copy ban exempt exemptnetwork ownlimit changelimit"_s;
        QTest::newRow("an address that ran into no limit")
            << int(SubjectKind::Address) << u"203.0.113.7"_s << QString()
            << u"only everything copy ban exempt exemptnetwork ownlimit"_s;
        QTest::newRow("an address of no known network")
            << int(SubjectKind::Address) << u"::1"_s << QString() << u"only everything copy ban exempt ownlimit"_s;
        QTest::newRow("a user") << int(SubjectKind::User) << u"24"_s << QString()
                                << u"only everything copy ban logout"_s;
        QTest::newRow("an Origin") << int(SubjectKind::Origin) << u"https://a"_s << QString() << u"only copy"_s;
        QTest::newRow("a token") << int(SubjectKind::Token) << u"744bdc06a372"_s << QString() << u"only copy"_s;
        QTest::newRow("a decision") << int(SubjectKind::Decision) << u"D1"_s << u"max_connections"_s
                                    << u"only copy changelimit"_s;
        QTest::newRow("a connection") << int(SubjectKind::Connection) << u"C1"_s << QString() << u"copy"_s;
    }

    void whatMakesSense()
    {
        QFETCH(int, kind);
        QFETCH(QString, value);
        QFETCH(QString, limit);
        QFETCH(QString, actions);
        QCOMPARE(namesFor({ SubjectKind(kind), value, limit }).join(u' '), actions);
    }

    void whoLooksMayLook()
    {
        QCOMPARE(roleFor(SubjectAction::Everything), Role::Viewer);
        QCOMPARE(roleFor(SubjectAction::ChangeLimit), Role::Operator);
        QCOMPARE(roleFor(SubjectAction::Ban), Role::Operator);
    }

    void aDecisionNamesItsSubjects()
    {
        Decision decision;
        decision.id = u"D1"_s;
        decision.reason = Reason::TooManyConnections;
        decision.address = u"203.0.113.7"_s;
        QCOMPARE(subjectOf(decision, SubjectKind::Address),
            std::optional(Subject{ SubjectKind::Address, u"203.0.113.7"_s, u"max_connections_per_ip"_s }));
        QVERIFY(!subjectOf(decision, SubjectKind::User)); // before authentication there is none
        QCOMPARE(whoOf(decision).size(), 1U);
        decision.user = u"24"_s;
        QCOMPARE(whoOf(decision).size(), 2U);
    }

    void aNetworkHasItsAddresses_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("isIn");
        QTest::newRow("itself") << u"127.1.0.1"_s << u"127.1.0.1"_s << true;
        QTest::newRow("a longer one") << u"127.1.0.1"_s << u"127.1.0.10"_s << false;
        QTest::newRow("/28") << u"127.1.0.0/28"_s << u"127.1.0.15"_s << true;
        QTest::newRow("beyond a /28") << u"127.1.0.0/28"_s << u"127.1.0.16"_s << false;
        QTest::newRow("all") << u"0.0.0.0/0"_s << u"203.0.113.7"_s << true;
        QTest::newRow("a bucket of IPv6") << u"2001:db8::/32"_s << u"2001:db8:1:2::/64"_s << true;
        QTest::newRow("another of IPv6") << u"2001:db8:1::/48"_s << u"2001:db8:2::/64"_s << false;
        QTest::newRow("a part is not the whole") << u"2001:db8::/64"_s << u"2001:db8::/32"_s << false;
        QTest::newRow("written out") << u"2001:db8:0:0:0:0:0:0/64"_s << u"2001:db8::1"_s << true;
        QTest::newRow("the other family") << u"::/0"_s << u"127.0.0.1"_s << false;
    }

    void aNetworkHasItsAddresses()
    {
        QFETCH(QString, network);
        QFETCH(QString, address);
        QFETCH(bool, isIn);
        const auto range = AddressRange::parse(network);
        const auto one = AddressRange::parse(address);
        QVERIFY(range && one);
        QCOMPARE(range->contains(*one), isIn);
    }

    void whatIsNoAddressIsNone()
    {
        for (const QString &text : { u""_s, u"24"_s, u"1.2.3"_s, u"1.2.3.256"_s, u"1.2.3.4/33"_s, u"1.2.3.4/x"_s,
                 u"1:2"_s, u"1:2:3:4:5:6:7:8:9"_s, u"g::1"_s, u"unknown"_s })
            QVERIFY2(!AddressRange::parse(text), qPrintable(text));
    }

    void rowsOfOthersAreLeftOut()
    {
        FakeAdminClient client;
        for (const int last : { 10, 1, 12, 1 }) {
            ConnectionInfo info;
            info.id = u"C%1"_s.arg(client.connections.size());
            info.address = u"127.1.0.%1"_s.arg(last);
            client.connections.push_back(info);
        }
        ConnectionsModel model(client, client.clock);
        SubjectRows rows(model, { SubjectKind::Address, u"127.1.0.1"_s, {} });
        const QAbstractItemModelTester tester(&rows, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QTRY_COMPARE(rows.rowCount(), 2);
        QCOMPARE(client.lastConnectionQuery.filter, u"127.1.0.1"_s);
        QCOMPARE(rows.notLookedAt(), 0);
        client.connections.pop_back();
        model.refresh();
        QTRY_COMPARE(rows.rowCount(), 1);
    }

    void rulesOfNetworksCount()
    {
        AccessRule rule;
        rule.kind = AccessKind::Cidr;
        rule.value = u"203.0.113.0/24"_s;
        QVERIFY(isAbout(rule, { SubjectKind::Address, u"203.0.113.7"_s, {} }));
        QVERIFY(!isAbout(rule, { SubjectKind::Address, u"203.0.114.7"_s, {} }));
        QVERIFY(!isAbout(rule, { SubjectKind::User, u"203.0.113.7"_s, {} }));
        rule.kind = AccessKind::User;
        rule.value = u"24"_s;
        QVERIFY(isAbout(rule, { SubjectKind::User, u"24"_s, {} }));
        QVERIFY(!isAbout(rule, { SubjectKind::User, u"240"_s, {} }));
        rule.kind = AccessKind::TokenId;
        QVERIFY(!isAbout(rule, { SubjectKind::User, u"24"_s, {} }));
    }
};

QTEST_GUILESS_MAIN(TestSubject)
#include "tst_subject.moc"
