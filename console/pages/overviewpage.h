// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHash>
#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "console/charts/timeaxisgroup.h"
#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QButtonGroup;
class QLabel;
class QPushButton;
class QLayout;
class QMenu;
QT_END_NAMESPACE

namespace gatehouse {

class ActiveConnectionsChart;
class MessageRatesChart;
class MetricTile;
class NodeChooser;
class TimeSeriesChart;
class ViolationsChart;

/// The page for a glance: tiles, and three charts over one range of time.
class OverviewPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(OverviewPage)

public:
    /// The server model must outlive the page.
    explicit OverviewPage(ServerModel &serverModel, QWidget *parent = nullptr);
    ~OverviewPage() override;

    /// Draws everything anew; done by itself once a second and with each sample.
    void refresh();

Q_SIGNALS:
    /// The user wants to see the refusals of a stretch of time.
    void refusalsRequested(gatehouse::UtcTime from, gatehouse::UtcTime to, std::optional<gatehouse::Metric> kind);

protected:
    void showEvent(QShowEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    [[nodiscard]] QLayout *makeTiles();
    [[nodiscard]] QLayout *makeRangeBar();
    void connectAll();
    void refreshTiles();
    void refreshTrends();
    void refreshCharts();
    void refreshRangeBar();
    void askRange();
    [[nodiscard]] QMenu *makeExportMenu();
    void exportPicture();
    /// Whose midnight it is: the server's.
    [[nodiscard]] QString sinceMidnightText() const;
    /// Without what nobody counted while the guards were off.
    [[nodiscard]] HistoryReply counted(HistoryReply history) const;
    /// The newest second, if what is shown goes on to it.
    [[nodiscard]] std::optional<MetricsFrame> presentSample() const;
    [[nodiscard]] QList<double> trend(const std::vector<Metric> &metrics) const;

    ServerModel &m_serverModel;
    TimeAxisGroup m_axis;
    QTimer m_clockwork;
    QHash<QString, MetricTile *> m_tiles;
    QButtonGroup *m_ranges;
    NodeChooser *m_node;
    QPushButton *m_pause;
    QPushButton *m_resetZoom;
    QPushButton *m_export;
    QLabel *m_behind;
    ActiveConnectionsChart *m_active;
    MessageRatesChart *m_messages;
    ViolationsChart *m_violations;
    QWidget *m_chartBox;
    std::vector<TimeSeriesChart *> m_charts;
};

} // namespace gatehouse
