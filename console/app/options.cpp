// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/options.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <QtCore/QCommandLineParser>
#include <QtCore/QFile>

#include "console/connection/serverprofile.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kMaxTokenFileBytes = 16 * 1024;

/// Qt's own options, with one dash or two: those that stand alone, and those with a value behind them or after "=".
constexpr std::array kQtFlags{ "reverse"_L1, "widgetcount"_L1, "qdevel"_L1 };
constexpr std::array kQtOptions{ "display"_L1, "geometry"_L1, "platform"_L1, "platformpluginpath"_L1,
    "platformtheme"_L1, "plugin"_L1, "qwindowgeometry"_L1, "qwindowicon"_L1, "qwindowtitle"_L1, "session"_L1,
    "style"_L1, "stylesheet"_L1 };

template <typename Names> bool isOneOf(QStringView name, const Names &names)
{
    return std::any_of(names.begin(), names.end(), [&](QLatin1StringView each) { return each == name; });
}

} // namespace

Result<ConsoleOptions> parseConsoleOptions(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"The desktop console of Gatehouse."_s);
    const QCommandLineOption help({ u"h"_s, u"help"_s }, u"Prints this text."_s);
    const QCommandLineOption version(u"version"_s, u"Prints the version."_s);
    const QCommandLineOption url(u"url"_s, u"Connects to the server at this address."_s, u"url"_s);
    const QCommandLineOption tokenFile(u"token-file"_s, u"Reads the token for --url from a file."_s, u"file"_s);
    const QCommandLineOption local(u"local"_s, u"Starts a server of its own and connects to it."_s);
    const QCommandLineOption language(u"lang"_s, u"en or th; else the desktop's language."_s, u"language"_s);
    const QCommandLineOption theme(u"theme"_s, u"light, dark or system."_s, u"theme"_s);
    const QCommandLineOption screenshots(
        u"screenshot-dir"_s, u"Saves a picture of every page, then quits."_s, u"directory"_s);
    parser.addOptions({ help, version, url, tokenFile, local, language, theme, screenshots });
    if (!parser.parse(QStringList{ u"gatehouse-console"_s } + arguments))
        return Error{ parser.errorText(), {} };
    if (parser.isSet(help))
        return Error{ parser.helpText(), u"help"_s };
    if (parser.isSet(version))
        return Error{ QStringLiteral("gatehouse-console " GATEHOUSE_VERSION), u"version"_s };
    if (!parser.positionalArguments().isEmpty())
        return Error{ u"unknown argument \"%1\""_s.arg(parser.positionalArguments().constFirst()), {} };

    ConsoleOptions options;
    if (parser.isSet(url)) {
        const Result<QUrl> parsed = parseServerUrl(parser.value(url));
        if (!parsed)
            return Error{ u"--url: "_s + parsed.error().message, u"--url"_s };
        options.url = *parsed;
    }
    options.tokenFile = parser.value(tokenFile);
    options.isLocal = parser.isSet(local);
    if (options.isLocal && !options.url.isEmpty())
        return Error{ u"--local and --url exclude each other"_s, u"--local"_s };
    if (!options.tokenFile.isEmpty() && options.url.isEmpty())
        return Error{ u"--token-file needs --url"_s, u"--token-file"_s };
    options.language = parser.value(language);
    if (!options.language.isEmpty() && options.language != "en"_L1 && options.language != "th"_L1)
        return Error{ u"--lang must be en or th"_s, u"--lang"_s };
    if (parser.isSet(theme)) {
        options.theme = parseThemeMode(parser.value(theme));
        if (!options.theme)
            return Error{ u"--theme must be light, dark or system"_s, u"--theme"_s };
    }
    options.screenshotDirectory = parser.value(screenshots);
    return options;
}

QStringList withoutQtOptions(const QStringList &arguments)
{
    QStringList own;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        QStringView name = arguments[i];
        for (int dashes = 0; dashes < 2 && name.startsWith(u'-'); ++dashes)
            name = name.mid(1);
        const bool isOption = name.size() < arguments[i].size();
        const qsizetype equals = name.indexOf(u'=');
        if (isOption && isOneOf(equals < 0 ? name : name.left(equals), kQtOptions))
            i += equals < 0 ? 1 : 0; // its value
        else if (!isOption || !isOneOf(name, kQtFlags))
            own << arguments[i];
    }
    return own;
}

int printAnswer(const Error &answer)
{
    const bool isAskedFor = answer.field == "help"_L1 || answer.field == "version"_L1;
    if (isAskedFor) {
        std::fprintf(stdout, "%s\n", qUtf8Printable(answer.message.trimmed()));
        return 0;
    }
    std::fprintf(stderr, "gatehouse-console: %s\n\"gatehouse-console --help\" lists the options.\n",
        qUtf8Printable(answer.message));
    return 2;
}

Result<QString> readTokenFile(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error{ u"--token-file: %1 cannot be read: %2"_s.arg(path, file.errorString()), u"--token-file"_s };
    const QString token = QString::fromUtf8(file.read(kMaxTokenFileBytes)).section(u'\n', 0, 0).trimmed();
    if (token.isEmpty())
        return Error{ u"--token-file: %1 holds no token"_s.arg(path), u"--token-file"_s };
    return token;
}

} // namespace gatehouse
