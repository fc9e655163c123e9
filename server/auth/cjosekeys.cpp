// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/cjosekeys.h"

#include <openssl/core_names.h>

#include "server/auth/publickey.h"

namespace gatehouse {

namespace {

/// A number for a key specification, which cjose copies. Empty stays null, which says that there is none.
class SpecNumber
{
public:
    explicit SpecNumber(QByteArray bytes)
        : m_bytes(std::move(bytes))
    {
    }
    void writeTo(uint8_t *&data, size_t &size)
    {
        data = m_bytes.isEmpty() ? nullptr : reinterpret_cast<uint8_t *>(m_bytes.data());
        size = size_t(m_bytes.size());
    }

private:
    QByteArray m_bytes;
};

cjose_jwk_ec_curve curveOf(JwtKeyType type)
{
    return type == JwtKeyType::P256 ? CJOSE_JWK_EC_P_256 : CJOSE_JWK_EC_P_384;
}

CjoseKey makeRsaKey(const EVP_PKEY *privateKey, const PublicKey &publicKey)
{
    const auto secret = [privateKey](const char *name) {
        return SpecNumber(privateKey ? keyNumber(privateKey, name) : QByteArray());
    };
    cjose_jwk_rsa_keyspec spec{};
    SpecNumber n(publicKey.modulusOrX);
    SpecNumber e(publicKey.exponentOrY);
    SpecNumber d = secret(OSSL_PKEY_PARAM_RSA_D);
    SpecNumber p = secret(OSSL_PKEY_PARAM_RSA_FACTOR1);
    SpecNumber q = secret(OSSL_PKEY_PARAM_RSA_FACTOR2);
    SpecNumber dp = secret(OSSL_PKEY_PARAM_RSA_EXPONENT1);
    SpecNumber dq = secret(OSSL_PKEY_PARAM_RSA_EXPONENT2);
    SpecNumber qi = secret(OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
    n.writeTo(spec.n, spec.nlen);
    e.writeTo(spec.e, spec.elen);
    d.writeTo(spec.d, spec.dlen);
    p.writeTo(spec.p, spec.plen);
    q.writeTo(spec.q, spec.qlen);
    dp.writeTo(spec.dp, spec.dplen);
    dq.writeTo(spec.dq, spec.dqlen);
    qi.writeTo(spec.qi, spec.qilen);
    return CjoseKey(cjose_jwk_create_RSA_spec(&spec, nullptr));
}

CjoseKey makeEcKey(const EVP_PKEY *privateKey, const PublicKey &publicKey)
{
    cjose_jwk_ec_keyspec spec{};
    spec.crv = curveOf(publicKey.type);
    SpecNumber x(publicKey.modulusOrX);
    SpecNumber y(publicKey.exponentOrY);
    SpecNumber d(
        privateKey ? keyNumber(privateKey, OSSL_PKEY_PARAM_PRIV_KEY, publicKey.modulusOrX.size()) : QByteArray());
    x.writeTo(spec.x, spec.xlen);
    y.writeTo(spec.y, spec.ylen);
    d.writeTo(spec.d, spec.dlen);
    return CjoseKey(cjose_jwk_create_EC_spec(&spec, nullptr));
}

} // namespace

CjoseKey makeCjoseKey(const JwtKey &key)
{
    if (key.isSecret()) {
        const auto *secret = reinterpret_cast<const uint8_t *>(key.secret.constData());
        return CjoseKey(cjose_jwk_create_oct_spec(secret, size_t(key.secret.size()), nullptr));
    }
    return key.publicKey.type == JwtKeyType::Rsa ? makeRsaKey(nullptr, key.publicKey)
                                                 : makeEcKey(nullptr, key.publicKey);
}

CjoseKey makeCjosePrivateKey(const EVP_PKEY *key, const PublicKey &publicKey)
{
    return publicKey.type == JwtKeyType::Rsa ? makeRsaKey(key, publicKey) : makeEcKey(key, publicKey);
}

} // namespace gatehouse
