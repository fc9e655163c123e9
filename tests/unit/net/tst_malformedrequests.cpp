// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/malformedrequests.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestMalformedRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsAllAndTellsOfFew()
    {
        MalformedRequests requests;
        const MonoTime start{ 1h };
        QCOMPARE(requests.count(MalformedKind::Tls, start), std::optional<qint64>(1));
        for (int i = 0; i < 5; ++i)
            QVERIFY(!requests.count(MalformedKind::Tls, start + 9s));
        QCOMPARE(requests.count(MalformedKind::Syntax, start + 9s), std::optional<qint64>(1)); // another kind
        QCOMPARE(requests.count(MalformedKind::Tls, start + 10s), std::optional<qint64>(6));
        QVERIFY(!requests.count(MalformedKind::Tls, start + 10s));
        QCOMPARE(requests.counts()[size_t(MalformedKind::Tls)], 8);
        QCOMPARE(requests.counts()[size_t(MalformedKind::Syntax)], 1);
        QCOMPARE(requests.counts()[size_t(MalformedKind::Body)], 0);
    }
};

QTEST_APPLESS_MAIN(TestMalformedRequests)
#include "tst_malformedrequests.moc"
