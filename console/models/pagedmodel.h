// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <QtCore/QAbstractTableModel>

namespace gatehouse {

/// The rows of one load of a PagedModel, which may be of several pages. A plain container.
template <typename Row> class IncomingRows final
{
public:
    /// At least one page is loaded, and so many rows as there are.
    void start(size_t wantedRows)
    {
        m_rows.clear();
        m_wanted = wantedRows;
    }
    /// Whether that is all; else the page behind it is needed too.
    [[nodiscard]] bool add(const std::vector<Row> &page, const QString &nextCursor)
    {
        m_rows.insert(m_rows.end(), page.begin(), page.end());
        return m_rows.size() >= m_wanted || nextCursor.isEmpty() || page.empty();
    }
    [[nodiscard]] std::vector<Row> take() { return std::exchange(m_rows, {}); }

private:
    std::vector<Row> m_rows;
    size_t m_wanted = 0;
};

/// A table of which the server may have more than is loaded: pages are loaded as the view scrolls, by fetchMore(). GUI
/// thread.
class PagedModel : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PagedModel)

public:
    using QAbstractTableModel::QAbstractTableModel;

    /// Asks the server anew for as much as is loaded, keeping what is shown until the answer is there.
    virtual void refresh() = 0;
    [[nodiscard]] virtual bool isLoading() const = 0;
    /// All that match on the server, loaded or not.
    [[nodiscard]] virtual qint64 totalCount() const = 0;
    /// Why the last load failed; empty if it did not.
    [[nodiscard]] virtual QString errorText() const = 0;
    /// What belongs into the table, and even the server does not have; empty: nothing.
    [[nodiscard]] virtual QString lack() const { return {}; }
    /// One of the same filter and order, of its own: for whoever needs every row. It has loaded nothing yet; the client
    /// must outlive it.
    [[nodiscard]] virtual std::unique_ptr<PagedModel> twin() const = 0;

Q_SIGNALS:
    /// isLoading(), totalCount() or errorText() changed.
    void statusChanged();
};

} // namespace gatehouse
