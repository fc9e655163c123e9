// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/rememberedredis.h"

#include <QtCore/QDir>
#include <QtCore/QSaveFile>

using namespace Qt::StringLiterals;

namespace gatehouse::rememberedredis {

namespace {

constexpr qint64 kMostBytes = 16 * 1024;

QString pathIn(const QString &stateDir)
{
    return QDir(stateDir).filePath(u"cluster_redis"_s);
}

} // namespace

Status remember(const QString &stateDir, const QString &url)
{
    QFile there(pathIn(stateDir));
    const QByteArray text = url.toUtf8() + '\n';
    if (there.open(QIODevice::ReadOnly) && there.read(kMostBytes) == text)
        return ok();
    QSaveFile file(pathIn(stateDir));
    const bool isWritten = file.open(QIODevice::WriteOnly)
        && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner) && file.write(text) == text.size()
        && file.commit();
    return isWritten ? ok() : Status(Error{ file.fileName() + u": "_s + file.errorString(), {} });
}

std::optional<RedisUrl> recall(const QString &stateDir)
{
    QFile file(pathIn(stateDir));
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const Result<RedisUrl> url = parseRedisUrl(QString::fromUtf8(file.read(kMostBytes)).trimmed());
    return url ? std::optional(*url) : std::nullopt;
}

void forget(const QString &stateDir)
{
    QFile::remove(pathIn(stateDir));
}

} // namespace gatehouse::rememberedredis
