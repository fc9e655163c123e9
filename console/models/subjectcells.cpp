// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/subjectcells.h"

#include "console/models/accessmodel.h"
#include "console/models/connectionsmodel.h"
#include "console/models/decisionsmodel.h"
#include "console/models/revisionsmodel.h"
#include "console/models/topoffendersmodel.h"

namespace gatehouse {

namespace {

std::optional<Subject> made(SubjectKind kind, const QString &value, const QString &limit = {})
{
    return value.isEmpty() ? std::nullopt : std::optional(Subject{ kind, value, limit });
}

template <typename Row> std::vector<Subject> whoIsOf(const Row &row)
{
    std::vector<Subject> who;
    for (const SubjectKind kind : { SubjectKind::Address, SubjectKind::User }) {
        if (const std::optional<Subject> subject = subjectOf(row, kind))
            who.push_back(*subject);
    }
    return who;
}

SubjectKind kindOfColumn(DecisionsModel::Column column)
{
    switch (column) {
    case DecisionsModel::AddressColumn:
        return SubjectKind::Address;
    case DecisionsModel::UserColumn:
        return SubjectKind::User;
    case DecisionsModel::OriginColumn:
        return SubjectKind::Origin;
    default:
        return SubjectKind::Decision;
    }
}

SubjectKind kindOfColumn(ConnectionsModel::Column column)
{
    switch (column) {
    case ConnectionsModel::AddressColumn:
        return SubjectKind::Address;
    case ConnectionsModel::UserColumn:
        return SubjectKind::User;
    case ConnectionsModel::OriginColumn:
        return SubjectKind::Origin;
    default:
        return SubjectKind::Connection;
    }
}

} // namespace

QString limitBehind(const Decision &decision)
{
    const std::optional<LimitKey> limit = reasonDescriptor(decision.reason).limit;
    return limit ? QString(limitDescriptor(*limit).name) : QString();
}

std::optional<Subject> subjectOf(const Decision &decision, SubjectKind kind)
{
    switch (kind) {
    case SubjectKind::Address:
        return made(kind, decision.address, limitBehind(decision));
    case SubjectKind::User:
        return made(kind, decision.user, limitBehind(decision));
    case SubjectKind::Origin:
        return made(kind, decision.origin);
    case SubjectKind::Token:
        return made(kind, decision.tokenFingerprint);
    case SubjectKind::Decision:
        return made(kind, decision.id, limitBehind(decision));
    case SubjectKind::Connection:
        break;
    }
    return std::nullopt;
}

std::optional<Subject> subjectOf(const ConnectionInfo &connection, SubjectKind kind)
{
    switch (kind) {
    case SubjectKind::Address:
        return made(kind, connection.address);
    case SubjectKind::User:
        return made(kind, connection.user);
    case SubjectKind::Origin:
        return made(kind, connection.origin);
    case SubjectKind::Connection:
        return made(kind, connection.id);
    default:
        return std::nullopt;
    }
}

std::vector<Subject> whoOf(const Decision &decision)
{
    return whoIsOf(decision);
}

std::vector<Subject> whoOf(const ConnectionInfo &connection)
{
    return whoIsOf(connection);
}

std::optional<Subject> subjectAt(const DecisionsModel &model, const QModelIndex &index)
{
    if (!index.isValid())
        return std::nullopt;
    const Decision &decision = model.at(index.row());
    const std::optional<Subject> said = subjectOf(decision, kindOfColumn(DecisionsModel::Column(index.column())));
    return said ? said : subjectOf(decision, SubjectKind::Decision);
}

std::optional<Subject> subjectAt(const ConnectionsModel &model, const QModelIndex &index)
{
    if (!index.isValid())
        return std::nullopt;
    const ConnectionInfo &connection = model.at(index.row());
    const std::optional<Subject> said = subjectOf(connection, kindOfColumn(ConnectionsModel::Column(index.column())));
    return said ? said : subjectOf(connection, SubjectKind::Connection);
}

std::optional<Subject> subjectAt(const AccessModel &model, const QModelIndex &index)
{
    if (!index.isValid())
        return std::nullopt;
    const AccessRule &rule = model.at(index.row());
    if (rule.kind == AccessKind::Address)
        return made(SubjectKind::Address, rule.value);
    return rule.kind == AccessKind::User ? made(SubjectKind::User, rule.value) : std::nullopt;
}

std::optional<Subject> subjectAt(const RevisionsModel &model, const QModelIndex &index)
{
    if (!index.isValid())
        return std::nullopt;
    const Revision &revision = model.at(index.row());
    return index.column() == RevisionsModel::AddressColumn
        ? made(SubjectKind::Address, revision.address)
        : made(SubjectKind::User, revision.address.isEmpty() ? QString() : revision.by); // else the environment
}

std::optional<Subject> subjectAt(const TopOffendersModel &model, const QModelIndex &index)
{
    if (!index.isValid())
        return std::nullopt;
    const QString value = model.at(index.row()).value;
    switch (model.kind()) {
    case OffenderKind::Address:
        return made(SubjectKind::Address, value);
    case OffenderKind::User:
        return made(SubjectKind::User, value);
    case OffenderKind::Origin:
        return made(SubjectKind::Origin, value);
    case OffenderKind::Reason:
        break;
    }
    return std::nullopt;
}

} // namespace gatehouse
