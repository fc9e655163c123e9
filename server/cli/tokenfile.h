// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/clicontext.h"
#include "shared/util/result.h"

namespace gatehouse {

/// What an option that takes a token names: a file, relative to the working directory, or "-" for standard input. A
/// token itself is refused: every user of the machine can see arguments. Errors name the option and the file, and never
/// quote what is in it.

/// All of it, without the blanks around; of more than a token can be, only so much that one sees it.
[[nodiscard]] Result<QByteArray> readTokenText(const CliContext &context, const QString &option, const QString &path);
/// The one token in it.
[[nodiscard]] Result<QByteArray> readTokenFile(const CliContext &context, const QString &option, const QString &path);

} // namespace gatehouse
