// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/timeaxisgroup.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

} // namespace

class TestTimeAxisGroup : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsARangeThatMakesSense()
    {
        TimeAxisGroup group;
        group.setRange(kStart, kStart + 1h, kStart + 1h);
        group.setRange(kStart + 2h, kStart + 2h, kStart + 2h);
        group.setRange(kStart + 3h, kStart, kStart);
        QCOMPARE(group.from(), kStart);
        QCOMPARE(group.to(), kStart + 1h);
    }

    void tellsTheCrosshairOnce()
    {
        TimeAxisGroup group;
        QSignalSpy changed(&group, &TimeAxisGroup::crosshairChanged);
        group.setCrosshair(kStart);
        group.setCrosshair(kStart);
        QCOMPARE(changed.count(), 1);
        group.setCrosshair(std::nullopt);
        QCOMPARE(changed.count(), 2);
        QVERIFY(!group.crosshair());
    }

    void isAsWideAsTheWidestLabel()
    {
        TimeAxisGroup group;
        QObject first;
        QObject second;
        QSignalSpy changed(&group, &TimeAxisGroup::labelWidthChanged);
        group.requestLabelWidth(&first, 20);
        group.requestLabelWidth(&second, 35);
        QCOMPARE(group.labelWidth(), 35);
        group.requestLabelWidth(&first, 30); // not the widest: nobody needs to move
        QCOMPARE(changed.count(), 2);
        group.requestLabelWidth(&second, 10);
        QCOMPARE(group.labelWidth(), 30);
        QCOMPARE(changed.count(), 3);
    }

    void passesOnZoomAndReset()
    {
        TimeAxisGroup group;
        QSignalSpy zoomed(&group, &TimeAxisGroup::zoomRequested);
        QSignalSpy reset(&group, &TimeAxisGroup::resetRequested);
        group.requestZoom(kStart, kStart + 5min);
        group.requestReset();
        QCOMPARE(zoomed.count(), 1);
        QCOMPARE(zoomed[0][1].value<UtcTime>(), kStart + 5min);
        QCOMPARE(reset.count(), 1);
    }
};

QTEST_GUILESS_MAIN(TestTimeAxisGroup)
#include "tst_timeaxisgroup.moc"
