// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"
#include "console/pages/tabletools.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QLayout;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class ColumnLayout;
class DataTable;

/// Puts the icon of a node's state before its text, in the state's colour; for a column of NodesModel.
class NodeStateDelegate final : public CellDelegate
{
    Q_OBJECT

public:
    static constexpr int kIconWidth = 24; ///< pixels that the icon takes from the text

    using CellDelegate::CellDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

/// The servers that share one Redis, and how the one that the console is connected to stands to it. Asks every two
/// seconds while it is seen. A node that is gone can be forgotten. Without a cluster it says how to make one.
class NodesPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NodesPage)

public:
    static constexpr std::chrono::milliseconds kPollInterval{ 2'000 };

    /// The server model must outlive the page.
    explicit NodesPage(ServerModel &serverModel, QWidget *parent = nullptr);

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    [[nodiscard]] QLayout *makeHead();
    [[nodiscard]] QWidget *makeRedisLine();
    void connectAll();
    void reload();
    void refresh();
    void refreshRedis();
    [[nodiscard]] QString redisText(const RedisState &redis) const;
    [[nodiscard]] bool canForget() const;
    void askToForget();
    void forget(const QString &name);
    void tell(const QString &text, bool isGood);
    [[nodiscard]] const NodeInfo *selected() const;

    ServerModel &m_serverModel;
    QTimer m_poll;
    QLabel *m_count;
    QPushButton *m_refresh;
    QPushButton *m_export;
    QPushButton *m_forget;
    QAction *m_forgetAction;
    QLabel *m_redisIcon;
    QLabel *m_redis;
    QLabel *m_note; ///< what follows for the user, below the line
    DataTable *m_table;
    ColumnLayout *m_columns;
    QLabel *m_empty;
    QLabel *m_message;
};

} // namespace gatehouse
