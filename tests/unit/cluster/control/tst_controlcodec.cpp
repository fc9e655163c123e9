// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/control/controlcodec.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

RedisReply text(const QByteArray &bytes)
{
    RedisReply reply;
    reply.type = RedisReply::Type::Text;
    reply.text = bytes;
    return reply;
}

RedisReply number(qint64 value)
{
    RedisReply reply;
    reply.type = RedisReply::Type::Integer;
    reply.integer = value;
    return reply;
}

RedisReply list(std::vector<RedisReply> elements)
{
    RedisReply reply;
    reply.type = RedisReply::Type::Array;
    reply.elements = std::move(elements);
    return reply;
}

RedisReply texts(const QByteArrayList &all)
{
    std::vector<RedisReply> elements;
    for (const QByteArray &one : all)
        elements.push_back(text(one));
    return list(std::move(elements));
}

RedisReply entry(const QByteArray &position, const QByteArrayList &fields)
{
    return list({ text(position), texts(fields) });
}

const QByteArray kGoodPayload = R"({"switch":false,"id":"01J"})";

} // namespace

class TestControlCodec final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEntries()
    {
        const auto batch = controlcodec::batchIn(
            list({ entry("1-0", { "k", "limits", "v", "7", "n", "a", "p", kGoodPayload }),
                entry("2-5", { "p", "{}", "n", "", "v", "1", "k", "audit", "more", "of a later version" }) }),
            "0-0");
        QVERIFY(batch);
        QCOMPARE(batch->from, QByteArray("0-0"));
        QCOMPARE(batch->position, QByteArray("2-5"));
        QCOMPARE(batch->entries.size(), 2U);
        QCOMPARE(batch->entries[0].version, 7);
        QCOMPARE(batch->entries[0].node, u"a"_s);
        QCOMPARE(batch->entries[0].payload.value("switch"_L1), QJsonValue(false));
        QVERIFY(batch->entries[1].kind == ControlKind::Audit);
        QVERIFY(batch->refused.isEmpty());
    }

    void leavesOutWhatIsWrong_data()
    {
        QTest::addColumn<QByteArrayList>("fields");
        const QByteArray large = "{\"a\":\"" + QByteArray(600 * 1024, 'x') + "\"}";
        const QByteArray deep = "{\"a\":" + QByteArray(5000, '[') + QByteArray(5000, ']') + '}';
        QTest::newRow("no fields") << QByteArrayList{};
        QTest::newRow("half a field") << QByteArrayList{ "k" };
        QTest::newRow("no payload") << QByteArrayList{ "k", "limits", "v", "7", "n", "a" };
        QTest::newRow("unknown kind") << QByteArrayList{ "k", "lemons", "v", "7", "n", "a", "p", "{}" };
        QTest::newRow("version is text") << QByteArrayList{ "k", "limits", "v", "many", "n", "a", "p", "{}" };
        QTest::newRow("version 0") << QByteArrayList{ "k", "limits", "v", "0", "n", "a", "p", "{}" };
        QTest::newRow("version below 0") << QByteArrayList{ "k", "limits", "v", "-7", "n", "a", "p", "{}" };
        QTest::newRow("version beyond numbers")
            << QByteArrayList{ "k", "limits", "v", "9007199254740993", "n", "a", "p", "{}" };
        QTest::newRow("long node") << QByteArrayList{ "k", "limits", "v", "7", "n", QByteArray(300, 'x'), "p", "{}" };
        QTest::newRow("payload is a list") << QByteArrayList{ "k", "limits", "v", "7", "n", "a", "p", "[]" };
        QTest::newRow("payload is no JSON") << QByteArrayList{ "k", "limits", "v", "7", "n", "a", "p", "{" };
        QTest::newRow("payload too large") << QByteArrayList{ "k", "limits", "v", "7", "n", "a", "p", large };
        QTest::newRow("payload too deep") << QByteArrayList{ "k", "limits", "v", "7", "n", "a", "p", deep };
    }
    void leavesOutWhatIsWrong()
    {
        QFETCH(QByteArrayList, fields);
        const auto batch = controlcodec::batchIn(
            list({ entry("1-0", fields), entry("2-0", { "k", "audit", "v", "3", "n", "b", "p", "{}" }) }), "0-0");
        QVERIFY(batch);
        QCOMPARE(batch->entries.size(), 1U); // the rest is read
        QCOMPARE(batch->position, QByteArray("2-0"));
        QCOMPARE(batch->refused.size(), 1);
        QVERIFY(batch->refused[0].contains(u"1-0"_s));
        QVERIFY(batch->refused[0].size() < 300);
    }

    void refusesWhatIsNoLog()
    {
        QVERIFY(!controlcodec::batchIn(text("OK"), "0-0"));
        QVERIFY(!controlcodec::batchIn(list({ text("1-0") }), "0-0"));
        QVERIFY(!controlcodec::batchIn(list({ entry("first", {}) }), "0-0"));
        QVERIFY(!controlcodec::batchIn(list({ entry("1-", {}) }), "0-0"));
        QVERIFY(!controlcodec::readBatchIn(text("OK"), "0-0"));
        QVERIFY(!controlcodec::readBatchIn(list({}), "0-0"));
        QVERIFY(!*controlcodec::readBatchIn(RedisReply(), "0-0")); // nothing came
        const auto read = controlcodec::readBatchIn(list({ list({ text("gatehouse:control"), list({}) }) }), "5-0");
        QCOMPARE((*read)->position, QByteArray("5-0"));
    }

    void readsVerdicts()
    {
        using Outcome = ControlVerdict::Outcome;
        QVERIFY(controlcodec::verdictIn(list({ number(1), number(5) }))->outcome == Outcome::Accepted);
        const auto conflict = controlcodec::verdictIn(list({ number(0), number(6) }));
        QVERIFY(conflict->outcome == Outcome::Conflict);
        QCOMPARE(conflict->version, 6);
        QVERIFY(controlcodec::verdictIn(list({ number(-1) }))->outcome == Outcome::Empty);
        QVERIFY(!controlcodec::verdictIn(list({ number(1) })));
        QVERIFY(!controlcodec::verdictIn(list({ number(7), number(1) })));
        QVERIFY(!controlcodec::verdictIn(list({})));
        QVERIFY(!controlcodec::verdictIn(number(1)));
    }

    void readsTheState()
    {
        QVERIFY(!*controlcodec::snapshotIn(list({}))); // nothing is there
        const RedisReply none = list({});
        const auto snapshot = controlcodec::snapshotIn(list({ text("9-1"),
            texts({ "limits", "4", "begun", "1", "access", "2" }), texts({ "switch", R"({"enabled":true})" }),
            texts({ "x", "lemon", QByteArray(300, 'x'), "{}", "y", "{}" }), none, none }));
        QVERIFY(snapshot && *snapshot);
        QCOMPARE((*snapshot)->position, QByteArray("9-1"));
        QCOMPARE((*snapshot)->versions[size_t(ControlKind::Limits)], 4);
        QCOMPARE((*snapshot)->versions[size_t(ControlKind::Audit)], 0);
        QCOMPARE((*snapshot)->items[size_t(ControlKind::Limits)].size(), 1U);
        QCOMPARE((*snapshot)->items[size_t(ControlKind::Access)].size(), 1U);
        QCOMPARE((*snapshot)->refused.size(), 2);
    }

    void refusesWhatIsNoState()
    {
        const RedisReply none = list({});
        QVERIFY(!controlcodec::snapshotIn(text("x")));
        QVERIFY(!controlcodec::snapshotIn(list({ text("9-1"), none })));
        QVERIFY(!controlcodec::snapshotIn(list({ text("x"), none, none, none, none, none })));
        QVERIFY(!controlcodec::snapshotIn(list({ text("9-1"), texts({ "limits", "many" }), none, none, none, none })));
        QVERIFY(controlcodec::snapshotIn(list({ text("9-1"), texts({ "limits" }), none, none, none, none })));
    }

    void writesWhatTheScriptsTake()
    {
        ControlChange change;
        change.kind = ControlKind::Access;
        change.expectedVersion = 4;
        change.payload = { { "a"_L1, 1 } };
        change.items = { { u"x"_s, std::nullopt }, { u"y"_s, QJsonObject{ { "b"_L1, 2 } } } };
        QCOMPARE(*controlcodec::appendArguments(change, u"a"_s),
            (QByteArrayList{ "access", "4", "a", R"({"a":1})", "x", "", "y", R"({"b":2})" }));
        change.expectedVersion.reset();
        QCOMPARE(controlcodec::appendArguments(change, u"a"_s)->at(1), QByteArray());
        change.payload = { { "a"_L1, QString(600 * 1024, u'x') } };
        QVERIFY(!controlcodec::appendArguments(change, u"a"_s)); // nobody would read it
        change.payload = {};
        change.items = { { u"y"_s, QJsonObject{ { "a"_L1, QString(70 * 1024, u'x') } } } };
        QVERIFY(!controlcodec::appendArguments(change, u"a"_s));
        std::array<ControlItems, kControlKinds> items;
        items[size_t(ControlKind::Access)][u"x"_s] = {};
        QCOMPARE(controlcodec::seedArguments(items, u"a"_s),
            (QByteArrayList{ "a", "limits", "0", "access", "1", "x", "{}", "alerts", "0", "audit", "0" }));
    }
};

QTEST_GUILESS_MAIN(TestControlCodec)
#include "tst_controlcodec.moc"
