// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/reloadableverifier.h"

namespace gatehouse {

ReloadableVerifier::ReloadableVerifier(std::unique_ptr<const TokenVerifier> verifier)
    : m_current(std::move(verifier))
{
}

ReloadableVerifier::~ReloadableVerifier() = default;

void ReloadableVerifier::replace(std::unique_ptr<const TokenVerifier> verifier)
{
    std::shared_ptr<const TokenVerifier> next(std::move(verifier));
    {
        const std::lock_guard lock(m_mutex);
        m_current.swap(next);
    }
    // The old one is destroyed here, or by the last thread that judges by it: not under the lock.
}

TokenVerdict ReloadableVerifier::verify(QByteArrayView token, UtcTime now) const
{
    return current()->verify(token, now);
}

bool ReloadableVerifier::isCostly() const
{
    return current()->isCostly();
}

std::shared_ptr<const TokenVerifier> ReloadableVerifier::current() const
{
    const std::lock_guard lock(m_mutex);
    return m_current;
}

} // namespace gatehouse
