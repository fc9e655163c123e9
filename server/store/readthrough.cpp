// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/readthrough.h"

#include <memory>

#include <QtCore/QFileInfo>
#include <QtCore/QUrl>

#include <sqlite3.h>

#include "server/store/statement.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct Closer
{
    void operator()(sqlite3 *handle) const { sqlite3_close(handle); }
};

/// Without a write-ahead log nobody writes, and the file is all there is: it is read as one that does not change, which
/// makes no files beside it. With one, the log is part of it, and its index is there too.
QByteArray uriOf(const QString &path)
{
    const bool hasLog = QFileInfo(path + "-wal"_L1).size() > 0;
    QUrl url = QUrl::fromLocalFile(QFileInfo(path).absoluteFilePath());
    url.setQuery(hasLog ? u"mode=ro"_s : u"mode=ro&immutable=1"_s);
    return url.toEncoded();
}

} // namespace

Status readStateThrough(const QString &path)
{
    if (QFileInfo(path).size() == 0)
        return ok();
    sqlite3 *opened = nullptr;
    const int code = sqlite3_open_v2(
        uriOf(path).constData(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, Closer> handle(opened);
    if (code != SQLITE_OK)
        return ok();
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_stmt *prepared = nullptr;
    sqlite3_prepare_v2(opened, "PRAGMA quick_check(1)", -1, &prepared, nullptr);
    QString verdict;
    {
        Statement statement(opened, prepared, nullptr);
        verdict = statement.nextRow() ? statement.text(0) : QString();
    }
    const bool isDamaged = verdict.isEmpty() ? isCorruption(sqlite3_extended_errcode(opened)) : verdict != "ok"_L1;
    if (!isDamaged)
        return ok();
    return Error{ u"the state file %1: it is corrupt (%2); a start sets it aside and begins a new one"_s.arg(
                      path, verdict.isEmpty() ? QString::fromUtf8(sqlite3_errmsg(opened)) : verdict.left(200)),
        u"STATE_DIR"_s };
}

} // namespace gatehouse
