// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QAbstractTableModel>

namespace gatehouse {

/// A table of which the server may have more than is loaded: pages are loaded as the view scrolls, by fetchMore(). GUI
/// thread.
class PagedModel : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PagedModel)

public:
    using QAbstractTableModel::QAbstractTableModel;

    /// Asks the server anew, keeping what is shown until the answer is there.
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
