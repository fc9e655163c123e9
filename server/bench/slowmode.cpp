// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "server/bench/fanoutmode.h"
#include "server/bench/fleet.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr int kReceiveBufferBytes = 4096; // of those that will stop: the kernel shall not read for them
constexpr auto kSecondLook = 1s;          // for those that the server has cut but that still have unread bytes

/// A third of each round all listeners read; then some stop, and publishes go on. Who of them is cut, and what do the
/// others notice?
class SlowMode final : public Mode, private ClientObserver
{
public:
    explicit SlowMode(const ModeContext &context)
        : m_context(context)
        , m_run(context)
    {
    }

    Status prepare() override { return m_run.open(); }

    Status run(Round &round) override
    {
        const BenchPlan &plan = m_context.plan;
        Fleet fleet(m_context.loop, plan, plan.connections);
        if (const Status opened = fleet.open(plan.connections - plan.slowConnections, kReceiveBufferBytes); !opened)
            return opened;
        fleet.observe(&m_run);
        const Status baseline = m_run.run(plan.duration / 3, plan.connections);
        round.setLatencies(m_run.latencies(), Measure::BaselineP50, Measure::BaselineP99);
        if (!baseline || m_context.loop.isStopped())
            return baseline;
        round.set(Measure::RssBefore, m_context.usage.residentKibibytes());
        const Status done = runWithSlow(fleet, round);
        fleet.close();
        return done;
    }

    qint64 operations() const override { return m_run.deliveries(); }

private:
    Status runWithSlow(const Fleet &fleet, Round &round)
    {
        const BenchPlan &plan = m_context.plan;
        m_cut = 0;
        m_stoppedAt = m_lastCut = EventLoop::now();
        const auto firstSlow = fleet.clients().end() - plan.slowConnections;
        std::for_each(firstSlow, fleet.clients().end(), [this](const auto &client) {
            client->observe(this);
            client->pauseReading();
        });
        const Meter meter(m_context.usage);
        const Status done = m_run.run(plan.duration - plan.duration / 3, plan.connections - plan.slowConnections);
        meter.finish(round, m_run.deliveries());
        m_run.finish(round);
        if (m_cut == plan.slowConnections) // else some are found only when reading goes on, and nobody knows since when
            round.set(Measure::CutAfter,
                double(std::chrono::round<std::chrono::milliseconds>(m_lastCut - m_stoppedAt).count()));
        round.set(Measure::RssDuring, m_context.usage.residentKibibytes());
        std::for_each(firstSlow, fleet.clients().end(), [](const auto &client) { client->resumeReading(); });
        m_context.loop.run(kSecondLook, [this, &plan] { return m_cut == plan.slowConnections; });
        round.set(Measure::Connections, double(fleet.openCount()));
        round.set(Measure::Stopped, double(plan.slowConnections));
        round.set(Measure::Cut, double(m_cut));
        return done;
    }

    void ended(Client &, int) override
    {
        ++m_cut;
        m_lastCut = EventLoop::now();
    }

    const ModeContext m_context;
    FanoutRun m_run;
    int m_cut = 0;
    SteadyTime m_stoppedAt;
    SteadyTime m_lastCut;
};

} // namespace

std::unique_ptr<Mode> makeSlowMode(const ModeContext &context)
{
    return std::make_unique<SlowMode>(context);
}

} // namespace gatehouse::bench
