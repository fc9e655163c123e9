// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// Who may connect to a Unix-domain socket: the modes of its file, and its group. A plain value.
struct UnixAccess
{
    int mode = 0666; ///< the umask does not count
    QString group;   ///< a name or a number; empty: that of the process
};

/// Reads a mode in octal, as in "0660". Its owner must be able to connect.
[[nodiscard]] Result<int> parseUnixMode(QStringView text);
/// A group that this machine has, by name or by number; empty for none.
[[nodiscard]] Result<QString> parseGroup(QStringView text);

/// Gives a socket's file, which this process has just made, its group and then its mode. The error says what was not
/// allowed, without the name of a setting.
[[nodiscard]] Status applyUnixAccess(const QByteArray &path, const UnixAccess &access);

} // namespace gatehouse
