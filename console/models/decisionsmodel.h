// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <set>

#include <QtCore/QAbstractTableModel>

#include "console/connection/apitypes.h"
#include "console/models/timerange.h"

namespace gatehouse {

/// What the Refusals page lets through. Empty members do not filter.
struct DecisionFilter
{
    QString guard;
    std::optional<Reason> reason;
    QString text; ///< in address, user, origin, token fingerprint or id, in any case
    std::optional<TimeInterval> interval;
    friend bool operator==(const DecisionFilter &, const DecisionFilter &) = default;

    [[nodiscard]] bool accepts(const Decision &decision) const;
    /// The same as a query to the server; the server has no search for `text`, so that is left out.
    [[nodiscard]] DecisionQuery toQuery() const;
};

/// Refusals, newest first: a live tail and older ones from history, bounded to the newest 5,000. While paused the tail
/// waits outside and is counted. GUI thread.
class DecisionsModel final : public QAbstractTableModel
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
    static constexpr size_t kMaxRows = 5000;

    /// The clock tells which times are today's; it must outlive the model.
    explicit DecisionsModel(const Clock &clock, QObject *parent = nullptr);

    /// From the live stream, in order of time. `skipped` more happened.
    void add(const std::vector<Decision> &decisions, qint64 skipped = 0);
    /// From GET decisions, newest first; known ones are left out. Sorted in by time.
    void addHistory(const std::vector<Decision> &decisions);
    void clear();

    void setPaused(bool isPaused);
    [[nodiscard]] bool isPaused() const { return m_isPaused; }
    /// How many wait while paused.
    [[nodiscard]] qsizetype pendingCount() const { return qsizetype(m_pending.size()); }
    /// How many happened that the server did not tell one by one.
    [[nodiscard]] qint64 skippedCount() const { return m_skipped; }

    void setFilter(const DecisionFilter &filter);
    [[nodiscard]] const DecisionFilter &filter() const { return m_filter; }
    [[nodiscard]] const Decision &at(int row) const { return m_visible[size_t(row)]; }
    /// All that are kept, whatever the filter.
    [[nodiscard]] qsizetype totalCount() const { return qsizetype(m_all.size()); }
    /// Whether rows say which node of a cluster they are of.
    [[nodiscard]] bool hasNodes() const { return !m_visible.empty() && !m_visible.front().node.isEmpty(); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    /// pendingCount(), skippedCount() or isPaused() changed.
    void tailChanged();

private:
    [[nodiscard]] QVariant displayData(const Decision &decision, int column) const;
    [[nodiscard]] static QVariant exportData(const Decision &decision, int column);
    void prepend(const std::vector<Decision> &newestFirst);
    void trim();
    void rebuildVisible();

    const Clock &m_clock;
    std::deque<Decision> m_all;     ///< newest first
    std::deque<Decision> m_visible; ///< those of m_all that the filter accepts
    std::deque<Decision> m_pending; ///< newest first
    std::set<QString> m_ids;        ///< of m_all and m_pending
    DecisionFilter m_filter;
    qint64 m_skipped = 0;
    bool m_isPaused = false;
};

} // namespace gatehouse
