// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QModelIndex>

#include "console/models/subject.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

class AccessModel;
class ConnectionsModel;
class DecisionsModel;
class RevisionsModel;
class TopOffendersModel;

/// Whom a cell of a table is about: what it says, and where that is no subject or nothing, what its row is about.
/// nullopt: nobody.
[[nodiscard]] std::optional<Subject> subjectAt(const DecisionsModel &model, const QModelIndex &index);
[[nodiscard]] std::optional<Subject> subjectAt(const ConnectionsModel &model, const QModelIndex &index);
[[nodiscard]] std::optional<Subject> subjectAt(const AccessModel &model, const QModelIndex &index);
[[nodiscard]] std::optional<Subject> subjectAt(const RevisionsModel &model, const QModelIndex &index);
[[nodiscard]] std::optional<Subject> subjectAt(const TopOffendersModel &model, const QModelIndex &index);

/// What the details name of it; nullopt where it has none.
[[nodiscard]] std::optional<Subject> subjectOf(const Decision &decision, SubjectKind kind);
[[nodiscard]] std::optional<Subject> subjectOf(const ConnectionInfo &connection, SubjectKind kind);
/// Those of its address and its user, as far as it has them.
[[nodiscard]] std::vector<Subject> whoOf(const Decision &decision);
[[nodiscard]] std::vector<Subject> whoOf(const ConnectionInfo &connection);
/// The key of the limit behind it; empty: none.
[[nodiscard]] QString limitBehind(const Decision &decision);

} // namespace gatehouse
