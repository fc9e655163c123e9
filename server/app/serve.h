// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QStringList>

namespace gatehouse {

/// `gatehouse serve`: runs the server until it is asked to stop. Prints one line to standard output when it is ready
/// ("listening on http://127.0.0.1:8080"), everything else to standard error. Needs a QCoreApplication. The exit code:
/// 0 asked to stop, 1 failed, 2 wrong usage or setting.
[[nodiscard]] int runServe(const QStringList &arguments);

} // namespace gatehouse
