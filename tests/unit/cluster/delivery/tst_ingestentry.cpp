// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/delivery/ingestentry.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

std::vector<RedisReply> fieldsOf(const QByteArrayList &texts)
{
    std::vector<RedisReply> fields;
    for (const QByteArray &text : texts)
        fields.push_back({ RedisReply::Type::Text, 0, text });
    return fields;
}

} // namespace

class TestIngestEntry final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheMembersAsFields()
    {
        const auto requests = readIngestEntry(fieldsOf({ "to", R"({"users":["42",43]})", "title", "Hi", "body",
            "ภาษาไทย", "level", "warning", "data", R"({"order":7})", "ttl", "60", "ephemeral", "true" }));
        QVERIFY2(requests, requests ? "" : qPrintable(requests.error().message));
        QCOMPARE(requests->size(), size_t(1));
        const PublishRequest &request = requests->front();
        QCOMPARE(std::get<ToUsers>(request.to).users, (QStringList{ u"42"_s, u"43"_s }));
        QCOMPARE(request.title, u"Hi"_s);
        QCOMPARE(request.body, u"ภาษาไทย"_s);
        QCOMPARE(request.level, u"warning"_s);
        QCOMPARE(request.data, QJsonValue(QJsonObject{ { "order"_L1, 7 } }));
        QCOMPARE(request.ttl, std::optional(std::chrono::seconds(60)));
        QVERIFY(request.isEphemeral);
    }

    void readsWhatTheApiTakes_data()
    {
        QTest::addColumn<QByteArrayList>("fields");
        QTest::addColumn<int>("count");
        const QByteArray one = R"({"to":"all","title":"Hi"})";
        QTest::newRow("json") << QByteArrayList{ "json", one } << 1;
        QTest::newRow("json, a list") << QByteArrayList{ "json", '[' + one + ',' + one + ']' } << 2;
        QTest::newRow("bare all") << QByteArrayList{ "to", "all", "title", "Hi" } << 1;
        QTest::newRow("all in quotes") << QByteArrayList{ "title", "Hi", "to", "\"all\"" } << 1;
        QTest::newRow("title looks like JSON") << QByteArrayList{ "to", "all", "title", "{}" } << 1;
        QTest::newRow("ephemeral 0") << QByteArrayList{ "to", "all", "title", "x", "ephemeral", "0" } << 1;
        QTest::newRow("data null") << QByteArrayList{ "to", "all", "title", "x", "data", "null" } << 1;
        QTest::newRow("data text") << QByteArrayList{ "to", "all", "title", "x", "data", "\"x\"" } << 1;
    }
    void readsWhatTheApiTakes()
    {
        QFETCH(QByteArrayList, fields);
        QFETCH(int, count);
        const auto requests = readIngestEntry(fieldsOf(fields));
        QVERIFY2(requests, requests ? "" : qPrintable(requests.error().message));
        QCOMPARE(int(requests->size()), count);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArrayList>("fields");
        QTest::addColumn<QString>("field");
        QTest::newRow("nothing") << QByteArrayList{} << u"to"_s;
        QTest::newRow("no title") << QByteArrayList{ "to", "all" } << u"title"_s;
        QTest::newRow("to is no JSON") << QByteArrayList{ "to", "{", "title", "x" } << u"to"_s;
        QTest::newRow("to is two values") << QByteArrayList{ "to", "1,2", "title", "x" } << u"to"_s;
        QTest::newRow("to is nobody") << QByteArrayList{ "to", R"({"users":[]})", "title", "x" } << u"to.users"_s;
        QTest::newRow("data is no JSON") << QByteArrayList{ "to", "all", "title", "x", "data", "x" } << u"data"_s;
        QTest::newRow("data is deep") << QByteArrayList{ "to", "all", "title", "x", "data", QByteArray(1000, '[') }
                                      << u"data"_s;
        QTest::newRow("ttl is text") << QByteArrayList{ "to", "all", "title", "x", "ttl", "\"60\"" } << u"ttl"_s;
        QTest::newRow("ephemeral is yes")
            << QByteArrayList{ "to", "all", "title", "x", "ephemeral", "yes" } << u"ephemeral"_s;
        QTest::newRow("ephemeral is 2") << QByteArrayList{ "to", "all", "title", "x", "ephemeral", "2" }
                                        << u"ephemeral"_s;
        QTest::newRow("unknown") << QByteArrayList{ "to", "all", "title", "x", "colour", "red" } << u"colour"_s;
        QTest::newRow("twice") << QByteArrayList{ "to", "all", "title", "x", "title", "y" } << u"title"_s;
        QTest::newRow("json and more") << QByteArrayList{ "json", "{}", "title", "y" } << u"json"_s;
        QTest::newRow("json is none") << QByteArrayList{ "json", "x" } << QString();
        QTest::newRow("no UTF-8") << QByteArrayList{ "to", "all", "title", "\xff" } << u"title"_s;
        QTest::newRow("large") << QByteArrayList{ "to", "all", "title", "x", "body", QByteArray(2'000'000, 'x') }
                               << QString();
    }
    void refuses()
    {
        QFETCH(QByteArrayList, fields);
        QFETCH(QString, field);
        const auto requests = readIngestEntry(fieldsOf(fields));
        QVERIFY(!requests);
        QCOMPARE(requests.error().field, field);
        QVERIFY(!requests.error().message.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestIngestEntry)
#include "tst_ingestentry.moc"
