// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QAbstractTableModel>

#include "console/connection/adminclient.h"

namespace gatehouse {

/// The members of the cluster, and how the node that answers stands to Redis. A refresh changes, adds and removes rows
/// by their names, so that a selection stays. GUI thread.
class NodesModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NodesModel)

public:
    enum Column
    {
        NameColumn,
        StateColumn,
        AgeColumn,
        ClockColumn,
        ConnectionsColumn,
        MessagesColumn,
        RefusalsColumn,
        VersionColumn,
        StartedColumn,
        UrlColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1 ///< the node's name
    };

    /// Neither the client nor the clock is owned; both must outlive the model.
    NodesModel(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    /// Asks the server. Does nothing while an answer is awaited.
    void refresh();
    void clear();
    /// Whether a server has answered since clear().
    [[nodiscard]] bool isKnown() const { return m_isKnown; }
    /// How the node that answered stands to Redis; nullopt for a server without a cluster.
    [[nodiscard]] const std::optional<RedisState> &redis() const { return m_redis; }
    [[nodiscard]] int upCount() const;
    /// Whether some node judges the limits by itself.
    [[nodiscard]] bool hasAlone() const;
    /// Why the last question failed; empty if it did not.
    [[nodiscard]] QString errorText() const { return m_error; }
    [[nodiscard]] const NodeInfo &at(int row) const { return m_rows[size_t(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    /// Everything was heard anew, or could not be.
    void statusChanged();

private:
    void take(const NodesReply &reply);
    void removeMissing(const std::vector<NodeInfo> &nodes);
    [[nodiscard]] int rowOf(const QString &name) const;
    [[nodiscard]] QVariant displayData(const NodeInfo &node, int column) const;
    [[nodiscard]] static QVariant exportData(const NodeInfo &node, int column);

    AdminClient &m_client;
    const Clock &m_clock;
    std::vector<NodeInfo> m_rows;
    std::optional<RedisState> m_redis;
    QString m_error;
    quint64 m_generation = 0; ///< answers of another server are dropped
    bool m_isKnown = false;
    bool m_isLoading = false;
};

/// What a node is, in a word or two; and what that means, in a sentence.
[[nodiscard]] QString nodeStateTitle(const NodeInfo &node);
[[nodiscard]] QString nodeStateHelp(const NodeInfo &node);

} // namespace gatehouse
