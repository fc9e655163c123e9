// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/store/columns.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestColumns final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void addsWhatATableLacks();
    void keepsJson_data();
    void keepsJson();
    void takesNothingElseForJson();
};

void TestColumns::addsWhatATableLacks()
{
    const QTemporaryDir dir;
    const auto database = Database::open(dir.filePath(u"state.db"_s)).value();
    const char *sql = "ALTER TABLE t ADD COLUMN later TEXT NOT NULL DEFAULT 'new';"
                      "ALTER TABLE t ADD COLUMN more INTEGER";
    QVERIFY(database->execute("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (later TEXT, more TEXT);"
                              "INSERT INTO t VALUES (7)"));
    for (int start = 0; start < 3; ++start)
        QVERIFY(addColumns(*database, u"t"_s, u"later"_s, sql));
    Statement row = database->prepare("SELECT id, later, more FROM t");
    QVERIFY(row.nextRow());
    QCOMPARE(row.integer(0), 7);
    QCOMPARE(row.text(1), u"new"_s);
    QVERIFY(row.isNull(2));
    // Where nothing is lacking, nothing is done; what cannot be done is an error.
    QVERIFY(addColumns(*database, u"u"_s, u"more"_s, "ALTER TABLE nowhere ADD COLUMN x TEXT"));
    const Status status = addColumns(*database, u"t"_s, u"x"_s, "ALTER TABLE nowhere ADD COLUMN x TEXT");
    QVERIFY(!status && status.error().message.contains("nowhere"_L1));
}

void TestColumns::keepsJson_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("text") << QJsonValue(u"a \"b\" ก"_s);
    QTest::newRow("number") << QJsonValue(4.5);
    QTest::newRow("null") << QJsonValue(QJsonValue::Null);
    QTest::newRow("list") << QJsonValue(QJsonArray{ 1, QJsonArray{} });
    QTest::newRow("object") << QJsonValue(QJsonObject{ { "b"_L1, true } });
}

void TestColumns::keepsJson()
{
    QFETCH(QJsonValue, value);
    const QString text = jsoncolumn::ofValue(value);
    QVERIFY(!text.contains(u'\n'));
    QCOMPARE(jsoncolumn::valueIn(text.toUtf8()), value);
    const QJsonObject object{ { "value"_L1, value } };
    QCOMPARE(jsoncolumn::objectIn(jsoncolumn::ofObject(object)), object);
}

void TestColumns::takesNothingElseForJson()
{
    for (const QString &text : { u""_s, u"[]"_s, u"{"_s, u"true"_s }) {
        QVERIFY(jsoncolumn::objectIn(text).isEmpty());
        QVERIFY(jsoncolumn::valueIn(text.toUtf8()).isUndefined());
    }
}

QTEST_GUILESS_MAIN(TestColumns)
#include "tst_columns.moc"
