// SPDX-License-Identifier: GPL-3.0-or-later
// Not a server that anybody could use, but the floor of what any server costs: accept, epoll_wait, recv, send and
// close, and nothing in user space that can be left out. It checks nothing, understands only what the bench sends, and
// answers with bytes made in advance. Usage: kernelpeer PORT
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QCryptographicHash>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr int kBacklog = 4096;
constexpr size_t kMaskedHead = 6; // of a client's frame below 126 bytes

std::string frame(std::string_view text)
{
    std::string bytes("\x81");
    if (text.size() < 126) {
        bytes += char(text.size());
    } else {
        bytes += char(126);
        bytes += char(text.size() >> 8);
        bytes += char(text.size() & 0xff);
    }
    return bytes.append(text);
}

std::string handshakeAnswer(std::string_view head)
{
    constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
    const size_t begin = head.find(kKey) + kKey.size();
    QByteArray key(head.data() + begin, qsizetype(head.find('\r', begin) - begin));
    key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 section 4.2.2
    const QByteArray accept = QCryptographicHash::hash(key, QCryptographicHash::Sha1).toBase64();
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
        + accept.toStdString() + "\r\n\r\n" + frame(R"({"type":"notifications_list","notifications":[]})");
}

std::string unmasked(std::string_view bytes)
{
    const size_t extended = (bytes[1] & 0x7f) == 126 ? 2 : 0;
    std::string text(bytes.substr(kMaskedHead + extended));
    for (size_t i = 0; i < text.size(); ++i)
        text[i] = char(text[i] ^ bytes[2 + extended + i % 4]);
    return text;
}

class Floor final
{
public:
    explicit Floor(int listener)
        : m_listener(listener)
        , m_epoll(epoll_create1(EPOLL_CLOEXEC))
    {
        watch(m_listener);
    }

    [[noreturn]] void run()
    {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int count = epoll_wait(m_epoll, events.data(), int(events.size()), -1);
            for (int i = 0; i < count; ++i) {
                const int fd = events[size_t(i)].data.fd;
                if (fd == m_listener)
                    accept();
                else
                    read(fd);
            }
        }
    }

private:
    void watch(int fd) const
    {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event);
    }

    void accept()
    {
        int fd = -1;
        while ((fd = accept4(m_listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
            const int on = 1;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            watch(fd);
        }
    }

    void read(int fd)
    {
        std::array<char, 65536> buffer;
        const ssize_t size = recv(fd, buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            forget(fd);
            return;
        }
        const std::string_view bytes(buffer.data(), size_t(size));
        if (bytes.starts_with("GET ")) {
            m_clients.push_back(fd);
            write(fd, handshakeAnswer(bytes));
        } else if ((bytes[0] & 0x0f) == 1) {
            message(fd, bytes);
        } else if ((bytes[0] & 0x0f) == 8) {
            write(fd, std::string("\x88\x02\x03\xe8"));
            forget(fd);
        }
    }

    void forget(int fd)
    {
        std::erase(m_clients, fd);
        close(fd);
    }

    void message(int fd, std::string_view bytes)
    {
        static const std::string kPong = frame(R"({"type":"pong"})");
        constexpr size_t kPingBytes = kMaskedHead + std::string_view(R"({"type":"ping"})").size();
        if (bytes.size() == kPingBytes) {
            write(fd, kPong);
            return;
        }
        constexpr std::string_view kBody = R"("body":)";
        const std::string text = unmasked(bytes);
        const size_t body = text.find(kBody) + kBody.size();
        const std::string notification
            = frame(R"({"type":"notification","notification":)" + text.substr(body, text.size() - body - 1) + "}");
        for (const int client : m_clients)
            write(client, notification);
    }

    static void write(int fd, const std::string &bytes)
    {
        (void)send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }

    int m_listener;
    int m_epoll;
    std::vector<int> m_clients;
};

} // namespace

int main(int argc, char **argv)
{
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(argc == 2 ? quint16(std::atoi(argv[1])) : quint16(0));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (argc != 2 || bind(listener, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
        || listen(listener, kBacklog) != 0)
        return EXIT_FAILURE;
    Floor(listener).run();
}
