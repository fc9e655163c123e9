// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QStackedWidget>

QT_BEGIN_NAMESPACE
class QScrollArea;
QT_END_NAMESPACE

namespace gatehouse {

/// The pages, one of which is shown: as small as that one; Qt's own is as large as the largest. GUI thread.
class PageStack final : public QStackedWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PageStack)

public:
    PageStack();

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] int heightForWidth(int width) const override;
};

/// A page that is larger than the window is scrolled: the window must never be larger than the screen.
[[nodiscard]] QScrollArea *scrolledPages(QWidget *pages);

} // namespace gatehouse
