// SPDX-License-Identifier: GPL-3.0-or-later
// GET overview, history and summary.
#include <QtTest/QTest>

#include "server/metrics/weeklysummary.h"
#include "shared/protocol/historyreply.h"
#include "shared/util/isotime.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kApi = "/api/admin/v1/";

void tick(AdminFixture &fixture, int seconds = 1)
{
    for (int i = 0; i < seconds; ++i) {
        fixture.clock.advance(1s);
        fixture.history.add(fixture.aggregator.tick());
    }
}

} // namespace

class TestOverviewHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void overviewHasEverything()
    {
        AdminFixture fixture;
        fixture.counters.activeConnections = 5;
        WorkerCounters::add(fixture.counters.accepted, 9);
        WorkerCounters::add(fixture.counters.refused[size_t(Reason::OriginNotAllowed)], 4);
        fixture.addressesNearLimit = 3;
        tick(fixture);
        fixture.counters.activeConnections = 2;
        for (int i = 0; i < 15; ++i) {
            tick(fixture);
            fixture.alerts.evaluate({ 99, 0, 0 });
        }
        const HttpResponse response = fixture.ask("GET", kApi + "overview", "viewer");
        QCOMPARE(response.status, 200);
        const Result<Overview> overview = Overview::fromJson(objectOf(response));
        QVERIFY(overview);
        QCOMPARE(overview->server.role, u"viewer"_s);
        QCOMPARE(overview->server.user, u"someone"_s);
        QCOMPARE(overview->server.version, QStringLiteral(GATEHOUSE_VERSION));
        QVERIFY(overview->server.isGuarding);
        QCOMPARE(overview->totals.activeConnections, 2);
        QCOMPARE(overview->totals.connectionsToday, 9);
        QCOMPARE(overview->now[Metric::ActiveConnections], 2.0);
        QCOMPARE(overview->peakConnections, 5);
        QCOMPARE(overview->refusalsPerMinute, 4);
        QCOMPARE(overview->addressesNearLimit, 3);
        QCOMPARE(overview->limits.limits.size(), kLimitCount);
        QCOMPARE(overview->alerts.size(), 1U);
    }

    void overviewTellsOfTheSwitch()
    {
        AdminFixture fixture;
        QCOMPARE(fixture.ask("PUT", kApi + "switch", "admin", R"({"enabled":false})").status, 200);
        QCOMPARE(objectOf(fixture.ask("GET", kApi + "overview"))["server"_L1]["guards_on"_L1], QJsonValue(false));
    }

    void historyAnswersTheMetricsAskedFor_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QStringList>("series"); // empty: all
        QTest::newRow("one") << QByteArray("?metrics=errors") << QStringList{ u"errors"_s };
        QTest::newRow("two") << QByteArray("?metrics=messages_in,errors")
                             << QStringList{ u"errors"_s, u"messages_in"_s };
        QTest::newRow("blanks, a comma too many")
            << QByteArray("?metrics=%20messages_in%20,,errors,") << QStringList{ u"errors"_s, u"messages_in"_s };
        QTest::newRow("twice the same") << QByteArray("?metrics=errors,errors") << QStringList{ u"errors"_s };
        QTest::newRow("none named") << QByteArray() << QStringList();
        QTest::newRow("an empty list") << QByteArray("?metrics=,") << QStringList();
    }
    void historyAnswersTheMetricsAskedFor()
    {
        QFETCH(QByteArray, query);
        QFETCH(QStringList, series);
        AdminFixture fixture;
        tick(fixture, 3);
        const HttpResponse response = fixture.ask("GET", kApi + "history" + query);
        QCOMPARE(response.status, 200);
        const QStringList names = objectOf(response)["series"_L1].toObject().keys();
        if (series.isEmpty())
            QCOMPARE(names.size(), qsizetype(kMetricCount));
        else
            QCOMPARE(names, series);
        QVERIFY(HistoryReply::fromJson(objectOf(response)));
    }

    void historyIsOfTheLastHourByDefault()
    {
        AdminFixture fixture;
        tick(fixture);
        const Result<HistoryReply> reply
            = HistoryReply::fromJson(objectOf(fixture.ask("GET", kApi + "history?metrics=errors")));
        QVERIFY(reply);
        QCOMPARE(reply->from + reply->step * reply->bucketCount, fixture.clock.utc());
        QCOMPARE(reply->step * reply->bucketCount, std::chrono::milliseconds(1h));
        QVERIFY(reply->bucketCount <= 600);
    }

    void historyTakesARange()
    {
        AdminFixture fixture;
        fixture.counters.activeConnections = 1;
        tick(fixture, 5);
        fixture.counters.activeConnections = 8;
        tick(fixture, 5);
        const QByteArray end = isoMillis(fixture.clock.utc() - 5s).toLatin1(); // before the eights
        const QByteArray begin = isoMillis(fixture.clock.utc() - 8s).toLatin1();
        const Result<HistoryReply> reply = HistoryReply::fromJson(objectOf(
            fixture.ask("GET", kApi + "history?metrics=active_connections&points=3&from=" + begin + "&to=" + end)));
        QVERIFY(reply);
        QCOMPARE(reply->series.at(0).maximum, (std::vector<double>{ 1, 1, 1 }));
    }

    void refusesNonsense_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QString>("field");
        const auto row = [](const char *target, const char *field) {
            QTest::newRow(target) << QByteArray(target) << QString::fromLatin1(field);
        };
        row("history?metrics=lemons", "metrics");
        row("history?metrics=errors,Errors", "metrics");
        row("history?points=0", "points");
        row("history?points=5001", "points");
        row("history?points=many", "points");
        row("history?from=yesterday", "from");
        row("history?to=2025-11-10T12:00:00", "to");
        row("history?from=2025-11-10T12:00:00Z&to=2025-11-10T12:00:00Z", "from");
        row("history?from=2025-11-10T13:00:00Z&to=2025-11-10T12:00:00Z", "from");
        row("history?from=2999-01-01T00:00:00Z", "from"); // after now
        row("summary?format=xml", "format");
        row("summary?format=CSV", "format");
        row("summary?to=tomorrow", "to");
        row("summary?from=2025-11-11T00:00:00Z&to=2025-11-10T00:00:00Z", "from");
    }
    void refusesNonsense()
    {
        QFETCH(QByteArray, target);
        QFETCH(QString, field);
        AdminFixture fixture;
        const HttpResponse response = fixture.ask("GET", kApi + target);
        QCOMPARE(response.status, 400);
        QCOMPARE(fieldOf(response), field);
        QVERIFY(response.body.size() < 1000);
    }

    void repeatsNoLongNames()
    {
        AdminFixture fixture;
        const HttpResponse response = fixture.ask("GET", kApi + "history?metrics=" + QByteArray(10'000, 'x'));
        QCOMPARE(response.status, 400);
        QVERIFY(response.body.size() < 1000);
    }

    void summaryHasTodayUpToThisMoment()
    {
        AdminFixture fixture;
        WorkerCounters::add(fixture.counters.accepted, 4);
        tick(fixture);
        fixture.metricsArchive.save(fixture.aggregator, fixture.history);
        WorkerCounters::add(fixture.counters.accepted, 2); // not saved yet
        const QJsonObject summary = objectOf(fixture.ask("GET", kApi + "summary"));
        QCOMPARE(summary["days"_L1].toArray().size(), 1);
        QCOMPARE(summary["days"_L1][0]["day"_L1].toString(), u"2025-11-10"_s);
        QCOMPARE(summary["days"_L1][0]["connections"_L1].toInt(), 6);
        QCOMPARE(summary["total"_L1]["connections"_L1].toInt(), 6);
    }

    void summaryGoesBackAWeek()
    {
        AdminFixture fixture;
        for (int day = 0; day < 10; ++day) {
            WorkerCounters::add(fixture.counters.accepted, 1);
            tick(fixture);
            fixture.metricsArchive.save(fixture.aggregator, fixture.history);
            fixture.clock.advance(24h);
            fixture.aggregator.tick(); // midnight has passed
        }
        const QJsonArray week = objectOf(fixture.ask("GET", kApi + "summary"))["days"_L1].toArray();
        QCOMPARE(week.size(), 7);
        QCOMPARE(week.first()["day"_L1].toString(), u"2025-11-14"_s);
        QCOMPARE(week.last()["day"_L1].toString(), u"2025-11-20"_s); // today
        const QByteArray range = "summary?from=2025-11-11T00:00:00Z&to=2025-11-13T00:00:00Z";
        const QJsonArray two = objectOf(fixture.ask("GET", kApi + range))["days"_L1].toArray();
        QCOMPARE(two.size(), 2); // and not today
        QCOMPARE(two.last()["day"_L1].toString(), u"2025-11-12"_s);
    }

    void summaryAsCsv()
    {
        AdminFixture fixture;
        tick(fixture);
        const HttpResponse response = fixture.ask("GET", kApi + "summary?format=csv");
        QCOMPARE(response.contentType, "text/csv; charset=utf-8");
        QCOMPARE(response.body, summaryCsv({ fixture.aggregator.today() }));
        QCOMPARE(fixture.ask("GET", kApi + "summary?format=json").contentType, "application/json");
    }

    void aBrokenStoreIsTold()
    {
        AdminFixture fixture;
        QVERIFY(fixture.state.execute("DROP TABLE metrics_days"));
        const HttpResponse response = fixture.ask("GET", kApi + "summary");
        QCOMPARE(response.status, 503);
        QCOMPARE(codeOf(response), u"store_unavailable"_s);
    }
};

QTEST_GUILESS_MAIN(TestOverviewHandlers)
#include "tst_overviewhandlers.moc"
