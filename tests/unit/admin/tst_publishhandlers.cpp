// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestPublishHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void publishingIsHandedOnWithWhoAsks()
    {
        AdminFixture fixture;
        const QByteArray body = R"({"to":"all","title":"Hello"})";
        const HttpResponse response
            = fixture.ask("POST", "/api/notifications/", "publisher", body, { { "idempotency-key", "k1" } });
        QCOMPARE(response.status, 202);
        QCOMPARE(fixture.published.size(), 1U);
        QCOMPARE(fixture.published[0].body, body);
        QCOMPARE(fixture.published[0].idempotencyKey, "k1");
        QCOMPARE(fixture.published[0].who.role, Role::Publisher);
        QCOMPARE(fixture.ask("POST", "/api/notifications", "viewer", body).status, 403);
        QCOMPARE(fixture.ask("POST", "/api/notifications", {}, body).status, 401);
        QCOMPARE(fixture.published.size(), 1U);
    }

    void anIdempotencyKeyIsWellFormedOrNamed_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<int>("status");
        QTest::newRow("one character") << QByteArray("~") << 202;
        QTest::newRow("255 characters") << QByteArray(255, '!') << 202;
        QTest::newRow("empty") << QByteArray() << 400;
        QTest::newRow("256 characters") << QByteArray(256, 'k') << 400;
        QTest::newRow("space") << QByteArray("a b") << 400;
        QTest::newRow("not ASCII") << QByteArray("\xc3\xa4") << 400;
        QTest::newRow("control") << QByteArray("a\x7f") << 400;
    }
    void anIdempotencyKeyIsWellFormedOrNamed()
    {
        QFETCH(const QByteArray, key);
        QFETCH(const int, status);
        AdminFixture fixture;
        const HttpResponse response
            = fixture.ask("POST", "/api/notifications/", "publisher", "{}", { { "idempotency-key", key } });
        QCOMPARE(response.status, status);
        QCOMPARE(fixture.published.size(), status == 202 ? 1U : 0U);
        if (status == 400)
            QVERIFY(response.body.contains("Idempotency-Key"));
        QCOMPARE(fixture
                     .ask("POST", "/api/notifications/", "publisher", "{}",
                         { { "idempotency-key", "a" }, { "idempotency-key", "a" } })
                     .status,
            400);
    }

    void publishingIsTimed()
    {
        AdminFixture fixture;
        fixture.onPublish = [&fixture] { fixture.clock.advance(30ms); };
        QCOMPARE(fixture.ask("POST", "/api/notifications/", "publisher", "{}").status, 202);
        QCOMPARE(fixture.times.count(), 1);
        QCOMPARE(fixture.times.sumSeconds(), 0.03);
        const QList<QByteArray> lines = fixture.ask("GET", "/metrics").body.split('\n');
        QVERIFY(lines.contains("gatehouse_publish_seconds_bucket{le=\"0.025\"} 0"));
        QVERIFY(lines.contains("gatehouse_publish_seconds_bucket{le=\"0.05\"} 1"));
        QCOMPARE(fixture.ask("POST", "/api/notifications/", "user", "{}").status, 403);
        QCOMPARE(fixture.times.count(), 1); // what was refused was not published
    }
};

QTEST_GUILESS_MAIN(TestPublishHandlers)
#include "tst_publishhandlers.moc"
