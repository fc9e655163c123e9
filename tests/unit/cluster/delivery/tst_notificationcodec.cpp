// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/cluster/delivery/notificationcodec.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace notificationcodec;

namespace {

Notification full()
{
    return { u"01J00000000000000000000000"_s, u"ขอบคุณ \U0001F600"_s, u"line\n\"quoted\""_s, u"error"_s,
        QJsonObject{ { u"deep"_s, QJsonArray{ 1.5, QJsonValue() } } },
        UtcTime(std::chrono::milliseconds(1'762'776'000'250)), false };
}

QByteArray with(const QString &member, const QJsonValue &value)
{
    QJsonObject object = full().toJson();
    if (value.isUndefined())
        object.remove(member);
    else
        object.insert(member, value);
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

} // namespace

class TestNotificationCodec final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsEveryMember()
    {
        const Result<Notification> decoded = decode(encode(full()));
        QVERIFY(decoded);
        QCOMPARE(decoded->toJson(), full().toJson());
        QCOMPARE(decoded->createdAt, full().createdAt);
    }

    void refusesWhatIsNone_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("names");
        QTest::newRow("empty") << QByteArray() << u"no JSON object"_s;
        QTest::newRow("garbage") << QByteArray("\x00\xff{", 3) << u"no JSON object"_s;
        QTest::newRow("list") << QByteArray("[]") << u"no JSON object"_s;
        QTest::newRow("half") << encode(full()).chopped(1) << u"no JSON object"_s;
        QTest::newRow("deep") << QByteArray(10'000, '[') << u"nests deeper"_s;
        QTest::newRow("huge") << with(u"body"_s, QString(100'000, u'x')) << u"bytes"_s;
        QTest::newRow("long") << with(u"body"_s, QString(4001, u'x')) << u"body"_s;
        QTest::newRow("no body") << with(u"body"_s, QJsonValue::Undefined) << u"body"_s;
        QTest::newRow("no title") << with(u"title"_s, QJsonValue::Undefined) << u"title"_s;
        QTest::newRow("long title") << with(u"title"_s, QString(201, u'x')) << u"title"_s;
        QTest::newRow("id") << with(u"id"_s, u"1"_s) << u"id"_s;
        QTest::newRow("no id") << with(u"id"_s, QJsonValue::Undefined) << u"id"_s;
        QTest::newRow("level") << with(u"level"_s, u"loud"_s) << u"level"_s;
        QTest::newRow("time") << with(u"created_at"_s, u"yesterday"_s) << u"created_at"_s;
        QTest::newRow("time of a wrong type") << with(u"created_at"_s, 5) << u"created_at"_s;
    }
    void refusesWhatIsNone()
    {
        QFETCH(const QByteArray, json);
        QFETCH(const QString, names);
        const Result<Notification> decoded = decode(json);
        QVERIFY(!decoded);
        QVERIFY2(decoded.error().message.contains(names), qPrintable(decoded.error().message));
    }

    void audiences_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArrayList>("targets");
        QTest::newRow("users") << QByteArray(R"({"users":["1","ก","1"]})") << QByteArrayList{ "u:1", "u:ก" };
        QTest::newRow("groups") << QByteArray(R"({"groups":["staff"]})") << QByteArrayList{ "g:staff" };
        QTest::newRow("all") << QByteArray(R"({"all":true})") << QByteArrayList{ "all" };
        QTest::newRow("a user called all") << QByteArray(R"({"users":["all"]})") << QByteArrayList{ "u:all" };
    }
    void audiences()
    {
        QFETCH(const QByteArray, json);
        QFETCH(const QByteArrayList, targets);
        const Result<Audience> to = decodeAudience(json);
        QVERIFY(to);
        QCOMPARE(encodeAudience(*to), json);
        QCOMPARE(targetsOf(*to), targets);
    }

    void refusesWhatIsNoAudience_data()
    {
        QTest::addColumn<QByteArray>("json");
        for (const char *json :
            { "", "\"all\"", "{}", "[]", R"({"all":false})", R"({"all":true,"users":["1"]})", R"({"users":[]})",
                R"({"users":"1"})", R"({"users":[1]})", R"({"users":[""]})", R"({"users":["1"],"groups":["1"]})",
                R"({"groups":[null]})", R"({"others":["1"]})", R"({"users":["\ud800"]})" })
            QTest::newRow(json) << QByteArray(json);
        QTest::newRow("long name") << QByteArray(R"({"users":[")" + QByteArray(256, 'x') + R"("]})");
        QTest::newRow("many") << QByteArray(R"({"users":[)" + QByteArray(R"("1",)").repeated(1000) + R"("1"]})");
        QTest::newRow("huge") << QByteArray(R"({"users":[")" + QByteArray(2'000'000, 'x') + R"("]})");
        QTest::newRow("deep") << QByteArray(R"({"users":)" + QByteArray(100'000, '['));
    }
    void refusesWhatIsNoAudience()
    {
        QFETCH(const QByteArray, json);
        const Result<Audience> to = decodeAudience(json);
        QVERIFY(!to);
        QVERIFY(!to.error().message.isEmpty());
    }

    void shardsAreTheCrcOfTheTarget()
    {
        QCOMPARE(streamShardOf("123456789"), 0xCBF43926U % 16); // the CRC's check value
        for (int i = 0; i < 1000; ++i) {
            const int shard = streamShardOf("u:" + QByteArray::number(i));
            QVERIFY(shard >= 0 && shard < kStreamShards);
        }
    }
};

QTEST_GUILESS_MAIN(TestNotificationCodec)
#include "tst_notificationcodec.moc"
