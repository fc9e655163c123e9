// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/listensocket.h"

#include <cerrno>
#include <cstring>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/net/httpbounds.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kInUse("is already in use");
constexpr int kBacklog = 4096; // Qt's 50 makes a burst of 200 connects wait a second for SYN retries

QString describe(const ListenAddress &address)
{
    if (!address.unixPath.isEmpty())
        return "unix:"_L1 + address.unixPath;
    const QString host = address.address.toString();
    return (address.address.isIpv4() ? host : u'[' + host + u']') + u':' + QString::number(address.port);
}

/// What stands at a path where a socket is to be made: empty if that is nothing, or what may make room for it.
QString inTheWay(const QByteArray &path)
{
    struct stat there
    {
    };
    if (::lstat(path.constData(), &there) != 0 || S_ISSOCK(there.st_mode))
        return {};
    if (S_ISREG(there.st_mode))
        return u"a file"_s;
    if (S_ISDIR(there.st_mode))
        return u"a directory"_s;
    return S_ISLNK(there.st_mode) ? u"a symbolic link"_s : u"a device or pipe"_s;
}

Error failure(const ListenAddress &address, const QString &setting, int error)
{
    const QString other = address.unixPath.isEmpty() ? QString() : inTheWay(QFile::encodeName(address.unixPath));
    if (error == EADDRINUSE && !other.isEmpty())
        return { u"%1: %2 is %3 and not a socket; it is left as it is"_s.arg(setting, describe(address), other),
            setting };
    const QString reason = error == EADDRINUSE
        ? QString(kInUse)
        : u"cannot be listened on: %1"_s.arg(QString::fromLocal8Bit(strerror(error)));
    return { u"%1: %2 %3"_s.arg(setting, describe(address), reason), setting };
}

socklen_t fillInternet(const ListenAddress &address, sockaddr_storage &storage)
{
    if (address.address.isIpv4()) {
        sockaddr_in ipv4{};
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(address.port);
        std::memcpy(&ipv4.sin_addr, address.address.bytes().data() + 12, 4);
        std::memcpy(&storage, &ipv4, sizeof ipv4);
        return sizeof ipv4;
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(address.port);
    std::memcpy(&ipv6.sin6_addr, address.address.bytes().data(), 16);
    std::memcpy(&storage, &ipv6, sizeof ipv6);
    return sizeof ipv6;
}

/// A socket file without a server behind it is what a crash leaves: it may be replaced. A served one may not.
bool isStale(const sockaddr_un &address)
{
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool refused
        = ::connect(probe, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 && errno == ECONNREFUSED;
    ::close(probe);
    return refused;
}

/// Accepted sockets have it from the listening one. Without it the kernel takes megabytes for a peer that reads
/// nothing.
void boundUnsent(int fd)
{
    ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kMaxUnsentBytes, sizeof kMaxUnsentBytes);
}

int bindUnix(int fd, const QByteArray &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (size_t(path.size()) >= sizeof address.sun_path)
        return ENAMETOOLONG;
    std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
    if (inTheWay(path).isEmpty() && isStale(address))
        ::unlink(path.constData());
    ::fchmod(fd, 0600); // what bind() makes the file with: nobody else connects before it has its group
    return ::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 ? 0 : errno;
}

int bindInternet(int fd, const ListenAddress &address)
{
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on); // a restart binds at once, in spite of TIME_WAIT
    // IPv4 too, also where net.ipv6.bindv6only is 1.
    const int off = 0;
    if (address.isEverywhere())
        ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_storage storage{};
    const socklen_t size = fillInternet(address, storage);
    return ::bind(fd, reinterpret_cast<const sockaddr *>(&storage), size) == 0 ? 0 : errno;
}

/// A descriptor that listens at the address, or -1 with errno set.
int listenAt(const ListenAddress &address)
{
    const bool isUnix = !address.unixPath.isEmpty();
    const int family = isUnix ? AF_UNIX : address.address.isIpv4() ? AF_INET : AF_INET6;
    const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    int error = isUnix ? bindUnix(fd, QFile::encodeName(address.unixPath)) : bindInternet(fd, address);
    if (error == 0 && ::listen(fd, kBacklog) != 0)
        error = errno;
    if (error == 0)
        return fd;
    ::close(fd);
    errno = error;
    return -1;
}

} // namespace

Result<std::unique_ptr<ListenSocket>> ListenSocket::open(const ListenAddress &address, const QString &setting)
{
    ListenAddress bound = address;
    int fd = listenAt(bound);
    if (fd < 0 && address.isEverywhere() && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
        bound.address = IpAddress::fromIpv4(0); // this kernel has no IPv6
        fd = listenAt(bound);
    }
    if (fd < 0)
        return failure(bound, setting, errno);
    std::unique_ptr<ListenSocket> socket(new ListenSocket(fd, bound));
    if (address.unixPath.isEmpty())
        return socket;
    const QByteArray path = QFile::encodeName(address.unixPath);
    struct stat made
    {
    };
    if (::lstat(path.constData(), &made) == 0)
        socket->m_made = { made.st_dev, made.st_ino };
    if (const Status applied = applyUnixAccess(path, address.access); !applied)
        return Error{ u"%1: %2 %3"_s.arg(setting, describe(address), applied.error().message), setting };
    return socket;
}

Status ListenSocket::examinePath(const ListenAddress &address, const QString &setting)
{
    const QString folder = QFileInfo(address.unixPath).path();
    if (::access(QFile::encodeName(folder + "/."_L1).constData(), W_OK | X_OK) != 0)
        return failure(address, setting, errno);
    if (!inTheWay(QFile::encodeName(address.unixPath)).isEmpty())
        return failure(address, setting, EADDRINUSE);
    if (address.access.group.isEmpty())
        return ok();
    const QByteArray trial = QFile::encodeName(folder + u"/.check-%1"_s.arg(::getpid()));
    if (::mknod(trial.constData(), S_IFSOCK | 0600, 0) != 0)
        return failure(address, setting, errno);
    const Status applied = applyUnixAccess(trial, address.access);
    ::unlink(trial.constData());
    if (!applied)
        return Error{ u"%1: %2 %3"_s.arg(setting, describe(address), applied.error().message), setting };
    return ok();
}

Result<std::unique_ptr<ListenSocket>> ListenSocket::adopt(int fd)
{
    const auto option = [fd](int name) {
        int value = 0;
        socklen_t size = sizeof value;
        return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -errno;
    };
    const int type = option(SO_TYPE);
    if (type < 0)
        return Error{ type == -ENOTSOCK ? u"is not a socket"_s : QString::fromLocal8Bit(strerror(-type)), {} };
    if (type != SOCK_STREAM || option(SO_ACCEPTCONN) != 1)
        return Error{ u"is not a listening stream socket"_s, {} };
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&bound), &size);
    ListenAddress address;
    if (bound.ss_family == AF_UNIX) {
        const char *path = reinterpret_cast<const sockaddr_un &>(bound).sun_path;
        address.unixPath = *path ? QFile::decodeName(path) : u'@' + QFile::decodeName(path + 1); // an abstract name
    } else if (bound.ss_family == AF_INET || bound.ss_family == AF_INET6) {
        address.address = IpAddress::fromSockaddr(bound);
    } else {
        return Error{ u"is neither an Internet nor a Unix-domain socket"_s, {} };
    }
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    return std::unique_ptr<ListenSocket>(new ListenSocket(fd, address));
}

ListenSocket::ListenSocket(int fd, ListenAddress address)
    : m_fd(fd)
    , m_address(std::move(address))
{
    if (m_address.unixPath.isEmpty())
        boundUnsent(m_fd);
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (!m_address.unixPath.isEmpty() || ::getsockname(m_fd, reinterpret_cast<sockaddr *>(&bound), &size) != 0)
        return;
    in_port_t port = 0; // at the same place in sockaddr_in and sockaddr_in6
    std::memcpy(&port, reinterpret_cast<const char *>(&bound) + offsetof(sockaddr_in, sin_port), sizeof port);
    m_address.port = ntohs(port);
}

bool ListenSocket::isInUse(const Error &error)
{
    return error.message.endsWith(kInUse);
}

ListenSocket::~ListenSocket()
{
    ::close(m_fd);
    if (!m_made)
        return;
    const QByteArray path = QFile::encodeName(m_address.unixPath);
    struct stat there
    {
    };
    // Only what this one made: somebody may have put something else there since.
    if (::lstat(path.constData(), &there) == 0 && std::pair(there.st_dev, there.st_ino) == *m_made)
        ::unlink(path.constData());
}

QString ListenSocket::url() const
{
    return m_address.unixPath.isEmpty() ? "http://"_L1 + describe(m_address) : describe(m_address);
}

} // namespace gatehouse
