// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

#include "server/log/loglevel.h"

namespace gatehouse {

/// Whether the descriptor is the stream to systemd's journal that `journalStream` names: the value of JOURNAL_STREAM,
/// device and inode in decimal (systemd.exec(5)). Somebody may have redirected the descriptor since.
[[nodiscard]] bool isJournal(int fd, QByteArrayView journalStream);

/// What a line begins with for the journal to know its priority: "<3>" for an error to "<7>" for debugging.
[[nodiscard]] QByteArrayView journalPrefix(LogLevel level);

} // namespace gatehouse
