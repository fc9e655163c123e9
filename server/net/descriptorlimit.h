// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

/// Lets this process open as many files and sockets as it may: raises the soft limit of RLIMIT_NOFILE, which is 1,024
/// nearly everywhere for the sake of programs that use select(), to the hard one. Returns how many that is. Any thread;
/// what a process starts inherits it.
qint64 raiseDescriptorLimit();

} // namespace gatehouse
