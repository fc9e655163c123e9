// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <memory>
#include <set>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/channel/sessiontable.h"
#include "tests/support/fakesessionhost.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// Sessions whose clients have gone: the table is what is tested.
class Host final : public FakeSessionHost
{
public:
    std::unique_ptr<Session> make(quint64 number, const QString &user, const QStringList &groups)
    {
        Admission admission;
        admission.userSlot = UserSlot::uncounted(user);
        admission.identity.groups = groups;
        return std::make_unique<Session>(number, *this, std::move(admission), makeDeserted(), HttpRequest{});
    }
};

using Numbers = std::set<quint64>;

Numbers ofUser(const SessionTable &table, const QString &user)
{
    Numbers numbers;
    table.forUser(user, [&](Session &session) { numbers.insert(session.number()); });
    return numbers;
}

std::multiset<quint64> ofGroups(const SessionTable &table, const QStringList &groups)
{
    std::multiset<quint64> numbers;
    table.forGroups(groups, [&](Session &session) { numbers.insert(session.number()); });
    return numbers;
}

} // namespace

class TestSessionTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isEmptyAtFirst()
    {
        SessionTable table;
        QCOMPARE(table.size(), 0);
        QVERIFY(!table.find(0));
        QVERIFY(!table.take(7));
        QVERIFY(ofUser(table, u"42"_s).empty());
        QVERIFY(ofGroups(table, { u"staff"_s }).empty());
    }

    void neverUsesANumberTwice()
    {
        Host host;
        SessionTable table;
        Numbers used;
        for (int i = 0; i < 100; ++i) {
            const quint64 number = table.nextNumber();
            QVERIFY(used.insert(number).second);
            table.add(host.make(number, u"42"_s, {}));
            QCOMPARE(table.find(number)->number(), number);
            if (i % 3 != 0)
                QVERIFY(table.take(number));
            QCOMPARE(table.find(number) != nullptr, i % 3 == 0);
        }
    }

    void findsWhoIsInTwoGroupsOnce()
    {
        Host host;
        SessionTable table;
        const quint64 both = table.nextNumber();
        table.add(host.make(both, u"1"_s, { u"staff"_s, u"night"_s }));
        const quint64 one = table.nextNumber();
        table.add(host.make(one, u"2"_s, { u"night"_s }));
        QCOMPARE(ofGroups(table, { u"night"_s, u"staff"_s, u"nobody"_s }), (std::multiset<quint64>{ both, one }));
        QCOMPARE(ofGroups(table, { u"staff"_s }), (std::multiset<quint64>{ both }));
    }

    void changesGroups()
    {
        Host host;
        SessionTable table;
        std::vector<quint64> numbers;
        for (int i = 0; i < 3; ++i) {
            numbers.push_back(table.nextNumber());
            table.add(host.make(numbers.back(), u"42"_s, { u"staff"_s, u"night"_s }));
        }
        const auto change
            = [&](size_t i, const QStringList &groups) { table.changeGroups(*table.find(numbers[i]), groups); };
        change(0, { u"day"_s, u"staff"_s });
        change(1, {});
        QCOMPARE(ofGroups(table, { u"staff"_s }), (std::multiset<quint64>{ numbers[0], numbers[2] }));
        QCOMPARE(ofGroups(table, { u"night"_s }), (std::multiset<quint64>{ numbers[2] }));
        QCOMPARE(ofGroups(table, { u"day"_s }), (std::multiset<quint64>{ numbers[0] }));
        QCOMPARE(ofUser(table, u"42"_s), Numbers(numbers.begin(), numbers.end()));
        change(1, { u"night"_s });
        QCOMPARE(ofGroups(table, { u"night"_s }), (std::multiset<quint64>{ numbers[1], numbers[2] }));
        for (const quint64 number : numbers)
            QVERIFY(table.take(number));
        QVERIFY(ofGroups(table, { u"staff"_s, u"night"_s, u"day"_s }).empty());
    }

    /// A delivery may end the session that gets it.
    void mayLoseWhomItVisits()
    {
        Host host;
        SessionTable table;
        for (int i = 0; i < 20; ++i)
            table.add(host.make(table.nextNumber(), u"42"_s, { u"staff"_s }));
        int visits = 0;
        const auto takeEverySecond = [&](Session &session) {
            if (++visits % 2 == 0)
                (void)table.take(session.number());
        };
        table.forUser(u"42"_s, takeEverySecond);
        QCOMPARE(visits, 20);
        QCOMPARE(table.size(), 10);
        visits = 0;
        table.forGroups({ u"staff"_s }, takeEverySecond);
        QCOMPARE(visits, 10);
        QCOMPARE(table.size(), 5);
        visits = 0;
        table.forEach(takeEverySecond);
        QCOMPARE(visits, 5);
        QCOMPARE(table.size(), 3);
    }

    /// Against plain lists, over thousands of comings and goings.
    void agreesWithPlainLists()
    {
        struct Known
        {
            QString user;
            QStringList groups;
        };
        Host host;
        SessionTable table;
        std::map<quint64, Known> known;
        QRandomGenerator random(11);
        const QStringList users{ u"a"_s, u"b"_s, u"c"_s };
        const QStringList groups{ u"g1"_s, u"g2"_s, u"g3"_s };
        for (int step = 0; step < 3000; ++step) {
            if (known.size() < 40 && random.bounded(5) != 0) {
                Known one{ users[int(random.bounded(3))], {} };
                for (const QString &group : groups) {
                    if (random.bounded(2) == 0)
                        one.groups.append(group);
                }
                const quint64 number = table.nextNumber();
                table.add(host.make(number, one.user, one.groups));
                known.emplace(number, one);
            } else if (!known.empty()) {
                const auto victim = std::next(known.begin(), qsizetype(random.bounded(quint32(known.size()))));
                QVERIFY(table.take(victim->first));
                known.erase(victim);
            }
            const QString user = users[int(random.bounded(3))];
            const QStringList some{ groups[int(random.bounded(3))], groups[int(random.bounded(3))] };
            Numbers all;
            Numbers expectedUser;
            std::multiset<quint64> expectedGroups;
            for (const auto &[number, one] : known) {
                all.insert(number);
                if (one.user == user)
                    expectedUser.insert(number);
                if (one.groups.contains(some[0]) || one.groups.contains(some[1]))
                    expectedGroups.insert(number);
            }
            Numbers visited;
            table.forEach([&](Session &session) { visited.insert(session.number()); });
            QCOMPARE(visited, all);
            QCOMPARE(table.size(), qint64(known.size()));
            QCOMPARE(ofUser(table, user), expectedUser);
            QCOMPARE(ofGroups(table, some), expectedGroups);
        }
    }
};

QTEST_GUILESS_MAIN(TestSessionTable)
#include "tst_sessiontable.moc"
