// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QPushButton>

#include "console/models/pagedmodel.h"

namespace gatehouse {

/// Loads the next page of a table; seen while there is one. Scrolling to the end does the same.
class LoadMore final : public QPushButton
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LoadMore)

public:
    /// The model must outlive it.
    LoadMore(PagedModel &model, const QString &objectName, QWidget *parent = nullptr);

private:
    void refresh();

    PagedModel &m_model;
};

} // namespace gatehouse
