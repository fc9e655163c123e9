// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/timerange.h"

#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestTimeRange : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void presetsFollowTheClock_data();
    void presetsFollowTheClock();
    void customStandsStill();
    void customIsPutInOrder();
    void customIsNeverTooShort();
};

namespace {

constexpr UtcTime kNow{ 1'762'776'000s };

} // namespace

void TestTimeRange::presetsFollowTheClock_data()
{
    QTest::addColumn<int>("preset");
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<bool>("isInBuffer");
    QTest::newRow("1 min") << int(TimeRange::Preset::LastMinute) << qint64(60) << true;
    QTest::newRow("5 min") << int(TimeRange::Preset::Last5Minutes) << qint64(300) << true;
    QTest::newRow("1 h") << int(TimeRange::Preset::LastHour) << qint64(3600) << true;
    QTest::newRow("6 h") << int(TimeRange::Preset::Last6Hours) << qint64(21'600) << true;
    QTest::newRow("24 h") << int(TimeRange::Preset::LastDay) << qint64(86'400) << true;
    QTest::newRow("7 d") << int(TimeRange::Preset::LastWeek) << qint64(604'800) << false;
    QTest::newRow("30 d") << int(TimeRange::Preset::LastMonth) << qint64(2'592'000) << false;
}

void TestTimeRange::presetsFollowTheClock()
{
    QFETCH(int, preset);
    QFETCH(qint64, seconds);
    QFETCH(bool, isInBuffer);
    const TimeRange range{ TimeRange::Preset(preset) };
    QVERIFY(range.isFollowing());
    QCOMPARE(range.at(kNow).to, kNow);
    QCOMPARE(range.at(kNow).length(), std::chrono::milliseconds(std::chrono::seconds(seconds)));
    QCOMPARE(range.at(kNow + 5s).to, kNow + 5s);
    QCOMPARE(range.isInBuffer(kNow), isInBuffer);
    QCOMPARE(range.title(), QString::fromLatin1(QTest::currentDataTag()));
}

void TestTimeRange::customStandsStill()
{
    const TimeRange range = TimeRange::custom(kNow - 2h, kNow - 1h);
    QVERIFY(!range.isFollowing());
    QCOMPARE(range.at(kNow), (TimeInterval{ kNow - 2h, kNow - 1h }));
    QCOMPARE(range.at(kNow + 24h), range.at(kNow));
    QVERIFY(range.isInBuffer(kNow));
    QVERIFY(!range.isInBuffer(kNow + 24h));
    QVERIFY(range.at(kNow).contains(kNow - 2h));
    QVERIFY(!range.at(kNow).contains(kNow - 1h));
}

void TestTimeRange::customIsPutInOrder()
{
    QCOMPARE(TimeRange::custom(kNow, kNow - 1h), TimeRange::custom(kNow - 1h, kNow));
}

void TestTimeRange::customIsNeverTooShort()
{
    const TimeInterval interval = TimeRange::custom(kNow, kNow).at(kNow);
    QCOMPARE(interval.length(), std::chrono::milliseconds(10s));
    QVERIFY(interval.contains(kNow));
}

QTEST_GUILESS_MAIN(TestTimeRange)
#include "tst_timerange.moc"
