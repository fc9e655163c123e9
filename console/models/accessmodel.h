// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "console/connection/adminclient.h"
#include "console/models/pagedmodel.h"

namespace gatehouse {

/// Bans or exemptions, newest first. The server filters and pages; the model loads further pages as the view scrolls.
/// GUI thread.
class AccessModel final : public PagedModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AccessModel)

public:
    enum Column
    {
        KindColumn,
        ValueColumn,
        ReasonColumn,
        ExpiresColumn,
        CreatedColumn,
        ByColumn,
        NoteColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1
    };

    /// Neither the client nor the clock is owned; both must outlive the model.
    AccessModel(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    /// Shows the other list; loads from the start.
    void setList(AccessList list);
    [[nodiscard]] AccessList list() const { return m_query.list; }
    /// Shows what contains the text; loads from the start.
    void setFilter(const QString &filter);
    [[nodiscard]] QString filter() const { return m_query.filter; }
    /// Loads all shown rows anew, keeping what is shown until the answer is there.
    void refresh() override;
    void clear();
    /// All that match on the server, loaded or not.
    [[nodiscard]] qint64 totalCount() const override { return m_total; }
    /// Why the last load failed; empty if it did not.
    [[nodiscard]] QString errorText() const override { return m_error; }
    [[nodiscard]] bool isLoading() const override { return m_isLoading; }
    [[nodiscard]] const AccessRule &at(int row) const { return m_rows[size_t(row)]; }

    [[nodiscard]] std::unique_ptr<PagedModel> twin() const override;
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

private:
    void loadAnew(size_t wantedRows);
    /// Goes on with what was started, or loads one page more.
    void load(const QString &cursor, bool isMore);
    void append(const AccessRulePage &page);
    /// False: another page was asked for first.
    [[nodiscard]] bool takeAnew(const AccessRulePage &page);
    [[nodiscard]] QVariant displayData(const AccessRule &rule, int column) const;
    [[nodiscard]] QString expiryText(const AccessRule &rule) const;

    AdminClient &m_client;
    const Clock &m_clock;
    std::vector<AccessRule> m_rows;
    IncomingRows<AccessRule> m_incoming; ///< of the refresh under way
    AccessQuery m_query;
    QString m_nextCursor;
    QString m_error;
    qint64 m_total = 0;
    quint64 m_generation = 0; ///< answers to an older question are dropped
    bool m_isLoading = false;
};

} // namespace gatehouse
