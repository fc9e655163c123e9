// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QStringList>
#include <QtCore/QUrl>

#include "console/look/theme.h"
#include "shared/util/result.h"

namespace gatehouse {

/// What the console was told on its command line. A plain value.
struct ConsoleOptions
{
    QUrl url;                       ///< empty: the user is asked
    QString tokenFile;              ///< with `url`: a file that holds the token alone
    bool isLocal = false;           ///< start a server of our own and connect to it
    QString language;               ///< "en" or "th"; empty: as it was left the last time
    std::optional<ThemeMode> theme; ///< without, as it was left the last time
    QString screenshotDirectory;    ///< save every page there once there is something to see, then quit
};

/// Reads the arguments (without the program's name). The error names the option; its field is "help" or "version" where
/// the user asked for that text, which is then the message.
[[nodiscard]] Result<ConsoleOptions> parseConsoleOptions(const QStringList &arguments);

/// Without what Qt itself reads: "-platform offscreen", "-style fusion" and the like. For arguments that no
/// QApplication has seen: there is none before it is known that a display is needed.
[[nodiscard]] QStringList withoutQtOptions(const QStringList &arguments);

/// Prints what parseConsoleOptions() answered instead of options: what was asked for to standard output, an error to
/// standard error. Returns the exit code.
[[nodiscard]] int printAnswer(const Error &answer);

/// The first line of a token file. The error names the file.
[[nodiscard]] Result<QString> readTokenFile(const QString &path);

} // namespace gatehouse
