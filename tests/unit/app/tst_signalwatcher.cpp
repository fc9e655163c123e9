// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include <QtTest/QtTest>

#include "server/app/signalwatcher.h"

using namespace gatehouse;

class TestSignalWatcher final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Raised in this thread alone: the test framework has another one, in which nothing is blocked.
    void tellsEndFromReload();
    void severalAtOnceAreOne();
    void whatIsNotReadIsDiscarded();
};

void TestSignalWatcher::tellsEndFromReload()
{
    const SignalWatcher watcher;
    QSignalSpy stops(&watcher, &SignalWatcher::stopRequested);
    QSignalSpy reloads(&watcher, &SignalWatcher::reloadRequested);
    ::raise(SIGHUP);
    QTRY_COMPARE(reloads.size(), 1);
    QCOMPARE(stops.size(), 0);
    ::raise(SIGTERM);
    QTRY_COMPARE(stops.size(), 1);
    QCOMPARE(stops[0][0].toInt(), SIGTERM);
    QCOMPARE(reloads.size(), 1);
}

void TestSignalWatcher::severalAtOnceAreOne()
{
    const SignalWatcher watcher;
    QSignalSpy reloads(&watcher, &SignalWatcher::reloadRequested);
    for (int i = 0; i < 5; ++i)
        ::raise(SIGHUP);
    QTRY_COMPARE(reloads.size(), 1);
    QCoreApplication::processEvents();
    QCOMPARE(reloads.size(), 1);
}

void TestSignalWatcher::whatIsNotReadIsDiscarded()
{
    {
        const SignalWatcher watcher;
        for (const int number : { SIGTERM, SIGINT, SIGHUP })
            ::raise(number);
    }
    // Whoever is here has not been ended by them; and the next ones begin with none.
    const SignalWatcher watcher;
    QSignalSpy stops(&watcher, &SignalWatcher::stopRequested);
    QSignalSpy reloads(&watcher, &SignalWatcher::reloadRequested);
    QCoreApplication::processEvents();
    QCOMPARE(stops.size() + reloads.size(), 0);
    ::raise(SIGHUP);
    QTRY_COMPARE(reloads.size(), 1);
    QCOMPARE(stops.size(), 0);
}

QTEST_GUILESS_MAIN(TestSignalWatcher)
#include "tst_signalwatcher.moc"
