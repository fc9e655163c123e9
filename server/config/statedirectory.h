// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QProcessEnvironment>

#include "shared/util/result.h"

namespace gatehouse {

/// Where state is kept when STATE_DIR is not set: the first of STATE_DIRECTORY (systemd), $XDG_STATE_HOME/gatehouse,
/// ~/.local/state/gatehouse.
[[nodiscard]] Result<QString> defaultStateDirectory(const QProcessEnvironment &environment);

/// Creates the directory (0700) with its parents, or checks that an existing one can be written to. The value is a
/// warning, empty unless other users can look into it.
[[nodiscard]] Result<QString> prepareStateDirectory(const QString &path);

/// Makes the secret in <stateDir>/jwt_secret (32 random bytes as base64url, 0600) unless there is one; the value is
/// whether this process made it. Two that do so at once end up with the same one, and a crash leaves none or a whole
/// one.
[[nodiscard]] Result<bool> makeSecretUnlessThere(const QString &stateDir);
/// That secret. Where there is none the error says which setting is missing.
[[nodiscard]] Result<QByteArray> readSecret(const QString &stateDir);

/// The database.
[[nodiscard]] QString stateFilePath(const QString &stateDir);
/// The file that readSecret() reads.
[[nodiscard]] QString secretPath(const QString &stateDir);

} // namespace gatehouse
