// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/isotime.h"

#include <limits>

#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {
constexpr qint64 kNoon = 1'762'776'000'000; // 2025-11-10T12:00:00Z
}

class TestIsoTime final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void writesWholeSecondsRoundedDown_data();
    void writesWholeSecondsRoundedDown();
    void writesMillis();
    void textOrderIsTimeOrder();
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void roundTrips_data();
    void roundTrips();
};

void TestIsoTime::initTestCase()
{
    // The machine's own zone must not matter.
    qputenv("TZ", "Asia/Bangkok");
}

void TestIsoTime::writesWholeSecondsRoundedDown_data()
{
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<QString>("text");
    QTest::newRow("noon") << kNoon << u"2025-11-10T12:00:00Z"_s;
    QTest::newRow("just before the next second") << kNoon + 999 << u"2025-11-10T12:00:00Z"_s;
    QTest::newRow("next second") << kNoon + 1000 << u"2025-11-10T12:00:01Z"_s;
    QTest::newRow("epoch") << qint64(0) << u"1970-01-01T00:00:00Z"_s;
    QTest::newRow("leap day") << qint64(1'709'208'000'000) << u"2024-02-29T12:00:00Z"_s;
}

void TestIsoTime::writesWholeSecondsRoundedDown()
{
    QFETCH(qint64, millis);
    QTEST(isoSeconds(fromEpochMillis(millis)), "text");
}

void TestIsoTime::writesMillis()
{
    QCOMPARE(isoMillis(fromEpochMillis(kNoon + 250)), u"2025-11-10T12:00:00.250Z"_s);
    QCOMPARE(isoMillis(fromEpochMillis(kNoon)), u"2025-11-10T12:00:00.000Z"_s);
    QCOMPARE(isoMillis(fromEpochMillis(kNoon + 7)), u"2025-11-10T12:00:00.007Z"_s);
}

void TestIsoTime::textOrderIsTimeOrder()
{
    QString previous = isoMillis(fromEpochMillis(kNoon - 1));
    for (qint64 step : { 0, 1, 99, 1000, 59'999, 60'000, 86'400'000 }) {
        const QString next = isoMillis(fromEpochMillis(kNoon + step));
        QVERIFY2(previous < next, qPrintable(next));
        previous = next;
    }
}

void TestIsoTime::reads_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("millis");
    QTest::newRow("seconds") << u"2025-11-10T12:00:00Z"_s << kNoon;
    QTest::newRow("millis") << u"2025-11-10T12:00:00.250Z"_s << kNoon + 250;
    QTest::newRow("one digit of fraction") << u"2025-11-10T12:00:00.5Z"_s << kNoon + 500;
    QTest::newRow("offset east") << u"2025-11-10T19:00:00+07:00"_s << kNoon;
    QTest::newRow("offset west") << u"2025-11-10T07:30:00-04:30"_s << kNoon;
    QTest::newRow("offset zero") << u"2025-11-10T12:00:00+00:00"_s << kNoon;
    QTest::newRow("without seconds") << u"2025-11-10T12:00Z"_s << kNoon;
}

void TestIsoTime::reads()
{
    QFETCH(QString, text);
    const std::optional<UtcTime> time = parseIso(text);
    QVERIFY(time);
    QTEST(toEpochMillis(*time), "millis");
}

void TestIsoTime::refuses_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : { "", " ", "now", "2025-11-10T12:00:00", "2025-11-10", "12:00:00Z", "1762776000",
             "2025-13-10T12:00:00Z", "2025-02-29T12:00:00Z", "2025-11-10T25:00:00Z", "2025-11-10T12:60:00Z",
             "2025-11-10T12:00:61Z", "2025-11-10T12:00:00Zjunk", "2025-11-10T12:00:00+99:00", "2025-11-10T12:00:00.Z",
             "-2025-11-10T12:00:00Z", "2025-11-10T12:00:00.1e3Z" })
        QTest::newRow(text) << QString::fromLatin1(text);
    QTest::newRow("one megabyte") << QString(1024 * 1024, u'2');
    QTest::newRow("foreign digits") << u"٢٠٢٥-11-10T12:00:00Z"_s;
}

void TestIsoTime::refuses()
{
    QFETCH(QString, text);
    QVERIFY(!parseIso(text));
}

void TestIsoTime::roundTrips_data()
{
    QTest::addColumn<qint64>("millis");
    for (const qint64 millis : { qint64(0), qint64(1), kNoon, kNoon + 999, qint64(4'102'444'799'999) })
        QTest::addRow("%lld", static_cast<long long>(millis)) << millis;
}

void TestIsoTime::roundTrips()
{
    QFETCH(qint64, millis);
    const UtcTime time = fromEpochMillis(millis);
    QCOMPARE(toEpochMillis(parseIso(isoMillis(time)).value()), millis);
    QCOMPARE(toEpochMillis(parseIso(isoSeconds(time)).value()), millis / 1000 * 1000);
}

QTEST_APPLESS_MAIN(TestIsoTime)
#include "tst_isotime.moc"
