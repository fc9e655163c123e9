// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/adminclient.h"

namespace gatehouse {

AdminClient::AdminClient(QObject *parent)
    : QObject(parent)
{
}

AdminClient::~AdminClient() = default;

void AdminClient::trust(const QUrl &, const QByteArray &)
{
}

} // namespace gatehouse
