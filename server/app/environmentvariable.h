// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

namespace gatehouse {

/// The value of an environment variable that is for this process and not for its children, which do not see it any
/// more; empty if there is none.
[[nodiscard]] inline QByteArray takeEnvironmentVariable(const char *name)
{
    QByteArray value = qgetenv(name);
    qunsetenv(name);
    return value;
}

} // namespace gatehouse
