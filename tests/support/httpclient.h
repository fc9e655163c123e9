// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/net/httpconnection.h"
#include "tests/support/fakeclock.h"

namespace gatehouse {

/// A connection on one end of a socket pair, its owner, and a clock; the test is the client.
class HttpClient final : public HttpConnectionOwner
{
public:
    explicit HttpClient(HttpConnection::Begin begin = HttpConnection::Begin::Request)
    {
        int fds[2]{ -1, -1 };
        ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds);
        m_fd = fds[1];
        auto stream = std::make_unique<ClientStream>(fds[0], IpAddress(), quint16(4711), m_io);
        const HttpConnection::Among among{ places, AddressKey::of(IpAddress::fromIpv4(0x7f000001)), begin };
        connection = std::make_unique<HttpConnection>(7, std::move(stream), m_wheel, *this, among);
    }
    ~HttpClient() override { ::close(m_fd); }
    Q_DISABLE_COPY_MOVE(HttpClient)

    void clientNamed(HttpConnection &named, const ProxyHeaderReader::Client &client) override
    {
        named.setPeer(client);
        clients.push_back(client);
    }
    void requestReceived(HttpConnection &from, HttpRequest request) override
    {
        deepest = std::max(deepest, ++m_depth);
        if (readsBodies && from.hasUnreadBody()) {
            m_head = std::move(request);
            hasRead = from.readBody();
        } else {
            requests.push_back(std::move(request));
            if (answersAtOnce)
                from.respond(HttpResponse::text("at once"));
        }
        --m_depth;
    }
    void bodyReceived(HttpConnection &, QByteArray body) override
    {
        requests.push_back(std::exchange(m_head, {}));
        requests.back().body = std::move(body);
    }
    void requestRefused(HttpConnection &, const MalformedRequest &refused) override
    {
        refusals.push_back(refused.kind);
    }
    void placeLost(quint64 id) override
    {
        QCOMPARE(id, 7U);
        ++placesLost;
    }
    void connectionEnded(HttpConnection &) override
    {
        ++ends;
        connection.reset();
    }

    void say(const QByteArray &bytes)
    {
        QCOMPARE(::send(m_fd, bytes.constData(), size_t(bytes.size()), MSG_NOSIGNAL), bytes.size());
    }
    /// Ends its side, and still listens.
    void sayNoMore() const { ::shutdown(m_fd, SHUT_WR); }
    /// Everything heard so far.
    QByteArray hear()
    {
        m_outbox.flush();
        char buffer[4096];
        for (;;) {
            const ssize_t size = ::recv(m_fd, buffer, sizeof buffer, MSG_DONTWAIT);
            sawEnd = sawEnd || size == 0;
            if (size <= 0)
                return m_heard;
            m_heard.append(buffer, size);
        }
    }
    static constexpr std::chrono::milliseconds kStep{ 100 };
    void pass(std::chrono::milliseconds time)
    {
        m_outbox.flush();
        for (auto passed = std::chrono::milliseconds(0); passed < time; passed += kStep) {
            m_clock.advance(kStep);
            m_wheel.advance();
        }
    }

private:
    FakeClock m_clock;
    TimingWheel m_wheel{ m_clock };
    Poller m_poller;
    Outbox m_outbox;
    QByteArray m_buffer = QByteArray(64 * 1024, Qt::Uninitialized);
    const StreamIo m_io{ m_poller, m_outbox, m_buffer };
    QByteArray m_heard;
    HttpRequest m_head;
    int m_fd = -1;
    int m_depth = 0;

public:
    HttpPlaces places;
    std::unique_ptr<HttpConnection> connection;
    std::vector<ProxyHeaderReader::Client> clients; ///< that a proxy has named
    std::vector<HttpRequest> requests;
    std::vector<MalformedKind> refusals;
    int ends = 0;
    int deepest = 0; ///< calls of requestReceived() within each other
    int placesLost = 0;
    bool answersAtOnce = false;
    bool readsBodies = true;
    bool hasRead = false; ///< whether there was room for the latest body
    bool sawEnd = false;
};

} // namespace gatehouse
