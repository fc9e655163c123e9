// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

/// Above every page: the worst of what must not be missed. First that the connection is lost, then that the guards are
/// off, then what the server says is wrong with itself. Named "banner"; its parts banner.text, banner.retry,
/// banner.guards. GUI thread.
class NoticeStrip final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NoticeStrip)

public:
    /// The server model must outlive the strip.
    explicit NoticeStrip(ServerModel &serverModel, QWidget *parent = nullptr);

    void refresh();

Q_SIGNALS:
    /// The user wants the guards on again.
    void guardsRequested();

private:
    [[nodiscard]] QString lostText() const;
    [[nodiscard]] QString guardsText() const;

    ServerModel &m_serverModel;
    QLabel *m_text;
    QPushButton *m_retry;
    QPushButton *m_guards;
};

} // namespace gatehouse
