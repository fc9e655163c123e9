// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "shared/util/jsonkeys.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestJsonKeys final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keys_data();
    void keys();
    void brokenTextEnds();
    void members_data();
    void members();
};

void TestJsonKeys::keys_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("repeated");
    const auto row = [](const char *tag, const QByteArray &json, const QString &repeated = {}) {
        QTest::newRow(tag) << json << repeated;
    };
    row("empty object", "{}");
    row("all different", R"({"a":1,"b":2,"c":{"a":1,"b":2}})");
    row("twice", R"({"a":1,"a":1})", u"a"_s);
    row("twice with spaces", "{ \"a\" :1 ,\n\t\"a\"\r\n : 1 }", u"a"_s);
    row("far apart", R"({"a":{"b":[1,{"c":2}]},"d":[],"a":0})", u"a"_s);
    row("in an inner object", R"([{"a":{"x":1,"y":2,"x":3}}])", u"x"_s);
    row("one escaped", R"({"to":1,"\u0074o":2})", u"to"_s);
    row("empty name", R"({"":1,"":2})", u""_s);
    row("beyond ASCII", R"({"ชื่อ":1,"ชื่อ":2})", u"ชื่อ"_s);
    row("siblings in an array", R"([{"a":1},{"a":2}])");
    row("siblings in an object", R"({"x":{"a":1},"y":{"a":2}})");
    row("a value like a name", R"({"a":"b","b":"a"})");
    row("values alike", R"({"a":"a","b":["a","a"]})");
    row("quotes and colons in a value", R"({"a":"\"a\":1,\"a\":","b":2})");
    row("an escaped backslash ends the name", R"({"a\\":1,"a\\":2})", u"a\\"_s);
    row("case differs", R"({"a":1,"A":2})");
}

void TestJsonKeys::keys()
{
    QFETCH(const QByteArray, json);
    QFETCH(const QString, repeated);
    QVERIFY(!QJsonDocument::fromJson(json).isNull());
    const std::optional<QString> found = findRepeatedKey(json);
    QCOMPARE(found.has_value(), !repeated.isNull());
    QCOMPARE(found.value_or(QString()), repeated);
}

void TestJsonKeys::brokenTextEnds()
{
    for (const QByteArray &json :
        { QByteArray(R"({"a)"), QByteArray(R"({"a\)"), QByteArray("}]}]"), QByteArray(R"("a":)") })
        QVERIFY(!findRepeatedKey(json));
}

void TestJsonKeys::members_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QByteArray>("value");
    const auto row = [](const char *tag, const QByteArray &json, const QByteArray &value = {}) {
        QTest::newRow(tag) << json << value;
    };
    row("number", R"({"a":12})", "12");
    row("spaces", "{ \"a\" :\t12\n, \"b\": 1 }", "12");
    row("text", R"({"a":"x,}\"y"})", R"("x,}\"y")");
    row("object", R"({"a":{"b":[1,2]},"b":3})", R"({"b":[1,2]})");
    row("list", R"({"a":[1,{"a":2}]})", R"([1,{"a":2}])");
    row("behind others", R"({"b":{"a":1},"c":["a",2],"d":"\"a\":3","a":4})", "4");
    row("the last one counts", R"({"a":1,"a":2})", "2");
    row("name as a value", R"({"b":"a","c":1})");
    row("escaped name", R"({"\u0061":5})", "5");
    row("not of the outermost", R"({"b":{"a":1}})");
    row("empty object", "{}");
    row("a list", R"(["a",1])");
    row("nothing", "");
    row("cut off", R"({"a":12)");
    row("cut off in a text", R"({"a":"12)");
}

void TestJsonKeys::members()
{
    QFETCH(QByteArray, json);
    QFETCH(QByteArray, value);
    QCOMPARE(findMember(json, u"a").toByteArray(), value);
}

QTEST_GUILESS_MAIN(TestJsonKeys)
#include "tst_jsonkeys.moc"
