// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/palettemodel.h"

#include <algorithm>

#include <QtCore/QRegularExpression>
#include <QtCore/QUrl>

#include "console/models/fuzzymatch.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxUserLength = 64;

bool isAddress(const QString &text)
{
    static const QRegularExpression network(u"/\\d{1,3}$"_s);
    static const QRegularExpression ipv4(u"^((25[0-5]|2[0-4]\\d|1?\\d?\\d)(\\.|$)){4}$"_s);
    const QString address = QString(text).remove(network);
    if (!address.contains(u':'))
        return ipv4.match(address).hasMatch() && !address.endsWith(u'.');
    return QUrl(u"http://[%1]/"_s.arg(address), QUrl::StrictMode).isValid();
}

bool isUser(const QString &text)
{
    return text.size() <= kMaxUserLength && std::all_of(text.begin(), text.end(), [](QChar letter) {
        return letter.isLetterOrNumber() || QStringView(u"._-@+:").contains(letter);
    });
}

} // namespace

std::vector<PaletteSubject> subjectsIn(const QString &text)
{
    const QString typed = text.trimmed();
    if (typed.isEmpty())
        return {};
    if (isAddress(typed))
        return { { PaletteSubject::Kind::Address, typed } };
    if (isUser(typed))
        return { { PaletteSubject::Kind::User, typed } };
    return {};
}

PaletteModel::PaletteModel(std::vector<PaletteEntry> entries, SubjectAction showSubject, QObject *parent)
    : QAbstractListModel(parent)
    , m_entries(std::move(entries))
    , m_showSubject(std::move(showSubject))
    , m_found(m_entries)
{
}

PaletteEntry PaletteModel::entryOf(const PaletteSubject &subject) const
{
    const QString title = subject.kind == PaletteSubject::Kind::Address ? tr("Refusals of the address %1")
                                                                        : tr("Refusals of the user %1");
    return { title.arg(subject.value), tr("Refusals"), {}, [this, subject] { m_showSubject(subject); } };
}

void PaletteModel::setQuery(const QString &query)
{
    std::vector<std::pair<int, const PaletteEntry *>> scored;
    for (const PaletteEntry &entry : m_entries) {
        const std::optional<int> ofTitle = fuzzyScore(query, entry.title);
        const std::optional<int> ofAll = fuzzyScore(query, entry.title + u' ' + entry.kind + u' ' + entry.words);
        if (ofTitle || ofAll)
            scored.emplace_back(std::max(ofTitle.value_or(0), ofAll.value_or(0)), &entry);
    }
    std::stable_sort(scored.begin(), scored.end(), [](const auto &a, const auto &b) { return a.first > b.first; });
    beginResetModel();
    m_found.clear();
    for (const auto &[score, entry] : scored)
        m_found.push_back(*entry);
    // An address is nothing else; a user may have the name of a page.
    for (const PaletteSubject &subject : subjectsIn(query)) {
        const bool isFirst = subject.kind == PaletteSubject::Kind::Address;
        m_found.insert(isFirst ? m_found.begin() : m_found.end(), entryOf(subject));
    }
    endResetModel();
}

void PaletteModel::run(int row) const
{
    if (row >= 0 && row < rowCount())
        m_found[size_t(row)].run();
}

int PaletteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_found.size());
}

QVariant PaletteModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const PaletteEntry &entry = m_found[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case IdRole:
        return entry.title;
    case Qt::AccessibleTextRole:
        return QString(entry.title + u", "_s + entry.kind);
    case KindRole:
        return entry.kind;
    default:
        return {};
    }
}

} // namespace gatehouse
