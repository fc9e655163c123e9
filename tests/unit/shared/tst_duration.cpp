// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/duration.h"

#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestDuration final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void refusesAndQuotes_data();
    void refusesAndQuotes();
};

void TestDuration::reads_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("seconds");
    QTest::newRow("seconds") << u"90s"_s << qint64(90);
    QTest::newRow("minutes") << u"15m"_s << qint64(900);
    QTest::newRow("hours") << u"1h"_s << qint64(3600);
    QTest::newRow("days") << u"30d"_s << qint64(2'592'000);
    QTest::newRow("bare") << u"45"_s << qint64(45);
    QTest::newRow("zero") << u"0"_s << qint64(0);
    QTest::newRow("capital unit") << u"2H"_s << qint64(7200);
    QTest::newRow("spaces around") << u"  5m "_s << qint64(300);
    QTest::newRow("leading zeros") << u"007s"_s << qint64(7);
    QTest::newRow("ten years in days") << u"3650d"_s << qint64(315'360'000);
    QTest::newRow("ten years in seconds") << u"315360000"_s << qint64(315'360'000);
}

void TestDuration::reads()
{
    QFETCH(QString, text);
    const Result<std::chrono::seconds> result = parseDuration(text);
    QVERIFY2(result.isOk(), result ? "" : qPrintable(result.error().message));
    QTEST(qint64(result->count()), "seconds");
}

void TestDuration::refusesAndQuotes_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text :
        { "", " ", "s", "h", "-1s", "-5", "+5m", "1.5h", "1e3", "0x10", "10y", "10w", "1h30m", "5 m", "5mm", "m5",
            "3651d", "315360001", "99999999999999999999s", "9223372036854775807d", "NaN", "inf", "," })
        QTest::newRow(text) << QString::fromLatin1(text);
    QTest::newRow("foreign digits") << u"٥s"_s;
    QTest::newRow("foreign digit last") << u"٥"_s;
    QTest::newRow("NUL") << u"5\0"_s;
}

void TestDuration::refusesAndQuotes()
{
    QFETCH(QString, text);
    const Result<std::chrono::seconds> result = parseDuration(text);
    QVERIFY(!result);
    QVERIFY2(result.error().message.contains(u'"' + text + u'"'), qPrintable(result.error().message));
    QVERIFY(result.error().message.contains(u"15m"_s));
}

QTEST_APPLESS_MAIN(TestDuration)
#include "tst_duration.moc"
