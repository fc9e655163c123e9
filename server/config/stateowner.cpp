// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/stateowner.h"

#include <cstring>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QtCore/QDir>
#include <QtCore/QFile>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr uid_t kRoot = 0;

std::optional<struct stat> look(const QString &path)
{
    struct stat info
    {
    };
    return ::lstat(QFile::encodeName(path).constData(), &info) == 0 ? std::optional(info) : std::nullopt;
}

/// Only what the server makes. Whatever else somebody has put there is not its business.
QStringList serversFiles(const QString &stateDir)
{
    return QDir(stateDir).entryList(
        { u"gatehouse.db*"_s, u"jwt_secret"_s, u"cluster_redis"_s }, QDir::Files | QDir::Hidden, QDir::Name);
}

QString userName(uid_t user)
{
    std::vector<char> buffer(16 * 1024);
    struct passwd entry
    {
    };
    struct passwd *found = nullptr;
    if (::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
        return QString::number(user);
    return QString::fromLocal8Bit(entry.pw_name);
}

QString advice(uid_t owner, uid_t server, const QString &directory)
{
    return u"it belongs to %1, and %2 cannot use it; as root, \"chown -R %2: %3\" mends it"_s.arg(
        userName(owner), userName(server), directory);
}

} // namespace

void giveStateToOwner(const QString &stateDir)
{
    const std::optional<struct stat> directory = look(stateDir);
    if (::geteuid() != kRoot || !directory || !S_ISDIR(directory->st_mode) || directory->st_uid == kRoot)
        return;
    for (const QString &name : serversFiles(stateDir)) {
        // By descriptor, never through a link, and no file that has a second name: the owner of the directory may put
        // there what he likes, and is to get nothing by it that was not made here.
        const int fd = ::open(QFile::encodeName(stateDir + u'/' + name).constData(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
        struct stat info
        {
        };
        const bool isRoots
            = fd >= 0 && ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == kRoot && info.st_nlink == 1;
        if (isRoots)
            (void)!::fchownat(fd, "", directory->st_uid, directory->st_gid, AT_EMPTY_PATH);
        if (fd >= 0)
            ::close(fd);
    }
}

Status examineStateFiles(const QString &stateDir)
{
    const std::optional<struct stat> directory = look(stateDir);
    if (!directory)
        return ok();
    const uid_t own = ::geteuid();
    const uid_t server = own == kRoot ? directory->st_uid : own;
    for (const QString &name : serversFiles(stateDir)) {
        const QString path = stateDir + u'/' + name;
        const std::optional<struct stat> info = look(path);
        const int needed = name == "jwt_secret"_L1 ? R_OK : R_OK | W_OK;
        const bool isUsable = !info || info->st_uid == server || name.contains(".corrupt-"_L1) // which nobody opens
            || (own != kRoot && ::access(QFile::encodeName(path).constData(), needed) == 0)
            || (own == kRoot && info->st_uid != kRoot);
        if (!isUsable)
            return Error{ u"%1: %2"_s.arg(path, advice(info->st_uid, server, stateDir)), u"STATE_DIR"_s };
    }
    return ok();
}

QString ownershipAdvice(const QString &path)
{
    const std::optional<struct stat> info = look(path);
    return info ? advice(info->st_uid, ::geteuid(), path) : QString();
}

} // namespace gatehouse
