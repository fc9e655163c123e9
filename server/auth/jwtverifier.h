// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QJsonObject>

#include "server/auth/jwtclaims.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Accepts JWTs as djangorestframework-simplejwt issues them: signed access tokens. Each key has its one algorithm and
/// a token's "alg" only chooses among the keys, so it can neither weaken a key nor turn a public one into a secret. A
/// token that names a key (kid) is verified by that key alone, or, if none has that name, by the only
/// one without a name. The cheap checks come first; nothing is ever fetched.
/// Immutable, so any thread may use it.
class JwtVerifier final : public TokenVerifier
{
public:
    /// Tokens longer than this are refused unread.
    static constexpr qsizetype kMaxTokenBytes = 8 * 1024;

    /// Fails only if there is no key, or one that cjose does not take.
    [[nodiscard]] static Result<std::unique_ptr<JwtVerifier>> create(JwtRules rules);
    ~JwtVerifier() override;
    Q_DISABLE_COPY_MOVE(JwtVerifier)

    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime now) const override;
    [[nodiscard]] bool isCostly() const override { return m_isCostly; }

private:
    struct Key;
    JwtVerifier(std::vector<Key> keys, JwtRules rules);
    /// The key that the signature is of, or why it is of none of ours.
    [[nodiscard]] Result<const Key *> judgeSignature(
        const QJsonObject &header, QByteArrayView token, qsizetype signatureBytes) const;
    /// The sentence for a signature that is of none of these.
    [[nodiscard]] static QString whyNone(
        const std::vector<const Key *> &keys, const QJsonValue &algorithm, qsizetype signatureBytes);

    std::vector<Key> m_keys;
    JwtRules m_rules;
    bool m_isCostly; ///< a key is no shared secret
};

} // namespace gatehouse
