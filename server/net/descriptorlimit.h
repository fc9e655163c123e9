// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// Lets this process open as many files and sockets as it may: raises the soft limit of RLIMIT_NOFILE, which is 1,024
/// nearly everywhere for the sake of programs that use select(), to the hard one. Returns how many that is. Any thread;
/// what a process starts inherits it.
qint64 raiseDescriptorLimit();

/// What to say where a process that may have so many descriptors is to take so many clients; nullopt where they are
/// enough. Beside those of clients it needs some for state file, log, Redis, and what each worker waits with.
[[nodiscard]] std::optional<QString> fewDescriptors(qint64 descriptors, qint64 maxConnections);

} // namespace gatehouse
