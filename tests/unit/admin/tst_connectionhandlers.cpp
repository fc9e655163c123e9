// SPDX-License-Identifier: GPL-3.0-or-later
// The table of connections and the kick.
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kPath = "/api/admin/v1/connections";

struct Fixture : AdminFixture
{
    void add(const QString &id, const QString &user, const QString &address, qint64 in = 0)
    {
        ConnectionInfo info;
        info.id = id;
        info.user = user;
        info.address = address;
        info.origin = u"https://app.example"_s;
        info.userAgent = u"Mozilla/5.0 ("_s + user + u')';
        info.connectedAt = clock.utc() + std::chrono::seconds(channel.connections.size());
        info.messagesIn = in;
        info.messagesOut = 100 - in;
        info.messagesLastMinute = in % 3;
        info.queuedBytes = in * 10;
        info.worker = id.left(1).toInt();
        channel.connections.push_back(info);
    }
    void addSome()
    {
        add(u"1-1"_s, u"cay"_s, u"203.0.113.9"_s, 4);
        add(u"0-2"_s, u"ann"_s, u"203.0.113.7"_s, 30);
        add(u"0-1"_s, u"ben"_s, u"2001:db8::/64"_s, 2);
        add(u"1-2"_s, u"ann"_s, u"203.0.113.8"_s, 5);
    }
    QStringList ids(const QByteArray &query)
    {
        QStringList all;
        for (const QJsonValue &connection : objectOf(ask("GET", kPath + query))["connections"_L1].toArray())
            all.append(connection["id"_L1].toString());
        return all;
    }
};

} // namespace

class TestConnectionHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sorts_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("ids");
        const auto row = [](const char *query, const char *ids) {
            QTest::newRow(query) << QByteArray(query) << QString::fromLatin1(ids);
        };
        row("", "1-1 0-2 0-1 1-2"); // oldest first
        row("?sort=connected_at", "1-1 0-2 0-1 1-2");
        row("?sort=-connected_at", "1-2 0-1 0-2 1-1");
        row("?sort=id", "0-1 0-2 1-1 1-2");
        row("?sort=-id", "1-2 1-1 0-2 0-1");
        row("?sort=user", "0-2 1-2 0-1 1-1"); // of equal ones the smaller id is first
        row("?sort=-user", "1-1 0-1 0-2 1-2");
        row("?sort=address", "0-2 1-2 1-1 0-1"); // IPv4 first
        row("?sort=origin", "0-1 0-2 1-1 1-2");
        row("?sort=messages_in", "0-1 1-1 1-2 0-2");
        row("?sort=-messages_out", "0-1 1-1 1-2 0-2");
        row("?sort=messages_last_minute", "0-2 1-1 0-1 1-2");
        row("?sort=-queued_bytes", "0-2 1-2 1-1 0-1");
        row("?sort=worker", "0-1 0-2 1-1 1-2");
        row("?sort=user_agent", "0-2 1-2 0-1 1-1");
        row("?sort=node", "0-1 0-2 1-1 1-2"); // all the same here
    }
    void sorts()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, ids);
        Fixture fixture;
        fixture.addSome();
        QCOMPARE(fixture.ids(query).join(u' '), ids);
    }

    void idsSortAsNumbersAndAddressesAsBytes()
    {
        Fixture fixture;
        const QStringList users{ u"10"_s, u"9"_s, u"user 9"_s, u"009"_s, u"100"_s, QString(), u"-1"_s,
            u"99999999999999999999999"_s };
        const QStringList addresses{ u"127.0.0.10"_s, u"127.0.0.9"_s, u"10.0.0.1"_s, u"2001:db8::/64"_s, u"9.0.0.1"_s,
            u"fe80::/64"_s, u"2001:0db8:0:9::/64"_s, QString() };
        for (int i = 0; i < users.size(); ++i)
            fixture.add(u"0-%1"_s.arg(i), users[i], addresses[i]);
        QCOMPARE(fixture.ids("?sort=user").join(u' '), u"0-3 0-1 0-0 0-4 0-7 0-5 0-6 0-2"_s);
        QCOMPARE(fixture.ids("?sort=-user").join(u' '), u"0-2 0-6 0-5 0-7 0-4 0-0 0-1 0-3"_s);
        QCOMPARE(fixture.ids("?sort=address").join(u' '), u"0-7 0-4 0-2 0-1 0-0 0-3 0-6 0-5"_s);
    }

    void filters_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("ids");
        const auto row = [](const char *query, const char *ids) {
            QTest::newRow(query) << QByteArray(query) << QString::fromLatin1(ids);
        };
        row("?filter=ann", "0-2 1-2");
        row("?filter=ANN", "0-2 1-2");
        row("?filter=203.0.113.", "1-1 0-2 1-2");
        row("?filter=2001:DB8", "0-1");
        row("?filter=app.example", "1-1 0-2 0-1 1-2");
        row("?filter=(ben)", "0-1"); // of the user agent
        row("?filter=1-2", "1-2");   // an id must be the whole of it
        row("?filter=1-", "");
        row("?filter=nobody", "");
        row("?filter=%25", ""); // no wildcard
        row("?filter=.*", "");
        row("?filter=", "1-1 0-2 0-1 1-2");
        row("?filter=ann&sort=-messages_in", "0-2 1-2");
    }
    void filters()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, ids);
        Fixture fixture;
        fixture.addSome();
        QCOMPARE(fixture.ids(query).join(u' '), ids);
        const QJsonObject page = objectOf(fixture.ask("GET", kPath + query));
        QCOMPARE(page["total"_L1].toInt(), ids.isEmpty() ? 0 : int(ids.count(u' ')) + 1);
        QVERIFY(page["next_cursor"_L1].isNull());
    }

    void pages_data()
    {
        QTest::addColumn<int>("limit");
        QTest::addColumn<int>("pages");
        QTest::newRow("one each") << 1 << 7;
        QTest::newRow("some left") << 3 << 3;
        QTest::newRow("just all") << 7 << 1;
        QTest::newRow("more than there are") << 1000 << 1;
    }
    void pages()
    {
        QFETCH(int, limit);
        QFETCH(int, pages);
        Fixture fixture;
        for (int i = 0; i < 7; ++i) // all alike: the order must hold from page to page
            fixture.add(u"0-%1"_s.arg(i), u"ann"_s, u"203.0.113.7"_s);
        QStringList seen;
        QString cursor = u"0"_s;
        int asked = 0;
        while (!cursor.isEmpty() && ++asked < 20) {
            const QByteArray query = "?sort=user&limit=" + QByteArray::number(limit) + "&cursor=" + cursor.toLatin1();
            const QJsonObject page = objectOf(fixture.ask("GET", kPath + query));
            QCOMPARE(page["total"_L1].toInt(), 7);
            for (const QJsonValue &connection : page["connections"_L1].toArray())
                seen.append(connection["id"_L1].toString());
            cursor = page["next_cursor"_L1].toString();
        }
        QCOMPARE(asked, pages);
        QCOMPARE(seen, (QStringList{ u"0-0"_s, u"0-1"_s, u"0-2"_s, u"0-3"_s, u"0-4"_s, u"0-5"_s, u"0-6"_s }));
    }

    void aCursorBeyondTheEndIsAnEmptyPage()
    {
        Fixture fixture;
        fixture.addSome();
        const QJsonObject page = objectOf(fixture.ask("GET", kPath + "?cursor=99"));
        QVERIFY(page["connections"_L1].toArray().isEmpty());
        QCOMPARE(page["total"_L1].toInt(), 4);
        QVERIFY(page["next_cursor"_L1].isNull());
    }

    void refusesNonsense_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("field");
        const auto row = [](const char *query, const char *field) {
            QTest::newRow(query) << QByteArray(query) << QString::fromLatin1(field);
        };
        row("?sort=lemons", "sort");
        row("?sort=User", "sort");
        row("?sort=--user", "sort");
        row("?sort=useragent", "sort");
        row("?limit=0", "limit");
        row("?limit=1001", "limit");
        row("?cursor=-1", "cursor");
        row("?cursor=abc", "cursor");
        row("?cursor=99999999999", "cursor");
    }
    void refusesNonsense()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, field);
        Fixture fixture;
        const HttpResponse response = fixture.ask("GET", kPath + query);
        QCOMPARE(response.status, 400);
        QCOMPARE(fieldOf(response), field);
    }

    void tellsAboutOne()
    {
        Fixture fixture;
        fixture.addSome();
        const HttpResponse found = fixture.ask("GET", kPath + "/0-2", "viewer");
        QCOMPARE(found.status, 200);
        QCOMPARE(objectOf(found), fixture.channel.connections[1].toJson());
        for (const char *id : { "/0-3", "/0", "/ann", "/%2e%2e", "/0-2%20" })
            QCOMPARE(fixture.ask("GET", kPath + id).status, 404);
    }

    void longIdsAreNotRepeated()
    {
        Fixture fixture;
        const HttpResponse response = fixture.ask("GET", kPath + '/' + QByteArray(5000, 'x'));
        QCOMPARE(response.status, 404);
        QVERIFY(response.body.size() < 500);
        QVERIFY(fixture.ask("DELETE", kPath + '/' + QByteArray(5000, 'x')).body.size() < 500);
    }

    void kicksOnce()
    {
        Fixture fixture;
        fixture.addSome();
        QCOMPARE(fixture.ask("DELETE", kPath + "/0-2", "viewer").status, 403);
        QCOMPARE(fixture.channel.connections.size(), 4U);
        const HttpResponse response = fixture.ask("DELETE", kPath + "/0-2", "operator");
        QCOMPARE(response.status, 204);
        QVERIFY(response.body.isEmpty());
        QCOMPARE(fixture.ids("?sort=id").join(u' '), u"0-1 1-1 1-2"_s);
        QCOMPARE(fixture.ask("DELETE", kPath + "/0-2", "operator").status, 404);
        const QJsonArray entries = objectOf(fixture.ask("GET", "/api/admin/v1/audit"))["entries"_L1].toArray();
        QCOMPARE(entries.size(), 1); // what did not happen is not audited
        QCOMPARE(entries[0]["action"_L1].toString(), u"connection.kick"_s);
        QCOMPARE(entries[0]["target"_L1].toString(), u"0-2"_s);
        QCOMPARE(entries[0]["by"_L1].toString(), u"someone"_s);
        QCOMPARE(entries[0]["address"_L1].toString(), u"10.0.0.1"_s);
    }
};

QTEST_GUILESS_MAIN(TestConnectionHandlers)
#include "tst_connectionhandlers.moc"
