// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>

#include <QtCore/QJsonObject>
#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// The two lists of rules about who may connect. A ban wins over an exemption.
enum class AccessList : quint8
{
    Bans,       ///< who is refused, and cut off when already connected
    Exemptions, ///< whose connections the limits of addresses do not count, or count against a number of their own
};

/// What a rule is about. An exemption is about addresses only.
enum class AccessKind : quint8
{
    Address, ///< one IPv4 address, or an IPv6 /64
    Cidr,    ///< a network; of IPv6 a /64 or a wider one
    User,
    TokenId, ///< a token's jti
};

/// One rule, as GET bans and GET exemptions answer it. A plain value.
struct AccessRule
{
    QString id; ///< ULID; the order of the ids is the order in time
    AccessKind kind = AccessKind::Address;
    QString value; ///< in its one canonical form
    /// With the kind User: not the user is banned, but every token of theirs that was issued before, in whole seconds.
    std::optional<UtcTime> issuedBefore{};
    /// Of an exemption: as many connections each address of it may have; nullopt: they are not counted.
    std::optional<qint64> limit{};
    QString reason{}; ///< for operators: clients do not get it
    QString note{};
    UtcTime createdAt{};
    QString createdBy{};
    std::optional<UtcTime> expiresAt{}; ///< nullopt: holds until it is lifted

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static std::optional<AccessRule> fromJson(const QJsonObject &object);
    friend bool operator==(const AccessRule &, const AccessRule &) = default;
};

/// What settings exempt: addresses and networks in their canonical form, some with a number of their own.
using ExemptNetworks = std::map<QString, std::optional<qint64>>;

/// As on the wire: "address", "cidr", "user", "token_id".
[[nodiscard]] QLatin1StringView accessKindName(AccessKind kind);
[[nodiscard]] std::optional<AccessKind> parseAccessKind(QStringView name);

} // namespace gatehouse
