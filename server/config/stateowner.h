// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include "shared/util/result.h"

namespace gatehouse {

/// Who the files of a state directory belong to. A command that root runs in the directory of a service's user would
/// leave files that the service cannot use.

/// Run by root: gives the server's files that belong to root to the owner of the directory. Nothing to do for others,
/// and where the directory is root's too. What cannot be given away stays; examineStateFiles() names it.
void giveStateToOwner(const QString &stateDir);

/// The error names the first file that the server could not use for its owner, and the command that mends it: the
/// server would run as this process does or, if that is root, as the owner of the directory. Changes nothing.
[[nodiscard]] Status examineStateFiles(const QString &stateDir);

/// "it belongs to root; as root, …": why this process cannot use a path, and the command by which it could.
[[nodiscard]] QString ownershipAdvice(const QString &path);

} // namespace gatehouse
