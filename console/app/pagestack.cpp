// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/pagestack.h"

#include <QtWidgets/QScrollArea>

namespace gatehouse {

PageStack::PageStack()
{
    connect(this, &QStackedWidget::currentChanged, this, [this] { updateGeometry(); });
}

QSize PageStack::minimumSizeHint() const
{
    return currentWidget() ? currentWidget()->minimumSizeHint() : QSize();
}

int PageStack::heightForWidth(int) const
{
    return minimumSizeHint().height();
}

QScrollArea *scrolledPages(QWidget *pages)
{
    auto *area = new QScrollArea;
    area->setWidget(pages);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setFocusPolicy(Qt::NoFocus);
    area->viewport()->setAutoFillBackground(false);
    pages->setAutoFillBackground(false);
    return area;
}

} // namespace gatehouse
