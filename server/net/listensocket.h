// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <sys/types.h>

#include "server/net/listenaddress.h"
#include "shared/util/result.h"

namespace gatehouse {

/// A bound, listening descriptor, shared by the acceptors of all workers. Owns it (and a Unix-domain path that it
/// made).
class ListenSocket final
{
public:
    /// Binds and listens. The error names the setting, the address and the reason ("LISTEN: 127.0.0.1:8080 is already
    /// in use"). Every address is IPv4 alone where the kernel has no IPv6. At a Unix-domain path the socket that a
    /// crash left makes room, everything else stays as it is; nobody can connect before the socket has its group and
    /// mode.
    [[nodiscard]] static Result<std::unique_ptr<ListenSocket>> open(
        const ListenAddress &address, const QString &setting = QStringLiteral("LISTEN"));
    /// What open() would say of a Unix-domain path, as far as it can be said without opening it.
    [[nodiscard]] static Status examinePath(const ListenAddress &address, const QString &setting);
    /// Takes over a descriptor that another process opened, bound and listens on. The error says what it is instead,
    /// and leaves it open.
    [[nodiscard]] static Result<std::unique_ptr<ListenSocket>> adopt(int fd);
    /// Whether the error of open() is that somebody listens there already.
    [[nodiscard]] static bool isInUse(const Error &error);
    ~ListenSocket();
    Q_DISABLE_COPY_MOVE(ListenSocket)

    [[nodiscard]] int descriptor() const { return m_fd; }
    /// "http://127.0.0.1:8080" with the real port, or "unix:/path".
    [[nodiscard]] QString url() const;

private:
    ListenSocket(int fd, ListenAddress address);
    int m_fd;
    ListenAddress m_address;
    std::optional<std::pair<dev_t, ino_t>> m_made; ///< the Unix-domain socket that goes with it
};

} // namespace gatehouse
