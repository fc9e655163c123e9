// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <new>

#include <QtTest/QTest>

#include "server/guard/messagelimiter.h"

using namespace gatehouse;
using namespace std::chrono_literals;

// Counts what this thread allocates. Only here: the program has the library's own.
static thread_local qint64 allocations = 0;

void *operator new(size_t size)
{
    ++allocations;
    if (void *memory = std::malloc(size))
        return memory;
    throw std::bad_alloc();
}

void *operator new[](size_t size) // as the library's does; a sanitizer's asks malloc() itself
{
    return operator new(size);
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, size_t) noexcept
{
    std::free(memory);
}

void operator delete[](void *memory) noexcept
{
    std::free(memory);
}

void operator delete[](void *memory, size_t) noexcept
{
    std::free(memory);
}

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
        const MonoTime start{};
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
        const MonoTime start{};
        (void)limiter.judge(rules, start);
        for (int i = 1; i < 60; ++i)
            QCOMPARE(limiter.judge(rules, start + i * 1s).outcome, Outcome::Drop);
        QCOMPARE(limiter.judge(rules, start + 60s).outcome, Outcome::Pass);
    }

    void disconnectsAfterTheStrikes()
    {
        MessageLimiter limiter;
        const LimitSnapshot rules = snapshot(1);
        const MonoTime start{};
        (void)limiter.judge(rules, start);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(limiter.judge(rules, start).outcome, Outcome::Drop);
        QCOMPARE(limiter.judge(rules, start).outcome, Outcome::Disconnect);
    }

    void allocatesNothingInAFlood()
    {
        MessageLimiter limiter;
        const LimitSnapshot rules = snapshot(60, LimitMode::Enforce, 1'000'000);
        MonoTime now{};
        const qint64 before = allocations;
        for (int i = 0; i < 61; ++i)
            (void)limiter.judge(rules, now += 1ms);
        QVERIFY(allocations > before); // it counts
        const qint64 inFlood = allocations;
        for (int i = 0; i < 100'000; ++i)
            QVERIFY(limiter.judge(rules, now += 1us).outcome == Outcome::Drop);
        QVERIFY2(allocations - inFlood <= 5, "memory grows by doubling to its bound, not with each message");
        const qint64 atBound = allocations;
        for (int i = 0; i < 100'000; ++i)
            QVERIFY(limiter.judge(rules, now += 1us).outcome == Outcome::Drop);
        QCOMPARE(allocations, atBound);
    }

    void forgetsStrikesAfterAMinute()
    {
        MessageLimiter limiter;
        const MonoTime start{};
        (void)limiter.judge(snapshot(1), start);
        for (int i = 0; i < 3; ++i)
            (void)limiter.judge(snapshot(1), start + 1s);
        (void)limiter.judge(snapshot(1), start + 60s);
        QCOMPARE(limiter.judge(snapshot(1), start + 61s).outcome, Outcome::Drop);
    }

    void observesWithoutDropping()
    {
        MessageLimiter limiter;
        const MonoTime start{};
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
