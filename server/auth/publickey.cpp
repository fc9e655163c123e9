// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/publickey.h"

#include <algorithm>
#include <array>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "server/auth/opensslhandles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxExponentBits = 32;

const unsigned char *bytesOf(const QByteArray &number)
{
    return reinterpret_cast<const unsigned char *>(number.constData());
}

QString curveOf(const EVP_PKEY *key)
{
    std::array<char, 64> name{};
    size_t length = 0;
    const bool isKnown
        = EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), &length);
    return isKnown ? QString::fromLatin1(name.data(), qsizetype(length)) : QString();
}

bool isSound(EVP_PKEY *key)
{
    const OpenSslPtr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    const bool isSound = context && EVP_PKEY_public_check(context.get()) == 1;
    ERR_clear_error();
    return isSound;
}

Result<PublicKey> readRsa(EVP_PKEY *key)
{
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < kMinRsaBits || bits > kMaxRsaBits)
        return Error{ u"is a %1-bit RSA key; %2 to %3 bits are accepted"_s.arg(bits).arg(kMinRsaBits).arg(kMaxRsaBits),
            {} };
    PublicKey numbers{ JwtKeyType::Rsa, keyNumber(key, OSSL_PKEY_PARAM_RSA_N), keyNumber(key, OSSL_PKEY_PARAM_RSA_E) };
    const QByteArray &exponent = numbers.exponentOrY;
    const bool isOdd = !exponent.isEmpty() && (exponent.back() & 1) != 0;
    if (!isOdd || exponent == QByteArray(1, '\1') || exponent.size() > kMaxExponentBits / 8 || !isSound(key))
        return Error{ u"is not a sound RSA key"_s, {} };
    return numbers;
}

Result<PublicKey> readEc(EVP_PKEY *key)
{
    const QString curve = curveOf(key);
    const bool isP256 = curve == "prime256v1"_L1;
    if (!isP256 && curve != "secp384r1"_L1)
        return Error{ u"is an EC key of a curve that is not P-256 or P-384"_s, {} };
    if (!isSound(key))
        return Error{ u"is not a point of its curve"_s, {} };
    const qsizetype bytes = isP256 ? 32 : 48;
    return PublicKey{ isP256 ? JwtKeyType::P256 : JwtKeyType::P384, keyNumber(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes),
        keyNumber(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes) };
}

/// OpenSSL's form of the numbers; null if it does not take them.
OpenSslPtr<EVP_PKEY> makeKey(const PublicKey &numbers)
{
    const bool isRsa = numbers.type == JwtKeyType::Rsa;
    const QByteArray point = '\4' + numbers.modulusOrX + numbers.exponentOrY; // uncompressed
    const OpenSslPtr<BIGNUM> modulus(BN_bin2bn(bytesOf(numbers.modulusOrX), int(numbers.modulusOrX.size()), nullptr));
    const OpenSslPtr<BIGNUM> exponent(
        BN_bin2bn(bytesOf(numbers.exponentOrY), int(numbers.exponentOrY.size()), nullptr));
    const OpenSslPtr<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    const char *curve = numbers.type == JwtKeyType::P256 ? "prime256v1" : "secp384r1";
    const bool isBuilt = builder && modulus && exponent
        && (isRsa ? OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get())
                    && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get())
                  : OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0)
                    && OSSL_PARAM_BLD_push_octet_string(
                        builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.constData(), size_t(point.size())));
    const OpenSslPtr<OSSL_PARAM> parameters(isBuilt ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    const OpenSslPtr<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, isRsa ? "RSA" : "EC", nullptr));
    EVP_PKEY *key = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1)
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get());
    ERR_clear_error();
    return OpenSslPtr<EVP_PKEY>(key);
}

} // namespace

QByteArray keyNumber(const EVP_PKEY *key, const char *name, qsizetype bytes)
{
    BIGNUM *found = nullptr;
    if (!EVP_PKEY_get_bn_param(key, name, &found)) {
        ERR_clear_error();
        return {};
    }
    const OpenSslPtr<BIGNUM> number(found);
    QByteArray result(std::max<qsizetype>(bytes, BN_num_bytes(number.get())), '\0');
    BN_bn2binpad(number.get(), reinterpret_cast<unsigned char *>(result.data()), int(result.size()));
    return result;
}

Result<PublicKey> readPublicKey(EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA"))
        return readRsa(key);
    if (EVP_PKEY_is_a(key, "EC"))
        return readEc(key);
    return Error{ u"is neither an RSA nor an EC key"_s, {} };
}

Result<PublicKey> checkPublicKey(const PublicKey &numbers)
{
    if (numbers.type == JwtKeyType::Rsa && numbers.modulusOrX.size() > kMaxRsaBits / 8)
        return Error{ u"is an RSA key of more than %1 bits"_s.arg(kMaxRsaBits), {} };
    const OpenSslPtr<EVP_PKEY> key = makeKey(numbers);
    if (!key)
        return Error{ numbers.type == JwtKeyType::Rsa ? u"is not a sound RSA key"_s : u"is not a point of its curve"_s,
            {} };
    return readPublicKey(key.get());
}

} // namespace gatehouse
