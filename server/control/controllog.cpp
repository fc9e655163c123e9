// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controllog.h"

namespace gatehouse {

using namespace Qt::StringLiterals;

namespace {

constexpr std::array<QLatin1StringView, kControlKinds> kNames{ "limits"_L1, "access"_L1, "alerts"_L1, "audit"_L1 };

} // namespace

QLatin1StringView controlKindName(ControlKind kind)
{
    return kNames[size_t(kind)];
}

std::optional<ControlKind> parseControlKind(QByteArrayView name)
{
    for (size_t i = 0; i < kNames.size(); ++i) {
        if (name == QByteArrayView(kNames[i].data(), kNames[i].size()))
            return ControlKind(i);
    }
    return std::nullopt;
}

} // namespace gatehouse
