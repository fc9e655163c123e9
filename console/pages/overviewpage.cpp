// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/overviewpage.h"

#include <cmath>
#include <utility>

#include <QtCore/QBuffer>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QButtonGroup>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>

#include "console/charts/activeconnectionschart.h"
#include "console/charts/chartcard.h"
#include "console/charts/messagerateschart.h"
#include "console/charts/violationschart.h"
#include "console/look/icons.h"
#include "console/look/theme.h"
#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "console/pages/metrictile.h"
#include "console/pages/nodechooser.h"
#include "console/pages/rangedialog.h"
#include "console/pages/tabletools.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::minutes kTrendLength{ 5 };
constexpr int kTrendBuckets = 60;

const std::vector<Metric> &chartMetrics()
{
    static const std::vector<Metric> kMetrics{ Metric::ActiveConnections, Metric::MessagesIn, Metric::MessagesOut,
        Metric::RefusedConnections, Metric::RefusedReconnects, Metric::RefusedMessages, Metric::RefusedOrigin,
        Metric::RefusedToken, Metric::RefusedOther };
    return kMetrics;
}

} // namespace

OverviewPage::OverviewPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_ranges(new QButtonGroup(this))
    , m_node(new NodeChooser(serverModel, this))
    , m_pause(makeButton({}, u"overview.pause"_s, u"pause"_s, this))
    , m_resetZoom(makeButton(tr("Whole range"), u"overview.resetzoom"_s, u"undo"_s, this))
    , m_export(makeButton(tr("Export"), u"overview.export"_s, u"export"_s, this))
    , m_behind(makeLabel({}, u"muted"_s, this))
    , m_active(new ActiveConnectionsChart(m_axis))
    , m_messages(new MessageRatesChart(m_axis))
    , m_violations(new ViolationsChart(m_axis))
    , m_chartBox(new QWidget(this))
    , m_charts{ m_active, m_messages, m_violations }
{
    setObjectName(u"page.overview"_s);
    m_active->setObjectName(u"overview.chart.active"_s);
    m_messages->setObjectName(u"overview.chart.messages"_s);
    m_violations->setObjectName(u"overview.chart.violations"_s);
    m_messages->setMarkerLabelsVisible(false);
    m_violations->setMarkerLabelsVisible(false);
    m_behind->setObjectName(u"overview.behind"_s);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeTiles());
    layout->addLayout(makeRangeBar());
    auto *charts = new QVBoxLayout(m_chartBox);
    charts->setContentsMargins({});
    charts->setSpacing(11);
    for (TimeSeriesChart *chart : m_charts)
        charts->addWidget(new ChartCard(chart, m_chartBox), 1);
    layout->addWidget(m_chartBox, 1);
    connectAll();
    refresh();
}

OverviewPage::~OverviewPage() = default;

QLayout *OverviewPage::makeTiles()
{
    auto *row = new QHBoxLayout;
    row->setSpacing(11);
    const std::pair<QString, QString> tiles[] = {
        { u"active_connections"_s, tr("Active connections") },
        { u"connections_today"_s, tr("Connections today") },
        { u"messages_per_minute"_s, tr("Messages per minute") },
        { u"refusals_per_minute"_s, tr("Refusals per minute") },
        { u"average_duration"_s, tr("Average duration") },
        { u"addresses_near_limit"_s, tr("Addresses near a limit") },
    };
    for (const auto &[key, title] : tiles) {
        auto *tile = new MetricTile(title, u"overview.tile."_s + key, this);
        m_tiles.insert(key, tile);
        row->addWidget(tile, 1);
    }
    return row;
}

QLayout *OverviewPage::makeRangeBar()
{
    auto *row = new QHBoxLayout;
    row->setSpacing(7);
    for (const TimeRange::Preset preset : TimeRange::kPresets) {
        const TimeRange range(preset);
        QPushButton *button = makeButton(range.title(), u"overview.range."_s + range.name(), {}, this);
        button->setCheckable(true);
        m_ranges->addButton(button, int(preset));
        row->addWidget(button);
    }
    QPushButton *custom = makeButton(tr("Custom…"), u"overview.range.custom"_s, {}, this);
    custom->setCheckable(true);
    m_ranges->addButton(custom, int(TimeRange::Preset::Custom));
    m_export->setMenu(makeExportMenu());
    m_export->setProperty("menu", true);
    row->addWidget(custom);
    row->addSpacing(8);
    row->addWidget(m_node);
    row->addStretch(1);
    row->addWidget(m_behind);
    row->addWidget(m_resetZoom);
    row->addWidget(m_pause);
    row->addWidget(m_export);
    // As they are seen: the buttons at the right were made first.
    tabInOrder({ custom, m_node, m_resetZoom, m_pause, m_export });
    return row;
}

QMenu *OverviewPage::makeExportMenu()
{
    auto *menu = new QMenu(this);
    QAction *picture = menu->addAction(tr("Charts as a picture (PNG)…"), this, &OverviewPage::exportPicture);
    picture->setObjectName(u"overview.export.png"_s);
    QAction *numbers = menu->addAction(tr("Numbers of the charts (CSV)…"), this, [this] {
        askToSave(this, tr("Export the numbers"), u"gatehouse-overview.csv"_s, tr("CSV (*.csv)"),
            [this] { return historyAsCsv(m_active->history()); });
    });
    numbers->setObjectName(u"overview.export.csv"_s);
    return menu;
}

void OverviewPage::exportPicture()
{
    // Taken now: by the time a name is chosen the charts have moved on.
    const QPixmap picture = m_chartBox->grab();
    askToSave(this, tr("Export the charts"), u"gatehouse-overview.png"_s, tr("Pictures (*.png)"), [picture] {
        QByteArray bytes;
        QBuffer buffer(&bytes);
        buffer.open(QIODevice::WriteOnly);
        picture.save(&buffer, "PNG");
        return bytes;
    });
}

void OverviewPage::askRange()
{
    auto *dialog = new RangeDialog(m_serverModel.history().interval(), m_serverModel.history().now(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        const TimeInterval wanted = dialog->interval();
        m_serverModel.history().setRange(TimeRange::custom(wanted.from, wanted.to));
    });
    connect(dialog, &QDialog::finished, this, &OverviewPage::refreshRangeBar);
    dialog->open();
}

void OverviewPage::connectAll()
{
    HistorySource &history = m_serverModel.history();
    connect(m_ranges, &QButtonGroup::idClicked, this, [this, &history](int id) {
        if (TimeRange::Preset(id) == TimeRange::Preset::Custom)
            askRange();
        else
            history.setRange(TimeRange(TimeRange::Preset(id)));
    });
    connect(m_pause, &QPushButton::clicked, this, [&history] { history.setPaused(!history.isPaused()); });
    connect(m_resetZoom, &QPushButton::clicked, &history, &HistorySource::resetZoom);
    connect(&m_axis, &TimeAxisGroup::zoomRequested, &history, &HistorySource::zoom);
    connect(&m_axis, &TimeAxisGroup::resetRequested, &history, &HistorySource::resetZoom);
    connect(&history, &HistorySource::changed, this, &OverviewPage::refresh);
    connect(&m_serverModel.markers(), &ChangeMarkers::changed, this, &OverviewPage::refreshCharts);
    connect(m_violations, &ViolationsChart::barClicked, this, &OverviewPage::refusalsRequested);
    connect(&m_serverModel, &ServerModel::sampleArrived, this, [this] {
        m_clockwork.start();
        refresh();
    });
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &OverviewPage::refresh);
    // Without samples the axis goes on, so that the gap is seen to grow.
    m_clockwork.setInterval(1s);
    connect(&m_clockwork, &QTimer::timeout, this, &OverviewPage::refresh);
    m_clockwork.start();
}

void OverviewPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_node->reload();
    refresh();
}

void OverviewPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_charts.empty() && m_behind)
        refreshTrends();
}

void OverviewPage::refresh()
{
    refreshRangeBar();
    refreshTiles();
    if (!isVisible())
        return;
    refreshTrends();
    refreshCharts();
}

void OverviewPage::refreshRangeBar()
{
    const HistorySource &history = m_serverModel.history();
    if (QAbstractButton *button = m_ranges->button(int(history.range().preset())))
        button->setChecked(true);
    m_resetZoom->setVisible(history.isZoomed());
    m_pause->setText(history.isPaused() ? tr("Go live") : tr("Pause"));
    m_pause->setIcon(themedIcon(history.isPaused() ? u"play"_s : u"pause"_s));
    const bool isOfThen = history.isZoomed() || !history.range().isFollowing();
    m_behind->setVisible(history.isPaused() || isOfThen);
    const QString shown = intervalText(history.interval(), history.now());
    m_behind->setText(isOfThen ? tr("%1, not live").arg(shown) : tr("%1 behind").arg(durationText(history.behind())));
    setLabelRole(*m_behind, u"warning"_s);
}

void OverviewPage::refreshTiles()
{
    const bool isStale = !m_serverModel.isLive();
    for (MetricTile *tile : std::as_const(m_tiles))
        tile->setStale(isStale);
    if (!m_serverModel.latest())
        return;
    const LiveSample &sample = *m_serverModel.latest();
    const QLocale locale;
    const auto number = [&locale](qint64 value) { return locale.toString(value); };
    // What is not counted is not nought.
    const auto setCounted = [this](const QString &tile, const QString &value, const QString &detail) {
        const bool isGuarding = m_serverModel.isGuarding();
        m_tiles[tile]->setValue(isGuarding ? value : u"–"_s, isGuarding ? detail : tr("guards off: not counted"));
    };
    const LimitsModel &limits = m_serverModel.limits();
    const int limitRow = limits.rowOf(u"max_connections"_s);
    const QString limit
        = limitRow < 0 ? u"–"_s : number(limits.index(limitRow, 0).data(LimitsModel::ServerValueRole).toLongLong());
    setCounted(u"active_connections"_s, number(qint64(sample.frame[Metric::ActiveConnections])),
        tr("of %1 · peak %2").arg(limit, number(sample.peakConnections)));
    m_tiles[u"connections_today"_s]->setValue(number(sample.totals.connectionsToday), sinceMidnightText());
    const UtcTime now = sample.frame.time;
    const TimeInterval lastMinute{ now - 1min, now };
    setCounted(u"messages_per_minute"_s, number(sample.totals.messagesPerMinute),
        tr("in %1 · out %2")
            .arg(number(std::llround(m_serverModel.series().sum(Metric::MessagesIn, lastMinute))),
                number(std::llround(m_serverModel.series().sum(Metric::MessagesOut, lastMinute)))));
    const qint64 observed = std::llround(m_serverModel.series().sum(Metric::Observed, lastMinute));
    m_tiles[u"refusals_per_minute"_s]->setValue(number(sample.refusalsPerMinute),
        !m_serverModel.isGuarding() ? tr("Origin and token only")
            : observed > 0          ? tr("%1 more only observed").arg(number(observed))
                                    : tr("in the last 60 s"));
    m_tiles[u"average_duration"_s]->setValue(
        durationText(std::chrono::milliseconds(qint64(sample.totals.averageDurationSeconds * 1000))),
        tr("of those closed today"));
    setCounted(u"addresses_near_limit"_s, number(sample.addressesNearLimit),
        tr("of %1 at 80 % or more").arg(number(qint64(sample.frame[Metric::TrackedAddresses]))));
}

QString OverviewPage::sinceMidnightText() const
{
    const QString zone = m_serverModel.server() ? m_serverModel.server()->timeZone : QString();
    return zone.isEmpty() ? tr("accepted since midnight, server's time") : tr("since midnight, %1").arg(zone);
}

HistoryReply OverviewPage::counted(HistoryReply history) const
{
    m_serverModel.markers().guardsOff().leaveOut(history);
    return history;
}

QList<double> OverviewPage::trend(const std::vector<Metric> &metrics) const
{
    const UtcTime now = m_serverModel.series().newest().value_or(m_serverModel.history().now());
    const HistoryReply window
        = counted(m_serverModel.series().window(metrics, { now - kTrendLength, now - 1ms }, kTrendBuckets));
    QList<double> values(window.bucketCount, 0);
    for (const HistorySeries &series : window.series) {
        for (qsizetype i = 0; i < window.bucketCount; ++i)
            values[i] += series.mean[size_t(i)];
    }
    return values;
}

void OverviewPage::refreshTrends()
{
    if (m_serverModel.series().isEmpty())
        return;
    const ThemeColors &colors = themeColors(palette());
    m_tiles[u"active_connections"_s]->setTrend(trend({ Metric::ActiveConnections }), colors.active);
    m_tiles[u"messages_per_minute"_s]->setTrend(trend({ Metric::MessagesIn, Metric::MessagesOut }), colors.messagesOut);
    m_tiles[u"refusals_per_minute"_s]->setTrend(trend(ViolationsChart::kinds()), colors.bad);
}

void OverviewPage::refreshCharts()
{
    if (!isVisible())
        return;
    const HistorySource &history = m_serverModel.history();
    const ChangeMarkers &changes = m_serverModel.markers();
    const TimeInterval interval = history.interval();
    m_axis.setRange(interval.from, interval.to, history.now());
    std::vector<ChartMarker> markers;
    for (const ChangeMarker &marker : changes.markers(interval))
        markers.push_back({ marker.at, marker.text.section(u'\n', 0, 0) + u" · "_s + marker.by, marker.text });
    std::vector<TimeSpan> guardsOff;
    for (const GuardsOffSpan &span : changes.guardsOff().spans(interval))
        guardsOff.push_back({ span.time.from, std::min(span.time.to, history.now()) });
    const HistoryReply reply = counted(history.data(chartMetrics(), std::max(60, int(m_active->plotRect().width()))));
    const QString empty = history.isFollowing() && !m_serverModel.latest() ? tr("Waiting for the first sample")
                                                                           : tr("Nothing was recorded in this range");
    for (TimeSeriesChart *chart : m_charts) {
        chart->setStale(!m_serverModel.isLive());
        chart->setNow(presentSample());
        chart->setMarkers(markers);
        chart->setGuardsOff(guardsOff);
        chart->setEmptyText(empty);
        chart->setHistory(reply);
    }
    // Of the time before the first sample nothing is known, the limit neither.
    const UtcTime known = firstSample(reply, Metric::ActiveConnections).value_or(interval.to);
    m_active->setLimitLine(known < interval.to
            ? changes.limitLine(u"max_connections"_s, { std::max(known, interval.from), interval.to })
            : std::vector<QPointF>());
}

std::optional<MetricsFrame> OverviewPage::presentSample() const
{
    // One node's own present is not in the live stream.
    const bool isShown = m_serverModel.history().isFollowing() && m_serverModel.history().node().isEmpty();
    if (!isShown || !m_serverModel.isGuarding() || !m_serverModel.latest())
        return std::nullopt;
    return m_serverModel.latest()->frame;
}

} // namespace gatehouse
