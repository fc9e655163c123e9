// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtalgorithm.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

// In the order of the enumeration; the first of each type is its default.
constexpr std::array<JwtAlgorithmDescriptor, 9> kAlgorithms{ {
    { JwtAlgorithm::Hs256, "HS256"_L1, JwtKeyType::Secret, 32, 32 },
    { JwtAlgorithm::Hs384, "HS384"_L1, JwtKeyType::Secret, 48, 48 },
    { JwtAlgorithm::Hs512, "HS512"_L1, JwtKeyType::Secret, 64, 64 },
    { JwtAlgorithm::Rs256, "RS256"_L1, JwtKeyType::Rsa, 0, 0 },
    { JwtAlgorithm::Rs384, "RS384"_L1, JwtKeyType::Rsa, 0, 0 },
    { JwtAlgorithm::Rs512, "RS512"_L1, JwtKeyType::Rsa, 0, 0 },
    { JwtAlgorithm::Ps256, "PS256"_L1, JwtKeyType::Rsa, 0, 0 },
    { JwtAlgorithm::Es256, "ES256"_L1, JwtKeyType::P256, 64, 0 },
    { JwtAlgorithm::Es384, "ES384"_L1, JwtKeyType::P384, 96, 0 },
} };

} // namespace

const JwtAlgorithmDescriptor &jwtAlgorithm(JwtAlgorithm algorithm)
{
    return kAlgorithms[size_t(algorithm)];
}

std::optional<JwtAlgorithm> parseJwtAlgorithm(QStringView name)
{
    const auto found
        = std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [name](const auto &row) { return name == row.name; });
    return found == kAlgorithms.end() ? std::nullopt : std::optional(found->algorithm);
}

JwtAlgorithm algorithmFor(JwtKeyType type, std::optional<JwtAlgorithm> preferred)
{
    if (preferred && jwtAlgorithm(*preferred).keyType == type)
        return *preferred;
    return std::find_if(kAlgorithms.begin(), kAlgorithms.end(), [type](const auto &row) {
        return row.keyType == type;
    })->algorithm;
}

} // namespace gatehouse
