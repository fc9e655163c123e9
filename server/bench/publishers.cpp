// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/publishers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <QtCore/QRandomGenerator>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr qsizetype kMaxAnswerBytes = 1024 * 1024;
constexpr int kFirstPublisher = 1'000'000; // as a client's number, so that no listener has the same

QByteArray filled(const BenchPlan &plan, QByteArrayView marked)
{
    QByteArray body = marked.toByteArray();
    body.append(std::max<qsizetype>(0, plan.bodyBytes - body.size()), '.');
    return body;
}

/// POSTs over one connection that stays open; opens it again if the server ends it between two publishes.
class HttpPublisher final : public Publisher, private Pollable
{
public:
    HttpPublisher(EventLoop &loop, const BenchPlan &plan, PublishObserver &observer, int slot)
        : m_loop(loop)
        , m_plan(plan)
        , m_observer(observer)
        , m_slot(slot)
    {
    }
    ~HttpPublisher() override { close(); }
    Q_DISABLE_COPY_MOVE(HttpPublisher)

    Status open() override
    {
        m_fd = ::socket(m_plan.publishTarget.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto *address = reinterpret_cast<const sockaddr *>(&m_plan.publishTarget.address);
        if (m_fd < 0 || ::connect(m_fd, address, m_plan.publishTarget.addressBytes) != 0) {
            const QString reason = QString::fromLocal8Bit(std::strerror(errno));
            close();
            return Error{ u"no connection to %1 for publishing: %2"_s.arg(m_plan.publishTarget.text, reason), {} };
        }
        const int on = 1;
        ::setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        m_loop.add(m_fd, EPOLLIN, this);
        return ok();
    }

    void publish(QByteArrayView marked) override
    {
        const QByteArray body
            = m_plan.contract == Contract::Gatehouse ? notificationBody(m_plan, marked) : filled(m_plan, marked);
        m_request = postRequest(m_plan.publishPath, m_plan.publishTarget.host, m_plan.publisherToken, body);
        m_answer.clear();
        m_isUnderWay = true;
        if (m_fd < 0 && !open())
            finish(0);
        else
            write();
    }

private:
    void ready(quint32 events) override
    {
        if ((events & EPOLLOUT) != 0)
            write();
        if (m_fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
            read();
    }

    void write()
    {
        const ssize_t sent = ::send(m_fd, m_request.constData(), size_t(m_request.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0)
            m_request.remove(0, sent);
        m_loop.modify(m_fd, m_request.isEmpty() ? quint32(EPOLLIN) : quint32(EPOLLIN | EPOLLOUT), this);
    }

    void read()
    {
        std::vector<char> &buffer = m_loop.scratch();
        const ssize_t count = ::recv(m_fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN)
            return;
        if (count <= 0) {
            close();
            if (m_isUnderWay)
                finish(0);
            return;
        }
        m_answer.append(buffer.data(), count);
        const std::optional<AnswerHead> head = scanAnswerHead(m_answer);
        const bool isComplete = head && m_answer.size() >= head->size + std::max<qsizetype>(0, head->bodyBytes);
        if (!isComplete && m_answer.size() < kMaxAnswerBytes)
            return;
        if (!head || head->isClosing || head->bodyBytes < 0)
            close();
        finish(head ? head->status : 0);
    }

    void finish(int status)
    {
        m_isUnderWay = false;
        m_observer.published(m_slot, status);
    }

    void close()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
    }

    EventLoop &m_loop;
    const BenchPlan &m_plan;
    PublishObserver &m_observer;
    int m_slot;
    int m_fd = -1;
    bool m_isUnderWay = false;
    QByteArray m_request; ///< what is not sent yet
    QByteArray m_answer;
};

/// Publishes {"type":"pub","body":…} over a WebSocket. The server does not answer.
class SocketPublisher final : public Publisher, private ClientObserver
{
public:
    SocketPublisher(EventLoop &loop, const BenchPlan &plan, PublishObserver &observer, int slot)
        : m_loop(loop)
        , m_plan(plan)
        , m_observer(observer)
        , m_slot(slot)
        , m_client(loop, plan, kFirstPublisher + slot)
    {
        m_client.observe(this);
    }

    Status open() override
    {
        m_client.open(Handshakes(m_plan).spec(m_client.number()));
        m_loop.run(5s, [this] { return m_client.isOpen() || m_client.isIdle(); });
        if (m_client.isOpen() || m_loop.isStopped())
            return ok();
        return Error{ u"the publisher could not connect to %1"_s.arg(m_plan.target.text), {} };
    }

    void publish(QByteArrayView marked) override
    {
        const QByteArray message = R"({"type":"pub","body":")" + filled(m_plan, marked) + R"("})";
        m_client.send(clientFrame(kText, message, QRandomGenerator::global()->generate()));
        m_observer.published(m_slot, m_client.isOpen() ? 202 : 0);
    }

private:
    EventLoop &m_loop;
    const BenchPlan &m_plan;
    PublishObserver &m_observer;
    int m_slot;
    Client m_client;
};

} // namespace

std::vector<std::unique_ptr<Publisher>> makePublishers(
    EventLoop &loop, const BenchPlan &plan, PublishObserver &observer)
{
    std::vector<std::unique_ptr<Publisher>> publishers;
    for (int slot = 0; slot < plan.inFlight; ++slot) {
        if (plan.publishPath.isEmpty())
            publishers.push_back(std::make_unique<SocketPublisher>(loop, plan, observer, slot));
        else
            publishers.push_back(std::make_unique<HttpPublisher>(loop, plan, observer, slot));
    }
    return publishers;
}

QByteArray notificationBody(const BenchPlan &plan, QByteArrayView marked)
{
    return R"({"to":"all","title":"gatehouse bench","body":")" + filled(plan, marked)
        + (plan.isEphemeral ? R"(","ttl":60,"ephemeral":true})" : R"(","ttl":60})");
}

} // namespace gatehouse::bench
