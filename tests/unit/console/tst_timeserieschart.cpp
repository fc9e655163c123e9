// SPDX-License-Identifier: GPL-3.0-or-later
// What a chart draws, read from its pixels, and what the mouse and the keys do in it.
#include <cmath>

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "console/charts/activeconnectionschart.h"
#include "console/charts/messagerateschart.h"
#include "shared/util/isotime.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };
constexpr UtcTime kEnd = kStart + 100s;
constexpr double kGap = HistoryReply::kGap;

struct Fixture
{
    Theme theme{ *qApp };
    TimeAxisGroup axis;
    ActiveConnectionsChart chart{ axis };

    explicit Fixture(ThemeMode mode = ThemeMode::Light)
    {
        theme.setMode(mode);
        axis.setRange(kStart, kEnd, kEnd);
        chart.resize(800, 240);
        chart.show();
    }
    void show(const SampleValue &value)
    {
        chart.setHistory(makeHistory(kStart, 1s, 100, { { Metric::ActiveConnections, value } }));
    }
    void setLimit(double value) { chart.setLimitLine({ { x(kStart), value }, { x(kEnd), value } }); }
    static double x(UtcTime time) { return double(toEpochMillis(time)); }
    [[nodiscard]] QImage image() { return chart.grab().toImage(); }
    [[nodiscard]] double yOf(double value) const
    {
        const QRectF plot = chart.plotRect();
        return plot.bottom() - plot.height() * value / chart.valueMaximum();
    }
    [[nodiscard]] const ThemeColors &colors() const { return themeColors(chart.palette()); }
    /// A band of a few pixels around a value, between two times.
    [[nodiscard]] QRectF band(double value, UtcTime from = kStart + 5s, UtcTime to = kEnd - 5s) const
    {
        return QRectF(chart.positionOf(from), yOf(value) - 3, chart.positionOf(to) - chart.positionOf(from), 6);
    }
    [[nodiscard]] QPoint at(UtcTime time) const
    {
        return QPointF(chart.positionOf(time), chart.plotRect().center().y()).toPoint();
    }
};

} // namespace

class TestTimeSeriesChart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void drawsTheLineWhereTheValuesAre_data()
    {
        QTest::addColumn<ThemeMode>("mode");
        QTest::newRow("light") << ThemeMode::Light;
        QTest::newRow("dark") << ThemeMode::Dark;
    }
    void drawsTheLineWhereTheValuesAre()
    {
        QFETCH(ThemeMode, mode);
        Fixture fixture(mode);
        fixture.show(always(50));
        const QImage image = fixture.image();
        const QRectF line = fixture.band(50);
        QVERIFY(countPixels(image, line, fixture.colors().active, 60) > line.width() * 0.8);
        QCOMPARE(countPixels(image, fixture.band(20), fixture.colors().active, 60), 0);
        // The area's side is no line: nothing was there before the first sample.
        const QRectF side(fixture.chart.plotRect().left(), fixture.yOf(30), 4, fixture.yOf(10) - fixture.yOf(30));
        QCOMPARE(countPixels(image, side, fixture.colors().active, 60), 0);
        QCOMPARE(image.pixelColor(2, 2), fixture.colors().card);
    }

    void followsAChangeOfTheme()
    {
        Fixture fixture(ThemeMode::Light);
        fixture.show(always(50));
        fixture.theme.setMode(ThemeMode::Dark);
        QVERIFY(fixture.colors().isDark);
        const QImage image = fixture.image();
        QCOMPARE(image.pixelColor(2, 2), fixture.colors().card);
        QVERIFY(countPixels(image, fixture.band(50), fixture.colors().active, 60) > 300);
    }

    void aGapIsAGap()
    {
        Fixture fixture;
        fixture.show([](qsizetype i) { return i >= 40 && i < 60 ? kGap : 50.0; });
        QCOMPARE(fixture.chart.gaps(), (std::vector<TimeSpan>{ { kStart + 40s, kStart + 60s } }));
        const QImage image = fixture.image();
        QCOMPARE(countPixels(image, fixture.band(50, kStart + 42s, kStart + 58s), fixture.colors().active, 60), 0);
        const QRectF corner(fixture.chart.positionOf(kStart + 45s), fixture.chart.plotRect().top() + 4, 20, 10);
        QVERIFY(countPixels(image, corner, fixture.colors().gap, 2) >= 200);
        QVERIFY(countPixels(image, fixture.band(50, kStart + 5s, kStart + 38s), fixture.colors().active, 60) > 150);
    }

    void aGrowingGapIsSeenWhileDisconnected()
    {
        Fixture fixture;
        fixture.show([](qsizetype i) { return i < 70 ? 50.0 : kGap; });
        QCOMPARE(fixture.chart.gaps(), (std::vector<TimeSpan>{ { kStart + 70s, kEnd } }));
    }

    void saysThatItWaits()
    {
        Fixture fixture;
        QVERIFY(fixture.chart.isEmpty());
        fixture.chart.setEmptyText(u"Waiting for the first sample"_s);
        const QRectF middle = fixture.chart.plotRect().adjusted(200, 40, -200, -40);
        QVERIFY(countPixels(fixture.image(), middle, fixture.colors().muted, 40) > 20);
        fixture.show(always(kGap));
        QVERIFY(fixture.chart.isEmpty());
        fixture.show(always(1));
        QVERIFY(!fixture.chart.isEmpty());
        QCOMPARE(countPixels(fixture.image(), middle, fixture.colors().muted, 40), 0);
    }

    void drawsALimitInReach()
    {
        Fixture fixture;
        fixture.show(always(50));
        fixture.setLimit(100);
        QVERIFY(fixture.chart.isLimitInView());
        QVERIFY(fixture.chart.valueMaximum() >= 100);
        const QImage image = fixture.image();
        QVERIFY(countPixels(image, fixture.band(100), fixture.colors().bad, 60) > 200); // dashed
        // Its label stands above the line, where no data is.
        const QRectF label(fixture.chart.plotRect().right() - 70, fixture.yOf(100) - 18, 68, 15);
        QVERIFY(countPixels(image, label, fixture.colors().bad, 60) > 20);
        QCOMPARE(fixture.chart.legend().size(), 2U);
    }

    void tellsALimitOutOfReachInTheLegend()
    {
        Fixture fixture;
        fixture.show(always(50));
        fixture.setLimit(10'000);
        QVERIFY(!fixture.chart.isLimitInView());
        QVERIFY(fixture.chart.valueMaximum() < 100); // the data is not pressed to the floor
        QCOMPARE(countPixels(fixture.image(), QRectF(fixture.chart.rect()), fixture.colors().bad, 30), 0);
        const std::vector<LegendEntry> legend = fixture.chart.legend();
        QCOMPARE(legend.size(), 3U);
        QCOMPARE(legend[2].value, u"10,000"_s);
        QCOMPARE(legend[2].color, fixture.colors().bad);
    }

    void drawsWhatTheLimitWas()
    {
        Fixture fixture;
        fixture.show(always(50));
        const UtcTime change = kStart + 50s;
        fixture.chart.setLimitLine({ { Fixture::x(kStart), 60 }, { Fixture::x(change), 60 },
            { Fixture::x(change), 120 }, { Fixture::x(kEnd), 120 } });
        const QImage image = fixture.image();
        const QColor red = fixture.colors().bad;
        QVERIFY(countPixels(image, fixture.band(60, kStart + 2s, change - 2s), red, 60) > 80);
        QCOMPARE(countPixels(image, fixture.band(60, change + 2s, kEnd - 2s), red, 60), 0);
        QCOMPARE(countPixels(image, fixture.band(120, kStart + 2s, change - 2s), red, 60), 0);
        QVERIFY(countPixels(image, fixture.band(120, change + 2s, kEnd - 2s), red, 60) > 80);
    }

    void aLimitThatIsNotEnforcedIsNotDrawn()
    {
        Fixture fixture;
        fixture.show(always(50));
        fixture.setLimit(kGap);
        QVERIFY(!fixture.chart.limit());
        QCOMPARE(countPixels(fixture.image(), QRectF(fixture.chart.rect()), fixture.colors().bad, 30), 0);
        QCOMPARE(fixture.chart.legend().size(), 2U);
    }

    void marksChanges()
    {
        Fixture fixture;
        fixture.show(always(50));
        fixture.chart.setMarkers(
            { { kStart - 30s, u"before"_s }, { kStart + 30s, u"5 → 10"_s, u"5 → 10\nby night-shift"_s } });
        const auto column = [&](UtcTime at) {
            const QRectF plot = fixture.chart.plotRect();
            return countPixels(fixture.image(),
                QRectF(fixture.chart.positionOf(at) - 1, plot.top() + 6, 3, plot.height() - 12),
                fixture.colors().marker, 40);
        };
        QVERIFY(column(kStart + 30s) > 100);
        QCOMPARE(column(kStart + 60s), 0);
        // Its text stands above the plot, never over the curve.
        const QRectF plot = fixture.chart.plotRect();
        const QRectF label(fixture.chart.positionOf(kStart + 30s) + 6, 0, 50, plot.top() - 4);
        QVERIFY(countPixels(fixture.image(), label, fixture.colors().marker, 60) > 10);
        const QRectF beside(fixture.chart.positionOf(kStart + 30s) + 8, plot.top() + 2, 60, 16);
        QCOMPARE(countPixels(fixture.image(), beside, fixture.colors().marker, 60), 0);
        QTest::mouseMove(fixture.chart.viewport(), fixture.at(kStart + 30s));
        QTRY_VERIFY(fixture.axis.crosshair().has_value());
        QVERIFY(countPixels(fixture.image(), beside.adjusted(0, 0, 40, 80), fixture.colors().marker, 60) > 10);
        fixture.axis.setCrosshair({});
        fixture.chart.setMarkerLabelsVisible(false);
        QCOMPARE(countPixels(fixture.image(), label, fixture.colors().marker, 60), 0);
    }

    void theNewestMarkerAlwaysHasItsText()
    {
        Fixture fixture;
        fixture.show(always(50));
        std::vector<ChartMarker> markers;
        for (int i = 0; i < 12; ++i)
            markers.push_back({ kEnd - 14s + std::chrono::seconds(i), u"Connections per address: 5 → 1%1"_s.arg(i) });
        fixture.chart.setMarkers(markers);
        const QRectF strip(fixture.chart.width() - 180, 0, 178, fixture.chart.plotRect().top() - 4);
        QVERIFY(countPixels(fixture.image(), strip, fixture.colors().marker, 60) > 60);
    }

    void guardsOffIsDrawn()
    {
        Fixture fixture;
        fixture.show([](qsizetype i) { return i >= 40 && i < 80 ? kGap : 50.0; });
        const auto word = [&] {
            const QRectF band(
                fixture.chart.positionOf(kStart + 45s), fixture.chart.plotRect().center().y() - 10, 200, 20);
            return countPixels(fixture.image(), band, fixture.colors().bad, 60);
        };
        QCOMPARE(word(), 0); // no data
        fixture.chart.setGuardsOff({ { kStart + 40s, kStart + 80s } });
        QVERIFY(word() > 20);
    }

    void isPalerWhileNotConnected()
    {
        Fixture fixture;
        fixture.show(always(50));
        const int before = countPixels(fixture.image(), fixture.band(50), fixture.colors().active, 40);
        fixture.chart.setStale(true);
        const int after = countPixels(fixture.image(), fixture.band(50), fixture.colors().active, 40);
        QVERIFY2(before > 300 && after == 0, qPrintable(u"%1 %2"_s.arg(before).arg(after)));
        QCOMPARE(fixture.chart.legend()[0].name, u"last"_s); // not "now"
        fixture.chart.setStale(false);
        QCOMPARE(fixture.chart.legend()[0].name, u"last"_s); // it is not known whether that is now
        MetricsFrame now;
        now[Metric::ActiveConnections] = 51;
        fixture.chart.setNow(now);
        QCOMPARE(fixture.chart.legend()[0].name, u"now"_s);
        QCOMPARE(fixture.chart.legend()[0].value, u"51"_s);
    }

    void placesAndTimesAreInverse()
    {
        Fixture fixture;
        for (const auto offset : { 0s, 17s, 50s, 100s }) {
            const UtcTime time = kStart + offset;
            QVERIFY(std::chrono::abs(fixture.chart.timeAt(fixture.chart.positionOf(time)) - time) < 2ms);
        }
        QCOMPARE(fixture.chart.timeAt(-100), kStart);
        QCOMPARE(fixture.chart.timeAt(5000), kEnd);
    }

    void theCrosshairReadsTheValue()
    {
        Fixture fixture;
        fixture.show([](qsizetype i) { return double(i); });
        QCOMPARE(fixture.chart.legend()[0].value, u"99"_s);
        QSignalSpy legendChanged(&fixture.chart, &TimeSeriesChart::legendChanged);
        QTest::mouseMove(fixture.chart.viewport(), fixture.at(kStart + 42s) + QPoint(2, 0));
        QTRY_VERIFY(fixture.axis.crosshair().has_value());
        QVERIFY(legendChanged.count() > 0);
        QCOMPARE(fixture.chart.legend()[0].value, u"42"_s);
        // The tooltip tells the time of it.
        const QRectF right(fixture.chart.positionOf(kStart + 44s), fixture.chart.plotRect().top() + 10, 60, 20);
        QVERIFY(countPixels(fixture.image(), right, fixture.colors().muted, 60) > 10);
    }

    void aDragZooms()
    {
        Fixture fixture;
        fixture.show(always(50));
        QSignalSpy zoomed(&fixture.axis, &TimeAxisGroup::zoomRequested);
        QSignalSpy clicked(&fixture.chart, &TimeSeriesChart::timeClicked);
        QWidget *view = fixture.chart.viewport();
        QTest::mousePress(view, Qt::LeftButton, {}, fixture.at(kStart + 60s));
        QTest::mouseMove(view, fixture.at(kStart + 30s));
        QTest::mouseRelease(view, Qt::LeftButton, {}, fixture.at(kStart + 20s)); // to the left is as good
        QCOMPARE(zoomed.count(), 1);
        QCOMPARE(clicked.count(), 0);
        QVERIFY(std::chrono::abs(zoomed[0][0].value<UtcTime>() - (kStart + 20s)) < 200ms);
        QVERIFY(std::chrono::abs(zoomed[0][1].value<UtcTime>() - (kStart + 60s)) < 200ms);
        // Less than five seconds are no zoom.
        QTest::mousePress(view, Qt::LeftButton, {}, fixture.at(kStart + 60s));
        QTest::mouseRelease(view, Qt::LeftButton, {}, fixture.at(kStart + 62s));
        QCOMPARE(zoomed.count(), 1);
    }

    void aClickIsNoDrag()
    {
        Fixture fixture;
        fixture.show(always(50));
        QSignalSpy clicked(&fixture.chart, &TimeSeriesChart::timeClicked);
        QTest::mouseClick(fixture.chart.viewport(), Qt::LeftButton, {}, fixture.at(kStart + 60s));
        QCOMPARE(clicked.count(), 1);
        QVERIFY(std::chrono::abs(clicked[0][0].value<UtcTime>() - (kStart + 60s)) < 200ms);
        QTest::mouseClick(fixture.chart.viewport(), Qt::RightButton, {}, fixture.at(kStart + 60s));
        QTest::mouseClick(fixture.chart.viewport(), Qt::LeftButton, {}, QPoint(2, 2)); // beside the plot
        QCOMPARE(clicked.count(), 1);
    }

    void aDoubleClickResets()
    {
        Fixture fixture;
        fixture.show(always(50));
        QSignalSpy reset(&fixture.axis, &TimeAxisGroup::resetRequested);
        QTest::mouseDClick(fixture.chart.viewport(), Qt::LeftButton, {}, fixture.at(kStart + 60s));
        QCOMPARE(reset.count(), 1);
    }

    void worksByKeys()
    {
        Fixture fixture;
        fixture.show(always(50));
        QSignalSpy clicked(&fixture.chart, &TimeSeriesChart::timeClicked);
        QSignalSpy reset(&fixture.axis, &TimeAxisGroup::resetRequested);
        QTest::keyClick(&fixture.chart, Qt::Key_Return); // nothing is pointed at
        QCOMPARE(clicked.count(), 0);
        for (int i = 0; i < 10; ++i)
            QTest::keyClick(&fixture.chart, Qt::Key_Left);
        QTest::keyClick(&fixture.chart, Qt::Key_Right);
        QCOMPARE(fixture.axis.crosshair(), std::optional(kEnd - 9s));
        QTest::keyClick(&fixture.chart, Qt::Key_Return);
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked[0][0].value<UtcTime>(), kEnd - 9s);
        QTest::keyClick(&fixture.chart, Qt::Key_Escape);
        QCOMPARE(reset.count(), 1);
        QVERIFY(!fixture.axis.crosshair());
    }

    void chartsOfAGroupAreInLine()
    {
        Fixture fixture;
        MessageRatesChart messages(fixture.axis);
        messages.resize(800, 240);
        fixture.show(always(50));
        messages.setHistory(makeHistory(
            kStart, 1s, 100, { { Metric::MessagesIn, always(3) }, { Metric::MessagesOut, always(1'234'567) } }));
        QCOMPARE(messages.plotRect().left(), fixture.chart.plotRect().left());
        QVERIFY(messages.plotRect().left() > messages.fontMetrics().horizontalAdvance(u"1,500,000"_s));
        QCOMPARE(messages.legend()[0].value, u"1,234,567"_s);
        QCOMPARE(messages.legend()[1].value, u"3"_s);
        const QImage image = messages.grab().toImage();
        const double y
            = messages.plotRect().bottom() - messages.plotRect().height() * 1'234'567 / messages.valueMaximum();
        const QRectF line(messages.plotRect().left() + 50, y - 3, 500, 6);
        QVERIFY(countPixels(image, line, themeColors(messages.palette()).messagesOut, 60) > 400);
    }
};

QTEST_MAIN(TestTimeSeriesChart)
#include "tst_timeserieschart.moc"
