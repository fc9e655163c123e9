// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// What the kernel says of the memory of this process's cgroups. A plain value.
struct CgroupMemory
{
    /// The smallest limit of its own group and of all groups above it, of version 2 (`memory.max`) and version 1
    /// (`memory.limit_in_bytes`). nullopt: there is none, or nothing can be read.
    std::optional<qint64> limitBytes;
    /// What the kernel holds in socket buffers for its own group, where that counts for the limit (version 2).
    qint64 socketBytes = 0;
};

/// Read anew by each call: a limit may change at any time, and a process may be moved. `root` is where /proc and the
/// mounts are, for tests.
[[nodiscard]] CgroupMemory readCgroupMemory(const QString &root = {});

} // namespace gatehouse
