// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/connectionstatus.h"

#include <QtCore/QCoreApplication>

namespace gatehouse {

namespace {

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::ConnectionStatus)
};

} // namespace

QString connectionStateTitle(ConnectionState state)
{
    switch (state) {
    case ConnectionState::Disconnected:
        return Texts::tr("Disconnected");
    case ConnectionState::Connecting:
        return Texts::tr("Connecting…");
    case ConnectionState::Live:
        return Texts::tr("Live");
    case ConnectionState::Stale:
        return Texts::tr("No data");
    case ConnectionState::WaitingToRetry:
        return Texts::tr("Connection lost");
    case ConnectionState::AuthFailed:
        break;
    }
    return Texts::tr("Access denied");
}

} // namespace gatehouse
