// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QString>

#include "shared/protocol/role.h"

namespace gatehouse {

/// What a table's cell, or a fact of the details, can be about.
enum class SubjectKind : quint8
{
    Address,
    User,
    Origin,
    Token, ///< its fingerprint
    Decision,
    Connection,
};

/// One of those: it stays the same whatever happens in the tables. A plain value.
struct Subject
{
    SubjectKind kind = SubjectKind::Address;
    QString value;   ///< as on the wire
    QString limit{}; ///< the key of the limit that it ran into; empty: none
    friend bool operator==(const Subject &, const Subject &) = default;
};

/// What can be done about a subject.
enum class SubjectAction : quint8
{
    OnlyThis,
    Everything,
    Copy,
    Ban,
    LogOut,
    Exempt,
    ExemptNetwork,
    OwnNumber,
    ChangeLimit,
};

/// "address", "user", "origin", "token", "decision", "connection".
[[nodiscard]] QLatin1StringView subjectKindName(SubjectKind kind);
/// "only", "everything", "copy", "ban", "logout", "exempt", "exemptnetwork", "ownlimit", "changelimit".
[[nodiscard]] QLatin1StringView subjectActionName(SubjectAction action);
/// "User 24", in the user's language.
[[nodiscard]] QString subjectTitle(const Subject &subject);
/// What makes sense for it, in the order of the menu: by its kind, and by what is known of it.
[[nodiscard]] std::vector<SubjectAction> actionsFor(const Subject &subject);
/// In words: "Ban user 24…".
[[nodiscard]] QString actionTitle(SubjectAction action, const Subject &subject);
/// Who may do it.
[[nodiscard]] Role roleFor(SubjectAction action);
/// What an address is probably a part of, to begin with: the /24 of IPv4; of IPv6 its bucket, which is a network.
[[nodiscard]] QString networkOf(const QString &address);

} // namespace gatehouse
