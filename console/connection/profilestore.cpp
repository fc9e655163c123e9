// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/profilestore.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kArray("profiles");
constexpr QLatin1StringView kEntry("profile");
constexpr QLatin1StringView kLastUsed("lastUsedProfile");

} // namespace

ProfileStore::ProfileStore(const QString &filePath, QObject *parent)
    : QObject(parent)
    , m_settings(filePath, QSettings::IniFormat)
{
    load();
}

void ProfileStore::load()
{
    if (m_settings.status() != QSettings::NoError)
        m_warnings << tr("The settings file %1 cannot be read.").arg(m_settings.fileName());
    const int count = m_settings.beginReadArray(kArray);
    for (int i = 0; i < count; ++i) {
        m_settings.setArrayIndex(i);
        const QByteArray json = m_settings.value(kEntry).toString().toUtf8();
        Result<ServerProfile> profile = ServerProfile::fromJson(QJsonDocument::fromJson(json).object());
        if (profile)
            m_profiles.push_back(std::move(profile).value());
        else
            m_warnings << tr("Profile %1 of %2 was left out. %3")
                              .arg(i + 1)
                              .arg(m_settings.fileName(), profile.error().message);
    }
    m_settings.endArray();
}

Status ProfileStore::write()
{
    m_settings.remove(kArray);
    m_settings.beginWriteArray(kArray, int(m_profiles.size()));
    for (size_t i = 0; i < m_profiles.size(); ++i) {
        m_settings.setArrayIndex(int(i));
        const QByteArray json = QJsonDocument(m_profiles[i].toJson()).toJson(QJsonDocument::Compact);
        m_settings.setValue(kEntry, QString::fromUtf8(json));
    }
    m_settings.endArray();
    m_settings.sync();
    if (m_settings.status() != QSettings::NoError)
        return Error{ tr("The settings file %1 cannot be written.").arg(m_settings.fileName()), {} };
    return ok();
}

std::optional<ServerProfile> ProfileStore::find(const QString &id) const
{
    const auto found = std::find_if(
        m_profiles.begin(), m_profiles.end(), [&](const ServerProfile &profile) { return profile.id == id; });
    return found != m_profiles.end() ? std::optional(*found) : std::nullopt;
}

Status ProfileStore::save(const ServerProfile &profile)
{
    const Result<ServerProfile> checked = ServerProfile::fromJson(profile.toJson());
    if (!checked)
        return checked.error();
    for (const ServerProfile &other : m_profiles) {
        if (other.id != profile.id && other.name.compare(checked->name, Qt::CaseInsensitive) == 0)
            return Error{ tr("There is a profile named “%1” already.").arg(other.name), u"name"_s };
    }
    if (checked->connectsAtStart) {
        for (ServerProfile &other : m_profiles)
            other.connectsAtStart = false;
    }
    const auto known = std::find_if(
        m_profiles.begin(), m_profiles.end(), [&](const ServerProfile &other) { return other.id == profile.id; });
    if (known != m_profiles.end())
        *known = *checked;
    else
        m_profiles.push_back(*checked);
    Status status = write();
    Q_EMIT profilesChanged();
    return status;
}

Status ProfileStore::remove(const QString &id)
{
    if (std::erase_if(m_profiles, [&](const ServerProfile &profile) { return profile.id == id; }) == 0)
        return Error{ tr("There is no such profile."), u"id"_s };
    if (lastUsedId() == id)
        setLastUsedId({});
    Status status = write();
    Q_EMIT profilesChanged();
    return status;
}

QString ProfileStore::lastUsedId() const
{
    return m_settings.value(kLastUsed).toString();
}

void ProfileStore::setLastUsedId(const QString &id)
{
    m_settings.setValue(kLastUsed, id);
}

QByteArray ProfileStore::exportJson() const
{
    QJsonArray array;
    for (const ServerProfile &profile : m_profiles)
        array.append(profile.toJson());
    return QJsonDocument(QJsonObject{ { "format"_L1, kFormat }, { "version"_L1, 1 }, { "profiles"_L1, array } })
        .toJson();
}

Status ProfileStore::replaceAll(std::vector<ServerProfile> profiles)
{
    m_profiles = std::move(profiles);
    Status status = write();
    Q_EMIT profilesChanged();
    return status;
}

std::optional<ServerProfile> ProfileStore::startProfile() const
{
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(), [](const ServerProfile &profile) {
        return profile.connectsAtStart && profile.environment != Environment::Production;
    });
    return found != m_profiles.end() ? std::optional(*found) : std::nullopt;
}

QByteArray ProfileStore::authoritiesOf(const QUrl &server) const
{
    QByteArray authorities;
    for (const ServerProfile &profile : m_profiles) {
        if (profile.url.scheme() == server.scheme() && profile.url.authority() == server.authority())
            authorities += profile.authority;
    }
    return authorities;
}

} // namespace gatehouse
