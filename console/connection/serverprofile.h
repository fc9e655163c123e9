// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QJsonObject>
#include <QtCore/QUrl>
#include <QtGui/QColor>

#include "shared/util/result.h"

namespace gatehouse {

/// What a server is used for; decides how careful the console is.
enum class Environment : quint8
{
    Unspecified,
    Development,
    Staging,
    Production, ///< opens read-only
};
[[nodiscard]] QLatin1StringView environmentName(Environment environment);
[[nodiscard]] QString environmentTitle(Environment environment); ///< in the user's language

/// A server the user connects to. A plain value; never holds a token: see TokenVault.
struct ServerProfile
{
    QString id; ///< a UUID; the token's name in the vault
    QString name;
    QUrl url;     ///< http or https, without path
    QColor color; ///< frames the window; invalid for none
    Environment environment = Environment::Unspecified;
    bool storesToken = true;      ///< false: ask each time
    bool connectsAtStart = false; ///< never a production server
    QByteArray authority{};       ///< certificates (PEM) that may vouch for it beside the system's; empty: none
    QJsonObject unknown{};        ///< members of another version, kept as they are
    friend bool operator==(const ServerProfile &, const ServerProfile &) = default;

    [[nodiscard]] bool isReadOnlyAtFirst() const { return environment == Environment::Production; }

    /// A profile with a new id.
    [[nodiscard]] static ServerProfile create(const QString &name, const QUrl &url);
    [[nodiscard]] QJsonObject toJson() const;
    /// Errors name the faulty member. What may be a secret is one.
    [[nodiscard]] static Result<ServerProfile> fromJson(const QJsonObject &object);
};

/// Reads what a person typed ("example.org:8080" gets http:// for loopback names and addresses, else https://) and
/// checks it. The error is in the user's language.
[[nodiscard]] Result<QUrl> parseServerUrl(const QString &text);

} // namespace gatehouse
