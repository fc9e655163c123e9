// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QStatusBar>

#include "console/models/servermodel.h"

class QLabel;

namespace gatehouse {

/// At the bottom of the window: how it stands with the server, and what is in force there. Nothing of before is shown
/// beside a lost connection. Its parts are named statusbar.state, .server, .role, .revision and .guards. GUI thread.
class StatusLine final : public QStatusBar
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StatusLine)

public:
    /// The server model must outlive it.
    explicit StatusLine(ServerModel &serverModel, QWidget *parent = nullptr);

    /// To be called now and then: it tells the age of the last sample.
    void refresh();

private:
    [[nodiscard]] QLabel *add(const QString &name, bool isAtTheRight);
    [[nodiscard]] QString sampleAgeText() const;

    ServerModel &m_serverModel;
    QLabel *m_state;
    QLabel *m_server;
    QLabel *m_role;
    QLabel *m_revision;
    QLabel *m_guards;
};

} // namespace gatehouse
