// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QRandomGenerator>

#include "server/bench/fleet.h"
#include "server/bench/modes.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

/// Clients that each keep a fixed number of pings in flight. Only pongs count.
class EchoMode final : public Mode, private ClientObserver
{
public:
    explicit EchoMode(const ModeContext &context)
        : m_context(context)
        , m_fleet(context.loop, context.plan, context.plan.connections)
        , m_ping(clientFrame(kText, R"({"type":"ping"})", QRandomGenerator::global()->generate()))
        , m_sentAt(size_t(context.plan.connections))
    {
    }

    Status prepare() override
    {
        const Status opened = m_fleet.open();
        m_fleet.observe(this);
        return opened;
    }

    Status run(Round &round) override
    {
        m_sent = m_received = m_lost = 0;
        m_latencies = {};
        m_isRunning = true;
        const QByteArray first = m_ping.repeated(m_context.plan.inFlight);
        const Meter meter(m_context.usage);
        for (const auto &client : m_fleet.clients()) {
            InFlight &inFlight = m_sentAt[size_t(client->number())];
            inFlight.times.assign(size_t(m_context.plan.inFlight), EventLoop::now());
            inFlight.oldest = 0;
            m_sent += m_context.plan.inFlight;
            client->send(first);
        }
        m_context.loop.run(m_context.plan.duration, [this] { return m_error || m_lost > 0; });
        m_isRunning = false;
        if (!m_error && m_lost == 0)
            m_context.loop.run(kDraining, [this] { return m_received == m_sent || m_lost > 0; });
        meter.finish(round, m_received);
        round.setLatencies(m_latencies, Measure::LatencyP50, Measure::LatencyP99);
        round.set(Measure::Connections, double(m_fleet.openCount()));
        round.set(Measure::Sent, double(m_sent));
        round.set(Measure::Received, double(m_received));
        round.set(Measure::Lost, double(m_lost));
        return verdict();
    }

    void finish(std::vector<Round> &) override { m_fleet.close(); }
    qint64 operations() const override { return m_received; }

private:
    /// When each of a client's pings was sent: a ring, because answers come in order.
    struct InFlight
    {
        std::vector<SteadyTime> times;
        size_t oldest = 0;
    };

    Status verdict() const
    {
        if (m_error)
            return *m_error;
        if (m_lost > 0)
            return lostError(m_lost, m_context.plan.connections, m_closeCode);
        if (m_received < m_sent && !m_context.loop.isStopped())
            return Error{ u"%1 of %2 messages were not answered"_s.arg(m_sent - m_received).arg(m_sent), {} };
        return ok();
    }

    void text(Client &client, QByteArrayView message) override
    {
        if (message.indexOf(QByteArrayView("\"pong\"")) < 0) {
            if (message.indexOf(QByteArrayView("\"rate_limited\"")) >= 0)
                m_error = Error{ u"the message limit bites; raise MAX_MESSAGES_PER_MINUTE"_s, {} };
            return; // a warning or a notification of somebody else
        }
        const SteadyTime now = EventLoop::now();
        InFlight &inFlight = m_sentAt[size_t(client.number())];
        m_latencies.add(now - inFlight.times[inFlight.oldest]);
        inFlight.times[inFlight.oldest] = now;
        inFlight.oldest = (inFlight.oldest + 1) % inFlight.times.size();
        ++m_received;
        if (!m_isRunning)
            return;
        ++m_sent;
        client.send(m_ping);
    }
    void ended(Client &, int closeCode) override
    {
        ++m_lost;
        m_closeCode = closeCode;
    }

    const ModeContext m_context;
    Fleet m_fleet;
    const QByteArray m_ping;
    std::vector<InFlight> m_sentAt; ///< by client number
    Latencies m_latencies;
    qint64 m_sent = 0;
    qint64 m_received = 0;
    qint64 m_lost = 0;
    int m_closeCode = 0;
    bool m_isRunning = false;
    std::optional<Error> m_error;
};

} // namespace

std::unique_ptr<Mode> makeEchoMode(const ModeContext &context)
{
    return std::make_unique<EchoMode>(context);
}

} // namespace gatehouse::bench
