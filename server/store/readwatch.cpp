// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/readwatch.h"

#include <sqlite3.h>

namespace gatehouse {

/// The file's own methods, but for reading. SQLite finds them by the file, and we ourselves by them.
struct ReadWatch::Methods
{
    sqlite3_io_methods table; ///< first: a pointer to it is one to this
    const sqlite3_io_methods *original;
    Progress progress;
    qint64 bytes = 0;
    bool isStopped = false;

    static int read(sqlite3_file *file, void *buffer, int amount, sqlite3_int64 offset)
    {
        auto *self = reinterpret_cast<Methods *>(const_cast<sqlite3_io_methods *>(file->pMethods));
        if (self->isStopped)
            return SQLITE_IOERR_READ;
        const int code = self->original->xRead(file, buffer, amount, offset);
        self->bytes += amount;
        self->isStopped = !self->progress(self->bytes);
        return self->isStopped ? SQLITE_IOERR_READ : code;
    }
};

namespace {

sqlite3_file *fileOf(sqlite3 *database)
{
    sqlite3_file *file = nullptr;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file && file->pMethods ? file : nullptr;
}

} // namespace

ReadWatch::ReadWatch(sqlite3 *database, Progress progress)
    : m_database(database)
{
    sqlite3_file *file = progress ? fileOf(database) : nullptr;
    if (!file)
        return;
    m_methods.reset(new Methods{ *file->pMethods, file->pMethods, std::move(progress) });
    m_methods->table.xRead = &Methods::read;
    file->pMethods = &m_methods->table;
}

ReadWatch::~ReadWatch()
{
    if (m_methods)
        fileOf(m_database)->pMethods = m_methods->original;
}

bool ReadWatch::isStopped() const
{
    return m_methods && m_methods->isStopped;
}

} // namespace gatehouse
