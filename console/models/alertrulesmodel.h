// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <utility>

#include <QtCore/QAbstractTableModel>
#include <QtCore/QHash>

#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// The alert rules, editable in place. The page sends rules() and hands the answer to setRules(). GUI thread.
class AlertRulesModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AlertRulesModel)

public:
    enum Column
    {
        EnabledColumn,
        TitleColumn,
        RaiseColumn,
        ClearColumn,
        UnitColumn,
        HoldColumn,
        ColumnCount
    };
    enum Role
    {
        KeyRole = Qt::UserRole + 1,
        ErrorRole
    };

    explicit AlertRulesModel(QObject *parent = nullptr);

    /// What the server says; drops edits.
    void setRules(std::vector<AlertRule> rules);
    /// Whether views may edit. What was edited stays.
    void setEditable(bool isEditable);
    [[nodiscard]] const std::vector<AlertRule> &rules() const { return m_rules; }
    [[nodiscard]] bool hasEdits() const;
    [[nodiscard]] bool isValid() const;
    void discard();

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void editsChanged();

private:
    [[nodiscard]] QString errorOf(int row) const;
    [[nodiscard]] QVariant number(const QModelIndex &index, double value, int role) const;

    std::vector<AlertRule> m_rules;
    std::vector<AlertRule> m_serverRules;
    QHash<std::pair<int, int>, QString> m_unreadable; ///< by row and column: what was typed and is no number
    bool m_isEditable = false;
};

} // namespace gatehouse
