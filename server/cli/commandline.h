// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QtCore/QStringList>

#include "server/cli/clicontext.h"
#include "server/cli/options.h"

namespace gatehouse {

/// One subcommand. Its usage text is made of this row.
struct Command
{
    QString name;    ///< "token"
    QString summary; ///< one English sentence
    std::vector<OptionDescriptor> options;
    bool takesSettings = false; ///< understands the settings' flags and --env-file as well
    std::function<int(const CliContext &, const Options &)> run; ///< its exit code
    QString operands = {}; ///< what comes first, as in "MODE"; only a command that takes settings may have any
    QString details = {};  ///< more for the usage text: whole lines
};

/// The subcommand line of the program: finds the command, answers --help and --version, and says what is wrong with the
/// rest.
class CommandLine final
{
public:
    CommandLine(const CliContext &context, std::vector<Command> commands);

    /// `arguments` without the program's name. The exit code.
    [[nodiscard]] int run(const QStringList &arguments) const;

    [[nodiscard]] QString usage() const;
    [[nodiscard]] QString usage(const Command &command) const;

private:
    [[nodiscard]] const Command *find(const QString &name) const;
    [[nodiscard]] int runCommand(const Command &command, const QStringList &arguments) const;

    const CliContext &m_context;
    std::vector<Command> m_commands;
};

} // namespace gatehouse
