// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/subject.h"

#include <algorithm>

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct SubjectTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::Subject)
};

struct ActionRow
{
    SubjectAction action;
    QLatin1StringView name;
    Role role;
    std::vector<SubjectKind> kinds;
};

/// The one table of what can be done about what, in the order of the menu.
const std::vector<ActionRow> &actionRows()
{
    using enum SubjectKind;
    static const std::vector<ActionRow> kRows{
        { SubjectAction::OnlyThis, "only"_L1, Role::Viewer, { Address, User, Origin, Token, Decision } },
        { SubjectAction::Everything, "everything"_L1, Role::Viewer, { Address, User } },
        { SubjectAction::Copy, "copy"_L1, Role::Viewer, { Address, User, Origin, Token, Decision, Connection } },
        { SubjectAction::Ban, "ban"_L1, Role::Operator, { Address, User } },
        { SubjectAction::LogOut, "logout"_L1, Role::Operator, { User } },
        { SubjectAction::Exempt, "exempt"_L1, Role::Operator, { Address } },
        { SubjectAction::ExemptNetwork, "exemptnetwork"_L1, Role::Operator, { Address } },
        { SubjectAction::OwnNumber, "ownlimit"_L1, Role::Operator, { Address } },
        { SubjectAction::ChangeLimit, "changelimit"_L1, Role::Operator, { Address, User, Decision } },
    };
    return kRows;
}

const ActionRow &rowOf(SubjectAction action)
{
    const auto &rows = actionRows();
    return *std::find_if(rows.begin(), rows.end(), [action](const ActionRow &row) { return row.action == action; });
}

} // namespace

QLatin1StringView subjectKindName(SubjectKind kind)
{
    switch (kind) {
    case SubjectKind::Address:
        return "address"_L1;
    case SubjectKind::User:
        return "user"_L1;
    case SubjectKind::Origin:
        return "origin"_L1;
    case SubjectKind::Token:
        return "token"_L1;
    case SubjectKind::Decision:
        return "decision"_L1;
    case SubjectKind::Connection:
        break;
    }
    return "connection"_L1;
}

QLatin1StringView subjectActionName(SubjectAction action)
{
    return rowOf(action).name;
}

QString subjectTitle(const Subject &subject)
{
    switch (subject.kind) {
    case SubjectKind::Address:
        return SubjectTexts::tr("Address %1").arg(subject.value);
    case SubjectKind::User:
        return SubjectTexts::tr("User %1").arg(subject.value);
    case SubjectKind::Origin:
        return SubjectTexts::tr("Origin %1").arg(subject.value);
    case SubjectKind::Token:
        return SubjectTexts::tr("Token %1").arg(subject.value);
    case SubjectKind::Decision:
        return SubjectTexts::tr("Decision %1").arg(subject.value);
    case SubjectKind::Connection:
        break;
    }
    return SubjectTexts::tr("Connection %1").arg(subject.value);
}

std::vector<SubjectAction> actionsFor(const Subject &subject)
{
    std::vector<SubjectAction> actions;
    for (const ActionRow &row : actionRows()) {
        const bool isOfKind = std::find(row.kinds.begin(), row.kinds.end(), subject.kind) != row.kinds.end();
        const bool lacksNetwork = row.action == SubjectAction::ExemptNetwork && networkOf(subject.value).isEmpty();
        const bool lacksLimit = row.action == SubjectAction::ChangeLimit && subject.limit.isEmpty();
        if (isOfKind && !lacksNetwork && !lacksLimit)
            actions.push_back(row.action);
    }
    return actions;
}

QString actionTitle(SubjectAction action, const Subject &subject)
{
    switch (action) {
    case SubjectAction::OnlyThis:
        return SubjectTexts::tr("Only this");
    case SubjectAction::Everything:
        return SubjectTexts::tr("Everything about it");
    case SubjectAction::Copy:
        return SubjectTexts::tr("Copy");
    case SubjectAction::Ban:
        return subject.kind == SubjectKind::User ? SubjectTexts::tr("Ban user %1…").arg(subject.value)
                                                 : SubjectTexts::tr("Ban address %1…").arg(subject.value);
    case SubjectAction::LogOut:
        return SubjectTexts::tr("Log user %1 out everywhere…").arg(subject.value);
    case SubjectAction::Exempt:
        return SubjectTexts::tr("Exempt address %1 from limits…").arg(subject.value);
    case SubjectAction::ExemptNetwork:
        return SubjectTexts::tr("Exempt the network %1…").arg(networkOf(subject.value));
    case SubjectAction::OwnNumber:
        return SubjectTexts::tr("Give it a number of its own…");
    case SubjectAction::ChangeLimit:
        break;
    }
    return SubjectTexts::tr("Change the limit…");
}

Role roleFor(SubjectAction action)
{
    return rowOf(action).role;
}

QString networkOf(const QString &address)
{
    const QStringList parts = address.split(u'.');
    return parts.size() == 4     ? QStringList(parts.first(3)).join(u'.') + ".0/24"_L1
        : address.contains(u'/') ? address
                                 : QString();
}

} // namespace gatehouse
