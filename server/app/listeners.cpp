// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/listeners.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QSysInfo>

#include "server/net/descriptorlimit.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// What a node is called that was not given a name: after its host and port, so that two on one machine differ.
QString nodeName(const QString &configured, const QString &url)
{
    if (!configured.isEmpty())
        return configured;
    const QString place = url.startsWith("unix:"_L1) ? url.section(u'/', -1) : url.section(u':', -1);
    QString name = QSysInfo::machineHostName() + u':' + place;
    static const QRegularExpression kForeign(u"[^A-Za-z0-9._:-]"_s);
    return name.replace(kForeign, u"-"_s).left(64);
}

Status openUnlessInherited(std::unique_ptr<ListenSocket> &socket, const ListenAddress &address, const QString &setting)
{
    if (socket)
        return ok();
    Result<std::unique_ptr<ListenSocket>> opened = ListenSocket::open(address, setting);
    if (!opened)
        return opened.error();
    socket = std::move(opened).value();
    return ok();
}

} // namespace

Result<std::unique_ptr<Listeners>> Listeners::open(const Settings &settings, InheritedSockets inherited)
{
    std::unique_ptr<Listeners> listeners(new Listeners);
    listeners->m_descriptors = raiseDescriptorLimit();
    listeners->m_clients = std::move(inherited.clients);
    listeners->m_admin = std::move(inherited.admin);
    Status status = openUnlessInherited(listeners->m_clients, settings.listen, u"LISTEN"_s);
    if (status && settings.adminListen)
        status = openUnlessInherited(listeners->m_admin, *settings.adminListen, u"ADMIN_LISTEN"_s);
    if (!status)
        return status.error();
    listeners->m_url = listeners->m_clients->url();
    return listeners;
}

NodeIdentity Listeners::identity(const Settings &settings, UtcTime startedAt) const
{
    return { nodeName(settings.nodeName, m_url), UlidGenerator::withSystemEntropy().next(startedAt),
        QStringLiteral(GATEHOUSE_VERSION), m_url, startedAt };
}

void Listeners::serve(WorkerPool &workers) const
{
    workers.listen(*m_clients, m_admin ? ListenScope::ChannelOnly : ListenScope::Everything);
    if (m_admin)
        workers.listen(*m_admin, ListenScope::AdminOnly);
}

void Listeners::close(WorkerPool &workers)
{
    workers.stopListening();
    m_clients.reset();
    m_admin.reset();
}

} // namespace gatehouse
