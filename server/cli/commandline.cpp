// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/commandline.h"

#include <algorithm>

#include "server/config/settingdescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool asksForHelp(const QString &argument)
{
    return argument == "--help"_L1 || argument == "-h"_L1;
}

/// "  --flag VALUE   help", the help in an own column.
QString helpLine(const QString &left, const QString &right, int width)
{
    return left.size() < width ? QString(u"  "_s + left.leftJustified(width) + right + u'\n')
                               : QString(u"  "_s + left + u'\n' + QString(width + 2, u' ') + right + u'\n');
}

QString settingsHelp()
{
    constexpr int kWidth = 34;
    QString text = u"\nSettings (the flag wins over the environment, that over .env, that over the default):\n"_s;
    text += helpLine(u"--env-file PATH"_s,
        u"The .env file to read; by default .env in the working directory, else /etc/gatehouse/gatehouse.env, if there is one."_s,
        kWidth);
    for (const SettingDescriptor &setting : settingDescriptors()) {
        const bool isSwitch = setting.kind == SettingKind::Boolean;
        const QString flag = setting.flag.isEmpty() ? setting.name + u" (environment only)"_s
                                                    : setting.flag + (isSwitch ? u"[=false]"_s : u" …"_s);
        const bool hasDefault = setting.defaultValue && !setting.defaultValue->isEmpty();
        text += helpLine(flag, setting.help + (hasDefault ? u" [%1]"_s.arg(*setting.defaultValue) : QString()), kWidth);
    }
    return text;
}

} // namespace

CommandLine::CommandLine(const CliContext &context, std::vector<Command> commands)
    : m_context(context)
    , m_commands(std::move(commands))
{
}

int CommandLine::run(const QStringList &arguments) const
{
    if (arguments.isEmpty()) {
        m_context.err(usage());
        return kExitUsage;
    }
    const QString &first = arguments.front();
    if (asksForHelp(first) || (first == "help"_L1 && arguments.size() == 1)) {
        m_context.out(usage());
        return kExitOk;
    }
    if (first == "--version"_L1) {
        m_context.out(u"gatehouse %1"_s.arg(QLatin1StringView(GATEHOUSE_VERSION)));
        return kExitOk;
    }
    const QString &name = first == "help"_L1 ? arguments[1] : first;
    const Command *command = find(name);
    if (!command) {
        m_context.err(u"gatehouse: there is no command \"%1\"; gatehouse --help lists them"_s.arg(name));
        return kExitUsage;
    }
    if (first == "help"_L1 || std::any_of(arguments.begin() + 1, arguments.end(), asksForHelp)) {
        m_context.out(usage(*command));
        return kExitOk;
    }
    return runCommand(*command, arguments.mid(1));
}

int CommandLine::runCommand(const Command &command, const QStringList &arguments) const
{
    const Result<Options> options = Options::parse(arguments, command.options);
    if (!options) {
        m_context.err(u"gatehouse %1: %2"_s.arg(command.name, options.error().message));
        return kExitUsage;
    }
    if (!command.takesSettings && !options->rest().isEmpty()) {
        m_context.err(u"gatehouse %1: unexpected argument \"%2\""_s.arg(command.name, options->rest().front()));
        return kExitUsage;
    }
    return command.run(m_context, *options);
}

const Command *CommandLine::find(const QString &name) const
{
    const auto found = std::find_if(
        m_commands.begin(), m_commands.end(), [&name](const Command &command) { return command.name == name; });
    return found == m_commands.end() ? nullptr : &*found;
}

QString CommandLine::usage() const
{
    constexpr int kWidth = 10;
    QString text = u"Usage: gatehouse COMMAND [OPTION…]\n\nA guarded notification channel.\n\nCommands:\n"_s;
    for (const Command &command : m_commands)
        text += helpLine(command.name, command.summary, kWidth);
    return text
        + u"\n\"gatehouse COMMAND --help\" lists a command's options; \"gatehouse --version\" prints the version.\n"
          "Exit codes: 0 done or asked to stop, 1 failed, 2 wrong usage or a wrong setting."_s;
}

QString CommandLine::usage(const Command &command) const
{
    constexpr int kWidth = 22;
    const QString name = command.operands.isEmpty() ? command.name : QString(command.name + u' ' + command.operands);
    QString text = u"Usage: gatehouse %1 [OPTION…]\n\n%2\n"_s.arg(name, command.summary);
    if (!command.details.isEmpty())
        text += u'\n' + command.details;
    if (!command.options.empty())
        text += u"\nOptions:\n"_s;
    for (const OptionDescriptor &option : command.options) {
        const QString left = option.valueName.isEmpty() ? option.flag : QString(option.flag + u' ' + option.valueName);
        text += helpLine(left, option.help + (option.isRepeatable ? u" May be repeated."_s : QString()), kWidth);
    }
    if (command.takesSettings)
        text += settingsHelp();
    return text.trimmed();
}

} // namespace gatehouse
