// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/violationschart.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "console/charts/chartcard.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };
constexpr UtcTime kEnd = kStart + 5min;

/// Five minutes; in the fourth second of the third minute ten connections, five messages and two tokens are refused.
HistoryReply spike()
{
    const auto at = [](double value) { return [value](qsizetype i) { return i == 124 ? value : 0.0; }; };
    return makeHistory(kStart, 1s, 300,
        { { Metric::RefusedConnections, at(10) }, { Metric::RefusedReconnects, always(0) },
            { Metric::RefusedMessages, at(5) }, { Metric::RefusedOrigin, always(0) }, { Metric::RefusedToken, at(2) },
            { Metric::RefusedOther, always(0) } });
}

struct Fixture
{
    Theme theme{ *qApp };
    TimeAxisGroup axis;
    ViolationsChart chart{ axis };

    Fixture()
    {
        theme.setMode(ThemeMode::Dark);
        axis.setRange(kStart, kEnd, kEnd);
        chart.resize(1000, 220);
        chart.show();
        chart.setHistory(spike());
    }
    [[nodiscard]] QPoint at(UtcTime time) const
    {
        return QPointF(chart.positionOf(time), chart.plotRect().bottom() - 5).toPoint();
    }
};

} // namespace

class TestViolationsChart : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void sumsUpInBarsOfARoundLength()
    {
        Fixture fixture;
        const std::optional<TimeSpan> bar = fixture.chart.barAt(kStart + 124s);
        QVERIFY(bar.has_value());
        QCOMPARE(bar->to - bar->from, 5s);
        QCOMPARE(bar->from, kStart + 120s);
        QCOMPARE(fixture.chart.title(), u"Refusals per 5 s"_s);
        QVERIFY(!fixture.chart.barAt(kStart - 1h));
        // A longer range has longer bars.
        fixture.axis.setRange(kEnd - 24h, kEnd, kEnd);
        fixture.chart.setHistory(spike());
        QVERIFY(fixture.chart.title().endsWith(u"min"_s));
    }

    void stacksTheKinds()
    {
        Fixture fixture;
        const QImage image = fixture.chart.grab().toImage();
        const ThemeColors &colors = themeColors(fixture.chart.palette());
        const QRectF plot = fixture.chart.plotRect();
        const int middle = int(fixture.chart.positionOf(kStart + 122500ms));
        const auto heightOf = [&](size_t kind) {
            return countPixels(image, QRectF(middle, plot.top(), 1, plot.height()), colors.refusals[kind], 10);
        };
        const double pixels = plot.height() / fixture.chart.valueMaximum();
        QVERIFY(std::abs(heightOf(0) - 10 * pixels) < 4);
        QVERIFY(std::abs(heightOf(2) - 5 * pixels) < 4);
        QVERIFY(std::abs(heightOf(4) - 2 * pixels) < 4);
        QCOMPARE(heightOf(1), 0);
        // Connections are at the bottom, tokens at the top.
        QVERIFY(countPixels(image, QRectF(middle, plot.bottom() - 6, 1, 3), colors.refusals[0], 10) > 0);
        // Elsewhere nothing was refused and nothing is drawn.
        const QRectF elsewhere(fixture.chart.positionOf(kStart + 10s), plot.top(),
            fixture.chart.positionOf(kStart + 60s) - fixture.chart.positionOf(kStart + 10s), plot.height());
        QCOMPARE(countPixels(image, elsewhere, colors.refusals[0], 10), 0);
    }

    void legendSumsWhatIsShownAndReadsABar()
    {
        Fixture fixture;
        const auto values = [&] {
            QStringList texts;
            for (const LegendEntry &entry : fixture.chart.legend())
                texts << entry.value;
            return texts.join(u' ');
        };
        QCOMPARE(values(), u"10 0 5 0 2 0"_s);
        fixture.axis.setCrosshair(kStart + 200s);
        QCOMPARE(values(), u"0 0 0 0 0 0"_s);
        fixture.axis.setCrosshair(kStart + 121s);
        QCOMPARE(values(), u"10 0 5 0 2 0"_s);
    }

    void aClickedBarIsToldWithItsTimes()
    {
        Fixture fixture;
        QSignalSpy clicked(&fixture.chart, &ViolationsChart::barClicked);
        QTest::mouseClick(
            fixture.chart.viewport(), Qt::LeftButton, {}, fixture.at(kStart + 60s)); // nothing was refused then
        QCOMPARE(clicked.count(), 0);
        QTest::mouseClick(fixture.chart.viewport(), Qt::LeftButton, {}, fixture.at(kStart + 122s));
        QCOMPARE(clicked.count(), 1);
        QCOMPARE(clicked[0][0].value<UtcTime>(), kStart + 120s);
        QCOMPARE(clicked[0][1].value<UtcTime>(), kStart + 125s);
    }

    /// 10 of connections, 5 of messages upon them, then 2 of tokens: seventeen in all.
    void aClickIsOnAKind()
    {
        Fixture fixture;
        QSignalSpy clicked(&fixture.chart, &ViolationsChart::barClicked);
        const auto kindAt = [&](double value) {
            const QRectF plot = fixture.chart.plotRect();
            const double share = value / fixture.chart.levelAt(plot.top());
            const QPoint at(fixture.at(kStart + 122s).x(), int(plot.bottom() - plot.height() * share));
            QTest::mouseClick(fixture.chart.viewport(), Qt::LeftButton, {}, at);
            return clicked.takeLast()[2].value<std::optional<Metric>>();
        };
        QCOMPARE(kindAt(5), std::optional(Metric::RefusedConnections));
        QCOMPARE(kindAt(12.5), std::optional(Metric::RefusedMessages));
        QCOMPARE(kindAt(16), std::optional(Metric::RefusedToken));
        QCOMPARE(kindAt(18.5), std::nullopt); // above the bar: all of it
        fixture.axis.setCrosshair(kStart + 122s);
        QTest::keyClick(&fixture.chart, Qt::Key_Return);
        QCOMPARE(clicked.takeLast()[2].value<std::optional<Metric>>(), std::nullopt);
    }

    void theLegendDropsNamesRatherThanCutThem()
    {
        Fixture fixture;
        ChartLegend legend;
        legend.setEntries(fixture.chart.legend());
        const int wanted = legend.sizeHint().width();
        const ThemeColors &colors = themeColors(legend.palette());
        const auto squares = [&](int width) {
            legend.resize(width, 24);
            const QImage image = legend.grab().toImage();
            int count = 0;
            for (const QColor &color : colors.refusals)
                count += countPixels(image, QRectF(legend.rect()), color, 2) >= 60 ? 1 : 0;
            return count;
        };
        QCOMPARE(squares(wanted + 10), 6);
        QVERIFY(squares(wanted / 2) < 5);
        QCOMPARE(squares(70), 1);
    }
};

QTEST_MAIN(TestViolationsChart)
#include "tst_violationschart.moc"
