// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/unixaccess.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

std::optional<gid_t> groupId(const QString &name)
{
    bool isNumber = name.front().isDigit();
    const uint number = isNumber ? name.toUInt(&isNumber) : 0;
    if (isNumber)
        return gid_t(number);
    std::vector<char> buffer(64 * 1024); // a group with many members has a long line
    struct group entry
    {
    };
    struct group *found = nullptr;
    if (::getgrnam_r(name.toLocal8Bit().constData(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
        return std::nullopt;
    return entry.gr_gid;
}

Error notGiven(const UnixAccess &access)
{
    const QString reason = QString::fromLocal8Bit(std::strerror(errno));
    return {
        u"the socket cannot be given to group %1 (%2); the server's user must be a member of it, also inside of its unit"_s
            .arg(access.group, reason),
        {}
    };
}

} // namespace

Result<int> parseUnixMode(QStringView text)
{
    constexpr qsizetype kDigits = 3;
    const QStringView digits = text.size() > kDigits && text.startsWith(u'0') ? text.mid(1) : text;
    const bool isOctal = digits.size() == kDigits
        && std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= u'0' && c <= u'7'; });
    const bool isForOwner = isOctal && (digits[0] == u'6' || digits[0] == u'7');
    if (!isForOwner)
        return Error{
            u"\"%1\" is not a mode in octal with read and write for the owner, as 0660 or 0666"_s.arg(text.left(40)), {}
        };
    return digits.toInt(nullptr, 8);
}

Result<QString> parseGroup(QStringView text)
{
    const QString group = text.toString();
    if (!group.isEmpty() && !groupId(group))
        return Error{ u"\"%1\" is not a group of this machine"_s.arg(text.left(80)), {} };
    return group;
}

Status applyUnixAccess(const QByteArray &path, const UnixAccess &access)
{
    struct stat made
    {
    };
    if (!access.group.isEmpty()) {
        const std::optional<gid_t> group = groupId(access.group);
        if (!group)
            return Error{ u"there is no group %1 any more"_s.arg(access.group), {} };
        if (::lstat(path.constData(), &made) != 0)
            return notGiven(access);
        // Where it has this group already nothing is to be allowed.
        if (made.st_gid != *group && ::lchown(path.constData(), uid_t(-1), *group) != 0)
            return notGiven(access);
    }
    if (::chmod(path.constData(), mode_t(access.mode)) != 0)
        return Error{ u"the socket cannot be given the mode 0%1 (%2)"_s.arg(access.mode, 3, 8, QChar(u'0'))
                          .arg(QString::fromLocal8Bit(std::strerror(errno))),
            {} };
    return ok();
}

} // namespace gatehouse
