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

/// A line that is no assignment as a shell has it. Whether that is a mistake depends on whose line it is: others who
/// read the same file may well understand it.
struct EnvOddity
{
    QString name;             ///< what stands where a name is expected; may be anything, also empty
    QString what;             ///< "has no value"
    int line = 0;             ///< from 1
    bool isNameAlone = false; ///< nothing but a comment follows it
};

/// What a .env file says.
struct EnvFile
{
    std::vector<EnvEntry> entries;     ///< in the file's order, repeated names included
    std::vector<EnvOddity> passedOver; ///< the lines that are none of these
};

/// Reads the text of a .env file: `NAME=value` lines, optionally after `export`; blank lines and comments, which begin
/// with `#` or `;`; values bare (a comment may follow after a blank), in single quotes (literal but for \') or in
/// double quotes (\n \r \t \" \\ \$ are escapes); quoted values may span lines. Nothing is expanded. Every other line
/// is passed over, and reading goes on with the next one. What is not UTF-8 becomes U+FFFD. Only a text that cannot be
/// one of lines is an error, which begins with "<fileName>:". A pure function.
[[nodiscard]] Result<EnvFile> parseEnvFile(const QByteArray &text, const QString &fileName);

} // namespace gatehouse
