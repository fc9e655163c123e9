// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/clicontext.h"
#include "server/config/settings.h"

namespace gatehouse {

/// `gatehouse check --token PATH`: judges one token as a server with these settings would, by its keys and claims. Bans
/// and revocations are the running server's and are not looked at. `path` is a file, or "-" for standard input. Prints
/// who the token is of, or the sentence that a client would be told; never the token. The exit code: 0, 1 for a bad
/// token, 2 where nothing can be judged.
[[nodiscard]] int checkToken(const CliContext &context, const QString &path, Settings settings);

} // namespace gatehouse
