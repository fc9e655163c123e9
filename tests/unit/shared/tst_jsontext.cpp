// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QtTest>

#include "shared/util/jsontext.h"

using namespace gatehouse;

class TestJsonText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesNothing() { QCOMPARE(JsonText().take(), QByteArray("{}")); }

    void writesMembersInOrder()
    {
        const QByteArray text = JsonText().add("b", u"x").add("a", -7).addRaw("list", "[1,2]").take();
        QCOMPARE(text, QByteArray(R"({"b":"x","a":-7,"list":[1,2]})"));
    }

    void writesEveryInteger_data()
    {
        QTest::addColumn<qint64>("value");
        QTest::newRow("zero") << qint64(0);
        QTest::newRow("lowest") << std::numeric_limits<qint64>::min();
        QTest::newRow("highest") << std::numeric_limits<qint64>::max();
    }
    void writesEveryInteger()
    {
        QFETCH(qint64, value);
        QCOMPARE(JsonText().add("n", value).take(), "{\"n\":" + QByteArray::number(value) + "}");
    }

    void isReadBackAsWritten_data()
    {
        QTest::addColumn<QString>("value");
        QTest::newRow("empty") << QString();
        QTest::newRow("plain") << QStringLiteral("plain");
        QTest::newRow("quotes and backslashes") << QStringLiteral("a\"b\\c\\\"");
        QTest::newRow("thai") << QStringLiteral("สวัสดี");
        QTest::newRow("beyond the basic plane") << QStringLiteral("😀");
        QString controls;
        for (char16_t c = 0; c < 0x20; ++c)
            controls += QChar(c);
        QTest::newRow("control characters") << controls;
        QTest::newRow("delete") << QString(QChar(0x7f));
        QTest::newRow("closing the object") << QStringLiteral("\"}{\"");
    }
    void isReadBackAsWritten()
    {
        QFETCH(QString, value);
        QJsonParseError error;
        const QJsonDocument document = QJsonDocument::fromJson(JsonText().add("v", value).take(), &error);
        QCOMPARE(error.error, QJsonParseError::NoError);
        QCOMPARE(document.object().size(), 1);
        QCOMPARE(document.object().value(QStringLiteral("v")).toString(), value);
    }
};

QTEST_APPLESS_MAIN(TestJsonText)
#include "tst_jsontext.moc"
