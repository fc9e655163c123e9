// SPDX-License-Identifier: GPL-3.0-or-later
// Limits, their revisions and the switch, through the API.
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

const QByteArray kPath = "/api/admin/v1/limits";
const QByteArray kRevisions = "/api/admin/v1/limits/revisions";
const QByteArray kSwitch = "/api/admin/v1/switch";
constexpr LimitKey kPerIp = LimitKey::MaxConnectionsPerIp;

struct Fixture : AdminFixture
{
    HttpResponse patch(const QByteArray &edits, const QByteArray &tag = "*")
    {
        return ask("PATCH", kPath, "operator", "{\"limits\":" + edits + '}', { { "if-match", tag } });
    }
    HttpResponse restore(const QByteArray &revision, const QByteArray &body = {}, const QByteArray &tag = {})
    {
        std::vector<std::pair<QByteArray, QByteArray>> headers;
        if (!tag.isEmpty())
            headers.emplace_back("if-match", tag);
        return ask("POST", kRevisions + '/' + revision + "/restore", "operator", body, headers);
    }
    [[nodiscard]] LimitValue perIp() const { return limits.snapshot()->limits[kPerIp]; }
};

} // namespace

class TestLimitsHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void edits_data()
    {
        QTest::addColumn<QByteArray>("edit");
        QTest::addColumn<qint64>("value");
        QTest::addColumn<LimitMode>("mode");
        QTest::newRow("a bare number") << QByteArray("10") << qint64(10) << LimitMode::Enforce;
        QTest::newRow("a value") << QByteArray(R"({"value":10})") << qint64(10) << LimitMode::Enforce;
        QTest::newRow("a mode") << QByteArray(R"({"mode":"off"})") << qint64(5) << LimitMode::Off;
        QTest::newRow("both") << QByteArray(R"({"value":7,"mode":"observe"})") << qint64(7) << LimitMode::Observe;
        QTest::newRow("least") << QByteArray("1") << qint64(1) << LimitMode::Enforce;
        QTest::newRow("most") << QByteArray("1000000") << qint64(1'000'000) << LimitMode::Enforce;
    }
    void edits()
    {
        QFETCH(QByteArray, edit);
        QFETCH(qint64, value);
        QFETCH(LimitMode, mode);
        Fixture fixture;
        const HttpResponse response = fixture.patch("{\"max_connections_per_ip\":" + edit + '}');
        QCOMPARE(response.status, 200);
        QCOMPARE(fixture.perIp(), (LimitValue{ value, mode }));
        QCOMPARE(headerOf(response, "ETag"), "\"1\"");
        const Result<LimitsDocument> document = LimitsDocument::fromJson(objectOf(response));
        QVERIFY(document);
        QCOMPARE(document->revision, 1);
        QCOMPARE(document->limits.size(), kLimitCount);
    }

    void refusesBadValues_data()
    {
        QTest::addColumn<QByteArray>("limits");
        QTest::addColumn<QString>("field");
        const auto row = [](const char *limits, const char *field) {
            QTest::newRow(limits) << QByteArray(limits) << QString::fromLatin1(field);
        };
        row(R"({"max_connections_per_ip":0})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":1000001})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":-5})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":5.5})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":1e300})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":"10"})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":null})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":true})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":[]})", "max_connections_per_ip");
        row(R"({"max_connections_per_ip":{"value":0}})", "max_connections_per_ip");
        row(R"({"MAX_CONNECTIONS_PER_IP":5})", "MAX_CONNECTIONS_PER_IP");
        row(R"({"lemons":5})", "lemons");
        row(R"({"":5})", "");
    }
    void refusesBadValues()
    {
        QFETCH(QByteArray, limits);
        QFETCH(QString, field);
        Fixture fixture;
        const HttpResponse response = fixture.patch(limits);
        QCOMPARE(response.status, 422);
        QCOMPARE(codeOf(response), u"invalid_limits"_s);
        QCOMPARE(fieldOf(response), field);
        QCOMPARE(fixture.perIp().value, 5);
        QCOMPARE(fixture.limits.revision(), 0);
    }

    void oneBadValueSpoilsTheWholeEdit()
    {
        Fixture fixture;
        QCOMPARE(fixture.patch(R"({"max_connections":77,"max_connections_per_ip":0})").status, 422);
        QCOMPARE(fixture.limits.snapshot()->limits[LimitKey::MaxConnections].value, 10'000);
    }

    void conditions_data()
    {
        QTest::addColumn<QByteArray>("tag");
        QTest::addColumn<int>("status");
        QTest::newRow("the revision") << QByteArray("\"1\"") << 200;
        QTest::newRow("without quotes") << QByteArray("1") << 200;
        QTest::newRow("any") << QByteArray("*") << 200;
        QTest::newRow("an older one") << QByteArray("\"0\"") << 412;
        QTest::newRow("one to come") << QByteArray("\"2\"") << 412;
        QTest::newRow("negative") << QByteArray("\"-1\"") << 412;
        QTest::newRow("an empty tag") << QByteArray("\"\"") << 412;
        QTest::newRow("a word") << QByteArray("\"lemon\"") << 412;
        QTest::newRow("with a suffix of a proxy") << QByteArray("\"1-gzip\"") << 412;
        QTest::newRow("huge") << QByteArray("\"99999999999999999999\"") << 412;
        QTest::newRow("made weak by a proxy") << QByteArray("W/\"1\"") << 200;
        QTest::newRow("an older weak one") << QByteArray("W/\"0\"") << 412;
        QTest::newRow("a list") << QByteArray("\"7\", \"1\"") << 200;
        QTest::newRow("a list of weak ones") << QByteArray("W/\"lemon\",,\tW/\"1\" ,") << 200;
        QTest::newRow("a list of others") << QByteArray("\"7\", W/\"8\"") << 412;
        QTest::newRow("one quote") << QByteArray("\"") << 400;
        QTest::newRow("nothing") << QByteArray() << 400;
        QTest::newRow("only commas") << QByteArray(", ,") << 400;
        QTest::newRow("a bare word") << QByteArray("lemon") << 400;
        QTest::newRow("weak in lower case") << QByteArray("w/\"1\"") << 400;
        QTest::newRow("weak without a tag") << QByteArray("W/") << 400;
        QTest::newRow("no comma between") << QByteArray("\"1\" \"2\"") << 400;
        QTest::newRow("any among others") << QByteArray("*, \"1\"") << 400;
        QTest::newRow("a space in a tag") << QByteArray("\"1 \"") << 400;
    }
    void conditions()
    {
        QFETCH(QByteArray, tag);
        QFETCH(int, status);
        Fixture fixture;
        QCOMPARE(fixture.patch(R"({"max_connections":77})").status, 200); // revision 1
        QCOMPARE(fixture.patch(R"({"max_connections_per_ip":9})", tag).status, status);
        QCOMPARE(fixture.perIp().value, status == 200 ? 9 : 5);
        const int again = status == 200 && tag != "*" ? 412 : status; // the edit made revision 2
        QCOMPARE(fixture.restore("1", {}, tag).status, tag.isEmpty() ? 200 : again);
    }

    void nothingToChangeIsNoRevision()
    {
        Fixture fixture;
        QCOMPARE(fixture.patch("{}").status, 200);
        QCOMPARE(fixture.patch(R"({"max_connections_per_ip":5})").status, 200);
        QCOMPARE(fixture.limits.revision(), 0);
        QVERIFY(objectOf(fixture.ask("GET", kRevisions))["revisions"_L1].toArray().isEmpty());
    }

    void restores()
    {
        Fixture fixture;
        for (const char *value : { "6", "7", "8" })
            QCOMPARE(fixture.patch("{\"max_connections_per_ip\":" + QByteArray(value) + '}').status, 200);
        QCOMPARE(fixture.restore("1", R"({"note":"back"})").status, 200);
        QCOMPARE(fixture.perIp().value, 6);
        QCOMPARE(fixture.limits.revision(), 4);
        const QJsonObject newest = objectOf(fixture.ask("GET", kRevisions))["revisions"_L1][0].toObject();
        QCOMPARE(newest["source"_L1].toString(), u"restore"_s);
        QCOMPARE(newest["note"_L1].toString(), u"back"_s);
        QCOMPARE(newest["by"_L1].toString(), u"someone"_s);
    }

    void restoresOnlyWhatThereIs_data()
    {
        QTest::addColumn<QByteArray>("revision");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        QTest::newRow("none such") << QByteArray("99") << QByteArray() << 404;
        QTest::newRow("zero") << QByteArray("0") << QByteArray() << 404;
        QTest::newRow("negative") << QByteArray("-1") << QByteArray() << 404;
        QTest::newRow("a word") << QByteArray("newest") << QByteArray() << 404;
        QTest::newRow("huge") << QByteArray("99999999999999999999") << QByteArray() << 404;
        QTest::newRow("no JSON") << QByteArray("1") << QByteArray("[") << 400;
        QTest::newRow("a list") << QByteArray("1") << QByteArray("[]") << 400;
        QTest::newRow("a note of a number") << QByteArray("1") << QByteArray(R"({"note":5})") << 400;
    }
    void restoresOnlyWhatThereIs()
    {
        QFETCH(QByteArray, revision);
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        Fixture fixture;
        QCOMPARE(fixture.patch(R"({"max_connections_per_ip":6})").status, 200);
        QCOMPARE(fixture.restore(revision, body).status, status);
        QCOMPARE(fixture.limits.revision(), 1);
    }

    void pagesRevisions()
    {
        Fixture fixture;
        for (int value = 6; value < 11; ++value)
            QCOMPARE(fixture.patch("{\"max_connections_per_ip\":" + QByteArray::number(value) + '}').status, 200);
        QJsonObject page = objectOf(fixture.ask("GET", kRevisions + "?limit=2"));
        QCOMPARE(page["revisions"_L1][0]["revision"_L1].toInt(), 5);
        page = objectOf(
            fixture.ask("GET", kRevisions + "?limit=3&cursor=" + page["next_cursor"_L1].toString().toLatin1()));
        QCOMPARE(page["revisions"_L1][0]["revision"_L1].toInt(), 3);
        QCOMPARE(page["revisions"_L1].toArray().size(), 3);
        QVERIFY(page["next_cursor"_L1].isNull());
        for (const char *bad : { "?limit=0", "?limit=x", "?cursor=x", "?cursor=-1" })
            QCOMPARE(fixture.ask("GET", kRevisions + bad).status, 400);
    }

    void throwsTheSwitch()
    {
        Fixture fixture;
        QCOMPARE(objectOf(fixture.ask("GET", kSwitch, "viewer"))["enabled"_L1], QJsonValue(true));
        QCOMPARE(fixture.ask("PUT", kSwitch, "operator", R"({"enabled":false})").status, 403);
        const HttpResponse off = fixture.ask("PUT", kSwitch, "admin", R"({"enabled":false,"note":"rollback"})");
        QCOMPARE(objectOf(off)["enabled"_L1], QJsonValue(false));
        QVERIFY(!fixture.limits.snapshot()->isGuarding);
        QCOMPARE(objectOf(fixture.ask("GET", kSwitch))["enabled"_L1], QJsonValue(false));
        QVERIFY(fixture.ask("GET", "/api/admin/v1/audit").body.contains("rollback"));
        for (const char *body :
            { "{}", R"({"enabled":0})", R"({"enabled":"off"})", R"({"enabled":true,"note":5})", "" }) {
            QCOMPARE(fixture.ask("PUT", kSwitch, "admin", body).status, 400);
            QVERIFY(!fixture.limits.snapshot()->isGuarding);
        }
    }

    void aBrokenStoreChangesNothing()
    {
        Fixture fixture;
        QCOMPARE(fixture.patch(R"({"max_connections_per_ip":6})").status, 200);
        QVERIFY(fixture.state.execute("ALTER TABLE limit_revision RENAME TO gone"));
        for (const HttpResponse &response : { fixture.patch(R"({"max_connections_per_ip":7})"), fixture.restore("1"),
                 fixture.ask("GET", kRevisions) }) {
            QCOMPARE(response.status, 503);
            QCOMPARE(codeOf(response), u"store_unavailable"_s);
        }
        QCOMPARE(fixture.perIp().value, 6);
    }
};

QTEST_GUILESS_MAIN(TestLimitsHandlers)
#include "tst_limitshandlers.moc"
