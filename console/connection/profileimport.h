// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>

#include "console/connection/serverprofile.h"

namespace gatehouse {

enum class ImportChoice : quint8
{
    Add,
    Replace,  ///< one of ours; its stored token stays only where the server is the same
    KeepBoth, ///< under a name of its own
    Skip,
};

/// A profile that somebody handed over, before it is taken.
struct ImportedProfile
{
    ServerProfile profile;
    std::optional<ServerProfile> clash{}; ///< ours that has its id or its name; the user is asked
    bool isSame = false;                  ///< as ours: there is nothing to do
    ImportChoice choice = ImportChoice::Add;
};

/// Reads what ProfileStore::exportJson() wrote, all or nothing, and holds it against ours. Members that this version
/// does not know are kept within a profile (ServerProfile::unknown) and refused elsewhere; what may be a secret is
/// refused everywhere. The error names what is wrong.
[[nodiscard]] Result<std::vector<ImportedProfile>> readProfiles(
    const QByteArray &json, const std::vector<ServerProfile> &ours);

/// Ours with what was chosen of the imported.
[[nodiscard]] std::vector<ServerProfile> mergeProfiles(
    std::vector<ServerProfile> ours, const std::vector<ImportedProfile> &imported);

} // namespace gatehouse
