// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "server/bench/fleet.h"
#include "server/bench/modes.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

/// Connections that come and go, a fixed number at a time. A handshake counts once its greeting is there.
class ChurnMode final : public Mode, private ClientObserver
{
public:
    explicit ChurnMode(const ModeContext &context)
        : m_context(context)
        , m_handshakes(context.plan)
    {
    }

    Status prepare() override
    {
        for (int number = 0; number < m_context.plan.inFlight; ++number) {
            m_clients.push_back(std::make_unique<Client>(m_context.loop, m_context.plan, number));
            m_clients.back()->observe(this);
            m_specs.push_back(m_handshakes.spec(number));
        }
        m_started.resize(m_clients.size());
        return ok();
    }

    Status run(Round &round) override
    {
        m_count = m_startedCount = 0;
        m_latencies = {};
        m_isRunning = true;
        round.set(Measure::RssBefore, m_context.usage.residentKibibytes());
        const Meter meter(m_context.usage);
        for (const auto &client : m_clients)
            start(*client);
        m_context.loop.run(m_context.plan.duration, [this] { return m_error.has_value(); });
        m_isRunning = false;
        m_context.loop.run(kDraining, [this] {
            return std::all_of(m_clients.begin(), m_clients.end(), [](const auto &client) { return client->isIdle(); });
        });
        meter.finish(round, m_count);
        round.setLatencies(m_latencies, Measure::LatencyP50, Measure::LatencyP99);
        round.set(Measure::Lost, double(m_startedCount - m_count));
        round.set(Measure::RssAfter, m_context.usage.residentKibibytes());
        for (const auto &client : m_clients)
            client->abort();
        if (m_error)
            return *m_error;
        if (m_count == 0 && !m_context.loop.isStopped())
            return Error{ u"not one handshake was completed; the server does not answer"_s, {} };
        return ok();
    }

    qint64 operations() const override { return m_count; }

private:
    void start(Client &client)
    {
        ++m_startedCount;
        m_started[size_t(client.number())] = EventLoop::now();
        client.open(m_specs[size_t(client.number())]);
    }
    void opened(Client &client) override
    {
        ++m_count;
        m_latencies.add(EventLoop::now() - m_started[size_t(client.number())]);
        client.close();
    }
    void ended(Client &client, int) override
    {
        if (m_isRunning)
            start(client);
    }
    void refused(Client &, int status) override { m_error = refusedError(status); }
    void failed(Client &, const QString &reason) override
    {
        m_error = Error{ u"no connection to %1: %2"_s.arg(m_context.plan.target.text, reason), {} };
    }

    const ModeContext m_context;
    Handshakes m_handshakes;
    std::vector<std::unique_ptr<Client>> m_clients;
    std::vector<ConnectionSpec> m_specs; ///< by client number
    std::vector<SteadyTime> m_started;   ///< by client number
    Latencies m_latencies;
    qint64 m_count = 0;
    qint64 m_startedCount = 0;
    bool m_isRunning = false;
    std::optional<Error> m_error;
};

} // namespace

std::unique_ptr<Mode> makeChurnMode(const ModeContext &context)
{
    return std::make_unique<ChurnMode>(context);
}

} // namespace gatehouse::bench
