// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QAbstractTableModel>

#include "console/models/stagedlimits.h"

namespace gatehouse {

/// One staged change, for the diff shown before Apply.
struct StagedChange
{
    QString key;
    QString title; ///< in the user's language
    QString unit;
    LimitValue server; ///< what is in force
    LimitValue staged;
};

/// StagedLimits as a table that views read and edit. Nothing is sent from here: the page takes edits(), patches the
/// server and hands the answer to setDocument(). Rows in conflict are flagged, with both values, until the user
/// decides. Rows that do not exist are ignored. GUI thread.
class LimitsModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LimitsModel)

public:
    enum Column
    {
        TitleColumn,
        ValueColumn,
        ModeColumn,
        UnitColumn,
        BoundsColumn,
        DefaultColumn,
        ChangedColumn,
        ColumnCount
    };
    enum Role
    {
        KeyRole = Qt::UserRole + 1, ///< QString
        ServerValueRole,            ///< qint64: in force
        ServerModeRole,             ///< int of LimitMode: in force
        StagedValueRole,            ///< qint64: staged, or in force if nothing is staged
        StagedModeRole,             ///< int of LimitMode
        MinimumRole,                ///< qint64
        MaximumRole,                ///< qint64
        DefaultRole,                ///< qint64
        UnitRole,                   ///< QString, translated
        HelpRole,                   ///< QString, translated
        IsStagedRole,               ///< bool
        ErrorRole,                  ///< QString: why the staged value is not allowed; empty if it is
        IsConflictRole,             ///< bool: the server's value moved under a staged edit
        BaseValueRole,              ///< qint64: what was in force when the edit was staged
    };

    explicit LimitsModel(QObject *parent = nullptr);

    /// What the server says now. Edits that it fulfils are no longer staged.
    void setDocument(const LimitsDocument &document);
    [[nodiscard]] const LimitsDocument &document() const { return m_staged.document(); }
    [[nodiscard]] qint64 revision() const { return document().revision; }
    [[nodiscard]] int rowOf(const QString &key) const { return m_staged.rowOf(key); } ///< -1 if there is none

    /// Stages a value as typed; one that is not allowed is kept and shown with its error, and blocks Apply.
    void stageValue(int row, const QString &text);
    void stageValue(int row, qint64 value);
    void stageMode(int row, LimitMode mode);
    /// Stages these alone, for presets and ways back; keys this server does not have are left out and returned. `from`
    /// is what they were made from, limit by limit, where that is not what is in force: what changed since is in
    /// conflict.
    QStringList stage(const std::vector<LimitPatch> &patches, const std::vector<LimitPatch> &from = {});
    /// Whether any of these values or modes is in force.
    [[nodiscard]] bool isAnyInForce(const std::vector<LimitPatch> &patches) const;
    /// Forgets one row's edit, which also takes the server's side of a conflict.
    void discard(int row);
    void discardAll();
    /// Resolves a conflict for the staged side.
    void keepMine(int row);

    [[nodiscard]] bool hasEdits() const;
    [[nodiscard]] bool hasConflicts() const;
    /// All staged values are allowed.
    [[nodiscard]] bool isValid() const;
    /// There are edits, they are allowed, and none is in conflict.
    [[nodiscard]] bool canApply() const { return hasEdits() && isValid() && !hasConflicts(); }
    [[nodiscard]] std::vector<StagedChange> diff() const;
    /// What to PATCH: the staged members only.
    [[nodiscard]] std::vector<LimitPatch> edits() const { return m_staged.patches(); }
    /// What undoes edits(): the values in force for the same members. Take it before applying.
    [[nodiscard]] std::vector<LimitPatch> inverseEdits() const;
    /// Shows the server's errors (Problem::fields of a 422) at their rows, until those are edited.
    void setServerErrors(const std::vector<Error> &errors);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    /// EditRole in ValueColumn (number or text) and ModeColumn (the mode's name, or its int).
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    /// hasEdits(), isValid() or hasConflicts() may answer differently now.
    void editsChanged();

private:
    [[nodiscard]] bool hasRow(int row) const { return row >= 0 && row < m_staged.count(); }
    [[nodiscard]] QVariant displayData(int row, int column) const;
    [[nodiscard]] QVariant roleData(int row, int role) const;
    template <typename Change> void changeRow(int row, Change change);
    void rowChanged(int row);
    void allChanged();

    StagedLimits m_staged;
};

} // namespace gatehouse
