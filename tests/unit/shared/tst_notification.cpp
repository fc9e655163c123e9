// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/notification.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "shared/util/isotime.h"
#include "tests/support/cputime.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

QByteArray good(const QByteArray &more = {})
{
    return R"({"to":{"users":["42"]},"title":"Hello")" + (more.isEmpty() ? QByteArray() : "," + more) + "}";
}

QByteArray listOf(int count, const QByteArray &item)
{
    QByteArray list = "[";
    for (int i = 0; i < count; ++i)
        list += (i == 0 ? "" : ",") + item;
    return list + "]";
}

QByteArray numberedNames(int count)
{
    QByteArray list = "[";
    for (int i = 0; i < count; ++i)
        list += (i == 0 ? "\"" : ",\"") + QByteArray::number(i) + "\"";
    return list + "]";
}

} // namespace

class TestNotification final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesTheDocumentedMembers();
    void readsTheLeastAndFillsDefaults();
    void readsEverything();
    void readsEachAudience();
    void numericUserIdsAreText();
    void namesAreKeptOnce();
    void readsABatchInOrder();
    void acceptsAtTheBounds_data();
    void acceptsAtTheBounds();
    void namesTheBadMember_data();
    void namesTheBadMember();
    void namesTheBadMemberOfABatch_data();
    void namesTheBadMemberOfABatch();
    void refusesWhatIsNoRequest_data();
    void refusesWhatIsNoRequest();
    void manyTargetsAreReadInLinearTime();
    void errorsDoNotRepeatTheWholeInput();
};

void TestNotification::writesTheDocumentedMembers()
{
    const Notification notification{ u"01ARYZ6S410000000000000000"_s, u"Title"_s, u"Body"_s, u"warning"_s,
        QJsonObject{ { "order"_L1, 7 } }, fromEpochMillis(1'762'776'000'250), true };
    const QJsonObject expected{
        { "id"_L1, "01ARYZ6S410000000000000000"_L1 },
        { "title"_L1, "Title"_L1 },
        { "body"_L1, "Body"_L1 },
        { "level"_L1, "warning"_L1 },
        { "data"_L1, QJsonObject{ { "order"_L1, 7 } } },
        { "created_at"_L1, "2025-11-10T12:00:00.250Z"_L1 },
        { "read"_L1, true },
    };
    QCOMPARE(notification.toJson(), expected);
    QVERIFY(Notification().toJson().value("data"_L1).isNull());
}

void TestNotification::readsTheLeastAndFillsDefaults()
{
    const Result<std::vector<PublishRequest>> result = parsePublishBody(good());
    QVERIFY2(result.isOk(), result ? "" : qPrintable(result.error().message));
    QCOMPARE(result->size(), size_t(1));
    const PublishRequest &request = result->front();
    QCOMPARE(std::get<ToUsers>(request.to).users, QStringList{ u"42"_s });
    QCOMPARE(request.title, u"Hello"_s);
    QCOMPARE(request.body, QString());
    QCOMPARE(request.level, u"info"_s);
    QVERIFY(request.data.isNull());
    QVERIFY(!request.ttl);
    QVERIFY(!request.isEphemeral);
}

void TestNotification::readsEverything()
{
    const Result<std::vector<PublishRequest>> result
        = parsePublishBody(good(R"("body":"สวัสดี","level":"error","data":{"a":[1,null]},"ttl":3600,"ephemeral":true)"));
    QVERIFY(result);
    const PublishRequest &request = result->front();
    QCOMPARE(request.body, u"สวัสดี"_s);
    QCOMPARE(request.level, u"error"_s);
    QCOMPARE(request.data.toObject().value("a"_L1).toArray().size(), 2);
    QCOMPARE(qint64(request.ttl.value().count()), 3600);
    QVERIFY(request.isEphemeral);
}

void TestNotification::readsEachAudience()
{
    const auto audience
        = [](const QByteArray &to) { return parsePublishBody(R"({"title":"x","to":)" + to + "}").value().front().to; };
    QCOMPARE(std::get<ToUsers>(audience(R"({"users":["a","b"]})")).users, (QStringList{ u"a"_s, u"b"_s }));
    QCOMPARE(std::get<ToGroups>(audience(R"({"groups":["staff"]})")).groups, QStringList{ u"staff"_s });
    QVERIFY(std::holds_alternative<ToAll>(audience(R"("all")")));
}

void TestNotification::numericUserIdsAreText()
{
    const Result<std::vector<PublishRequest>> result
        = parsePublishBody(R"({"to":{"users":[42,9007199254740993,0]},"title":"x"})");
    QVERIFY(result);
    QCOMPARE(std::get<ToUsers>(result->front().to).users, (QStringList{ u"42"_s, u"9007199254740993"_s, u"0"_s }));
}

void TestNotification::namesAreKeptOnce()
{
    const Result<std::vector<PublishRequest>> result
        = parsePublishBody(R"({"to":{"users":["b","a","b",7,"7"]},"title":"x"})");
    QVERIFY(result);
    QCOMPARE(std::get<ToUsers>(result->front().to).users, (QStringList{ u"b"_s, u"a"_s, u"7"_s }));
}

void TestNotification::readsABatchInOrder()
{
    const Result<std::vector<PublishRequest>> result = parsePublishBody(
        R"([{"to":"all","title":"first"},{"to":"all","title":"second"},{"to":"all","title":"third"}])");
    QVERIFY(result);
    QCOMPARE(result->size(), size_t(3));
    QCOMPARE((*result)[0].title, u"first"_s);
    QCOMPARE((*result)[2].title, u"third"_s);
}

void TestNotification::acceptsAtTheBounds_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("title of 200") << QByteArray(R"({"to":"all","title":")") + QByteArray(200, 'x') + "\"}";
    QTest::newRow("body of 4000") << good("\"body\":\"" + QByteArray(4000, 'x') + '"');
    QTest::newRow("empty body") << good(R"("body":"")");
    QTest::newRow("ttl one second") << good(R"("ttl":1)");
    QTest::newRow("ttl one year") << good(R"("ttl":31536000)");
    QTest::newRow("not ephemeral") << good(R"("ephemeral":false)");
    QTest::newRow("data null") << good(R"("data":null)");
    QTest::newRow("data of 16 KiB") << good("\"data\":\"" + QByteArray(16 * 1024 - 2, 'x') + '"');
    QTest::newRow("1000 targets") << R"({"title":"x","to":{"users":)" + numberedNames(1000) + "}}";
    QTest::newRow("name of 255") << R"({"title":"x","to":{"users":[")" + QByteArray(255, 'u') + "\"]}}";
    QTest::newRow("batch of 1000") << listOf(1000, good());
    QTest::newRow("surrogate pair") << QByteArray(R"({"to":"all","title":"\ud83d\ude80"})");
}

void TestNotification::acceptsAtTheBounds()
{
    QFETCH(QByteArray, body);
    const Result<std::vector<PublishRequest>> result = parsePublishBody(body);
    QVERIFY2(result.isOk(), result ? "" : qPrintable(result.error().message));
}

void TestNotification::namesTheBadMember_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("field");
    const auto to = [](const QByteArray &value) -> QByteArray { return R"({"title":"x","to":)" + value + "}"; };
    QTest::newRow("no to") << QByteArray(R"({"title":"x"})") << u"to"_s;
    QTest::newRow("to null") << to("null") << u"to"_s;
    QTest::newRow("to everybody") << to("\"everybody\"") << u"to"_s;
    QTest::newRow("to ALL") << to("\"ALL\"") << u"to"_s;
    QTest::newRow("to list") << to(R"(["42"])") << u"to"_s;
    QTest::newRow("to nobody") << to("{}") << u"to"_s;
    QTest::newRow("to both") << to(R"({"users":["1"],"groups":["g"]})") << u"to"_s;
    QTest::newRow("to unknown") << to(R"({"roles":["1"]})") << u"to"_s;
    QTest::newRow("users empty") << to(R"({"users":[]})") << u"to.users"_s;
    QTest::newRow("users text") << to(R"({"users":"42"})") << u"to.users"_s;
    QTest::newRow("users null") << to(R"({"users":null})") << u"to.users"_s;
    QTest::newRow("users with empty name") << to(R"({"users":["1",""]})") << u"to.users"_s;
    QTest::newRow("users with null") << to(R"({"users":[null]})") << u"to.users"_s;
    QTest::newRow("users with true") << to(R"({"users":[true]})") << u"to.users"_s;
    QTest::newRow("users with object") << to(R"({"users":[{"id":1}]})") << u"to.users"_s;
    QTest::newRow("users with part of a number") << to(R"({"users":[1.5]})") << u"to.users"_s;
    QTest::newRow("users with a huge number") << to(R"({"users":[1e300]})") << u"to.users"_s;
    QTest::newRow("users with name of 256") << to(R"({"users":[")" + QByteArray(256, 'u') + "\"]}") << u"to.users"_s;
    QTest::newRow("1001 users") << to(R"({"users":)" + numberedNames(1001) + "}") << u"to.users"_s;
    QTest::newRow("users with lone surrogate") << to(R"({"users":["\ud800"]})") << u"to.users"_s;
    QTest::newRow("groups empty") << to(R"({"groups":[]})") << u"to.groups"_s;
    QTest::newRow("groups with 5.5") << to(R"({"groups":[5.5]})") << u"to.groups"_s;
    QTest::newRow("no title") << QByteArray(R"({"to":"all"})") << u"title"_s;
    QTest::newRow("title empty") << QByteArray(R"({"to":"all","title":""})") << u"title"_s;
    QTest::newRow("title null") << QByteArray(R"({"to":"all","title":null})") << u"title"_s;
    QTest::newRow("title number") << QByteArray(R"({"to":"all","title":5})") << u"title"_s;
    QTest::newRow("title of 201") << R"({"to":"all","title":")" + QByteArray(201, 'x') + "\"}" << u"title"_s;
    QTest::newRow("title with lone surrogate") << QByteArray(R"({"to":"all","title":"a\udc00b"})") << u"title"_s;
    QTest::newRow("body null") << good(R"("body":null)") << u"body"_s;
    QTest::newRow("body list") << good(R"("body":["x"])") << u"body"_s;
    QTest::newRow("body of 4001") << good("\"body\":\"" + QByteArray(4001, 'x') + '"') << u"body"_s;
    QTest::newRow("body with lone surrogate") << good(R"("body":"\ud800x")") << u"body"_s;
    QTest::newRow("level unknown") << good(R"("level":"fatal")") << u"level"_s;
    QTest::newRow("level capital") << good(R"("level":"Info")") << u"level"_s;
    QTest::newRow("level null") << good(R"("level":null)") << u"level"_s;
    QTest::newRow("level number") << good(R"("level":1)") << u"level"_s;
    QTest::newRow("data over 16 KiB") << good("\"data\":\"" + QByteArray(16 * 1024 - 1, 'x') + '"') << u"data"_s;
    QTest::newRow("data with lone surrogate") << good(R"("data":{"a":["\ud800"]})") << u"data"_s;
    QTest::newRow("data with lone surrogate as name") << good(R"("data":{"\udfff":1})") << u"data"_s;
    for (const char *ttl : { "0", "-1", "1.5", "31536001", "\"60\"", "null", "true", "[60]", "1e300" })
        QTest::addRow("ttl %s", ttl) << good(QByteArray("\"ttl\":") + ttl) << u"ttl"_s;
    for (const char *value : { "1", "\"true\"", "null", "[]" })
        QTest::addRow("ephemeral %s", value) << good(QByteArray("\"ephemeral\":") + value) << u"ephemeral"_s;
    QTest::newRow("unknown member") << good(R"("urgency":"high")") << u"urgency"_s;
    QTest::newRow("member that the server sets") << good(R"("id":"01ARYZ6S410000000000000000")") << u"id"_s;
}

void TestNotification::namesTheBadMember()
{
    QFETCH(QByteArray, body);
    const Result<std::vector<PublishRequest>> result = parsePublishBody(body);
    QVERIFY(!result);
    QTEST(result.error().field, "field");
    QVERIFY2(result.error().message.startsWith(result.error().field + u' '), qPrintable(result.error().message));
}

void TestNotification::namesTheBadMemberOfABatch_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("field");
    const QByteArray first = "[" + good() + ",";
    QTest::newRow("title") << first + R"({"to":"all"}])" << u"[1].title"_s;
    QTest::newRow("to") << first + R"({"title":"x"}])" << u"[1].to"_s;
    QTest::newRow("users") << first + R"({"title":"x","to":{"users":[]}}])" << u"[1].to.users"_s;
    QTest::newRow("unknown") << first + good("\"x\":1") + "]" << u"[1].x"_s;
    QTest::newRow("number") << first + "5]" << u"[1]"_s;
    QTest::newRow("null") << QByteArray("[null]") << u"[0]"_s;
    QTest::newRow("list") << QByteArray("[[]]") << u"[0]"_s;
}

void TestNotification::namesTheBadMemberOfABatch()
{
    QFETCH(QByteArray, body);
    const Result<std::vector<PublishRequest>> result = parsePublishBody(body);
    QVERIFY(!result);
    QTEST(result.error().field, "field");
}

void TestNotification::refusesWhatIsNoRequest_data()
{
    QTest::addColumn<QByteArray>("body");
    for (const char *body : { "", " ", "hello", "{", "{]", "null", "5", "\"all\"", "[]", "{}x", "{'to':'all'}",
             "{\"to\":}", "\xff\xfe", "{\"to\":\"all\",\"title\":\"\xc3\"}" })
        QTest::newRow(body) << QByteArray(body);
    QTest::newRow("NUL") << QByteArray("\0", 1);
    QTest::newRow("deep") << good("\"data\":" + QByteArray(5000, '[') + QByteArray(5000, ']'));
    QTest::newRow("batch of 1001") << listOf(1001, good());
    QTest::newRow("a member twice") << good(R"("body":"a","body":"b")");
    QTest::newRow("a member of the data twice") << good(R"("data":{"a":{"b":1,"b":1}})");
    QTest::newRow("number beyond all") << good("\"ttl\":1e400");
}

void TestNotification::refusesWhatIsNoRequest()
{
    QFETCH(QByteArray, body);
    const Result<std::vector<PublishRequest>> result = parsePublishBody(body);
    QVERIFY(!result);
    QVERIFY(!result.error().message.isEmpty());
}

void TestNotification::manyTargetsAreReadInLinearTime()
{
    // A body of 4 MB: with one comparison per pair of names this would be half a billion comparisons.
    const QByteArray body = listOf(1000, R"({"title":"x","to":{"users":)" + numberedNames(1000) + "}}");
    const auto before = threadCpuTime();
    QVERIFY(parsePublishBody(body));
    const auto taken = threadCpuTime() - before;
    QVERIFY2(taken < 5s, qPrintable(QString::number(taken.count())));
}

void TestNotification::errorsDoNotRepeatTheWholeInput()
{
    const Result<std::vector<PublishRequest>> result = parsePublishBody(good('"' + QByteArray(100'000, 'm') + "\":1"));
    QVERIFY(!result);
    QVERIFY(result.error().message.size() < 500);
    QVERIFY(result.error().field.size() < 500);
}

QTEST_APPLESS_MAIN(TestNotification)
#include "tst_notification.moc"
