// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/knowntokens.h"

#include <algorithm>
#include <cstring>

#include "server/base/digest.h"

namespace gatehouse {

KnownTokens::Digest KnownTokens::digestOf(QByteArrayView token)
{
    const QByteArray hash = sha256(token);
    Digest digest = 0;
    std::memcpy(&digest, hash.constData(), sizeof digest);
    return digest;
}

bool KnownTokens::knows(QByteArrayView token) const
{
    const Digest digest = digestOf(token);
    const std::lock_guard lock(m_mutex);
    return m_places.contains(digest);
}

void KnownTokens::remember(QByteArrayView token, const QString &user)
{
    const Digest digest = digestOf(token);
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_places.find(digest); found != m_places.end()) {
        m_known.splice(m_known.end(), m_known, found->second);
        return;
    }
    const auto own = m_ofUser.constFind(user);
    if (own != m_ofUser.cend() && own->size() >= kMaxPerUser)
        erase(own->front());
    else if (m_places.size() >= kMaxTokens)
        erase(m_known.front().digest);
    m_places.emplace(digest, m_known.insert(m_known.end(), Known{ digest, user }));
    m_ofUser[user].push_back(digest);
}

void KnownTokens::forget(QByteArrayView token)
{
    const Digest digest = digestOf(token);
    const std::lock_guard lock(m_mutex);
    erase(digest);
}

size_t KnownTokens::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_places.size();
}

void KnownTokens::erase(Digest digest)
{
    const auto place = m_places.find(digest);
    if (place == m_places.end())
        return;
    const auto own = m_ofUser.find(place->second->user);
    own->erase(std::find(own->begin(), own->end(), digest));
    if (own->empty())
        m_ofUser.erase(own);
    m_known.erase(place->second);
    m_places.erase(place);
}

} // namespace gatehouse
