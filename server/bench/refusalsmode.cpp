// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "server/bench/fleet.h"
#include "server/bench/modes.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr auto kHolderPatience = 5s;
constexpr auto kForeignOrigin = "https://foreign.example";

/// Handshakes that must be refused, a fixed number at a time: with a token that the server did not sign, with a foreign
/// Origin, or from an address whose connections are all taken.
class RefusalsMode final : public Mode, private ClientObserver
{
public:
    explicit RefusalsMode(const ModeContext &context)
        : m_context(context)
        , m_handshakes(context.plan)
    {
    }

    Status prepare() override
    {
        if (m_context.plan.refusal == RefusalKind::Limit) {
            if (const Status taken = takeAllConnections(); !taken)
                return taken;
        }
        for (int number = 0; number < m_context.plan.inFlight; ++number) {
            m_clients.push_back(std::make_unique<Client>(m_context.loop, m_context.plan, number));
            m_clients.back()->observe(this);
            m_specs.push_back(specFor(number));
        }
        return ok();
    }

    Status run(Round &round) override
    {
        m_refused = m_admitted = m_started = 0;
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
        meter.finish(round, m_refused);
        round.set(Measure::Sent, double(m_started));
        round.set(Measure::Admitted, double(m_admitted));
        round.set(Measure::Lost, double(m_started - m_refused - m_admitted));
        round.set(Measure::RssAfter, m_context.usage.residentKibibytes());
        for (const auto &client : m_clients)
            client->abort();
        if (m_error)
            return *m_error;
        if (m_refused == 0 && !m_context.loop.isStopped())
            return Error{ u"not one handshake was refused"_s, {} };
        return ok();
    }

    qint64 operations() const override { return m_refused; }

private:
    ConnectionSpec specFor(int number) const
    {
        const BenchPlan &plan = m_context.plan;
        switch (plan.refusal) {
        case RefusalKind::Token:
            return m_handshakes.spec(number, plan.badTokenFor(number), plan.origin);
        case RefusalKind::Origin:
            return m_handshakes.spec(number, plan.tokenFor(number), kForeignOrigin);
        case RefusalKind::Limit:
            break;
        }
        ConnectionSpec spec = m_handshakes.spec(number);
        spec.source = m_handshakes.spec(0).source; // all from the address that is full
        return spec;
    }

    /// Opens connections from one address until the server refuses one.
    Status takeAllConnections()
    {
        m_isTaking = true;
        while (m_refused == 0 && !m_error && m_holders.size() < size_t(kMostHolders) && !m_context.loop.isStopped()) {
            m_holders.push_back(std::make_unique<Client>(m_context.loop, m_context.plan, int(m_holders.size())));
            Client &holder = *m_holders.back();
            holder.observe(this);
            ConnectionSpec spec = m_handshakes.spec(holder.number());
            spec.source = m_handshakes.spec(0).source;
            holder.open(spec);
            m_context.loop.run(kHolderPatience, [&holder] { return holder.isOpen() || holder.isIdle(); });
        }
        m_isTaking = false;
        if (m_error)
            return *m_error;
        if (m_refused == 0 && !m_context.loop.isStopped())
            return Error{ u"the server let %1 connections of one address in; lower MAX_CONNECTIONS_PER_IP"_s.arg(
                              m_holders.size()),
                {} };
        return ok();
    }

    void start(Client &client)
    {
        ++m_started;
        client.open(m_specs[size_t(client.number())]);
    }
    void refused(Client &client, int status) override
    {
        if (status == 404 || status == 400) // nothing that a guard would say
            m_error = refusedError(status);
        ++m_refused;
        if (m_isRunning && !m_error)
            start(client);
    }
    void opened(Client &client) override
    {
        if (m_isTaking)
            return;
        ++m_admitted;
        client.close();
    }
    void ended(Client &client, int) override
    {
        if (m_isRunning)
            start(client);
    }
    void failed(Client &, const QString &reason) override
    {
        if (!m_error)
            m_error = Error{ u"no answer from %1: %2"_s.arg(m_context.plan.target.text, reason), {} };
    }

    const ModeContext m_context;
    Handshakes m_handshakes;
    std::vector<std::unique_ptr<Client>> m_holders; ///< of the connections that one address may have
    std::vector<std::unique_ptr<Client>> m_clients;
    std::vector<ConnectionSpec> m_specs; ///< by client number
    qint64 m_started = 0;
    qint64 m_refused = 0;
    qint64 m_admitted = 0;
    bool m_isTaking = false;
    bool m_isRunning = false;
    std::optional<Error> m_error;
};

} // namespace

std::unique_ptr<Mode> makeRefusalsMode(const ModeContext &context)
{
    return std::make_unique<RefusalsMode>(context);
}

} // namespace gatehouse::bench
