// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/hangdetector.h"

#include <QtTest/QTest>

using namespace gatehouse;

class TestHangDetector final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsWhatDoesNotMove()
    {
        HangDetector detector(3);
        QVERIFY(!detector.look(true, 7)); // it has just come to this
        QVERIFY(!detector.look(true, 7));
        QVERIFY(!detector.look(true, 7));
        QVERIFY(detector.look(true, 7));
        QVERIFY(detector.look(true, 7));
        QVERIFY(!detector.look(true, 8));
        QVERIFY(!detector.look(true, 8));
    }

    void idleIsNotStuck()
    {
        HangDetector detector(2);
        for (int i = 0; i < 10; ++i)
            QVERIFY(!detector.look(false, 7));
        QVERIFY(!detector.look(true, 7));
        QVERIFY(detector.look(true, 7));
        QVERIFY(!detector.look(false, 7));
    }

    void longIsNotStuck()
    {
        HangDetector detector(2);
        for (quint64 i = 0; i < 10; ++i)
            QVERIFY(!detector.look(true, i));
    }
};

QTEST_APPLESS_MAIN(TestHangDetector)
#include "tst_hangdetector.moc"
