// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// One assignment of a .env file.
struct EnvEntry
{
    QString name;
    QString value; ///< unquoted
    int line = 0;  ///< where it begins, from 1
};

/// Reads the text of a .env file: `NAME=value` lines, optionally after `export`; blank lines and `#` comments; values
/// bare (a comment may follow after a blank), in single quotes (literal) or in double quotes (\n \r \t \" \\ \$ are
/// escapes); quoted values may span lines. Nothing is expanded. Entries come in the file's order, repeated names
/// included. An error begins with "<fileName>:<line>: ". A pure function.
[[nodiscard]] Result<std::vector<EnvEntry>> parseEnvFile(const QByteArray &text, const QString &fileName);

} // namespace gatehouse
