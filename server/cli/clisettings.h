// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/cli/clicontext.h"
#include "server/config/settingsloader.h"

namespace gatehouse {

/// Loads the settings for a subcommand, which makes nothing: jwtKeys stays empty where the server keeps its secret in
/// the state directory. On failure prints one line "gatehouse <command>: …" and answers the exit code, 2 for a wrong
/// setting.
[[nodiscard]] std::variant<LoadedSettings, int> loadForCommand(
    const CliContext &context, const QString &command, const QStringList &arguments);

/// An Origin that the settings let in, for a client that talks to `url`; for an empty ALLOWED_HOSTS the URL's own.
[[nodiscard]] QString allowedOrigin(const Settings &settings, const QUrl &url);

/// The server's URL as a client reaches it: given (http, https, ws, wss), or made of LISTEN. Without path; the scheme
/// is http or https.
[[nodiscard]] Result<QUrl> serverUrl(const std::optional<QString> &given, const Settings &settings);

} // namespace gatehouse
