// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/loadmore.h"

namespace gatehouse {

LoadMore::LoadMore(PagedModel &model, const QString &objectName, QWidget *parent)
    : QPushButton(tr("Load more"), parent)
    , m_model(model)
{
    setObjectName(objectName);
    setAutoDefault(false);
    connect(this, &QPushButton::clicked, this, [this] { m_model.fetchMore({}); });
    connect(&model, &PagedModel::statusChanged, this, &LoadMore::refresh);
    connect(&model, &QAbstractItemModel::modelReset, this, &LoadMore::refresh);
    refresh();
}

void LoadMore::refresh()
{
    // While a page is on its way the button stays where it is, so that the next click does not hit something else.
    if (!m_model.isLoading())
        setVisible(m_model.canFetchMore({}));
    setEnabled(!m_model.isLoading());
}

} // namespace gatehouse
