// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QStringList>

namespace gatehouse {

/// Which Origins may open the channel: ALLOWED_HOSTS with the meaning of Django Channels' AllowedHostsOriginValidator.
/// Immutable; any thread.
class OriginPolicy final
{
public:
    /// `patterns` as in ALLOWED_HOSTS. With `isDebug` an empty list allows localhost, 127.0.0.1 and [::1].
    OriginPolicy(const QStringList &patterns, bool isDebug, bool allowsMissing);

    /// `origin` is the header's value; nullopt if there was none.
    [[nodiscard]] bool allows(const std::optional<QByteArray> &origin) const;

private:
    struct Pattern
    {
        QByteArray scheme;          ///< empty: any scheme and any port
        QByteArray host;            ///< in lower case; "*" for all
        bool hasSubdomains = false; ///< was written with a leading dot
        int port = -1;
    };
    struct Origin
    {
        QByteArray scheme;
        QByteArray host;
        int port = -1; ///< effective; -1 if unknown
    };
    [[nodiscard]] static std::optional<Origin> parse(const QByteArray &text);
    [[nodiscard]] static bool matches(const Pattern &pattern, const Origin &origin);

    std::vector<Pattern> m_patterns;
    bool m_allowsAll = false;
    bool m_allowsMissing;
};

} // namespace gatehouse
