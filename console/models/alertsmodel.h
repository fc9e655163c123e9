// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QAbstractTableModel>

#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// Alerts, active ones first, then the newest first. GUI thread.
class AlertsModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AlertsModel)

public:
    enum Column
    {
        StateColumn,
        TitleColumn,
        ValueColumn,
        ThresholdColumn,
        UnitColumn,
        RaisedColumn,
        ClearedColumn,
        AcknowledgedColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1,
        IsActiveRole,
        IsAcknowledgedRole
    };
    static constexpr size_t kMaxRows = 1000;

    explicit AlertsModel(QObject *parent = nullptr);

    /// Replaces everything.
    void setAlerts(std::vector<Alert> alerts);
    /// A new alert, or a new state of a known one.
    void update(const Alert &alert);
    [[nodiscard]] const Alert &at(int row) const { return m_alerts[size_t(row)]; }
    [[nodiscard]] int activeCount() const;
    /// What an alert is and what the server says of it, or its value and threshold.
    [[nodiscard]] static QString sentenceOf(const Alert &alert);
    /// What is wrong with the server itself, in sentences of its own, as far as active alerts say it; empty if nothing.
    [[nodiscard]] QString activeDetails() const;
    [[nodiscard]] int unacknowledgedCount() const; ///< active ones that nobody has acknowledged

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void countsChanged();

private:
    [[nodiscard]] static QVariant displayData(const Alert &alert, int column);

    std::vector<Alert> m_alerts;
};

} // namespace gatehouse
