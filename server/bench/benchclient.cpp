// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/benchclient.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <QtCore/QRandomGenerator>
#include <QtCore/QtEndian>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "server/bench/wireformat.h"

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

namespace {

constexpr qsizetype kMaxHeadBytes = 16 * 1024;
constexpr int kCloseNormal = 1000;
constexpr int kCloseProtocolError = 1002;
constexpr int kCloseLost = 1006;
constexpr int kCloseWithoutCode = 1005;

QString errorText(int error)
{
    return QString::fromLocal8Bit(std::strerror(error));
}

void setOption(int fd, int level, int name, int value)
{
    ::setsockopt(fd, level, name, &value, sizeof value);
}

void prepareSocket(int fd, int receiveBufferBytes)
{
    setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    const linger reset{ 1, 0 };
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (receiveBufferBytes > 0)
        setOption(fd, SOL_SOCKET, SO_RCVBUF, receiveBufferBytes);
}

bool bindTo(int fd, quint32 source)
{
    setOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1); // a port is then needed for each peer, not for each socket
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(source);
    return ::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
}

} // namespace

Client::Client(EventLoop &loop, const BenchPlan &plan, int number)
    : m_loop(loop)
    , m_plan(plan)
    , m_number(number)
{
}

Client::~Client()
{
    abort();
}

void Client::open(const ConnectionSpec &spec)
{
    m_spec = spec;
    ++m_connection;
    m_state = State::Connecting;
    m_closeCode = kCloseLost;
    m_fd = ::socket(m_plan.target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (m_fd < 0) {
        fail(u"no socket: "_s + errorText(errno));
        return;
    }
    prepareSocket(m_fd, spec.receiveBufferBytes);
    if (spec.source && !bindTo(m_fd, *spec.source)) {
        fail(u"the source address cannot be used: "_s + errorText(errno));
        return;
    }
    m_watched = EPOLLOUT;
    m_loop.add(m_fd, m_watched, this);
    const auto *address = reinterpret_cast<const sockaddr *>(&m_plan.target.address);
    if (::connect(m_fd, address, m_plan.target.addressBytes) == 0)
        startUpgrade();
    else if (errno != EINPROGRESS)
        fail(errorText(errno));
}

void Client::startUpgrade()
{
    m_state = State::Upgrading;
    send(m_spec.request);
    if (m_state == State::Upgrading)
        watch();
}

void Client::send(QByteArrayView frames)
{
    if (m_fd < 0)
        return;
    if (m_isConsuming || !m_unsent.isEmpty()) {
        m_unsent.append(frames); // while reading: the answers to what came together leave together
        return;
    }
    const ssize_t sent = ::send(m_fd, frames.data(), size_t(frames.size()), MSG_NOSIGNAL);
    if (sent == frames.size())
        return;
    if (sent < 0 && errno != EAGAIN)
        return; // the connection is over, which reading will tell
    m_unsent = frames.sliced(sent < 0 ? 0 : sent).toByteArray();
    watch();
}

void Client::flush()
{
    const ssize_t sent = ::send(m_fd, m_unsent.constData(), size_t(m_unsent.size()), MSG_NOSIGNAL);
    if (sent > 0)
        m_unsent.remove(0, sent);
    watch();
}

void Client::close()
{
    if (m_state != State::Open)
        return;
    send(closeFrame(kCloseNormal, QRandomGenerator::global()->generate()));
    m_state = State::Closing;
    m_closeCode = kCloseNormal;
}

void Client::abort()
{
    m_state = State::Idle;
    m_isPaused = false;
    m_unsent.clear();
    m_rest.clear();
    if (m_fd >= 0)
        ::close(std::exchange(m_fd, -1));
}

void Client::fail(const QString &reason)
{
    abort();
    if (m_observer)
        m_observer->failed(*this, reason);
}

void Client::end(int closeCode)
{
    const bool wasOpen = m_state >= State::Open;
    if (!wasOpen) {
        fail(u"the server closed the connection before it was open"_s);
        return;
    }
    abort();
    if (m_observer)
        m_observer->ended(*this, closeCode);
}

void Client::pauseReading()
{
    m_isPaused = true;
    watch();
}

void Client::resumeReading()
{
    m_isPaused = false;
    watch();
}

void Client::watch()
{
    const quint32 events = quint32(m_isPaused ? EPOLLRDHUP : EPOLLIN) | (m_unsent.isEmpty() ? 0U : quint32(EPOLLOUT));
    if (m_fd < 0 || events == m_watched)
        return;
    m_watched = events;
    m_loop.modify(m_fd, events, this);
}

void Client::ready(quint32 events)
{
    if (m_fd < 0)
        return; // dropped in the same turn
    if (m_state == State::Connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0)
            fail(errorText(error));
        else
            startUpgrade();
        return;
    }
    if ((events & EPOLLOUT) != 0)
        flush();
    if (m_isPaused && (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
        end(m_closeCode);
    else if (!m_isPaused && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        receive();
}

void Client::receive()
{
    std::vector<char> &buffer = m_loop.scratch();
    const ssize_t count = ::recv(m_fd, buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        end(m_closeCode);
        return;
    }
    if (m_rest.isEmpty()) {
        consume(QByteArrayView(buffer.data(), count));
        return;
    }
    const QByteArray joined = std::exchange(m_rest, {}) + QByteArrayView(buffer.data(), count).toByteArray();
    consume(joined);
}

void Client::consume(QByteArrayView bytes)
{
    const quint32 connection = m_connection;
    m_isConsuming = true;
    qsizetype at = m_state == State::Upgrading ? readUpgrade(bytes) : 0;
    while (m_fd >= 0 && m_connection == connection && m_state != State::Upgrading && at < bytes.size()) {
        const ScannedFrame frame = scanServerFrame(bytes.sliced(at));
        if (frame.status == ScannedFrame::Status::Invalid)
            end(kCloseProtocolError);
        if (frame.status != ScannedFrame::Status::Complete)
            break;
        at += frame.size;
        handleFrame(frame.opcode, frame.isFinal, frame.payload);
    }
    if (m_fd >= 0 && m_connection == connection && at < bytes.size())
        m_rest = bytes.sliced(at).toByteArray();
    m_isConsuming = false;
    if (m_fd >= 0 && !m_unsent.isEmpty() && m_state != State::Connecting)
        flush();
}

qsizetype Client::readUpgrade(QByteArrayView bytes)
{
    const std::optional<AnswerHead> head = scanAnswerHead(bytes);
    if (!head) {
        if (bytes.size() > kMaxHeadBytes)
            fail(u"the answer to the handshake is too long"_s);
        return 0;
    }
    if (head->status == 0) {
        fail(u"the answer to the handshake is no HTTP"_s);
        return 0;
    }
    if (head->status != 101) {
        abort();
        if (m_observer)
            m_observer->refused(*this, head->status);
        return 0;
    }
    if (headerValue(bytes.first(head->size), "sec-websocket-accept") != m_spec.accept) {
        fail(u"the answer does not belong to this handshake"_s);
        return 0;
    }
    m_state = m_plan.expectsGreeting ? State::Greeting : State::Open;
    if (m_state == State::Open && m_observer)
        m_observer->opened(*this);
    return head->size;
}

void Client::handleFrame(quint8 opcode, bool isFinal, QByteArrayView payload)
{
    switch (opcode) {
    case kPing:
        send(clientFrame(kPong, payload, QRandomGenerator::global()->generate()));
        ++m_pingsAnswered;
        break;
    case kPong:
        if (m_observer)
            m_observer->pong(*this);
        break;
    case kClose:
        if (m_state == State::Closing) {
            end(m_closeCode);
            break;
        }
        m_closeCode = payload.size() >= 2 ? int(qFromBigEndian<quint16>(payload.data())) : kCloseWithoutCode;
        send(closeFrame(quint16(m_closeCode == kCloseWithoutCode ? kCloseNormal : m_closeCode),
            QRandomGenerator::global()->generate()));
        break; // the server ends the connection
    default:
        if (!isFinal)
            break;
        if (m_state == State::Greeting) {
            m_state = State::Open;
            if (m_observer)
                m_observer->opened(*this);
        } else if (m_observer) {
            m_observer->text(*this, payload);
        }
        break;
    }
}

} // namespace gatehouse::bench
