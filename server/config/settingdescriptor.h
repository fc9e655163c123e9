// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QString>

#include "shared/limits/limitdescriptor.h"

namespace gatehouse {

/// How a setting's text is read.
enum class SettingKind : quint8
{
    Text,
    Boolean, ///< true/1/yes/on and false/0/no/off
    Number,  ///< a whole number within bounds
    Bytes,   ///< a whole number, in KiB, MiB or GiB where K, M or G stands behind it
    Choice,  ///< one of a few words
    List,    ///< comma-separated
    Listen,  ///< host:port, [v6]:port, :port or unix:/path
    Path,
    Url, ///< may hold credentials: shown only up to the host
};

/// What of a deployment a wrong setting spoils, as `gatehouse check` reports it.
enum class SettingArea : quint8
{
    Other,
    Limits,
    State, ///< where it is kept
};

/// One row of the table of settings. Environment names, flags, defaults, usage texts and `gatehouse config` are derived
/// from it; the limits' rows are derived from limitDescriptors().
struct SettingDescriptor
{
    QString name; ///< as in the environment and in .env: "LISTEN"
    QString flag; ///< on the command line: "--listen"; empty where a flag would reveal a secret to other users
    SettingKind kind = SettingKind::Text;
    std::optional<QString> defaultValue; ///< nullopt: found at start-up, see help
    bool isSecret = false;               ///< its value is never shown
    bool mayBeEmpty = false;             ///< an empty value means "none" instead of a mistake
    QString help;                        ///< one English sentence
    std::optional<LimitKey> limit;       ///< set for the rows that are derived from a limit
    SettingArea area = SettingArea::Other;
};

/// All settings in the order in which people read them: general ones first, then each limit and its mode.
[[nodiscard]] const std::vector<SettingDescriptor> &settingDescriptors();
/// Finds a row by its environment name; nullptr if there is none.
[[nodiscard]] const SettingDescriptor *findSetting(QStringView name);
/// Finds a row by its flag ("--listen"); nullptr if there is none.
[[nodiscard]] const SettingDescriptor *findSettingByFlag(QStringView flag);
/// The setting that a misspelt name was probably meant to be; nullptr if none is close.
[[nodiscard]] const SettingDescriptor *closestSetting(QStringView name);

} // namespace gatehouse
