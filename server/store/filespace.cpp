// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/filespace.h"

#include <sqlite3.h>

namespace gatehouse::filespace {

namespace {

constexpr qint64 kIncremental = 2; // as PRAGMA auto_vacuum says it

/// -1 if it cannot be read.
qint64 valueOf(sqlite3 *handle, const char *pragma)
{
    sqlite3_stmt *prepared = nullptr;
    sqlite3_prepare_v2(handle, pragma, -1, &prepared, nullptr);
    Statement statement(handle, prepared, nullptr);
    return statement.nextRow() ? statement.integer(0) : -1;
}

} // namespace

void prepare(sqlite3 *handle, qint64 mostBytes)
{
    if (valueOf(handle, "PRAGMA auto_vacuum") == kIncremental)
        return;
    sqlite3_exec(handle, "PRAGMA auto_vacuum=INCREMENTAL", nullptr, nullptr, nullptr);
    if (valueOf(handle, "PRAGMA page_count") == 0)
        return; // a new file: that was all
    const qint64 used = valueOf(handle, "PRAGMA page_count") - valueOf(handle, "PRAGMA freelist_count");
    if (used * valueOf(handle, "PRAGMA page_size") <= mostBytes)
        sqlite3_exec(handle, "VACUUM", nullptr, nullptr, nullptr); // if it fails the file is as it was
}

void giveBack(StoreThread &store)
{
    const auto isMore = std::make_shared<bool>(false);
    const auto work = [isMore](Database &database) {
        qint64 unused = 0;
        if (Statement row = database.prepare("PRAGMA freelist_count"); row.nextRow())
            unused = row.integer(0);
        if (unused <= kKeptPages)
            return ok();
        const Status status = database.execute("PRAGMA incremental_vacuum(256)");
        if (Statement row = database.prepare("PRAGMA freelist_count"); row.nextRow())
            *isMore = status && row.integer(0) < unused; // a file that cannot shrink stays
        return status;
    };
    store.write(work, [&store, isMore](const Status &status) {
        if (status && *isMore)
            giveBack(store);
    });
}

} // namespace gatehouse::filespace
