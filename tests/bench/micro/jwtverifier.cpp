// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/auth/jwtsigner.h"
#include "server/auth/jwtverifier.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

const JwtKey kKey{ {}, QByteArray(40, 'k') };
const JwtKey kStrangeKey{ {}, QByteArray(40, 's') };

QByteArray tokenOf(const JwtKey &key)
{
    return JwtSigner(key, {}).sign({ u"42"_s, Role::None, {}, std::chrono::hours(1) }, UtcTime{}).value();
}

template <typename Expected> void verify(benchmark::State &state, const QByteArray &token)
{
    const auto verifier = JwtVerifier::create({ { kKey }, {}, {} });
    for (auto _ : state) {
        const TokenVerdict verdict = verifier.value()->verify(token, UtcTime{});
        if (!std::holds_alternative<Expected>(verdict))
            state.SkipWithError("judged otherwise");
    }
}

void jwtVerify(benchmark::State &state)
{
    verify<Identity>(state, tokenOf(kKey));
}
BENCHMARK(jwtVerify);

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
