// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/serverprofile.h"

#include <algorithm>
#include <array>

#include <QtCore/QCoreApplication>
#include <QtCore/QUuid>
#include <QtNetwork/QHostAddress>

#include "console/connection/authority.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array kEnvironments{ Environment::Unspecified, Environment::Development, Environment::Staging,
    Environment::Production };

struct ProfileTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::ServerProfile)
};

constexpr std::array kProfileMembers{ "id"_L1, "name"_L1, "url"_L1, "color"_L1, "environment"_L1, "stores_token"_L1,
    "connects_at_start"_L1, "authority"_L1 };
constexpr std::array kSecretWords{ "token"_L1, "secret"_L1, "password"_L1, "jwt"_L1, "credential"_L1, "key"_L1,
    "bearer"_L1 };

/// What another version added. Profiles are handed around, so nothing that may be a secret is taken in, not even
/// unread.
Result<QJsonObject> unknownMembers(const QJsonObject &object)
{
    QJsonObject unknown;
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (std::find(kProfileMembers.begin(), kProfileMembers.end(), member.key()) != kProfileMembers.end())
            continue;
        if (std::any_of(kSecretWords.begin(), kSecretWords.end(),
                [&](QLatin1StringView word) { return member.key().contains(word, Qt::CaseInsensitive); }))
            return Error{ ProfileTexts::tr("“%1” may be a secret, and profiles hold none. Take it out of the file.")
                              .arg(member.key()),
                member.key() };
        unknown.insert(member.key(), member.value());
    }
    return unknown;
}

bool isLoopback(const QString &host)
{
    return host == "localhost"_L1 || host.endsWith(".localhost"_L1) || QHostAddress(host).isLoopback();
}

} // namespace

QLatin1StringView environmentName(Environment environment)
{
    switch (environment) {
    case Environment::Unspecified:
        return "none"_L1;
    case Environment::Development:
        return "development"_L1;
    case Environment::Staging:
        return "staging"_L1;
    case Environment::Production:
        break;
    }
    return "production"_L1;
}

QString environmentTitle(Environment environment)
{
    switch (environment) {
    case Environment::Unspecified:
        return ProfileTexts::tr("None");
    case Environment::Development:
        return ProfileTexts::tr("Development");
    case Environment::Staging:
        return ProfileTexts::tr("Staging");
    case Environment::Production:
        break;
    }
    return ProfileTexts::tr("Production");
}

ServerProfile ServerProfile::create(const QString &name, const QUrl &url)
{
    ServerProfile profile;
    profile.id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    profile.name = name;
    profile.url = url;
    return profile;
}

QJsonObject ServerProfile::toJson() const
{
    QJsonObject object = unknown;
    object.insert("id"_L1, id);
    object.insert("name"_L1, name);
    object.insert("url"_L1, url.toString());
    object.insert("color"_L1, color.isValid() ? color.name() : QString());
    object.insert("environment"_L1, environmentName(environment));
    object.insert("stores_token"_L1, storesToken);
    object.insert("connects_at_start"_L1, connectsAtStart);
    if (!authority.isEmpty())
        object.insert("authority"_L1, QString::fromLatin1(authority));
    return object;
}

Result<ServerProfile> ServerProfile::fromJson(const QJsonObject &object)
{
    ServerProfile profile;
    profile.id = QUuid(object.value("id"_L1).toString()).toString(QUuid::WithoutBraces);
    if (QUuid(object.value("id"_L1).toString()).isNull())
        return Error{ ProfileTexts::tr("The profile's id is not a UUID."), u"id"_s };
    profile.name = object.value("name"_L1).toString().trimmed();
    if (profile.name.isEmpty())
        return Error{ ProfileTexts::tr("The profile has no name."), u"name"_s };
    const Result<QUrl> url = parseServerUrl(object.value("url"_L1).toString());
    if (!url)
        return Error{ profile.name + ": "_L1 + url.error().message, u"url"_s };
    profile.url = *url;
    const QString color = object.value("color"_L1).toString();
    if (!color.isEmpty()) {
        profile.color = QColor(color);
        if (!profile.color.isValid())
            return Error{ ProfileTexts::tr("%1: “%2” is not a colour.").arg(profile.name, color), u"color"_s };
    }
    const QString environment = object.value("environment"_L1).toString(environmentName(Environment::Unspecified));
    const auto found = std::find_if(kEnvironments.begin(), kEnvironments.end(),
        [&](Environment one) { return environmentName(one) == environment; });
    if (found == kEnvironments.end())
        return Error{ ProfileTexts::tr("%1: “%2” is not an environment.").arg(profile.name, environment),
            u"environment"_s };
    profile.environment = *found;
    profile.storesToken = object.value("stores_token"_L1).toBool(true);
    profile.connectsAtStart
        = object.value("connects_at_start"_L1).toBool(false) && profile.environment != Environment::Production;
    if (const QByteArray pem = object.value("authority"_L1).toString().toUtf8(); !pem.isEmpty()) {
        const Result<Authority> authority = readAuthority(pem);
        if (!authority)
            return Error{
                ProfileTexts::tr("%1: the authority is none. %2").arg(profile.name, authority.error().message),
                u"authority"_s
            };
        profile.authority = authority->pem;
    }
    const Result<QJsonObject> unknown = unknownMembers(object);
    if (!unknown)
        return Error{ profile.name + ": "_L1 + unknown.error().message, unknown.error().field };
    profile.unknown = *unknown;
    return profile;
}

Result<QUrl> parseServerUrl(const QString &text)
{
    QString typed = text.trimmed();
    if (typed.isEmpty())
        return Error{ ProfileTexts::tr("Enter the server's address, such as http://127.0.0.1:8080."), u"url"_s };
    if (!typed.contains("://"_L1)) {
        const QUrl guess("//"_L1 + typed);
        typed.prepend(isLoopback(guess.host()) ? "http://"_L1 : "https://"_L1);
    }
    QUrl url(typed, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty())
        return Error{ ProfileTexts::tr("“%1” is not a server's address.").arg(text.trimmed()), u"url"_s };
    if (url.scheme() != "http"_L1 && url.scheme() != "https"_L1)
        return Error{ ProfileTexts::tr("“%1” must begin with http:// or https://.").arg(text.trimmed()), u"url"_s };
    if (!url.userInfo().isEmpty() || url.hasQuery() || url.hasFragment())
        return Error{ ProfileTexts::tr("“%1” must be an address alone, without user name, ? or #.").arg(text.trimmed()),
            u"url"_s };
    while (url.path().endsWith(u'/'))
        url.setPath(url.path().chopped(1));
    return url;
}

} // namespace gatehouse
