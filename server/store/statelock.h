// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// The claim of one process to a state directory: an flock on "<state file>.lock", which holds the process id for
/// people to read. The kernel lifts it when the process ends, however it ends; the file itself stays and means nothing.
/// A lock of its own, not SQLite's, because it must also cover the moment in which a corrupt state file is being
/// exchanged, and because SQLite lets several processes write in turn, which is just what two servers must not do.
class StateLock final
{
public:
    /// Fails at once, naming the directory, if another process (or another lock of this one) has it, or if the lock
    /// file cannot be made.
    [[nodiscard]] static Result<std::unique_ptr<StateLock>> acquire(const QString &stateFile);
    ~StateLock();
    Q_DISABLE_COPY_MOVE(StateLock)

private:
    explicit StateLock(int fd);
    int m_fd;
};

} // namespace gatehouse
