// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/finding.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestFinding : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysTheLimitOrTheDetail()
    {
        QCOMPARE((Finding{ Reason::TooManyConnections, {}, 5, 6 }.text()), u"MAX_CONNECTIONS_PER_IP is 5"_s);
        QCOMPARE((Finding{ Reason::ServerFull, {}, 7, 8 }.text()), u"MAX_CONNECTIONS is 7"_s);
        QCOMPARE((Finding{ Reason::Banned, u"this address is banned"_s }.text()), u"this address is banned"_s);
        QCOMPARE((Finding{ Reason::Banned }.text()), QString());
        QCOMPARE((Finding{ Reason::SlowConsumer, {}, 5, 6 }.text()), QString()); // no limit of the table
    }

    void saysWhenToComeAgain_data()
    {
        QTest::addColumn<int>("reason");
        QTest::addColumn<qint64>("wait");
        QTest::addColumn<std::optional<qint64>>("seconds");
        const auto row = [](const char *name, Reason reason, qint64 wait, std::optional<qint64> seconds) {
            QTest::newRow(name) << int(reason) << wait << seconds;
        };
        row("exact", Reason::TooManyReconnects, 2000, 2);
        row("rounded up", Reason::TooManyReconnects, 1, 1);
        row("unknown", Reason::TooManyReconnects, 0, 30);
        row("crowded", Reason::TooManyConnections, 0, 30);
        row("crowded by a user", Reason::TooManyUserConnections, 0, 30);
        row("full", Reason::ServerFull, 0, 10);
        row("shutting down", Reason::Draining, 0, 10);
        row("message", Reason::RateLimited, 0, 0);
        row("big message", Reason::MessageTooBig, 0, 0);
        row("banned", Reason::Banned, 0, std::nullopt);
        row("token", Reason::TokenExpired, 0, std::nullopt);
    }

    void saysWhenToComeAgain()
    {
        QFETCH(int, reason);
        QFETCH(qint64, wait);
        Finding finding{ Reason(reason) };
        finding.exactWait = std::chrono::milliseconds(wait);
        QTEST(finding.retryAfterSeconds(), "seconds");
    }

    void isAProblemForWhoAsks()
    {
        const Problem banned = Finding{ Reason::UserBanned, u"this user is banned"_s }.toProblem();
        QCOMPARE(banned.status, 403);
        QCOMPARE(banned.code, u"banned"_s);
        QCOMPARE(banned.title, u"User banned"_s);
        QCOMPARE(banned.detail, u"this user is banned"_s);
        QVERIFY(banned.guard.isEmpty() && banned.instance.isEmpty()); // nothing was recorded
        QCOMPARE((Finding{ Reason::TokenExpired, u"old"_s }.toProblem().status), 401);
    }

    void theLastOneRefuses()
    {
        const Finding enforced{ Reason::TooManyConnections };
        Finding observed = enforced;
        observed.isEnforced = false;
        QVERIFY(!doRefuse({}));
        QVERIFY(!doRefuse({ observed, observed }));
        QVERIFY(doRefuse({ observed, enforced }));
    }
};

QTEST_APPLESS_MAIN(TestFinding)
#include "tst_finding.moc"
