// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "console/connection/adminclient.h"
#include "console/models/pagedmodel.h"

namespace gatehouse {

/// The open connections. The server filters, sorts and pages; the model loads further pages as the view scrolls, and a
/// refresh updates, adds and removes rows by their ids, so that selection and scroll position stay. GUI thread.
class ConnectionsModel final : public PagedModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConnectionsModel)

public:
    enum Column
    {
        UserColumn,
        AddressColumn,
        OriginColumn,
        AgeColumn,
        MessagesInColumn,
        MessagesOutColumn,
        LastMinuteColumn,
        QueueColumn,
        UserAgentColumn,
        WorkerColumn,
        IdColumn,
        NodeColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1
    };
    static constexpr int kPageSize = 1000;

    /// Neither the client nor the clock is owned; both must outlive the model.
    ConnectionsModel(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    /// Shows what contains the text; loads from the start.
    void setFilter(const QString &filter);
    [[nodiscard]] QString filter() const { return m_filter; }
    /// Loads all shown rows anew. Does nothing while a load is under way.
    void refresh() override;
    void clear();
    [[nodiscard]] bool isLoading() const override { return m_isLoading; }
    /// All that match on the server, loaded or not.
    [[nodiscard]] qint64 totalCount() const override { return m_total; }
    /// Why the last load failed; empty if it did not.
    [[nodiscard]] QString errorText() const override { return m_error; }
    /// Whether rows say which node of a cluster they are of.
    [[nodiscard]] bool hasNodes() const { return !m_rows.empty() && !m_rows.front().node.isEmpty(); }
    /// Nodes whose connections are not in it, because they did not answer.
    [[nodiscard]] const QStringList &missingNodes() const { return m_missingNodes; }
    [[nodiscard]] const ConnectionInfo &at(int row) const { return m_rows[size_t(row)]; }

    [[nodiscard]] std::unique_ptr<PagedModel> twin() const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;
    /// Asks the server for another order and loads from the start.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    void restart();
    /// Loads pages from `cursor` on until there are `wantedRows`, then merges or appends them.
    void start(const QString &cursor, size_t wantedRows, bool isAppending);
    void load(const QString &cursor, bool isAppending);
    void pageLoaded(const ConnectionPage &page, bool isAppending);
    void merge(const std::vector<ConnectionInfo> &rows);
    void removeVanished(const std::vector<ConnectionInfo> &rows);
    void appendNew(const std::vector<ConnectionInfo> &rows);
    void reorder(const std::vector<ConnectionInfo> &rows);
    [[nodiscard]] QVariant displayData(const ConnectionInfo &info, int column) const;

    AdminClient &m_client;
    const Clock &m_clock;
    std::vector<ConnectionInfo> m_rows;
    IncomingRows<ConnectionInfo> m_incoming; ///< of the load under way
    QString m_filter;
    QString m_sort;
    bool m_isDescending = false;
    QString m_nextCursor;
    QString m_error;
    QStringList m_missingNodes;
    qint64 m_total = 0;
    quint64 m_generation = 0; ///< answers to an older filter or order are dropped
    bool m_isLoading = false;
};

} // namespace gatehouse
