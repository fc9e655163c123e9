// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/guardenvironment.h"
#include "server/guard/nopeers.h"

namespace gatehouse {

/// What the guards of a test share, with nobody in it yet. A fixture derives from it, so that it outlives what judges
/// by it, and sets by name whatever else its guards are to have.
class GuardGround
{
public:
    /// `peers` null: a server alone.
    explicit GuardGround(PeerAdmission *peers = nullptr, PeerTickets *peerTickets = nullptr)
        : m_peers(peers ? peers : &m_noPeers)
        , m_peerTickets(peerTickets ? peerTickets : &m_noPeerTickets)
    {
        addresses.setPeers(m_peers);
        users.setPeers(m_peers);
    }
    Q_DISABLE_COPY_MOVE(GuardGround)

    [[nodiscard]] GuardEnvironment environmentOf(
        const Clock &clock, const OriginPolicy &origins, const TokenVerifier &verifier)
    {
        return { .clock = &clock,
            .originPolicy = &origins,
            .tokenVerifier = &verifier,
            .addresses = &addresses,
            .clients = &clients,
            .strangers = &strangers,
            .users = &users,
            .isDraining = &isDraining,
            .peers = m_peers,
            .peerTickets = m_peerTickets };
    }

    AddressTable addresses;
    AttemptTable clients;
    AttemptTable strangers;
    UserTable users;
    std::atomic<bool> isDraining{ false };

private:
    NoPeers m_noPeers;
    NoPeerTickets m_noPeerTickets;
    PeerAdmission *m_peers;
    PeerTickets *m_peerTickets;
};

} // namespace gatehouse
