// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QProcessEnvironment>
#include <QtCore/QStringList>

#include "server/config/settings.h"
#include "server/config/settingsources.h"
#include "shared/util/result.h"

namespace gatehouse {

/// One line of `gatehouse config`.
struct SettingRow
{
    QString name;
    QString value;  ///< secrets masked, URLs cut after the host
    QString source; ///< "command line", "environment", a .env file with its line, or "default"
};

struct LoadedSettings
{
    Settings settings;
    std::vector<SettingRow> rows; ///< in the order of settingDescriptors()
    QStringList warnings;         ///< one sentence each, for the log
    QString envFile;              ///< the .env file that was read; empty if there is none
    bool hasMadeSecret = false;   ///< prepareState() made the secret in the state directory
};

/// Reads and checks all settings: the command line (without program and subcommand) before the environment before .env
/// before the defaults. The error names the variable or flag, and a .env file's line. Touches nothing: where the secret
/// is kept in the state directory, jwtKeys stays empty. `installedFile` as for collectSettings().
[[nodiscard]] Result<LoadedSettings> readSettings(const QStringList &arguments, const QProcessEnvironment &environment,
    const QString &workingDirectory, const QString &installedFile = kInstalledEnvFile);

/// For the server alone: makes the state directory and, where no key is configured, reads or makes the secret in it.
/// What root makes is given to the owner of the directory. A failure here is the machine's, not a wrong setting:
/// programs end with 1 instead of 2.
[[nodiscard]] Status prepareState(LoadedSettings &loaded);

} // namespace gatehouse
