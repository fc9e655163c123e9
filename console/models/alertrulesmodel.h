// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QAbstractTableModel>

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
    [[nodiscard]] static QString errorOf(const AlertRule &rule);

    std::vector<AlertRule> m_rules;
    std::vector<AlertRule> m_serverRules;
};

} // namespace gatehouse
