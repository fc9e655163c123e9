// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/benchrun.h"

#include "server/bench/modes.h"

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

namespace {

constexpr int kOwnDescriptors = 32;

} // namespace

BenchOutcome runBench(
    const BenchPlan &plan, const ProcessUsage &usage, const std::function<void(const QString &)> &progress)
{
    BenchOutcome outcome{ { plan, {}, false }, {} };
    EventLoop loop;
    if (!loop.isValid()) {
        outcome.error = Error{ u"epoll is not available"_s, {} };
        return outcome;
    }
    const ModeDescriptor &descriptor = modeDescriptor(plan.mode);
    const std::unique_ptr<Mode> mode = makeMode({ loop, outcome.report.plan, usage });
    loop.onProgress([&] { progress(u"connecting"_s); });
    if (const Status prepared = mode->prepare(); !prepared)
        outcome.error = prepared.error();
    for (int number = 1; number <= plan.rounds && !outcome.error && !loop.isStopped(); ++number) {
        loop.onProgress([&, number] {
            progress(u"round %1 of %2: %3 %4"_s.arg(number)
                         .arg(plan.rounds)
                         .arg(mode->operations())
                         .arg(descriptor.operations));
        });
        Round round;
        if (const Status done = mode->run(round); !done)
            outcome.error = done.error();
        if (round.value(Measure::Seconds))
            outcome.report.rounds.push_back(round);
    }
    loop.onProgress({});
    outcome.report.isInterrupted = loop.isStopped();
    mode->finish(outcome.report.rounds);
    return outcome;
}

int descriptorsNeeded(const BenchPlan &plan)
{
    const ModeDescriptor &mode = modeDescriptor(plan.mode);
    int needed = kOwnDescriptors;
    if (mode.usesConnections)
        needed += plan.connections;
    if (mode.usesInFlight && plan.mode != ModeKey::Echo)
        needed += plan.inFlight;
    if (plan.mode == ModeKey::Refusals && plan.refusal == RefusalKind::Limit)
        needed += kMostHolders;
    return needed;
}

} // namespace gatehouse::bench
