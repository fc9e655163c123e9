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
    QUrl url;             ///< empty: the user is asked
    QString tokenFile;    ///< with `url`: a file that holds the token alone
    bool isLocal = false; ///< start a server of our own and connect to it
    QString language;     ///< "en" or "th"; empty: the desktop's
    ThemeMode theme = ThemeMode::System;
    QString screenshotDirectory; ///< save every page there once there is something to see, then quit
};

/// Reads the arguments (without the program's name). The error names the option; its field is "help" or "version" where
/// the user asked for that text, which is then the message.
[[nodiscard]] Result<ConsoleOptions> parseConsoleOptions(const QStringList &arguments);

/// The first line of a token file. The error names the file.
[[nodiscard]] Result<QString> readTokenFile(const QString &path);

} // namespace gatehouse
