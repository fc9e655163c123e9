// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/inheritedsockets.h"
#include "server/base/nodeidentity.h"
#include "server/channel/workerpool.h"
#include "server/config/settings.h"

namespace gatehouse {

/// What the server listens on: a socket for everything, or one for clients and one for the admin API. Lives on the main
/// thread.
class Listeners final
{
public:
    /// Opens what the settings say, but for what was inherited.
    [[nodiscard]] static Result<std::unique_ptr<Listeners>> open(const Settings &settings, InheritedSockets inherited);

    /// "http://127.0.0.1:8080", with the port that was really taken; also when it has been closed.
    [[nodiscard]] QString url() const { return m_url; }
    [[nodiscard]] QString adminUrl() const { return m_admin ? m_admin->url() : m_url; }
    /// How many descriptors the process may have.
    [[nodiscard]] qint64 descriptors() const { return m_descriptors; }
    /// What this process is called among others.
    [[nodiscard]] NodeIdentity identity(const Settings &settings, UtcTime startedAt) const;

    /// Lets the workers accept. They stop before this ends.
    void serve(WorkerPool &workers) const;
    /// Nobody is accepted any more. The acceptors have descriptors of their own: only without these too is a newcomer
    /// refused, instead of waiting in vain. Where systemd has the sockets as well, they wait for the next server.
    void close(WorkerPool &workers);

private:
    Listeners() = default;

    std::unique_ptr<ListenSocket> m_clients;
    std::unique_ptr<ListenSocket> m_admin; ///< null: the other is for both
    QString m_url;
    qint64 m_descriptors = 0;
};

} // namespace gatehouse
