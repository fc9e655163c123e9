// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

/// The file "<state file>.clean": it says that the state file was closed in good order, and what it looked like then.
/// Thanks to it a large state file need not be read through at every start. It is there only while no server runs; it
/// means nothing once the state file has changed in size or time, or has a write-ahead log. For the thread that opens
/// or closes the state file, which holds its StateLock.
namespace gatehouse::cleanmark {

/// Takes the mark away, durably; true if it was there and fits the file as it is now.
[[nodiscard]] bool take(const QString &stateFile);

/// Leaves the mark for a file that has just been closed. If that fails, the next start takes longer: nothing else.
void leave(const QString &stateFile);

} // namespace gatehouse::cleanmark
