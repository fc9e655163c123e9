// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

QT_BEGIN_NAMESPACE
class QProcess;
QT_END_NAMESPACE

/// What Qt has no words for: that a child ends with its parent, and who holds a server's state. childlife.cpp is the
/// only file of the console that knows POSIX (tests/layering holds that); on other systems these do nothing, and a
/// console that was killed leaves its server running beside the next one.
namespace gatehouse {

/// To be called before the child is started: the kernel asks it to end when the console is gone, however that ended
/// (Linux). The console must start it in a thread that lives as long as the console does.
void endWithParent(QProcess &child);

/// The process that holds a server's lock file ("gatehouse.db.lock"); nullopt if nobody does.
[[nodiscard]] std::optional<qint64> holderOf(const QString &lockFile);

/// Asks a server to end, or ends it at once. Does nothing if the process is no server any more.
void endServer(qint64 processId, bool atOnce);

} // namespace gatehouse
