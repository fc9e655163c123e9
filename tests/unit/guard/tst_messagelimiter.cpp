// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/messagelimiter.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

LimitSnapshot snapshot(qint64 messages, LimitMode mode = LimitMode::Enforce, qint64 strikes = 3)
{
    LimitSnapshot result;
    result.limits[LimitKey::MaxMessagesPerMinute] = { messages, mode };
    result.limits[LimitKey::MessageLimitStrikes].value = strikes;
    return result;
}

} // namespace

class TestMessageLimiter : public QObject
{
    Q_OBJECT
    using Outcome = MessageLimiter::Outcome;

private Q_SLOTS:
    void passesExactlyTheLimit()
    {
        MessageLimiter limiter;
        const LimitSnapshot rules = snapshot(60);
        const MonoTime start {};
        for (int i = 0; i < 60; ++i) {
            const Outcome outcome = limiter.judge(rules, start + i * 100ms).outcome;
            QCOMPARE(outcome, i == 47 ? Outcome::PassNear : Outcome::Pass);
        }
        const MessageLimiter::Verdict verdict = limiter.judge(rules, start + 6s);
        QCOMPARE(verdict.outcome, Outcome::Drop);
        QCOMPARE(verdict.limit, 60);
        QCOMPARE(verdict.observed, 61);
        QCOMPARE(verdict.wait, 54s);
        QCOMPARE(limiter.judge(rules, start + 60s - 1ms).outcome, Outcome::Drop);
        QCOMPARE(limiter.judge(rules, start + 60s).outcome, Outcome::Pass);
    }

    void whatIsOverTheLimitUsesNoBudget()
    {
        MessageLimiter limiter;
        const LimitSnapshot rules = snapshot(1, LimitMode::Enforce, 1000);
        const MonoTime start {};
        (void)limiter.judge(rules, start);
        for (int i = 1; i < 60; ++i)
            QCOMPARE(limiter.judge(rules, start + i * 1s).outcome, Outcome::Drop);
        QCOMPARE(limiter.judge(rules, start + 60s).outcome, Outcome::Pass);
    }

    void disconnectsAfterTheStrikes()
    {
        MessageLimiter limiter;
        const LimitSnapshot rules = snapshot(1);
        const MonoTime start {};
        (void)limiter.judge(rules, start);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(limiter.judge(rules, start).outcome, Outcome::Drop);
        QCOMPARE(limiter.judge(rules, start).outcome, Outcome::Disconnect);
    }

    void forgetsStrikesAfterAMinute()
    {
        MessageLimiter limiter;
        const MonoTime start {};
        (void)limiter.judge(snapshot(1), start);
        for (int i = 0; i < 3; ++i)
            (void)limiter.judge(snapshot(1), start + 1s);
        (void)limiter.judge(snapshot(1), start + 60s);
        QCOMPARE(limiter.judge(snapshot(1), start + 61s).outcome, Outcome::Drop);
    }

    void observesWithoutDropping()
    {
        MessageLimiter limiter;
        const MonoTime start {};
        QCOMPARE(limiter.judge(snapshot(1, LimitMode::Observe), start).outcome, Outcome::Pass);
        for (int i = 0; i < 100; ++i)
            QCOMPARE(limiter.judge(snapshot(1, LimitMode::Observe), start).outcome, Outcome::PassObserved);
    }

    void looksAtNothingWhenOffOrSwitchedOff()
    {
        MessageLimiter limiter;
        LimitSnapshot switchedOff = snapshot(1);
        switchedOff.isGuarding = false;
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(limiter.judge(snapshot(1, LimitMode::Off), {}).outcome, Outcome::Pass);
            QCOMPARE(limiter.judge(switchedOff, {}).outcome, Outcome::Pass);
        }
    }

    void followsAChangedLimitAtOnce()
    {
        MessageLimiter limiter;
        for (int i = 0; i < 10; ++i)
            (void)limiter.judge(snapshot(10), {});
        QCOMPARE(limiter.judge(snapshot(10), {}).outcome, Outcome::Drop);
        QCOMPARE(limiter.judge(snapshot(20), {}).outcome, Outcome::Pass);
        QCOMPARE(limiter.judge(snapshot(5), {}).outcome, Outcome::Drop);
    }
};

QTEST_APPLESS_MAIN(TestMessageLimiter)
#include "tst_messagelimiter.moc"
