// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/auth/jwtsigner.h"
#include "server/auth/jwtverifier.h"
#include "tests/support/testkeys.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

const JwtKey kKey{ {}, QByteArray(40, 'k') };
const JwtKey kStrangeKey{ {}, QByteArray(40, 's') };

QByteArray tokenOf(const JwtKey &key)
{
    return JwtSigner(key, {}).sign({ u"42"_s, Role::None, {}, std::chrono::hours(1) }, UtcTime{}).value();
}

template <typename Expected> void verify(benchmark::State &state, const QByteArray &token, const JwtKey &key = kKey)
{
    const auto verifier = JwtVerifier::create({ { key }, {}, {} });
    for (auto _ : state) {
        const TokenVerdict verdict = verifier.value()->verify(token, UtcTime{});
        if (!std::holds_alternative<Expected>(verdict))
            state.SkipWithError("judged otherwise");
    }
}

/// With a key pair of the test keys.
void verifyPublic(
    benchmark::State &state, const QByteArray &privatePem, const QByteArray &publicPem, JwtAlgorithm algorithm)
{
    const auto signer = JwtSigner::fromPrivateKey(privatePem, {}, algorithm, {});
    const auto keys = parseJwtKeys(publicPem, u"keys"_s, algorithm, UtcTime{});
    const QByteArray token = signer.value().sign({ u"42"_s, Role::None, {}, std::chrono::hours(1) }, UtcTime{}).value();
    verify<Identity>(state, token, keys.value().keys.front());
}

void jwtVerify(benchmark::State &state)
{
    verify<Identity>(state, tokenOf(kKey));
}
BENCHMARK(jwtVerify);

void jwtVerifyRs256(benchmark::State &state)
{
    verifyPublic(state, testkeys::kRsaPrivatePem, testkeys::kRsaPem, JwtAlgorithm::Rs256);
}
BENCHMARK(jwtVerifyRs256);

void jwtVerifyPs256(benchmark::State &state)
{
    verifyPublic(state, testkeys::kRsaPrivatePem, testkeys::kRsaPem, JwtAlgorithm::Ps256);
}
BENCHMARK(jwtVerifyPs256);

void jwtVerifyEs256(benchmark::State &state)
{
    verifyPublic(state, testkeys::kP256PrivatePem, testkeys::kP256Pem, JwtAlgorithm::Es256);
}
BENCHMARK(jwtVerifyEs256);

void jwtVerifyEs384(benchmark::State &state)
{
    verifyPublic(state, testkeys::kP384PrivatePem, testkeys::kP384Pem, JwtAlgorithm::Es384);
}
BENCHMARK(jwtVerifyEs384);

void jwtVerifyBadSignature(benchmark::State &state)
{
    verify<TokenRefusal>(state, tokenOf(kStrangeKey));
}
BENCHMARK(jwtVerifyBadSignature);

void jwtVerifyGarbage(benchmark::State &state)
{
    verify<TokenRefusal>(state, QByteArray(300, 'x'));
}
BENCHMARK(jwtVerifyGarbage);

} // namespace
