// SPDX-License-Identifier: GPL-3.0-or-later
// The refusal explorer.
#include <QtTest/QTest>

#include "shared/util/isotime.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kPath = "/api/admin/v1/decisions";

struct Fixture : AdminFixture
{
    UlidGenerator ids = UlidGenerator::withSystemEntropy();
    QHash<QString, QString> numberOf; ///< id → "1", "2", … in the order of their coming

    /// A second later than the one before.
    void add(Reason reason, const QString &address, const QString &user = {}, const QString &origin = {})
    {
        clock.advance(1s);
        Decision decision;
        decision.at = clock.utc();
        decision.id = ids.next(decision.at);
        numberOf.insert(decision.id, QString::number(numberOf.size() + 1));
        decision.reason = reason;
        decision.address = address;
        decision.user = user;
        decision.origin = origin;
        decisions.record(decision);
    }
    void addSome()
    {
        add(Reason::OriginNotAllowed, u"203.0.113.7"_s, {}, u"https://evil.example"_s);            // 1
        add(Reason::TooManyConnections, u"203.0.113.7"_s, {}, u"https://app.example"_s);           // 2
        add(Reason::TooManyUserConnections, u"203.0.113.8"_s, u"ann"_s, u"https://app.example"_s); // 3
        add(Reason::TokenInvalid, u"203.0.113.9"_s);                                               // 4
        add(Reason::RateLimited, u"203.0.113.8"_s, u"ann"_s, u"https://app.example"_s);            // 5
    }
    QString numbers(const QByteArray &query)
    {
        QStringList all;
        for (const QJsonValue &decision : objectOf(ask("GET", kPath + query))["decisions"_L1].toArray())
            all.append(numberOf.value(decision["id"_L1].toString()));
        return all.join(u' ');
    }
    QString top(const QByteArray &query)
    {
        QStringList all;
        for (const QJsonValue &entry : objectOf(ask("GET", kPath + "/top" + query))["top"_L1].toArray())
            all.append(entry["value"_L1].toString() + u'=' + QString::number(entry["count"_L1].toInt()));
        return all.join(u' ');
    }
};

} // namespace

class TestDecisionHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void narrows_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("numbers");
        const auto row = [](const char *query, const char *numbers) {
            QTest::newRow(query) << QByteArray(query) << QString::fromLatin1(numbers);
        };
        row("", "5 4 3 2 1"); // newest first
        row("?guard=address", "2");
        row("?guard=user", "3");
        row("?reason=too_many_connections", "3 2"); // of two guards
        row("?reason=too_many_connections&guard=user", "3");
        row("?reason=origin_not_allowed,rate_limited", "5 1");
        row("?reason=limited", "");
        row("?address=203.0.113.7", "2 1");
        row("?address=203.0.113", ""); // no part of it
        row("?user=ann", "5 3");
        row("?user=ANN", "");
        row("?user=ann&reason=rate_limited", "5");
        row("?from=2025-11-10T12:00:03Z", "5 4 3");
        row("?to=2025-11-10T12:00:03Z", "2 1"); // exclusive
        row("?from=2025-11-10T12:00:02Z&to=2025-11-10T12:00:04Z", "3 2");
        row("?from=2025-11-10T19:00:05%2B07:00", "5");
        row("?guard=lemons", "");
        row("?reason=lemons", "");
        row("?user='%20OR%201=1%20--", "");
        row("?origin=https://app.example", "5 3 2");
        row("?origin=https://app", ""); // no part of it
        row("?token=deadbeef", "");
        row("?filter=0.113.8", "5 3"); // a part of anything
        row("?filter=APP.example", "5 3 2");
        row("?filter=ann&reason=rate_limited", "5");
        row("?filter=%25", ""); // no wildcard
        row("?filter=_", "");
        row("?filter=", "5 4 3 2 1");
        row("?id=01JCB3T8Q0ZX3Y5W7V9S1R2N4M", "");
        row("?limit=2", "5 4");
    }
    void narrows()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, numbers);
        Fixture fixture;
        fixture.addSome();
        QCOMPARE(fixture.numbers(query), numbers);
    }

    void pagesEachOnce()
    {
        Fixture fixture;
        fixture.addSome();
        QStringList seen;
        QString cursor;
        do {
            QByteArray target = kPath + "?limit=2";
            if (!cursor.isEmpty())
                target += "&cursor=" + cursor.toLatin1();
            const QJsonObject page = objectOf(fixture.ask("GET", target));
            for (const QJsonValue &decision : page["decisions"_L1].toArray())
                seen.append(fixture.numberOf.value(decision["id"_L1].toString()));
            cursor = page["next_cursor"_L1].toString();
            fixture.add(Reason::Banned, u"203.0.113.1"_s); // newer ones do not disturb who is reading
        } while (!cursor.isEmpty() && seen.size() < 20);
        QCOMPARE(seen.join(u' '), u"5 4 3 2 1"_s);
    }

    void saysHowManyThereAre()
    {
        Fixture fixture;
        fixture.addSome();
        const auto answerTo
            = [&fixture](const QByteArray &query) { return objectOf(fixture.ask("GET", kPath + query)); };
        const QJsonObject page = answerTo("?user=ann&limit=1");
        QCOMPARE(page["decisions"_L1].toArray().size(), 1);
        QCOMPARE(page["total"_L1].toInt(), 2);
        QCOMPARE(page["total_is"_L1].toString(), u"exact"_s);
        QCOMPARE(page["not_stored"_L1].toInt(-1), 0);
        QCOMPARE(
            answerTo(QByteArray("?user=ann&limit=1&cursor=") + page["next_cursor"_L1].toString().toLatin1())["total"_L1]
                .toInt(),
            2);
        QCOMPARE(answerTo("/top?by=user")["total"_L1].toInt(), 5); // those without a user too
        Decision about;
        about.at = fixture.clock.utc();
        about.reason = Reason::RateLimited;
        about.user = u"bob"_s;
        fixture.decisions.count(about, 90);
        QCOMPARE(answerTo("?user=ann")["total_is"_L1].toString(), u"sample"_s); // some of the 90 may be hers
        QCOMPARE(answerTo("?user=ann")["not_stored"_L1].toInt(), 90);
        QCOMPARE(answerTo("?to=2025-11-10T12:00:03Z")["not_stored"_L1].toInt(), 0);
        const QJsonObject top = answerTo("/top?by=user&from=2025-11-10T12:00:00Z");
        QCOMPARE(top["top"_L1][0]["value"_L1].toString(), u"bob"_s);
        QCOMPARE(top["total"_L1].toInt(), 95);
        QCOMPARE(top["total_is"_L1].toString(), u"exact"_s);
    }

    void countsNoMoreThanAnExportCanBear()
    {
        Fixture fixture;
        fixture.addSome();
        fixture.decisions.drain();
        const auto fill = [&fixture](qint64 upTo) { // with what is older than those
            return fixture.state.execute("INSERT OR IGNORE INTO decisions WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL "
                                         "SELECT i + 1 FROM n WHERE i < "
                + QByteArray::number(upTo)
                + ") SELECT printf('00%024d', i), 0, 'token', 'token_invalid', '', '', '', '', NULL, NULL, NULL, 1, '' "
                  "FROM n");
        };
        const auto page = [&fixture] { return objectOf(fixture.ask("GET", kPath + "?limit=1")); };
        QVERIFY(fill(DecisionArchive::kMaxCounted - 6));
        QCOMPARE(page()["total"_L1].toInteger(), DecisionArchive::kMaxCounted - 1);
        QCOMPARE(page()["total_is"_L1].toString(), u"exact"_s);
        QVERIFY(fill(DecisionArchive::kMaxCounted + 500));
        QCOMPARE(page()["total"_L1].toInteger(), DecisionArchive::kMaxCounted);
        QCOMPARE(page()["total_is"_L1].toString(), u"sample"_s);
        QCOMPARE(page()["not_stored"_L1].toInteger(-1), 0);
    }

    void aDecisionHasAllItsMembers()
    {
        Fixture fixture;
        fixture.addSome();
        const QJsonObject newest = objectOf(fixture.ask("GET", kPath + "?limit=1"))["decisions"_L1][0].toObject();
        QCOMPARE(newest["guard"_L1].toString(), u"message"_s);
        QCOMPARE(newest["reason"_L1].toString(), u"rate_limited"_s);
        QCOMPARE(newest["at"_L1].toString(), u"2025-11-10T12:00:05.000Z"_s);
        QCOMPARE(newest["action"_L1].toString(), u"refused"_s);
        QVERIFY(newest["limit"_L1].isNull());
        QVERIFY(Decision::fromJson(newest));
    }

    void refusesNonsense_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QString>("field");
        const auto row = [](const char *target, const char *field) {
            QTest::newRow(target) << QByteArray(target) << QString::fromLatin1(field);
        };
        row("?limit=0", "limit");
        row("?limit=1001", "limit");
        row("?limit=", "limit");
        row("?from=yesterday", "from");
        row("?to=2025-11-10", "to");
        row("?cursor=7", "cursor");
        row("?cursor=01ARYZ6S41000000000000000U", "cursor"); // not of the alphabet
        row("?cursor=01ARYZ6S410000000000000000%00", "cursor");
        row("/top?by=mood", "by");
        row("/top?by=", "by");
        row("/top?by=Address", "by");
        row("/top?limit=0", "limit");
        row("/top?from=x", "from");
        row("/top?to=x", "to");
    }
    void refusesNonsense()
    {
        QFETCH(QByteArray, target);
        QFETCH(QString, field);
        Fixture fixture;
        const HttpResponse response = fixture.ask("GET", kPath + target);
        QCOMPARE(response.status, 400);
        QCOMPARE(fieldOf(response), field);
    }

    void counts_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("top");
        const auto row = [](const char *query, const char *top) {
            QTest::newRow(query) << QByteArray(query) << QString::fromLatin1(top);
        };
        row("", "203.0.113.7=2 203.0.113.8=2 203.0.113.9=1"); // by address, equal ones by name
        row("?by=address&limit=1", "203.0.113.7=2");
        row("?by=user", "ann=2"); // who is not known is not counted
        row("?by=origin", "https://app.example=3 https://evil.example=1");
        row("?by=reason", "too_many_connections=2 origin_not_allowed=1 rate_limited=1 token_invalid=1");
        row("?by=user&to=2025-11-10T12:00:05Z", "ann=1");
        row("?by=user&from=2025-11-10T12:00:06Z&to=2025-11-10T13:00:00Z", "");
    }
    void counts()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, top);
        Fixture fixture;
        fixture.addSome();
        QCOMPARE(fixture.top(query), top);
    }

    void countsTheLastHourByDefault()
    {
        Fixture fixture;
        fixture.addSome();
        fixture.clock.advance(1h);
        fixture.add(Reason::Banned, u"203.0.113.1"_s);
        QCOMPARE(fixture.top("?by=user"), u"ann=2"_s); // of the minute in which the hour begins, all of it
        fixture.clock.advance(1min);
        QCOMPARE(fixture.top("?by=reason"), u"banned=1"_s);
        QCOMPARE(fixture.top("?by=user&from=2025-11-10T11:00:00Z"), u"ann=2"_s);
    }

    /// However long ago the server was started.
    void countsAFloodOfTheLastHourByDefault()
    {
        Fixture fixture;
        fixture.addSome();
        fixture.clock.advance(2h + 17s);
        Decision about;
        about.at = fixture.clock.utc();
        about.reason = Reason::RateLimited;
        about.address = u"203.0.113.8"_s;
        fixture.decisions.count(about, 90);
        const QJsonObject top = objectOf(fixture.ask("GET", kPath + "/top"));
        QCOMPARE(top["top"_L1][0]["count"_L1].toInt(), 90);
        QCOMPARE(top["total"_L1].toInt(), 90);
        QCOMPARE(top["total_is"_L1].toString(), u"exact"_s);
    }

    void saysWhatItCounted()
    {
        Fixture fixture;
        QCOMPARE(objectOf(fixture.ask("GET", kPath + "/top"))["by"_L1].toString(), u"address"_s);
        QCOMPARE(objectOf(fixture.ask("GET", kPath + "/top?by=origin"))["by"_L1].toString(), u"origin"_s);
    }

    void aBrokenStoreIsTold()
    {
        Fixture fixture;
        QVERIFY(fixture.state.execute("DROP TABLE decisions"));
        for (const char *target : { "", "/top" }) {
            const HttpResponse response = fixture.ask("GET", kPath + target);
            QCOMPARE(response.status, 503);
            QCOMPARE(codeOf(response), u"store_unavailable"_s);
        }
    }
};

QTEST_GUILESS_MAIN(TestDecisionHandlers)
#include "tst_decisionhandlers.moc"
