// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "server/auth/peertickets.h"
#include "server/auth/sideverifier.h"
#include "server/auth/ticketbook.h"
#include "server/auth/tokenverifier.h"
#include "server/base/memorypolicy.h"
#include "server/guard/addressrate.h"
#include "server/guard/addresstable.h"
#include "server/guard/attempttable.h"
#include "server/guard/originpolicy.h"
#include "server/guard/peeradmission.h"
#include "server/guard/reconnectgrants.h"
#include "server/guard/refusedtokens.h"
#include "server/guard/usertable.h"

namespace gatehouse {

/// What the guards may know of a WebSocket upgrade. A plain value without any socket.
struct UpgradeAttempt
{
    IpAddress client;
    std::optional<QByteArray> origin; ///< nullopt if the header is missing
    QByteArray token;                 ///< empty if there is none
    QByteArray host{};                ///< the Host header: name or address, maybe with a port
    QByteArray ticket{};              ///< not empty: shown in place of a token
};

/// What the guards of all workers share. Everything outlives the workers.
struct GuardEnvironment
{
    const Clock *clock = nullptr;
    const OriginPolicy *originPolicy = nullptr;
    const TokenVerifier *tokenVerifier = nullptr;
    AddressTable *addresses = nullptr;
    AttemptTable *clients = nullptr;   ///< attempts of users at their addresses
    AttemptTable *strangers = nullptr; ///< attempts of addresses that showed no good token
    UserTable *users = nullptr;
    const std::atomic<bool> *isDraining = nullptr;
    const OriginPolicy *servedHosts = nullptr; ///< null: the channel is served under any Host
    ReconnectGrants *grants = nullptr;         ///< null: every attempt uses budget
    TicketBook *tickets = nullptr;             ///< null: no ticket is good
    PeerAdmission *peers = nullptr;            ///< NoPeers where there is no other node
    PeerTickets *peerTickets = nullptr;        ///< NoPeerTickets likewise
    const MemoryState *memory = nullptr;       ///< null: there is no budget
    /// Of whom more bad tokens came than it allows, the next are verified by the other; null: all are verified at once.
    AddressRate *badTokens = nullptr;
    SideVerifier *sideVerifier = nullptr;
    /// How many tokens of an address are looked at although a limit before that guard refuses; null: none.
    AddressRate *looks = nullptr;
    int ipv6PrefixBits = IpAddress::kBucketBits; ///< of address buckets
    RefusedTokens *refusedTokens = nullptr;      ///< is told of those that get no ticket; null: nobody is
};

} // namespace gatehouse
