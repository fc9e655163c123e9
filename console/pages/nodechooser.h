// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QComboBox>

#include "console/models/servermodel.h"

namespace gatehouse {

/// Chooses whose history the charts show: that of all nodes together, or of one. Hidden where there are not several.
/// Asks for the nodes while its page is seen. GUI thread.
class NodeChooser final : public QComboBox
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NodeChooser)

public:
    static constexpr std::chrono::seconds kPollInterval{ 10 };

    /// The server model must outlive it.
    explicit NodeChooser(ServerModel &serverModel, QWidget *parent = nullptr);

    /// Asks for the nodes, unless it is known that there is no cluster.
    void reload();

private:
    void refresh();

    ServerModel &m_serverModel;
    QTimer m_poll;
};

} // namespace gatehouse
