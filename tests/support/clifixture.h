// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QStringList>
#include <QtCore/QTemporaryDir>

#include "server/cli/commandline.h"
#include "tests/support/fakeclock.h"

namespace gatehouse {

/// A world for subcommands: an own directory as HOME and working directory, a fake clock, and ears for what is printed.
struct CliFixture
{
    QTemporaryDir directory;
    FakeClock clock;
    QStringList out;
    QStringList err;
    QByteArray input; ///< what stands on standard input
    CliContext context{ {}, directory.path(), clock, [this](const QString &text) { out.append(text.split(u'\n')); },
        [this](const QString &text) { err.append(text.split(u'\n')); },
        [this](qint64 most) { return input.left(most); } };

    CliFixture()
    {
        set(u"HOME", directory.path());
        context.installedEnvFile.clear(); // whatever is installed on this machine
    }
    Q_DISABLE_COPY_MOVE(CliFixture)

    void set(QStringView name, const QString &value) { context.environment.insert(name.toString(), value); }

    /// Runs one command as from the command line; forgets what earlier ones printed.
    int run(const Command &command, const QStringList &arguments = {})
    {
        out.clear();
        err.clear();
        return CommandLine(context, { command }).run(QStringList{ command.name } + arguments);
    }
};

} // namespace gatehouse
