// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <mutex>

#include "server/auth/tokenverifier.h"

namespace gatehouse {

/// A verifier that another one can take the place of while it is in use: each token is judged by the old one or by the
/// new one as a whole. Thread-safe; the lock is held only while a pointer is copied, and only for tokens, never for
/// messages.
class ReloadableVerifier final : public TokenVerifier
{
public:
    explicit ReloadableVerifier(std::unique_ptr<const TokenVerifier> verifier);
    ~ReloadableVerifier() override;
    Q_DISABLE_COPY_MOVE(ReloadableVerifier)

    void replace(std::unique_ptr<const TokenVerifier> verifier);
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime now) const override;
    [[nodiscard]] bool isCostly() const override;

private:
    [[nodiscard]] std::shared_ptr<const TokenVerifier> current() const;

    mutable std::mutex m_mutex;                     ///< guards m_current
    std::shared_ptr<const TokenVerifier> m_current; ///< lives on while a thread still judges by it
};

} // namespace gatehouse
