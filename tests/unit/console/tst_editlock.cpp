// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/editlock.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestEditLock : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void otherServersAreNeverLocked()
    {
        FakeClock clock;
        EditLock lock(clock);
        lock.lock();
        QVERIFY(!lock.isLocked());
        clock.advance(24h);
        lock.check();
        QVERIFY(!lock.isLocked());
    }

    void aProductionServerBeginsLocked()
    {
        FakeClock clock;
        EditLock lock(clock);
        QSignalSpy changed(&lock, &EditLock::changed);
        lock.setProtected(true);
        QVERIFY(lock.isLocked());
        QCOMPARE(changed.count(), 1);
        lock.unlock();
        QVERIFY(!lock.isLocked());
        QVERIFY(lock.isProtected());
        QCOMPARE(changed.count(), 2);
        lock.lock();
        QVERIFY(lock.isLocked());
        lock.setProtected(false); // another server
        QVERIFY(!lock.isLocked());
    }

    void locksAfterIdleTime()
    {
        FakeClock clock;
        EditLock lock(clock);
        lock.setProtected(true);
        lock.unlock();
        clock.advance(EditLock::kIdle - 1s);
        lock.check();
        QVERIFY(!lock.isLocked());
        lock.touch();
        clock.advance(EditLock::kIdle - 1s);
        lock.check();
        QVERIFY(!lock.isLocked()); // the key counted
        clock.advance(1s);
        lock.check();
        QVERIFY(lock.isLocked());
    }

    void aKeyAfterTheIdleTimeDoesNotSlipPast()
    {
        FakeClock clock;
        EditLock lock(clock);
        lock.setProtected(true);
        lock.unlock();
        clock.advance(EditLock::kIdle);
        lock.touch(); // before anybody called check()
        QVERIFY(lock.isLocked());
        lock.touch();
        QVERIFY(lock.isLocked());
    }

    void theMachinesClockDoesNotUnlock()
    {
        FakeClock clock;
        EditLock lock(clock);
        lock.setProtected(true);
        lock.unlock();
        clock.jumpUtc(-3h);
        clock.advance(EditLock::kIdle);
        lock.check();
        QVERIFY(lock.isLocked());
    }
};

QTEST_GUILESS_MAIN(TestEditLock)
#include "tst_editlock.moc"
