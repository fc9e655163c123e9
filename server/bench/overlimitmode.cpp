// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QtCore/QRandomGenerator>

#include "server/bench/fleet.h"
#include "server/bench/modes.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr int kMessagesPerWrite = 1000;

/// Clients that send messages in large writes, each write followed by a WebSocket ping: its pong says that the server
/// has dealt with all of them, whether or not it answers each. A client that is closed by the limit comes again.
class OverlimitMode final : public Mode, private ClientObserver
{
public:
    explicit OverlimitMode(const ModeContext &context)
        : m_context(context)
        , m_handshakes(context.plan)
        , m_fleet(context.loop, context.plan, context.plan.connections)
    {
        const quint32 mask = QRandomGenerator::global()->generate();
        m_write
            = clientFrame(kText, R"({"type":"ping"})", mask).repeated(kMessagesPerWrite) + clientFrame(kPing, {}, mask);
    }

    Status prepare() override
    {
        const Status opened = m_fleet.open();
        m_fleet.observe(this);
        return opened;
    }

    Status run(Round &round) override
    {
        m_confirmed = m_written = m_pongs = m_errors = m_closed = 0;
        m_underWay = 0;
        m_isRunning = true;
        round.set(Measure::RssBefore, m_context.usage.residentKibibytes());
        const Meter meter(m_context.usage);
        for (const auto &client : m_fleet.clients()) {
            if (client->isOpen())
                write(*client);
            else
                client->open(m_handshakes.spec(client->number()));
        }
        m_context.loop.run(m_context.plan.duration, [this] { return m_error.has_value(); });
        m_isRunning = false;
        m_context.loop.run(kDraining, [this] { return m_underWay == 0 || m_error; });
        meter.finish(round, operations());
        round.set(Measure::Sent, double(m_written));
        round.set(Measure::Admitted, double(m_pongs));
        round.set(Measure::Answered, double(m_errors));
        round.set(Measure::Closed, double(m_closed));
        round.set(Measure::RssAfter, m_context.usage.residentKibibytes());
        if (m_error)
            return *m_error;
        if (operations() == 0 && m_closed == 0 && !m_context.loop.isStopped())
            return Error{ u"the server did not deal with a single write"_s, {} };
        return ok();
    }

    void finish(std::vector<Round> &) override { m_fleet.close(); }
    /// Of a write whose client was closed only what was answered is known to have been dealt with.
    qint64 operations() const override { return std::max(m_confirmed, m_pongs + m_errors); }

private:
    void write(Client &client)
    {
        m_written += kMessagesPerWrite;
        ++m_underWay;
        client.send(m_write);
    }
    void opened(Client &client) override
    {
        if (m_isRunning)
            write(client);
    }
    void pong(Client &client) override
    {
        --m_underWay;
        m_confirmed += kMessagesPerWrite;
        if (m_isRunning)
            write(client);
    }
    void text(Client &, QByteArrayView message) override
    {
        if (message.indexOf(QByteArrayView("\"pong\"")) >= 0)
            ++m_pongs;
        else if (message.indexOf(QByteArrayView("\"rate_limited\"")) >= 0)
            ++m_errors;
    }
    void ended(Client &client, int) override
    {
        --m_underWay; // a client that is open has always a write under way
        ++m_closed;
        if (m_isRunning)
            client.open(m_handshakes.spec(client.number()));
    }
    void refused(Client &, int status) override { m_error = refusedError(status); }
    void failed(Client &, const QString &reason) override
    {
        if (!m_error)
            m_error = Error{ u"no connection to %1: %2"_s.arg(m_context.plan.target.text, reason), {} };
    }

    const ModeContext m_context;
    Handshakes m_handshakes;
    Fleet m_fleet;
    QByteArray m_write;
    qint64 m_written = 0;   ///< messages
    qint64 m_confirmed = 0; ///< messages
    qint64 m_underWay = 0;  ///< writes
    qint64 m_pongs = 0;
    qint64 m_errors = 0;
    qint64 m_closed = 0;
    bool m_isRunning = false;
    std::optional<Error> m_error;
};

} // namespace

std::unique_ptr<Mode> makeOverlimitMode(const ModeContext &context)
{
    return std::make_unique<OverlimitMode>(context);
}

} // namespace gatehouse::bench
