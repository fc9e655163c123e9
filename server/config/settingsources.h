// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QProcessEnvironment>
#include <QtCore/QStringList>

#include "shared/util/result.h"

namespace gatehouse {

/// The text of a setting and where it was found.
struct RawSetting
{
    QString value;
    QString source; ///< "command line", "environment", or the .env file with its line
    QString blame;  ///< how an error names it: "--listen (LISTEN)", "LISTEN", or "/srv/.env:3: LISTEN"
};

/// What the command line, the environment and the .env file say, the first that names a setting winning; nothing is
/// interpreted yet.
struct RawSettings
{
    QHash<QString, RawSetting> values; ///< by environment name
    QStringList warnings;              ///< names that look misspelt, and other things that deserve a look
};

/// Collects the layers. Unknown flags, flags without a value, stray arguments and a .env file that cannot be read are
/// errors; variables that are none of ours are not.
[[nodiscard]] Result<RawSettings> collectSettings(
    const QStringList &arguments, const QProcessEnvironment &environment, const QString &workingDirectory);

} // namespace gatehouse
