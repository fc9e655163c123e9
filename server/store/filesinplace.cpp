// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/filesinplace.h"

#include <cerrno>

#include <QtCore/QFile>

#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

FilesInPlace::FilesInPlace(const QString &stateFile)
{
    for (const QLatin1StringView suffix : { ""_L1, "-wal"_L1 }) {
        const QByteArray path = QFile::encodeName(stateFile + suffix);
        struct stat status
        {
        };
        if (::stat(path.constData(), &status) == 0)
            m_files.push_back({ path, status.st_dev, status.st_ino });
    }
}

QString FilesInPlace::trouble() const
{
    for (const Known &file : m_files) {
        struct stat status
        {
        };
        const QString name = QFile::decodeName(file.path);
        if (::stat(file.path.constData(), &status) != 0)
            return u"%1 is not there any more (%2)"_s.arg(name, qt_error_string(errno));
        if (status.st_dev != file.device || status.st_ino != file.inode)
            return u"%1 has been replaced by another file"_s.arg(name);
    }
    return {};
}

} // namespace gatehouse
