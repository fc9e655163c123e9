// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>

#include "console/models/notices.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class NoticeBoard;

/// Above every page: the worst of what must not be missed, with a button that does something about it, and how many
/// more there are. Always there and always as high, so that no page ever moves. Named "banner"; its parts banner.text,
/// banner.more, banner.connect, banner.retry, banner.guards, banner.token, banner.alerts. GUI thread.
class NoticeStrip final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NoticeStrip)

public:
    /// The board must outlive the strip.
    explicit NoticeStrip(const NoticeBoard &board, QWidget *parent = nullptr);

Q_SIGNALS:
    void requested(gatehouse::NoticeAction action);

protected:
    void changeEvent(QEvent *event) override;

private:
    void addButton(NoticeAction action, const QString &text, const QString &name);
    void setHeight();
    void refresh();

    const NoticeBoard &m_board;
    QLabel *m_text;
    QLabel *m_more;
    std::vector<std::pair<NoticeAction, QPushButton *>> m_buttons;
};

} // namespace gatehouse
