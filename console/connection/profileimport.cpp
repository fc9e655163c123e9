// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/profileimport.h"

#include <algorithm>

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>

#include "console/connection/profilestore.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct ImportTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::ImportedProfile)
};

bool hasName(const ServerProfile &profile, const QString &name)
{
    return profile.name.compare(name, Qt::CaseInsensitive) == 0;
}

/// The frame around the profiles.
Result<QJsonArray> readFrame(const QByteArray &json)
{
    QJsonParseError parseError;
    const QJsonObject object = QJsonDocument::fromJson(json, &parseError).object();
    if (parseError.error != QJsonParseError::NoError)
        return Error{ ImportTexts::tr("The file is not valid JSON: %1 at byte %2.")
                          .arg(parseError.errorString())
                          .arg(parseError.offset),
            {} };
    if (object.value("format"_L1).toString() != ProfileStore::kFormat || object.value("version"_L1).toInt() != 1)
        return Error{ ImportTexts::tr("The file does not hold Gatehouse profiles."), u"format"_s };
    for (const QString &name : object.keys()) {
        if (name != "format"_L1 && name != "version"_L1 && name != "profiles"_L1)
            return Error{ ImportTexts::tr("This version does not know the member “%1”.").arg(name), name };
    }
    if (!object.value("profiles"_L1).isArray())
        return Error{ ImportTexts::tr("The file does not hold Gatehouse profiles."), u"profiles"_s };
    return object.value("profiles"_L1).toArray();
}

void judge(ImportedProfile &imported, const std::vector<ServerProfile> &ours)
{
    const ServerProfile &theirs = imported.profile;
    auto found
        = std::find_if(ours.begin(), ours.end(), [&theirs](const ServerProfile &own) { return own.id == theirs.id; });
    if (found == ours.end())
        found = std::find_if(
            ours.begin(), ours.end(), [&theirs](const ServerProfile &own) { return hasName(own, theirs.name); });
    if (found == ours.end())
        return;
    imported.clash = *found;
    imported.isSame = *found == theirs;
    imported.choice = imported.isSame ? ImportChoice::Skip
        : found->id == theirs.id      ? ImportChoice::Replace
                                      : ImportChoice::KeepBoth;
}

/// Two colleagues may both have a "Production": told apart.
QString freeName(const QString &wanted, const std::vector<ServerProfile> &profiles)
{
    QString name = wanted;
    for (int copy = 2; std::any_of(
             profiles.begin(), profiles.end(), [&name](const ServerProfile &other) { return hasName(other, name); });
         ++copy)
        name = u"%1 (%2)"_s.arg(wanted).arg(copy);
    return name;
}

} // namespace

Result<std::vector<ImportedProfile>> readProfiles(const QByteArray &json, const std::vector<ServerProfile> &ours)
{
    const Result<QJsonArray> array = readFrame(json);
    if (!array)
        return array.error();
    std::vector<ImportedProfile> result;
    QSet<QString> ids;
    for (qsizetype i = 0; i < array->size(); ++i) {
        Result<ServerProfile> profile = ServerProfile::fromJson(array->at(i).toObject());
        if (!profile)
            return Error{ ImportTexts::tr("Profile %1: %2").arg(i + 1).arg(profile.error().message),
                u"profiles[%1]"_s.arg(i) };
        if (ids.contains(profile->id))
            return Error{ ImportTexts::tr("Profile %1: %2 is in the file twice.").arg(i + 1).arg(profile->name),
                u"profiles[%1]"_s.arg(i) };
        ids.insert(profile->id);
        ImportedProfile imported{ std::move(profile).value() };
        judge(imported, ours);
        result.push_back(std::move(imported));
    }
    return result;
}

std::vector<ServerProfile> mergeProfiles(std::vector<ServerProfile> ours, const std::vector<ImportedProfile> &imported)
{
    for (const ImportedProfile &each : imported) {
        if (each.choice == ImportChoice::Skip)
            continue;
        ServerProfile profile = each.profile;
        // Whom the console connects to by itself is for the user of this computer to say.
        profile.connectsAtStart = false;
        if (each.choice == ImportChoice::Replace && each.clash) {
            // The stored token belongs to the id: it must not be sent to another server.
            profile.id = profile.url == each.clash->url ? each.clash->id : ServerProfile::create({}, {}).id;
            profile.connectsAtStart = profile.url == each.clash->url && each.clash->connectsAtStart
                && profile.environment != Environment::Production;
            std::erase_if(ours, [&each](const ServerProfile &own) { return own.id == each.clash->id; });
        } else if (std::any_of(ours.begin(), ours.end(),
                       [&profile](const ServerProfile &own) { return own.id == profile.id; })) {
            profile.id = ServerProfile::create({}, {}).id;
        }
        profile.name = freeName(profile.name, ours);
        ours.push_back(std::move(profile));
    }
    return ours;
}

} // namespace gatehouse
