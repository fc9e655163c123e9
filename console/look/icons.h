// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QIcon>

namespace gatehouse {

/// One of resources/icons/*.svg by name, drawn in the colours of the application's palette at the moment of painting:
/// an icon made once is right in every theme.
[[nodiscard]] QIcon themedIcon(const QString &name);

/// The same in one colour, for what has a meaning by it.
[[nodiscard]] QIcon tintedIcon(const QString &name, const QColor &color);

/// The program's icon; with a dot in a colour for a state, as in the tray. An invalid colour means no dot.
[[nodiscard]] QIcon applicationIcon(const QColor &dot = {});

} // namespace gatehouse
