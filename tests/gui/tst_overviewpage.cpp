// SPDX-License-Identifier: GPL-3.0-or-later
// The overview by clicks: overview.tile.<name>.value  overview.range.<name>  overview.pause  overview.resetzoom
// overview.behind overview.node overview.chart.<name>  overview.export  range.from  range.to  range.accept  range.error
#include <cmath>

#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDateTimeEdit>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLayout>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>

#include "console/charts/serieswindow.h"
#include "console/charts/sparkline.h"
#include "console/charts/timeserieschart.h"
#include "console/models/titles.h"
#include "console/pages/overviewpage.h"
#include "console/pages/rangedialog.h"
#include "console/pages/tabletools.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture : ConsoleFixture
{
    OverviewPage page{ serverModel };

    Fixture()
    {
        client.history = makeHistory(client.clock.utc() - 1h, 10s, 360,
            { { Metric::ActiveConnections, always(17) }, { Metric::MessagesIn, always(1) },
                { Metric::MessagesOut, always(2) },
                { Metric::RefusedConnections, [](qsizetype i) { return i == 180 ? 1.0 : 0.0; } } });
        client.overview.now.time = client.clock.utc();
        page.resize(1200, 800);
        page.show();
        connectToServer();
    }
    [[nodiscard]] QString text(const QString &name) { return findPart<QLabel>(page, name)->text(); }
    [[nodiscard]] TimeSeriesChart &chart(const QString &name)
    {
        return *findPart<TimeSeriesChart>(page, u"overview.chart."_s + name);
    }
    template <typename T> [[nodiscard]] T *dialog(const QString &name) { return page.window()->findChild<T *>(name); }
};

} // namespace

class TestOverviewPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void chartsShowOneNodeOfACluster()
    {
        Fixture fixture;
        auto *chooser = findPart<QComboBox>(fixture.page, u"overview.node"_s);
        QTRY_VERIFY(fixture.serverModel.nodes().isKnown());
        QVERIFY(!chooser->isVisible()); // a server by itself
        fixture.client.nodes.nodes.resize(2);
        fixture.client.nodes.nodes[0].name = u"gate-1"_s;
        fixture.client.nodes.nodes[1].name = u"gate-2"_s;
        fixture.client.nodes.redis = RedisState{ true, u"10.0.0.5:6379"_s, {}, fixture.client.clock.utc() };
        fixture.connectToServer(); // it was started again, as a node
        QTRY_VERIFY(chooser->isVisible());
        QCOMPARE(chooser->count(), 3);
        fixture.client.nodeHistory
            = makeHistory(fixture.client.clock.utc() - 1h, 10s, 360, { { Metric::ActiveConnections, always(4) } });
        chooser->setFocus();
        QTest::keyClick(chooser, Qt::Key_End);
        QTRY_VERIFY(fixture.client.calls.contains(u"fetchNodeHistory gate-2"_s));
        const auto shown = [&fixture] { // nothing until the answer is there
            const std::vector<HistorySeries> &series = fixture.chart(u"active"_s).history().series;
            return series.empty() || series[0].mean.size() <= 9 ? -1.0 : series[0].mean[9];
        };
        QTRY_COMPARE(shown(), 4.0);
        fixture.client.nodes.nodes.pop_back(); // somebody forgets it
        fixture.serverModel.nodes().refresh();
        QTRY_VERIFY(!chooser->isVisible());
        QCOMPARE(fixture.serverModel.history().node(), QString());
        QCOMPARE(chooser->currentIndex(), 0);
    }

    void tilesShowTheSample()
    {
        Fixture fixture;
        fixture.sample([](LiveSample &sample) {
            sample.frame[Metric::ActiveConnections] = 4812;
            sample.peakConnections = 5140;
            sample.totals.connectionsToday = 61'204;
            sample.totals.averageDurationSeconds = 45.3;
            sample.refusalsPerMinute = 37;
            sample.addressesNearLimit = 14;
        });
        QCOMPARE(fixture.text(u"overview.tile.active_connections.value"_s), u"4,812"_s);
        QCOMPARE(fixture.text(u"overview.tile.active_connections.detail"_s), u"of 10,000 · peak 5,140"_s);
        QCOMPARE(fixture.text(u"overview.tile.connections_today.value"_s), u"61,204"_s);
        QCOMPARE(fixture.text(u"overview.tile.average_duration.value"_s), u"45 s"_s);
        QCOMPARE(fixture.text(u"overview.tile.refusals_per_minute.value"_s), u"37"_s);
        QCOMPARE(fixture.text(u"overview.tile.addresses_near_limit.value"_s), u"14"_s);
    }

    void saysWhoseMidnightItIs()
    {
        Fixture fixture;
        fixture.sample();
        QVERIFY(fixture.text(u"overview.tile.connections_today.detail"_s).contains(u"server"_s));
        fixture.client.server.timeZone = u"Asia/Bangkok"_s;
        fixture.connectToServer();
        QVERIFY(fixture.text(u"overview.tile.connections_today.detail"_s).contains(u"Asia/Bangkok"_s));
    }

    void nowIsTheNewestSample()
    {
        Fixture fixture;
        clickPart(fixture.page, u"overview.range.24h"_s); // a point of it is many seconds
        fixture.sample([](LiveSample &sample) {
            sample.frame[Metric::ActiveConnections] = 42;
            sample.frame[Metric::MessagesOut] = 90;
        });
        const auto first = [&](const QString &chart) { return fixture.chart(chart).legend()[0]; };
        QCOMPARE(first(u"active"_s).name, u"now"_s);
        QCOMPARE(first(u"active"_s).value, u"42"_s);
        QCOMPARE(first(u"messages"_s).value, u"90"_s);
        // What ends before is not now.
        const UtcTime now = fixture.client.clock.utc();
        fixture.serverModel.history().zoom(now - 30min, now - 20min);
        QCOMPARE(first(u"active"_s).name, u"last"_s);
        QCOMPARE(first(u"active"_s).value, u"17"_s);
        fixture.serverModel.history().resetZoom();
        fixture.serverModel.history().setPaused(true);
        QCOMPARE(first(u"active"_s).name, u"last"_s);
    }

    void tilesAreGreyWhileNotConnected()
    {
        Fixture fixture;
        fixture.sample();
        auto *value = findPart<QLabel>(fixture.page, u"overview.tile.active_connections.value"_s);
        QVERIFY(value->isEnabled());
        fixture.client.setState(ConnectionState::WaitingToRetry, u"connection refused"_s);
        QVERIFY(!value->isEnabled());
        QVERIFY(!value->text().isEmpty()); // what was known stays
        fixture.client.setState(ConnectionState::Live);
        QVERIFY(value->isEnabled());
    }

    void guardsOffIsAGapWithAWord()
    {
        Fixture fixture;
        const UtcTime now = fixture.client.clock.utc();
        fixture.client.switchChanges
            = { { now - 10min, true, u"night-shift"_s, {} }, { now - 20min, false, u"night-shift"_s, u"rollback"_s } };
        fixture.serverModel.refreshSwitch();
        QTRY_COMPARE(fixture.serverModel.markers().guardsOff().changes().size(), 2U);
        TimeSeriesChart &chart = fixture.chart(u"active"_s);
        QVERIFY(std::isnan(valueAt(chart.history(), Metric::ActiveConnections, now - 15min)));
        QCOMPARE(valueAt(chart.history(), Metric::ActiveConnections, now - 25min), 17.0);
        QCOMPARE(valueAt(chart.history(), Metric::ActiveConnections, now - 5min), 17.0);
        const ThemeColors &colors = themeColors(fixture.page.palette());
        const auto reds = [&] {
            const QRectF plot = chart.plotRect();
            const QRectF span(chart.positionOf(now - 20min), plot.center().y() - 10, 120, 20);
            return countPixels(chart.grab().toImage(), span, colors.bad, 90);
        };
        QVERIFY2(reds() > 20, qPrintable(QString::number(reds())));
        QVERIFY(fixture.serverModel.markers().markers({ now - 1h, now }).size() == 2U);
        fixture.client.switchChanges.clear();
        fixture.serverModel.refreshSwitch();
        QTRY_COMPARE(valueAt(chart.history(), Metric::ActiveConnections, now - 15min), 17.0);
        QCOMPARE(reds(), 0);
    }

    void whatIsNotCountedIsNotNought()
    {
        Fixture fixture;
        fixture.sample([](LiveSample &sample) { sample.frame[Metric::ActiveConnections] = 3; });
        fixture.serverModel.setGuarding(false);
        fixture.sample();
        QCOMPARE(fixture.text(u"overview.tile.active_connections.value"_s), u"–"_s);
        QCOMPARE(fixture.text(u"overview.tile.messages_per_minute.value"_s), u"–"_s);
        QVERIFY(fixture.text(u"overview.tile.active_connections.detail"_s).contains(u"guards off"_s));
        QVERIFY(fixture.chart(u"active"_s).legend()[0].name != u"now"_s);
        fixture.serverModel.setGuarding(true);
        fixture.sample([](LiveSample &sample) { sample.frame[Metric::ActiveConnections] = 4; });
        QCOMPARE(fixture.text(u"overview.tile.active_connections.value"_s), u"4"_s);
    }

    void aTileDrawsItsOwnMetricOrNone()
    {
        Fixture fixture;
        for (int i = 0; i < 10; ++i) {
            fixture.client.clock.advance(1s);
            fixture.sample([](LiveSample &sample) {
                sample.frame[Metric::Handshakes] = 5;
                sample.frame[Metric::Closes] = 6;
                sample.frame[Metric::TrackedAddresses] = 7;
                sample.frame[Metric::ActiveConnections] = 8;
            });
        }
        const auto values = [&](const QString &tile) {
            return findPart<QWidget>(fixture.page, u"overview.tile."_s + tile)->findChild<Sparkline *>()->values();
        };
        QVERIFY(values(u"active_connections"_s).contains(8.0));
        for (const QString &tile : { u"connections_today"_s, u"average_duration"_s, u"addresses_near_limit"_s })
            QVERIFY2(values(tile).isEmpty(), qPrintable(tile));
    }

    void anOldRangeSaysWhenItWas()
    {
        Fixture fixture;
        const UtcTime now = fixture.client.clock.utc();
        auto *behind = findPart<QLabel>(fixture.page, u"overview.behind"_s);
        QVERIFY(!behind->isVisible());
        fixture.serverModel.history().zoom(now - 30min, now - 20min);
        QVERIFY(behind->isVisible()); // a part is not live
        QVERIFY2(behind->text().contains(u"not live"_s), qPrintable(behind->text()));
        QVERIFY(behind->text().contains(recentTime(now - 30min, now)));
        const UtcTime then = now - 72h;
        fixture.client.history = makeHistory(then, 10s, 6, {});
        fixture.serverModel.history().setRange(TimeRange::custom(then, then + 1h));
        QTRY_VERIFY(fixture.chart(u"active"_s).isEmpty());
        QVERIFY(behind->text().contains(QLocale().toString(toDateTime(then).date(), u"d MMM")));
        QVERIFY(!fixture.chart(u"active"_s).limit()); // of that time nothing is known
    }

    void noLimitIsDrawnFromBeforeTheFirstSample()
    {
        Fixture fixture;
        const UtcTime now = fixture.client.clock.utc();
        fixture.serverModel.limits().setDocument(fixture.client.limits);
        for (LimitState &limit : fixture.client.limits.limits)
            limit.value = limit.key == u"max_connections"_s ? 20 : limit.value;
        fixture.serverModel.takeLimits(fixture.client.limits);
        fixture.client.history = makeHistory(now - 6h, 10s, 1, {}); // the server came an hour ago
        fixture.serverModel.history().setRange(TimeRange(TimeRange::Preset::Last6Hours));
        TimeSeriesChart &chart = fixture.chart(u"active"_s);
        QTRY_VERIFY(chart.isLimitInView());
        const QImage image = chart.grab().toImage();
        const double y = chart.plotRect().bottom() - chart.plotRect().height() * 20 / chart.valueMaximum();
        const auto reds = [&](UtcTime from, UtcTime to) {
            const QRectF band(chart.positionOf(from), y - 3, chart.positionOf(to) - chart.positionOf(from), 6);
            return countPixels(image, band, themeColors(fixture.page.palette()).bad, 60);
        };
        QVERIFY(reds(now - 50min, now - 30min) > 5);
        QCOMPARE(reds(now - 5h, now - 2h), 0);
    }

    void aRangeIsChosen()
    {
        Fixture fixture;
        for (const QString &name : { u"1m"_s, u"6h"_s, u"1h"_s }) {
            clickPart(fixture.page, u"overview.range."_s + name);
            QCOMPARE(fixture.serverModel.history().range().name(), name);
            QVERIFY(findPart<QPushButton>(fixture.page, u"overview.range."_s + name)->isChecked());
        }
    }

    void pauseTellsHowFarBehind()
    {
        Fixture fixture;
        auto *behind = findPart<QLabel>(fixture.page, u"overview.behind"_s);
        auto *pause = findPart<QPushButton>(fixture.page, u"overview.pause"_s);
        const QString live = pause->text();
        QVERIFY(!behind->isVisible());
        pause->click();
        fixture.client.clock.advance(12s);
        fixture.page.refresh();
        QVERIFY(behind->isVisible());
        QCOMPARE(behind->text(), u"12 s behind"_s);
        QCOMPARE(pause->text(), u"Go live"_s);
        pause->click();
        QVERIFY(!behind->isVisible());
        QCOMPARE(pause->text(), live);
    }

    void aDragZoomsEveryChart()
    {
        Fixture fixture;
        TimeSeriesChart &chart = fixture.chart(u"messages"_s);
        const auto reset = findPart<QPushButton>(fixture.page, u"overview.resetzoom"_s);
        QVERIFY(!reset->isVisible());
        const QRect plot = chart.plotRect().toRect();
        QTest::mousePress(
            chart.viewport(), Qt::LeftButton, {}, QPoint(plot.left() + plot.width() / 4, plot.center().y()));
        QTest::mouseRelease(
            chart.viewport(), Qt::LeftButton, {}, QPoint(plot.left() + plot.width() / 2, plot.center().y()));
        QVERIFY(fixture.serverModel.history().isZoomed());
        const TimeInterval zoomed = fixture.serverModel.history().interval();
        QVERIFY(std::chrono::abs(zoomed.length() - 15min) < 30s);
        QVERIFY(reset->isVisible());
        QVERIFY(std::chrono::abs(fixture.chart(u"active"_s).timeAt(0) - zoomed.from) < 1s); // the others follow
        QTest::mouseDClick(chart.viewport(), Qt::LeftButton, {}, plot.center());
        QVERIFY(!fixture.serverModel.history().isZoomed());
        QVERIFY(!reset->isVisible());
    }

    void aRangeOfOnesOwn()
    {
        Fixture fixture;
        clickPart(fixture.page, u"overview.range.custom"_s);
        auto *dialog = fixture.dialog<RangeDialog>(u"range"_s);
        QVERIFY(dialog);
        auto *from = findPart<QDateTimeEdit>(*dialog, u"range.from"_s);
        auto *to = findPart<QDateTimeEdit>(*dialog, u"range.to"_s);
        const QDateTime now = toDateTime(fixture.client.clock.utc());
        to->setDateTime(now.addSecs(-7200));
        auto *accept = findPart<QPushButton>(*dialog, u"range.accept"_s);
        QVERIFY(!accept->isEnabled()); // ends before it begins
        QVERIFY(!findPart<QLabel>(*dialog, u"range.error"_s)->text().isEmpty());
        from->setDateTime(now.addSecs(3600));
        to->setDateTime(now.addSecs(7200));
        QVERIFY(!accept->isEnabled()); // in the future
        from->setDateTime(now.addSecs(-3000));
        to->setDateTime(now.addSecs(-2400));
        QVERIFY(accept->isEnabled());
        accept->click();
        const TimeInterval wanted{ fixture.client.clock.utc() - 3000s, fixture.client.clock.utc() - 2400s };
        QCOMPARE(fixture.serverModel.history().interval(), wanted);
        QVERIFY(findPart<QPushButton>(fixture.page, u"overview.range.custom"_s)->isChecked());
        fixture.client.clock.advance(60s); // it does not move
        QCOMPARE(fixture.serverModel.history().interval(), wanted);
        QCOMPARE(fixture.chart(u"active"_s).timeAt(0), wanted.from);
    }

    void aRangeThatIsNotTakenChangesNothing()
    {
        Fixture fixture;
        clickPart(fixture.page, u"overview.range.custom"_s);
        fixture.dialog<RangeDialog>(u"range"_s)->reject();
        QVERIFY(findPart<QPushButton>(fixture.page, u"overview.range.1h"_s)->isChecked());
        QVERIFY(!findPart<QPushButton>(fixture.page, u"overview.range.custom"_s)->isChecked());
    }

    void aBarAsksForItsRefusals()
    {
        Fixture fixture;
        QSignalSpy requested(&fixture.page, &OverviewPage::refusalsRequested);
        TimeSeriesChart &chart = fixture.chart(u"violations"_s);
        const UtcTime spike = fixture.client.clock.utc() - 1h + 1805s;
        const QPoint at(int(chart.positionOf(spike)), int(chart.plotRect().bottom()) - 4);
        QTest::mouseClick(chart.viewport(), Qt::LeftButton, {}, at);
        QCOMPARE(requested.count(), 1);
        QVERIFY(requested[0][0].value<UtcTime>() <= spike && requested[0][1].value<UtcTime>() > spike);
    }

    void theLimitAndItsChangesAreInTheChart()
    {
        Fixture fixture;
        QCOMPARE(fixture.chart(u"active"_s).limit(), std::optional(10'000.0));
        LimitsDocument document = fixture.client.limits;
        for (LimitState &limit : document.limits)
            limit.value = limit.key == u"max_connections"_s ? 20 : limit.value;
        const Revision revision{ 2, fixture.client.clock.utc() - 10min, u"7"_s, {}, u"api"_s, {},
            { { u"max_connections"_s, { 10'000, LimitMode::Enforce }, { 20, LimitMode::Enforce } } } };
        Q_EMIT fixture.client.limitsChanged(document, revision);
        QCOMPARE(fixture.chart(u"active"_s).limit(), std::optional(20.0));
        QVERIFY(fixture.chart(u"active"_s).isLimitInView());
        const ThemeColors &colors = themeColors(fixture.page.palette());
        const QImage image = fixture.chart(u"active"_s).grab().toImage();
        const QRectF column(fixture.chart(u"active"_s).positionOf(revision.at) - 1,
            fixture.chart(u"active"_s).plotRect().top() + 30, 3, 40);
        QVERIFY(countPixels(image, column, colors.marker, 40) > 30);
    }

    void exportsNumbersAndPicture()
    {
        Fixture fixture;
        QTemporaryDir folder;
        const auto save = [&](const char *action, const QString &path) {
            fixture.page.findChild<QAction *>(QString::fromLatin1(action))->trigger();
            auto *dialog = fixture.dialog<QFileDialog>(u"export.dialog"_s);
            dialog->selectFile(path);
            Q_EMIT dialog->fileSelected(path);
            dialog->close();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        };
        save("overview.export.csv", folder.filePath(u"numbers.csv"_s));
        QFile numbers(folder.filePath(u"numbers.csv"_s));
        QVERIFY(numbers.open(QIODevice::ReadOnly));
        const QByteArray csv = numbers.readAll();
        QVERIFY(csv.startsWith("time,seconds,active_connections_min,"));
        QVERIFY(csv.contains(",17,17,17,"));
        save("overview.export.png", folder.filePath(u"charts.png"_s));
        const QImage picture(folder.filePath(u"charts.png"_s));
        QVERIFY(picture.width() > 1000);
        QVERIFY(countPixels(picture, QRectF(picture.rect()), themeColors(fixture.page.palette()).active, 60) > 500);
    }

    void aLongDurationIsSeenWholeInANarrowWindow()
    {
        Fixture fixture;
        fixture.sample([](LiveSample &sample) {
            sample.totals.averageDurationSeconds = 86'399;
            sample.totals.messagesPerMinute = 123'456;
        });
        fixture.page.resize(918, 560); // what a window of 1024 leaves
        QCOMPARE(fixture.text(u"overview.tile.average_duration.value"_s), u"23 h 59 min"_s);
        // One that has no trend has no place for it.
        const auto *tile = findPart<QWidget>(fixture.page, u"overview.tile.average_duration"_s);
        QVERIFY(!tile->findChild<Sparkline *>()->isVisible());
        QVERIFY(findPart<QWidget>(fixture.page, u"overview.tile.active_connections"_s)
                    ->findChild<Sparkline *>()
                    ->isVisible());
        QVERIFY2(fixture.page.minimumSizeHint().width() <= 918,
            qPrintable(QString::number(fixture.page.minimumSizeHint().width())));
        for (const QLabel *label : fixture.page.findChildren<QLabel *>()) {
            if (label->objectName().endsWith(u".value"_s))
                QTRY_VERIFY2(label->width() >= label->sizeHint().width(), qPrintable(label->objectName()));
        }
    }

    void aFileThatCannotBeWrittenIsNamed()
    {
        const Status status = saveFile(u"/nowhere/at/all.csv"_s, "x");
        QVERIFY(!status);
        QVERIFY(status.error().message.contains(u"/nowhere/at/all.csv"_s));
        Fixture fixture;
        fixture.page.findChild<QAction *>(u"overview.export.csv"_s)->trigger();
        Q_EMIT fixture.dialog<QFileDialog>(u"export.dialog"_s)->fileSelected(u"/nowhere/at/all.csv"_s);
        auto *box = fixture.dialog<QMessageBox>(u"export.error"_s);
        QVERIFY(box && box->text().contains(u"/nowhere/at/all.csv"_s));
    }
};

QTEST_MAIN(TestOverviewPage)
#include "tst_overviewpage.moc"
