// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

namespace gatehouse {

/// Deepest nesting that is accepted from anyone.
inline constexpr qsizetype kMaxJsonDepth = 32;

/// Whether JSON text nests deeper than `maxDepth`; looked at before a parser recurses into it. Pure.
[[nodiscard]] bool isNestedDeeper(QByteArrayView json, qsizetype maxDepth = kMaxJsonDepth);

} // namespace gatehouse
