// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/jwtsigner.h"
#include "server/cli/clicontext.h"
#include "server/cli/options.h"
#include "server/config/settings.h"

namespace gatehouse {

/// What a command signs its tokens with: the private key in the PEM file that the option `keyFlag` names (relative to
/// the working directory, with the options --kid and --algorithm where the command has them), else the configured
/// secret. The error names the option.
[[nodiscard]] Result<JwtSigner> signerFor(
    const CliContext &context, const Options &options, const QString &keyFlag, const Settings &settings);

} // namespace gatehouse
