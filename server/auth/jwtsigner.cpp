// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtsigner.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>
#include <QtCore/QUuid>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "server/auth/cjosekeys.h"
#include "server/auth/jwtclaims.h"
#include "server/auth/opensslhandles.h"
#include "server/auth/publickey.h"
#include "shared/util/compactjson.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

CjoseHeader makeHeader(JwtAlgorithm algorithm, const QString &keyId)
{
    CjoseHeader header(cjose_header_new(nullptr));
    const QByteArray id = keyId.toUtf8();
    const bool isComplete = header
        && cjose_header_set(header.get(), CJOSE_HDR_ALG, jwtAlgorithm(algorithm).name.data(), nullptr)
        && cjose_header_set(header.get(), "typ", "JWT", nullptr)
        && (id.isEmpty() || cjose_header_set(header.get(), CJOSE_HDR_KID, id.constData(), nullptr));
    return isComplete ? std::move(header) : CjoseHeader();
}

/// Answers OpenSSL's question for a passphrase with "none", instead of asking at the terminal.
int noPassphrase(char *, int, int, void *)
{
    return 0;
}

OpenSslPtr<EVP_PKEY> readPrivateKey(const QByteArray &pem)
{
    BIO *text = BIO_new_mem_buf(pem.constData(), int(pem.size()));
    OpenSslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(text, nullptr, noPassphrase, nullptr));
    BIO_free(text);
    ERR_clear_error();
    return key;
}

} // namespace

JwtSigner::JwtSigner(const JwtKey &key, TokenForm form)
    : JwtSigner(std::shared_ptr<_cjose_jwk_int>(key.isSecret() ? makeCjoseKey(key) : CjoseKey()), key.id, key.algorithm,
        std::move(form))
{
}

JwtSigner::JwtSigner(std::shared_ptr<_cjose_jwk_int> key, QString keyId, JwtAlgorithm algorithm, TokenForm form)
    : m_key(std::move(key))
    , m_keyId(std::move(keyId))
    , m_algorithm(algorithm)
    , m_form(std::move(form))
{
    if (m_form.userClaim.isEmpty())
        m_form.userClaim = u"user_id"_s;
}

Result<JwtSigner> JwtSigner::fromPrivateKey(
    const QByteArray &pem, const QString &keyId, std::optional<JwtAlgorithm> algorithm, TokenForm form)
{
    const OpenSslPtr<EVP_PKEY> key = readPrivateKey(pem);
    if (!key)
        return Error{ u"holds no private key that can be read without a passphrase"_s, {} };
    const Result<PublicKey> publicKey = readPublicKey(key.get());
    if (!publicKey)
        return publicKey.error();
    const JwtAlgorithm chosen = algorithm.value_or(algorithmFor(publicKey->type, std::nullopt));
    if (jwtAlgorithm(chosen).keyType != publicKey->type)
        return Error{ u"is no key for %1"_s.arg(jwtAlgorithm(chosen).name), {} };
    return JwtSigner(
        std::shared_ptr<_cjose_jwk_int>(makeCjosePrivateKey(key.get(), *publicKey)), keyId, chosen, std::move(form));
}

Result<QByteArray> JwtSigner::sign(const TokenRequest &request, UtcTime now) const
{
    const Error failed{ u"the token cannot be signed with this key"_s, u"JWT_SECRET"_s };
    const CjoseHeader header = makeHeader(m_algorithm, m_keyId);
    if (!m_key || !header)
        return failed;
    const QByteArray text = payload(request, now);
    const auto *bytes = reinterpret_cast<const uint8_t *>(text.constData());
    const CjoseSignature signature(cjose_jws_sign(m_key.get(), header.get(), bytes, size_t(text.size()), nullptr));
    const char *token = nullptr; // belongs to the signature
    if (!signature || !cjose_jws_export(signature.get(), &token, nullptr))
        return failed;
    return QByteArray(token);
}

QByteArray JwtSigner::payload(const TokenRequest &request, UtcTime now) const
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    QJsonObject claims{
        { "token_type"_L1, u"access"_s },
        { "exp"_L1, qint64((seconds + request.lifetime).count()) },
        { "iat"_L1, qint64(seconds.count()) },
        { "jti"_L1, QUuid::createUuid().toString(QUuid::Id128) },
        { m_form.userClaim, request.user },
    };
    if (request.role != Role::None)
        claims.insert("role"_L1, roleName(request.role));
    if (!request.groups.isEmpty())
        claims.insert("groups"_L1, QJsonArray::fromStringList(request.groups));
    if (request.isTest)
        claims.insert(kTestClaim, true);
    if (!m_form.issuer.isEmpty())
        claims.insert("iss"_L1, m_form.issuer);
    if (!m_form.audience.isEmpty())
        claims.insert("aud"_L1, m_form.audience);
    return compactJson(claims);
}

} // namespace gatehouse
