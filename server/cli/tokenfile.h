// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/clicontext.h"
#include "shared/util/result.h"

namespace gatehouse {

/// The one token in the file that --token-file names, relative to the working directory. The error names the option and
/// the file, and never quotes what is in it.
[[nodiscard]] Result<QByteArray> readTokenFile(const CliContext &context, const QString &path);

} // namespace gatehouse
