// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/httpplaces.h"

namespace gatehouse {

namespace {

constexpr int kMaxLeaving = 32; // at once, for want of descriptors

} // namespace

HttpPlace::HttpPlace(
    HttpPlaces &places, HttpPlaceKeeper &keeper, quint64 connection, const std::optional<AddressKey> &address)
    : m_places(places)
    , m_keeper(keeper)
    , m_connection(connection)
    , m_isShared(!address)
    , m_address(address)
    , m_isKnown(!address) // a proxy is no stranger
{
    const std::lock_guard lock(m_places.m_mutex);
    m_places.enter(*this);
}

HttpPlace::~HttpPlace()
{
    const std::lock_guard lock(m_places.m_mutex);
    m_places.leave(*this);
    m_places.setLeaving(*this, false);
}

void HttpPlace::waitsForRequest()
{
    const std::lock_guard lock(m_places.m_mutex);
    m_places.enterAnew(*this, m_isKnown, m_isShared ? std::nullopt : m_address);
}

void HttpPlace::waitsForReader()
{
    const std::lock_guard lock(m_places.m_mutex);
    m_places.enterAnew(*this, m_isKnown, m_address);
}

void HttpPlace::setKnown()
{
    if (m_isKnown) // changes on this thread alone
        return;
    const std::lock_guard lock(m_places.m_mutex);
    m_places.enterAnew(*this, true, m_address);
}

void HttpPlace::giveTo(const AddressKey &client)
{
    m_isShared = false;
    const std::lock_guard lock(m_places.m_mutex);
    m_places.enterAnew(*this, false, client);
}

void HttpPlace::lendTo(const AddressKey &client)
{
    if (!m_isShared)
        return;
    const std::lock_guard lock(m_places.m_mutex);
    m_places.enterAnew(*this, m_isKnown, client);
}

void HttpPlace::hold(qint64 bytes)
{
    if (std::exchange(m_toldBytes, bytes) == bytes)
        return;
    const std::lock_guard lock(m_places.m_mutex);
    if (m_isLost)
        return; // it is about to go
    m_places.setHeld(*this, bytes);
    m_places.boundBytes(this);
}

bool HttpPlace::reserveBody(qint64 bytes)
{
    const std::lock_guard lock(m_places.m_mutex);
    if (m_isLost)
        return false;
    const HttpPlaces::OfAddress *address = m_places.addressOf(*this);
    const qint64 more = bytes - m_bodyBytes;
    if (m_places.m_bodyBytes + more > kMaxBodyBytesInAll
        || (address && address->bodyBytes + more > kMaxBodyBytesPerAddress))
        return false;
    m_places.setBody(*this, bytes);
    m_places.boundBytes(nullptr);
    m_hasReserved = true;
    return true;
}

void HttpPlace::releaseBody()
{
    if (!std::exchange(m_hasReserved, false))
        return;
    const std::lock_guard lock(m_places.m_mutex);
    m_places.setBody(*this, 0);
}

bool HttpPlace::isLost() const
{
    const std::lock_guard lock(m_places.m_mutex);
    return m_isLost;
}

void HttpPlace::goesLater()
{
    const std::lock_guard lock(m_places.m_mutex);
    m_places.setLeaving(*this, false);
}

HttpPlaces::~HttpPlaces() = default;

bool HttpPlaces::makeRoom()
{
    const std::lock_guard lock(m_mutex);
    for (auto &list : m_all) {
        if (list.empty() || m_leaving >= kMaxLeaving)
            continue;
        lose(list.front(), Why::Descriptors);
        break;
    }
    return m_leaving > 0;
}

HttpPlaces::Counts HttpPlaces::counts() const
{
    const std::lock_guard lock(m_mutex);
    return { qint64(m_all[0].size() + m_all[1].size()), m_heldBytes + m_bodyBytes, m_lost };
}

void HttpPlaces::enter(HttpPlace &place)
{
    place.m_isLost = false;
    setLeaving(place, false);
    m_all[place.m_isKnown].push_back(place);
    if (!place.m_address)
        return;
    AddressList &list = m_addresses[*place.m_address].lists[place.m_isKnown];
    list.push_back(place);
    if (list.size() > (place.m_isKnown ? kMaxKnownPerAddress : kMaxStrangersPerAddress))
        lose(list.front(), Why::Address);
}

void HttpPlaces::enterAnew(HttpPlace &place, bool isKnown, std::optional<AddressKey> address)
{
    leave(place);
    place.m_isKnown = isKnown;
    place.m_address = address;
    enter(place);
    setHeld(place, place.m_toldBytes);
}

void HttpPlaces::leave(HttpPlace &place)
{
    if (!place.m_inAll.is_linked())
        return;
    setHeld(place, 0);
    setBody(place, 0);
    auto &all = m_all[place.m_isKnown];
    all.erase(all.iterator_to(place));
    if (!place.m_address)
        return;
    const auto found = m_addresses.find(*place.m_address);
    AddressList &list = found->second.lists[place.m_isKnown];
    list.erase(list.iterator_to(place));
    if (found->second.lists[0].empty() && found->second.lists[1].empty())
        m_addresses.erase(found);
}

void HttpPlaces::lose(HttpPlace &place, Why why)
{
    leave(place);
    place.m_isLost = true;
    setLeaving(place, true);
    ++m_lost[size_t(why)];
    place.m_keeper.placeLost(place.m_connection);
}

void HttpPlaces::setLeaving(HttpPlace &place, bool isLeaving)
{
    if (std::exchange(place.m_isLeaving, isLeaving) != isLeaving)
        m_leaving += isLeaving ? 1 : -1;
}

HttpPlaces::OfAddress *HttpPlaces::addressOf(const HttpPlace &place)
{
    const auto found = place.m_address ? m_addresses.find(*place.m_address) : m_addresses.end();
    return found == m_addresses.end() ? nullptr : &found->second;
}

void HttpPlaces::setHeld(HttpPlace &place, qint64 bytes)
{
    const qint64 change = bytes - std::exchange(place.m_heldBytes, bytes);
    if (change == 0)
        return;
    m_heldBytes += change;
    if (OfAddress *address = addressOf(place))
        address->heldBytes += change;
    if (bytes == 0)
        m_holding.erase(m_holding.iterator_to(place));
    else if (!place.m_holding.is_linked())
        m_holding.push_back(place);
}

void HttpPlaces::setBody(HttpPlace &place, qint64 bytes)
{
    const qint64 change = bytes - std::exchange(place.m_bodyBytes, bytes);
    if (change == 0)
        return;
    m_bodyBytes += change;
    if (OfAddress *address = addressOf(place))
        address->bodyBytes += change;
}

/// `newest` holds what it has just told: others go first, and it is not cut for an answer that is large by itself.
void HttpPlaces::boundBytes(const HttpPlace *newest)
{
    while (m_heldBytes + m_bodyBytes > kMaxHeldBytes) {
        auto longest = m_holding.begin();
        if (longest != m_holding.end() && &*longest == newest)
            ++longest;
        if (longest == m_holding.end())
            break;
        lose(*longest, Why::Memory);
    }
    OfAddress *address = newest ? addressOf(*newest) : nullptr;
    while (address && address->heldBytes > kMaxHeldBytesPerAddress) {
        HttpPlace *longest = longestHolding(*address, *newest);
        if (!longest)
            return;
        lose(*longest, Why::Memory);
    }
}

HttpPlace *HttpPlaces::longestHolding(OfAddress &address, const HttpPlace &newest)
{
    for (AddressList &list : address.lists) {
        for (HttpPlace &place : list) {
            if (place.m_heldBytes > 0 && &place != &newest)
                return &place;
        }
    }
    return nullptr;
}

} // namespace gatehouse
