// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QByteArray>
#include <QtCore/QProcessEnvironment>
#include <QtCore/QString>

#include "server/config/settingsources.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Exit codes of every subcommand.
enum ExitCode : int
{
    kExitOk = 0, ///< done, or asked to stop
    kExitFailed = 1,
    kExitUsage = 2, ///< wrong usage or a wrong setting
};

/// What a subcommand knows of the world, so that tests can give it another one. Used on the main thread.
struct CliContext
{
    QProcessEnvironment environment;
    QString workingDirectory;
    const Clock &clock;
    std::function<void(const QString &)> out;     ///< prints a text and a newline on standard output
    std::function<void(const QString &)> err;     ///< the same on standard error
    std::function<QByteArray(qint64 most)> in{};  ///< reads so many bytes of standard input, or all there are
    QString installedEnvFile = kInstalledEnvFile; ///< the settings where no others are named; empty: none
};

} // namespace gatehouse
