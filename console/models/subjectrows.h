// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QSortFilterProxyModel>

#include "console/models/pagedmodel.h"
#include "console/models/subject.h"
#include "shared/protocol/accessrule.h"

namespace gatehouse {

class AccessModel;
class ConnectionsModel;

/// Those rows of a paged list that are about one subject. The server finds a text, and others have that in them too: a
/// row counts only if it is about the very subject. GUI thread.
class SubjectRows final : public QSortFilterProxyModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SubjectRows)

public:
    /// The source must outlive it. Asks it for the connections of the subject.
    SubjectRows(ConnectionsModel &source, const Subject &subject, QObject *parent = nullptr);
    /// For the rules that hold for the subject, also those of a network that it is in.
    SubjectRows(AccessModel &source, const Subject &subject, QObject *parent = nullptr);

    /// How many rows the server has that nobody has looked at: some of them may be about the subject too.
    [[nodiscard]] qint64 notLookedAt() const;

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    PagedModel &m_source;
    std::function<bool(int row)> m_accepts;
};

/// Whether a ban or an exemption is about the subject: it itself, or a network that it is in.
[[nodiscard]] bool isAbout(const AccessRule &rule, const Subject &subject);

} // namespace gatehouse
