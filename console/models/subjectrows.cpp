// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/subjectrows.h"

#include <algorithm>

#include "console/models/accessmodel.h"
#include "console/models/addressrange.h"
#include "console/models/connectionsmodel.h"

namespace gatehouse {

bool isAbout(const AccessRule &rule, const Subject &subject)
{
    switch (rule.kind) {
    case AccessKind::User:
        return subject.kind == SubjectKind::User && rule.value == subject.value;
    case AccessKind::Address:
    case AccessKind::Cidr:
        break;
    case AccessKind::TokenId:
        return false;
    }
    if (subject.kind != SubjectKind::Address)
        return false;
    const std::optional<AddressRange> range = AddressRange::parse(rule.value);
    const std::optional<AddressRange> address = AddressRange::parse(subject.value);
    return rule.value == subject.value || (range && address && range->contains(*address));
}

SubjectRows::SubjectRows(ConnectionsModel &source, const Subject &subject, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_source(source)
    , m_accepts([&source, subject](int row) {
        const ConnectionInfo &info = source.at(row);
        return (subject.kind == SubjectKind::User ? info.user : info.address) == subject.value;
    })
{
    setSourceModel(&source);
    // Those that are longer, and only contain it, mostly come behind it then.
    source.sort(subject.kind == SubjectKind::User ? ConnectionsModel::UserColumn : ConnectionsModel::AddressColumn);
    source.setFilter(subject.value);
}

SubjectRows::SubjectRows(AccessModel &source, const Subject &subject, QObject *parent)
    : QSortFilterProxyModel(parent)
    , m_source(source)
    , m_accepts([&source, subject](int row) { return isAbout(source.at(row), subject); })
{
    setSourceModel(&source);
    if (subject.kind == SubjectKind::User)
        source.setFilter(subject.value); // networks do not have an address's text in them
}

qint64 SubjectRows::notLookedAt() const
{
    return std::max<qint64>(0, m_source.totalCount() - m_source.rowCount());
}

bool SubjectRows::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    return !parent.isValid() && m_accepts(row);
}

} // namespace gatehouse
