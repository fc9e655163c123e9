// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/journal.h"

#include <array>

#include <sys/stat.h>

#include <QtCore/QByteArray>

namespace gatehouse {

bool isJournal(int fd, QByteArrayView journalStream)
{
    struct stat status
    {
    };
    if (journalStream.isEmpty() || ::fstat(fd, &status) != 0)
        return false;
    const QByteArray stream
        = QByteArray::number(qulonglong(status.st_dev)) + ':' + QByteArray::number(qulonglong(status.st_ino));
    return journalStream == stream;
}

QByteArrayView journalPrefix(LogLevel level)
{
    static constexpr std::array<QByteArrayView, 4> kPrefixes{ "<7>", "<6>", "<4>", "<3>" };
    return kPrefixes[size_t(level)];
}

} // namespace gatehouse
