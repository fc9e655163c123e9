// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QProcessEnvironment>
#include <QtCore/QStringList>

#include "shared/util/result.h"

namespace gatehouse {

/// The settings of the package's service.
inline constexpr QLatin1StringView kInstalledEnvFile("/etc/gatehouse/gatehouse.env");

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
    QString envFile;                   ///< the .env file that was read; empty if there is none
    QStringList warnings;              ///< names that look misspelt, and other things that deserve a look
};

/// Collects the layers. Unknown flags, flags without a value, stray arguments, a .env file that cannot be read and a
/// line of it that was meant for one of ours and does not set it are errors; variables and lines that are none of ours
/// are not.
///
/// The file is the one that --env-file names, else .env in the working directory, else `installedFile`: so commands
/// that somebody runs beside the package's service go by its settings.
[[nodiscard]] Result<RawSettings> collectSettings(const QStringList &arguments, const QProcessEnvironment &environment,
    const QString &workingDirectory, const QString &installedFile = kInstalledEnvFile);

} // namespace gatehouse
