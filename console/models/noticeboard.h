// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/notices.h"
#include "console/models/servermodel.h"

namespace gatehouse {

/// The notices of the server that is shown, kept up to date. GUI thread.
class NoticeBoard final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NoticeBoard)

public:
    /// The server model must outlive the board.
    explicit NoticeBoard(ServerModel &serverModel, QObject *parent = nullptr);

    /// What the user calls the server; without, it is called by its address.
    void setServerName(const QString &name);
    [[nodiscard]] QString serverName() const;
    /// Never empty; the worst is the first.
    [[nodiscard]] const std::vector<Notice> &notices() const { return m_notices; }
    [[nodiscard]] const Notice &worst() const { return m_notices.front(); }
    /// To be called now and then: they count seconds.
    void refresh();

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] NoticeSituation situation() const;

    ServerModel &m_serverModel;
    QString m_serverName;
    std::vector<Notice> m_notices;
};

} // namespace gatehouse
