// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/serverprofile.h"

#include <algorithm>
#include <array>

#include <QtCore/QCoreApplication>
#include <QtCore/QUuid>
#include <QtNetwork/QHostAddress>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array kEnvironments{ Environment::Unspecified, Environment::Development, Environment::Staging,
    Environment::Production };

struct ProfileTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::ServerProfile)
};

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
    return {
        { "id"_L1, id },
        { "name"_L1, name },
        { "url"_L1, url.toString() },
        { "color"_L1, color.isValid() ? color.name() : QString() },
        { "environment"_L1, environmentName(environment) },
        { "stores_token"_L1, storesToken },
        { "connects_at_start"_L1, connectsAtStart },
    };
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
    profile.connectsAtStart = object.value("connects_at_start"_L1).toBool(false);
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
