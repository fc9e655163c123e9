// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/guard/messagelimiter.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

LimitSnapshot limits(qint64 messages)
{
    LimitSnapshot snapshot;
    snapshot.limits[LimitKey::MaxMessagesPerMinute].value = messages;
    snapshot.limits[LimitKey::MessageLimitStrikes].value = 1'000'000;
    return snapshot;
}

/// Messages 10 ms apart under a limit that they never reach.
void messageLimiterPass(benchmark::State &state)
{
    const LimitSnapshot snapshot = limits(1'000'000);
    MessageLimiter limiter;
    MonoTime now{};
    for (auto _ : state) {
        now += 10ms;
        if (limiter.judge(snapshot, now).outcome == MessageLimiter::Outcome::Drop)
            state.SkipWithError("dropped below the limit");
    }
}
BENCHMARK(messageLimiterPass);

/// A flood: 60 messages a minute pass, thousands do not.
void messageLimiterFlood(benchmark::State &state)
{
    const LimitSnapshot snapshot = limits(60);
    MessageLimiter limiter;
    MonoTime now{};
    qint64 dropped = 0;
    for (auto _ : state) {
        now += 1ms;
        if (limiter.judge(snapshot, now).outcome == MessageLimiter::Outcome::Drop)
            ++dropped;
    }
    if (qint64(state.iterations()) > 60 && dropped == 0)
        state.SkipWithError("nothing was dropped");
}
BENCHMARK(messageLimiterFlood);

} // namespace
