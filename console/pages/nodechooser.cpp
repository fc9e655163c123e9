// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/nodechooser.h"

#include <QtCore/QSignalBlocker>

using namespace Qt::StringLiterals;

namespace gatehouse {

NodeChooser::NodeChooser(ServerModel &serverModel, QWidget *parent)
    : QComboBox(parent)
    , m_serverModel(serverModel)
{
    setObjectName(u"overview.node"_s);
    setAccessibleName(tr("Node"));
    setSizeAdjustPolicy(QComboBox::AdjustToContents);
    setToolTip(tr("Whose history the charts show. The tiles are of all nodes."));
    connect(&m_serverModel.nodes(), &NodesModel::statusChanged, this, &NodeChooser::refresh);
    connect(&m_serverModel.history(), &HistorySource::changed, this, &NodeChooser::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, [this] {
        if (parentWidget()->isVisible() && m_serverModel.isLive())
            m_serverModel.nodes().refresh();
    });
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &NodeChooser::reload);
    connect(this, &QComboBox::activated, this,
        [this](int index) { m_serverModel.history().setNode(itemData(index).toString()); });
    connect(&m_poll, &QTimer::timeout, this, &NodeChooser::reload);
    m_poll.start(kPollInterval);
    refresh();
}

void NodeChooser::reload()
{
    NodesModel &nodes = m_serverModel.nodes();
    if (parentWidget()->isVisible() && m_serverModel.isLive() && (nodes.redis() || !nodes.isKnown()))
        nodes.refresh();
}

void NodeChooser::refresh()
{
    const NodesModel &nodes = m_serverModel.nodes();
    QStringList names{ QString() };
    for (int row = 0; row < nodes.rowCount(); ++row)
        names << nodes.at(row).name;
    HistorySource &history = m_serverModel.history();
    if (nodes.isKnown() && !names.contains(history.node())) { // it was forgotten
        history.setNode({});                                  // comes back here
        return;
    }
    QStringList listed;
    for (int index = 0; index < count(); ++index)
        listed << itemData(index).toString();
    const QSignalBlocker blocker(this);
    if (listed != names) {
        clear();
        for (const QString &name : std::as_const(names))
            addItem(name.isEmpty() ? tr("All nodes") : name, name);
    }
    setCurrentIndex(findData(history.node()));
    setVisible(nodes.redis().has_value() && nodes.rowCount() > 1);
}

} // namespace gatehouse
