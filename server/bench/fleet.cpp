// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/fleet.h"

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr int kOpeningAtOnce = 64;
constexpr auto kOpeningPatience = 10s; // without any progress
constexpr auto kFarewell = 2s;

QString advice(int status)
{
    switch (status) {
    case 401:
        return u"the token was not accepted: use the server's JWT_SECRET or STATE_DIR, or --token-file"_s;
    case 403:
        return u"the Origin was not accepted: use the server's ALLOWED_HOSTS, or --origin"_s;
    case 404:
        return u"there is no such path: see --path"_s;
    case 429:
        return u"a limit bites: raise MAX_CONNECTIONS_PER_IP, MAX_RECONNECT_ATTEMPTS and MAX_CONNECTIONS_PER_USER, or use --source-addresses"_s;
    case 503:
        return u"the server is full: raise MAX_CONNECTIONS"_s;
    default:
        return u"is this a WebSocket server?"_s;
    }
}

} // namespace

Handshakes::Handshakes(const BenchPlan &plan)
    : m_plan(plan)
    , m_key(makeHandshakeKey())
{
}

ConnectionSpec Handshakes::spec(int number) const
{
    return spec(number, m_plan.tokenFor ? m_plan.tokenFor(number) : QByteArray(), m_plan.origin);
}

ConnectionSpec Handshakes::spec(int number, const QByteArray &token, const QByteArray &origin) const
{
    ConnectionSpec spec;
    spec.request = upgradeRequest({ m_plan.channelPath, m_plan.target.host, origin, token, m_key.key });
    spec.accept = m_key.accept;
    if (m_plan.sourceAddresses > 0)
        spec.source = sourceAddress(number, m_plan.sourceAddresses);
    return spec;
}

Error refusedError(int status)
{
    return { u"the server refused a connection with status %1; %2"_s.arg(status).arg(advice(status)), {} };
}

Fleet::Fleet(EventLoop &loop, const BenchPlan &plan, int clients)
    : m_loop(loop)
    , m_plan(plan)
    , m_handshakes(plan)
{
    m_clients.reserve(size_t(clients));
    for (int number = 0; number < clients; ++number)
        m_clients.push_back(std::make_unique<Client>(loop, plan, number));
}

Status Fleet::open(int slowFrom, int receiveBufferBytes)
{
    m_slowFrom = slowFrom;
    m_receiveBufferBytes = receiveBufferBytes;
    observe(this);
    for (int i = 0; i < kOpeningAtOnce; ++i)
        openNext();
    int before = -1;
    while (!m_error && m_opened < int(m_clients.size()) && !m_loop.isStopped()) {
        if (m_opened == before)
            return Error{ u"the server did not answer within %1 s; %2 of %3 connections are open"_s
                              .arg(kOpeningPatience.count())
                              .arg(m_opened)
                              .arg(m_clients.size()),
                {} };
        before = m_opened;
        const size_t enough = std::min(m_clients.size(), size_t(m_opened) + 1000);
        m_loop.run(kOpeningPatience, [this, enough] { return m_error || size_t(m_opened) >= enough; });
    }
    if (m_error)
        return *m_error;
    return ok();
}

void Fleet::openNext()
{
    if (m_next >= m_clients.size() || m_error)
        return;
    Client &client = *m_clients[m_next++];
    ConnectionSpec spec = m_handshakes.spec(client.number());
    if (m_slowFrom >= 0 && client.number() >= m_slowFrom)
        spec.receiveBufferBytes = m_receiveBufferBytes;
    client.open(spec);
}

int Fleet::openCount() const
{
    return int(std::count_if(m_clients.begin(), m_clients.end(), [](const auto &client) { return client->isOpen(); }));
}

void Fleet::observe(ClientObserver *observer)
{
    for (const auto &client : m_clients)
        client->observe(observer);
}

void Fleet::close()
{
    observe(nullptr);
    for (const auto &client : m_clients)
        client->close();
    m_loop.run(kFarewell, [this] {
        return std::all_of(m_clients.begin(), m_clients.end(), [](const auto &client) { return client->isIdle(); });
    });
    for (const auto &client : m_clients)
        client->abort();
}

void Fleet::opened(Client &)
{
    ++m_opened;
    openNext();
}

void Fleet::refused(Client &, int status)
{
    if (!m_error)
        m_error = refusedError(status);
}

void Fleet::failed(Client &, const QString &reason)
{
    if (!m_error)
        m_error = Error{ u"no connection to %1: %2"_s.arg(m_plan.target.text, reason), {} };
}

void Fleet::ended(Client &, int closeCode)
{
    if (!m_error)
        m_error = Error{ u"the server closed a connection with code %1 while others were being opened"_s.arg(closeCode),
            {} };
}

} // namespace gatehouse::bench
