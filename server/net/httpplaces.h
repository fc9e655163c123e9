// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <boost/intrusive/list.hpp>

#include "server/net/addresskey.h"
#include "server/net/httpbounds.h"

namespace gatehouse {

class HttpPlaces;

/// Whoever owns HTTP connections.
class HttpPlaceKeeper
{
public:
    virtual ~HttpPlaceKeeper() = default;
    /// The connection has lost its place and is to go. Called on any thread, within a call of HttpPlaces or HttpPlace:
    /// it must not call them.
    virtual void placeLost(quint64 connection) = 0;
};

/// The place of one HTTP connection among those of the process: from its acceptance to its end, or to where it is a
/// WebSocket. Leaves by itself. Used on its connection's thread.
class HttpPlace final
{
public:
    /// `address` is nullopt for a connection that many clients share: those of a trusted proxy, and of a Unix-domain
    /// socket. Such a one counts for nobody while it is between requests. `places` and `keeper` outlive it.
    HttpPlace(
        HttpPlaces &places, HttpPlaceKeeper &keeper, quint64 connection, const std::optional<AddressKey> &address);
    ~HttpPlace();
    Q_DISABLE_COPY_MOVE(HttpPlace)

    /// It waits for its peer from now on, to say something or to take an answer: all others have waited for longer. It
    /// has its place again if it had lost it.
    void waitsForRequest();
    void waitsForReader();
    /// A request on it was let in by its token: strangers go before it.
    void setKnown();
    /// It turns out to be that one client's, and not to be shared.
    void giveTo(const AddressKey &client);
    /// A shared connection is that client's until it waits for the next one.
    void lendTo(const AddressKey &client);
    /// How many bytes it holds for a peer that has not sent or taken all yet.
    void hold(qint64 bytes);
    /// Takes so many bytes for a body: false if there is no room, and what was taken for it before is kept. For one
    /// body at a time, which may need more than it did.
    [[nodiscard]] bool reserveBody(qint64 bytes);
    void releaseBody();
    [[nodiscard]] bool isLost() const;
    /// It has lost its place, and goes only when its request is answered: nobody is to wait for that.
    void goesLater();

private:
    friend class HttpPlaces;
    using Hook = boost::intrusive::list_member_hook<>;

    HttpPlaces &m_places;
    HttpPlaceKeeper &m_keeper;
    const quint64 m_connection;

    // Of the connection's thread:
    bool m_isShared;
    qint64 m_toldBytes = 0; ///< what hold() said last
    bool m_hasReserved = false;

    // Guarded by the mutex of the places:
    Hook m_inAll;
    Hook m_ofAddress;
    Hook m_holding;
    std::optional<AddressKey> m_address;
    qint64 m_heldBytes = 0;
    qint64 m_bodyBytes = 0;
    bool m_isKnown = false;
    bool m_isLost = false;
    bool m_isLeaving = false; ///< lost, and not gone yet
};

/// Bounds what HTTP connections take together, in connections, in bytes and in descriptors (httpbounds.h): what is
/// too much goes, and it is whoever has waited longest for its peer. One for the process; thread-safe. A place costs
/// two short turns under a lock for a connection, and none for a message of a WebSocket.
class HttpPlaces final
{
public:
    /// Why a connection lost its place.
    enum class Why : quint8
    {
        Address,     ///< its address has too many
        Memory,      ///< too many bytes are held
        Descriptors, ///< they run short
    };
    static constexpr size_t kWhyCount = 3;

    /// A plain value.
    struct Counts
    {
        qint64 connections = 0; ///< now
        qint64 bytes = 0;       ///< now: held, and reserved for bodies
        std::array<qint64, kWhyCount> lost{};
    };

    HttpPlaces() = default;
    ~HttpPlaces();
    Q_DISABLE_COPY_MOVE(HttpPlaces)

    /// Descriptors run short: whoever has waited longest goes, strangers first. Whether anybody is about to go: the
    /// workers close their connections a moment later, and while many are about to, no more are told to.
    bool makeRoom();
    [[nodiscard]] Counts counts() const;

private:
    friend class HttpPlace;
    template <HttpPlace::Hook HttpPlace::*hook>
    using List = boost::intrusive::list<HttpPlace, boost::intrusive::member_hook<HttpPlace, HttpPlace::Hook, hook>>;
    using AddressList = List<&HttpPlace::m_ofAddress>;
    struct OfAddress
    {
        std::array<AddressList, 2> lists; ///< strangers, known; who has waited longest first
        qint64 heldBytes = 0;
        qint64 bodyBytes = 0;
    };
    struct KeyHash
    {
        KeyedHash keyed;
        size_t operator()(const AddressKey &key) const { return size_t(key.hash(keyed)); }
    };

    // All with the mutex held.
    void enter(HttpPlace &place);
    void enterAnew(HttpPlace &place, bool isKnown, std::optional<AddressKey> address);
    void leave(HttpPlace &place);
    void lose(HttpPlace &place, Why why);
    void setLeaving(HttpPlace &place, bool isLeaving);
    void setHeld(HttpPlace &place, qint64 bytes);
    void setBody(HttpPlace &place, qint64 bytes);
    [[nodiscard]] OfAddress *addressOf(const HttpPlace &place);
    void boundBytes(const HttpPlace *newest);
    [[nodiscard]] static HttpPlace *longestHolding(OfAddress &address, const HttpPlace &newest);

    mutable std::mutex m_mutex;                     ///< guards what follows
    std::array<List<&HttpPlace::m_inAll>, 2> m_all; ///< strangers, known; who has waited longest first
    List<&HttpPlace::m_holding> m_holding;          ///< who holds bytes, the first of them first
    std::unordered_map<AddressKey, OfAddress, KeyHash> m_addresses;
    qint64 m_heldBytes = 0;
    qint64 m_bodyBytes = 0;
    std::array<qint64, kWhyCount> m_lost{};
    int m_leaving = 0; ///< have lost their places, and are not gone yet
};

} // namespace gatehouse
