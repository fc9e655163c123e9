// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/store/storethread.h"

struct sqlite3;

/// The size of the state file: it shrinks when much of it has been deleted.
namespace gatehouse::filespace {

constexpr qint64 kKeptPages = 1024; ///< 4 MiB stay in the file for what comes next
constexpr qint64 kMostToRewriteBytes = 256 * 1024 * 1024;

/// Makes a file one that can shrink (SQLite's auto_vacuum=INCREMENTAL). One of an earlier version is rewritten for it,
/// once, a second or two for 100 MiB; one that holds more than `mostBytes`, or for which the disk has no room, stays as
/// it is and is tried again by the next start. Only while nothing else uses the handle, and before a transaction.
void prepare(sqlite3 *handle, qint64 mostBytes = kMostToRewriteBytes);

/// Gives the pages that nothing needs any more back to the file system, but for kKeptPages: in portions of
/// a MiB, between which the thread does other work. Returns at once. Any thread.
void giveBack(StoreThread &store);

} // namespace gatehouse::filespace
