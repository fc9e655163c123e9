// SPDX-License-Identifier: GPL-3.0-or-later
#include <numeric>

#include "server/bench/fleet.h"
#include "server/bench/modes.h"

using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr auto kSettling = 300ms; // until the server has put the last connection away

/// Listeners that say nothing. RSS is taken before they connect, while they are there and after they have gone.
class IdleMode final : public Mode, private ClientObserver
{
public:
    explicit IdleMode(const ModeContext &context)
        : m_context(context)
        , m_fleet(context.loop, context.plan, context.plan.connections)
        , m_rssBefore(context.usage.residentKibibytes())
    {
    }

    Status prepare() override
    {
        const Status opened = m_fleet.open();
        m_fleet.observe(this);
        m_context.loop.run(kSettling);
        return opened;
    }

    Status run(Round &round) override
    {
        m_heartbeatsBefore = heartbeats();
        m_lost = 0;
        const Meter meter(m_context.usage);
        m_context.loop.run(m_context.plan.duration, [this] { return m_lost > 0; });
        meter.finish(round, operations());
        round.set(Measure::Heartbeats, double(operations()));
        round.set(Measure::Connections, double(m_fleet.openCount()));
        round.set(Measure::Lost, double(m_lost));
        const std::optional<qint64> during = m_context.usage.residentKibibytes();
        round.set(Measure::RssBefore, m_rssBefore);
        round.set(Measure::RssDuring, during);
        if (m_rssBefore && during)
            round.set(Measure::RssPerConnection,
                double(*during - *m_rssBefore) * 1024.0 / double(m_context.plan.connections));
        if (m_lost > 0)
            return lostError(m_lost, m_context.plan.connections, m_closeCode);
        return ok();
    }

    void finish(std::vector<Round> &rounds) override
    {
        m_fleet.close();
        m_context.loop.run(kSettling);
        if (!rounds.empty())
            rounds.back().set(Measure::RssAfter, m_context.usage.residentKibibytes());
    }

    qint64 operations() const override { return heartbeats() - m_heartbeatsBefore; }

private:
    void ended(Client &, int closeCode) override
    {
        ++m_lost;
        m_closeCode = closeCode;
    }

    qint64 heartbeats() const
    {
        const auto &clients = m_fleet.clients();
        return std::accumulate(clients.begin(), clients.end(), qint64(0),
            [](qint64 sum, const auto &client) { return sum + client->pingsAnswered(); });
    }

    const ModeContext m_context;
    Fleet m_fleet;
    std::optional<qint64> m_rssBefore;
    qint64 m_heartbeatsBefore = 0;
    qint64 m_lost = 0;
    int m_closeCode = 0;
};

} // namespace

std::unique_ptr<Mode> makeIdleMode(const ModeContext &context)
{
    return std::make_unique<IdleMode>(context);
}

} // namespace gatehouse::bench
