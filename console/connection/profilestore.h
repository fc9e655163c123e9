// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QSettings>

#include "console/connection/serverprofile.h"

namespace gatehouse {

/// The saved profiles, in an INI file. GUI thread.
class ProfileStore final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ProfileStore)

public:
    static constexpr QLatin1StringView kFormat{ "gatehouse-profiles" };

    /// Reads the file; one that does not exist is empty. Entries that cannot be read are left out and named by
    /// warnings().
    explicit ProfileStore(const QString &filePath, QObject *parent = nullptr);

    [[nodiscard]] const std::vector<ServerProfile> &profiles() const { return m_profiles; }
    [[nodiscard]] std::optional<ServerProfile> find(const QString &id) const;
    [[nodiscard]] const QStringList &warnings() const { return m_warnings; }

    /// Adds the profile, or replaces the one with its id. Refuses one without name or valid URL, and a name in use. At
    /// most one connects at the start: the last that was saved so.
    [[nodiscard]] Status save(const ServerProfile &profile);
    [[nodiscard]] Status remove(const QString &id);

    /// The profile used last; empty if none.
    [[nodiscard]] QString lastUsedId() const;
    void setLastUsedId(const QString &id);

    /// The one to connect to when the console starts; never a production server.
    [[nodiscard]] std::optional<ServerProfile> startProfile() const;
    /// The private authorities (PEM) of all profiles of this server: scheme, host and port.
    [[nodiscard]] QByteArray authoritiesOf(const QUrl &server) const;

    /// All profiles without tokens, to hand to a colleague. readProfiles() reads it.
    [[nodiscard]] QByteArray exportJson() const;
    /// Puts others in place of all, as mergeProfiles() made them.
    [[nodiscard]] Status replaceAll(std::vector<ServerProfile> profiles);

Q_SIGNALS:
    void profilesChanged();

private:
    void load();
    [[nodiscard]] Status write();

    QSettings m_settings;
    std::vector<ServerProfile> m_profiles;
    QStringList m_warnings;
};

} // namespace gatehouse
