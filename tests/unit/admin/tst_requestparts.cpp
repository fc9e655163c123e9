// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/admin/requestparts.h"
#include "shared/util/isotime.h"
#include "shared/util/jsondepth.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

HttpRequest withBody(const QByteArray &body)
{
    HttpRequest request;
    request.body = body;
    return request;
}

HttpRequest withQuery(const QByteArray &name, const QByteArray &value)
{
    HttpRequest request;
    request.query.emplace_back(name, value);
    return request;
}

QByteArray nested(int levels)
{
    return R"({"a":)" + QByteArray(levels - 1, '[') + QByteArray(levels - 1, ']') + '}';
}

} // namespace

class TestRequestParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsBodies_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("mayBeEmpty");
        QTest::addColumn<QString>("error"); // a part of it; empty: it is read
        QTest::newRow("object") << QByteArray(R"({"a":1})") << false << QString();
        QTest::newRow("blanks around") << QByteArray(" \r\n {\"a\":1}\n") << false << QString();
        QTest::newRow("empty, allowed") << QByteArray() << true << QString();
        QTest::newRow("blank, allowed") << QByteArray(" \n") << true << QString();
        QTest::newRow("empty") << QByteArray() << false << u"not JSON"_s;
        QTest::newRow("array") << QByteArray("[1]") << false << u"must be a JSON object"_s;
        QTest::newRow("array, may be empty") << QByteArray("[1]") << true << u"must be a JSON object"_s;
        QTest::newRow("text") << QByteArray("hello") << false << u"not JSON"_s;
        QTest::newRow("number") << QByteArray("5") << false << u"not JSON"_s;
        QTest::newRow("cut off") << QByteArray(R"({"a":)") << false << u"not JSON"_s;
        QTest::newRow("two objects") << QByteArray("{}{}") << false << u"at byte 2"_s;
        QTest::newRow("trailing comma") << QByteArray(R"({"a":1,})") << false << u"not JSON"_s;
        QTest::newRow("comment") << QByteArray("{/* */}") << false << u"not JSON"_s;
        QTest::newRow("a NUL") << QByteArray("{\0}", 3) << false << u"not JSON"_s;
        QTest::newRow("no UTF-8") << QByteArray("{\"a\":\"\xff\"}") << false << u"not JSON"_s;
        QTest::newRow("a member twice") << QByteArray(R"({"limits":{},"limits":{"a":1}})") << false
                                        << u"twice: \"limits\""_s;
        QTest::newRow("a member twice, far inside")
            << QByteArray(R"({"a":[{"b":1,"\u0062":2}]})") << false << u"twice: \"b\""_s;
        QTest::newRow("as deep as allowed") << nested(kMaxJsonDepth) << false << QString();
        QTest::newRow("too deep") << nested(kMaxJsonDepth + 1) << false << u"nests deeper"_s;
        QTest::newRow("far too deep") << QByteArray(500'000, '[') << false << u"nests deeper"_s;
    }
    void readsBodies()
    {
        QFETCH(QByteArray, body);
        QFETCH(bool, mayBeEmpty);
        QFETCH(QString, error);
        const Result<QJsonObject> object = jsonBody(withBody(body), mayBeEmpty);
        QCOMPARE(object.isOk(), error.isEmpty());
        if (!error.isEmpty())
            QVERIFY2(object.error().message.contains(error), qPrintable(object.error().message));
        else
            QCOMPARE(object->isEmpty(), body.trimmed().isEmpty());
    }

    void readsNotes_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("isGood");
        QTest::addColumn<QString>("note");
        QTest::newRow("none") << QByteArray("{}") << true << QString();
        QTest::newRow("null") << QByteArray(R"({"note":null})") << true << QString();
        QTest::newRow("empty") << QByteArray(R"({"note":""})") << true << QString();
        QTest::newRow("text") << QByteArray(R"({"note":"launch day"})") << true << u"launch day"_s;
        QTest::newRow("Thai") << QByteArray(R"({"note":"วันเปิดตัว"})") << true << u"วันเปิดตัว"_s;
        QTest::newRow("longest") << QByteArray(R"({"note":")" + QByteArray(500, 'n') + R"("})") << true
                                 << QString(500, u'n');
        QTest::newRow("too long") << QByteArray(R"({"note":")" + QByteArray(501, 'n') + R"("})") << false << QString();
        QTest::newRow("number") << QByteArray(R"({"note":5})") << false << QString();
        QTest::newRow("list") << QByteArray(R"({"note":["a"]})") << false << QString();
        QTest::newRow("boolean") << QByteArray(R"({"note":false})") << false << QString();
    }
    void readsNotes()
    {
        QFETCH(QByteArray, body);
        QFETCH(bool, isGood);
        QFETCH(QString, note);
        const Result<QString> read = noteOf(QJsonDocument::fromJson(body).object());
        QCOMPARE(read.isOk(), isGood);
        if (isGood)
            QCOMPARE(*read, note);
        else
            QCOMPARE(read.error().field, u"note"_s);
    }

    void readsNumbers_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("number"); // -1: refused
        QTest::newRow("least") << QByteArray("1") << 1;
        QTest::newRow("most") << QByteArray("1000") << 1000;
        QTest::newRow("below") << QByteArray("0") << -1;
        QTest::newRow("above") << QByteArray("1001") << -1;
        QTest::newRow("negative") << QByteArray("-1") << -1;
        QTest::newRow("huge") << QByteArray("99999999999999999999") << -1;
        QTest::newRow("wraps around") << QByteArray("4294967297") << -1;
        QTest::newRow("empty") << QByteArray("") << -1;
        QTest::newRow("words") << QByteArray("ten") << -1;
        QTest::newRow("fraction") << QByteArray("1.5") << -1;
        QTest::newRow("exponent") << QByteArray("1e2") << -1;
        QTest::newRow("hexadecimal") << QByteArray("0x10") << -1;
        QTest::newRow("followed by more") << QByteArray("10x") << -1;
    }
    void readsNumbers()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, number);
        const Result<int> read = numberParameter(withQuery("limit", text), "limit", 100, 1, 1000);
        QCOMPARE(read.isOk(), number >= 0);
        if (number >= 0) {
            QCOMPARE(*read, number);
            return;
        }
        QCOMPARE(read.error().field, u"limit"_s);
        QVERIFY(read.error().message.contains(u"from 1 to 1000"));
    }

    void missingParametersHaveDefaults()
    {
        const HttpRequest request = withQuery("other", "5");
        QCOMPARE(*numberParameter(request, "limit", 100, 1, 1000), 100);
        QVERIFY(!timeParameter(request, "from")->has_value());
        QVERIFY(textParameter(request, "filter").isEmpty());
        QCOMPARE(textParameter(request, "other"), u"5"_s);
    }

    void theFirstOfARepeatedParameterCounts()
    {
        HttpRequest request = withQuery("limit", "5");
        request.query.emplace_back("limit", "7");
        QCOMPARE(*numberParameter(request, "limit", 100, 1, 1000), 5);
    }

    void readsTimes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("time"); // empty: refused
        QTest::newRow("UTC") << QByteArray("2025-11-10T12:00:00Z") << u"2025-11-10T12:00:00.000Z"_s;
        QTest::newRow("milliseconds") << QByteArray("2025-11-10T12:00:00.250Z") << u"2025-11-10T12:00:00.250Z"_s;
        QTest::newRow("an offset") << QByteArray("2025-11-10T19:00:00+07:00") << u"2025-11-10T12:00:00.000Z"_s;
        QTest::newRow("no zone") << QByteArray("2025-11-10T12:00:00") << QString();
        QTest::newRow("only a day") << QByteArray("2025-11-10") << QString();
        QTest::newRow("no such day") << QByteArray("2025-02-30T12:00:00Z") << QString();
        QTest::newRow("seconds since 1970") << QByteArray("1762776000") << QString();
        QTest::newRow("a word") << QByteArray("yesterday") << QString();
        QTest::newRow("empty") << QByteArray("") << QString();
    }
    void readsTimes()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, time);
        const Result<std::optional<UtcTime>> read = timeParameter(withQuery("from", text), "from");
        QCOMPARE(read.isOk(), !time.isEmpty());
        if (time.isEmpty())
            QCOMPARE(read.error().field, u"from"_s);
        else
            QCOMPARE(isoMillis(read->value()), time);
    }

    void answersErrors()
    {
        const HttpResponse bad = HttpResponse::badRequest({ u"limit must be a number"_s, u"limit"_s });
        QCOMPARE(bad.status, 400);
        QCOMPARE(codeOf(bad), u"bad_request"_s);
        QCOMPARE(fieldOf(bad), u"limit"_s);
        QVERIFY(!objectOf(HttpResponse::badRequest({ u"no JSON"_s, {} })).contains("errors"_L1));
        const HttpResponse many = unprocessable(u"invalid_limits"_s, { { u"one"_s, u"a"_s }, { u"two"_s, u"b"_s } });
        QCOMPARE(many.status, 422);
        QCOMPARE(objectOf(many)["detail"_L1].toString(), u"one"_s);
        QCOMPARE(objectOf(many)["errors"_L1].toArray().size(), 2);
        QCOMPARE(unprocessable(u"invalid_limits"_s, {}).status, 422);
        const HttpResponse broken = storeUnavailable({ u"disk full"_s, {} });
        QCOMPARE(broken.status, 503);
        QVERIFY(broken.body.contains("disk full"));
        QCOMPARE(notFound(u"no such thing"_s).status, 404);
        for (const HttpResponse &response : { bad, many, broken, notFound(u"no such thing"_s) })
            QCOMPARE(response.contentType, "application/problem+json");
    }

    void cursorIsNullAtTheEnd()
    {
        QVERIFY(cursorValue({}).isNull());
        QCOMPARE(cursorValue(u"17"_s), QJsonValue(u"17"_s));
    }
};

QTEST_GUILESS_MAIN(TestRequestParts)
#include "tst_requestparts.moc"
