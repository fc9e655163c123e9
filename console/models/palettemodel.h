// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QtCore/QAbstractListModel>

namespace gatehouse {

/// Something that can be done or gone to by its name.
struct PaletteEntry
{
    QString title;
    QString kind;                ///< "Page", "Limit", …, in the user's language
    QString words{};             ///< by which it is found too: the name on the wire, the keys
    std::function<void()> run{}; ///< what it is for
};

/// An address or a user that was typed.
struct PaletteSubject
{
    enum class Kind : quint8
    {
        Address,
        User,
    };
    Kind kind = Kind::Address;
    QString value;
};

/// What a text may be besides the name of something; empty for most texts. Addresses are IPv4, IPv6 or a network.
[[nodiscard]] std::vector<PaletteSubject> subjectsIn(const QString &text);

/// What fits what was typed, best first; all in their order while nothing was. GUI thread.
class PaletteModel final : public QAbstractListModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PaletteModel)

public:
    enum Role
    {
        IdRole = Qt::UserRole + 1,
        KindRole,
    };
    /// What a subject leads to.
    using SubjectAction = std::function<void(const PaletteSubject &subject)>;

    PaletteModel(std::vector<PaletteEntry> entries, SubjectAction showSubject, QObject *parent = nullptr);

    void setQuery(const QString &query);
    /// Does what the row is for.
    void run(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] PaletteEntry entryOf(const PaletteSubject &subject) const;

    std::vector<PaletteEntry> m_entries;
    SubjectAction m_showSubject;
    std::vector<PaletteEntry> m_found;
};

} // namespace gatehouse
