// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <set>

#include "console/connection/adminclient.h"
#include "console/models/decisionfilter.h"
#include "console/models/decisiontail.h"
#include "console/models/pagedmodel.h"

namespace gatehouse {

/// Refusals, newest first. Without a filter they are the live tail, bounded. A filter, which an interval is too, is a
/// query of its own: the server says how many match, and all of them can be loaded, page by page; what comes meanwhile
/// is put before them. While paused, what comes waits outside and is counted. GUI thread.
class DecisionsModel final : public PagedModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DecisionsModel)

public:
    enum Column
    {
        TimeColumn,
        GuardColumn,
        ReasonColumn,
        AddressColumn,
        UserColumn,
        OriginColumn,
        ObservedColumn,
        ActionColumn,
        NodeColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1,
        GuardRole,
        AddressRole,
        IsEnforcedRole
    };
    static constexpr size_t kMaxRows = DecisionTail::kMax; ///< beside those that were asked for
    static constexpr int kPageSize = 500;

    /// Neither the client nor the clock, which tells which times are today's, is owned; both must outlive the model.
    DecisionsModel(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    /// From the live stream, in order of time. `skipped` more happened.
    void add(const std::vector<Decision> &decisions, qint64 skipped = 0);
    void clear();

    void setPaused(bool isPaused);
    [[nodiscard]] bool isPaused() const { return m_isPaused; }
    /// How many wait while paused.
    [[nodiscard]] qsizetype pendingCount() const { return qsizetype(m_pending.size()); }
    /// How many happened that the server did not tell one by one.
    [[nodiscard]] qint64 skippedCount() const { return m_skipped; }

    void setFilter(const DecisionFilter &filter);
    [[nodiscard]] const DecisionFilter &filter() const { return m_filter; }
    [[nodiscard]] bool isTail() const { return m_filter.isEmpty() && !m_isTwin; }
    /// How many of that time were counted and not kept, by the server, for a query: they may have matched or not.
    [[nodiscard]] qint64 notStoredCount() const { return m_notStored; }
    [[nodiscard]] const Decision &at(int row) const { return m_rows[size_t(row)]; }
    /// Whether rows say which node of a cluster they are of.
    [[nodiscard]] bool hasNodes() const { return !m_rows.empty() && !m_rows.front().node.isEmpty(); }

    void refresh() override;
    [[nodiscard]] bool isLoading() const override { return m_isLoading; }
    /// Of the tail, as many as are shown.
    [[nodiscard]] qint64 totalCount() const override { return isTail() ? rowCount() : m_total; }
    [[nodiscard]] QString errorText() const override { return m_error; }
    [[nodiscard]] QString lack() const override;
    [[nodiscard]] std::unique_ptr<PagedModel> twin() const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

Q_SIGNALS:
    /// pendingCount(), skippedCount() or isPaused() changed.
    void tailChanged();

private:
    void loadAnew(size_t wantedRows);
    /// Goes on with what was started, or loads one page more.
    void load(const QString &cursor, bool isMore);
    /// False: another page was asked for first.
    [[nodiscard]] bool pageLoaded(const DecisionPage &page, bool isMore);
    void startAnew(const std::vector<Decision> &decisions);
    void append(const std::vector<Decision> &decisions);
    void prepend(const std::vector<Decision> &newestFirst);
    /// So many are kept; of a query those that go can be loaded again.
    void trim();
    void setRows(std::deque<Decision> rows);
    /// Whatever the tail has that fits the filter; none of it waits any more.
    void showKnown();
    [[nodiscard]] QVariant displayData(const Decision &decision, int column) const;
    [[nodiscard]] static QVariant exportData(const Decision &decision, int column);

    AdminClient &m_client;
    const Clock &m_clock;
    DecisionTail m_tail;
    std::deque<Decision> m_rows;
    std::deque<Decision> m_pending; ///< newest first
    std::set<QString> m_ids;        ///< of m_rows and m_pending
    std::set<QString> m_sinceAsked; ///< ids of what came since the server was asked
    DecisionFilter m_filter;
    IncomingRows<Decision> m_incoming; ///< of the refresh under way
    std::optional<qint64> m_incomingTotal;
    QString m_nextCursor;
    QString m_error;
    qint64 m_total = 0;
    qint64 m_notStored = 0;
    qint64 m_skipped = 0;
    size_t m_room = kMaxRows; ///< for rows; more once more were asked for
    quint64 m_generation = 0; ///< answers to an older question are dropped
    bool m_isPaused = false;
    bool m_isLoading = false;
    bool m_isTwin = false; ///< a query also without a filter
};

} // namespace gatehouse
