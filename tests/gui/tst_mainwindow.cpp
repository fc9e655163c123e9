// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a person uses it, by clicks and keys on widgets found by their objectName:
//   nav.<page>                 limits.value.<key>  limits.mode.<key>  limits.error.<key>  limits.apply  limits.discard
//   limits.undo overview.tile.<name>       limits.note  limits.outcome     window.discard
//   statusbar.state  statusbar.role  statusbar.revision  statusbar.guards
#include <QtCore/QTemporaryDir>
#include <QtGui/QAccessible>
#include <QtGui/QScreen>
#include <QtTest/QTest>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QTableView>

#include "console/app/mainwindow.h"
#include "console/app/options.h"
#include "console/charts/timeserieschart.h"
#include "tests/support/consolefixture.h"
#include "tests/support/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

constexpr char kPerAddress[] = "max_connections_per_ip";

struct Fixture
{
    QTemporaryDir folder;
    FakeAdminClient client;
    Theme theme{ *qApp };
    ServerModel serverModel{ client, client.clock };
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;
    MainWindow window{ serverModel, theme, profiles, vault };

    Fixture()
    {
        window.show();
        window.open(QUrl(u"http://127.0.0.1:8080"_s), u"token"_s);
    }
    template <typename T> T *find(const QString &name)
    {
        T *widget = window.findChild<T *>(name);
        if (!widget)
            qFatal("there is no %s", qPrintable(name));
        return widget;
    }
    void click(const QString &name) { QTest::mouseClick(find<QPushButton>(name), Qt::LeftButton); }
    void enter(const QString &name, const QString &text)
    {
        auto *box = find<QSpinBox>(name);
        box->setFocus();
        box->selectAll();
        QTest::keyClicks(box, text);
        QTest::keyClick(box, Qt::Key_Tab);
    }
    QString text(const QString &name) { return find<QLabel>(name)->text(); }
};

QString valueName()
{
    return u"limits.value."_s + QString::fromLatin1(kPerAddress);
}

} // namespace

class TestMainWindow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void showsEveryPageByClickAndKey()
    {
        Fixture fixture;
        auto *pages = fixture.window.findChild<QStackedWidget *>();
        const QStringList names = fixture.window.pageNames();
        QCOMPARE(names.size(), pages->count());
        for (int i = 0; i < names.size(); ++i) {
            fixture.click(u"nav."_s + names[i]);
            QCOMPARE(pages->currentIndex(), i);
            QCOMPARE(pages->currentWidget()->objectName(), u"page."_s + names[i]);
        }
        fixture.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        QTest::keyClick(&fixture.window, Qt::Key_2, Qt::ControlModifier);
        QTRY_COMPARE(pages->currentWidget()->objectName(), u"page.alerts"_s);
    }

    void appliesAStagedLimit()
    {
        Fixture fixture;
        fixture.window.showPage(u"limits"_s);
        QVERIFY(!fixture.find<QPushButton>(u"limits.apply"_s)->isEnabled());
        fixture.enter(valueName(), u"10"_s);
        QVERIFY(fixture.client.lastPatches.empty()); // nothing is sent before Apply
        QTRY_VERIFY(fixture.find<QPushButton>(u"limits.apply"_s)->isEnabled());
        fixture.find<QLineEdit>(u"limits.note"_s)->setText(u"launch day"_s);
        fixture.click(u"limits.apply"_s);
        QTRY_COMPARE(fixture.client.lastPatches.size(), 1U);
        QCOMPARE(fixture.client.lastPatches[0].key, QString::fromLatin1(kPerAddress));
        QCOMPARE(fixture.client.lastPatches[0].value, std::optional<qint64>(10));
        QCOMPARE(fixture.client.lastNote, u"launch day"_s);
        QTRY_VERIFY(fixture.text(u"statusbar.revision"_s).contains(u'2'));
        QTRY_VERIFY(!fixture.find<QPushButton>(u"limits.apply"_s)->isEnabled());
    }

    void namesAValueOutOfItsBounds()
    {
        Fixture fixture;
        fixture.window.showPage(u"limits"_s);
        fixture.enter(valueName(), u"0"_s);
        auto *error = fixture.find<QLabel>(u"limits.error."_s + QString::fromLatin1(kPerAddress));
        QTRY_VERIFY(error->isVisible());
        QVERIFY(error->text().contains(u'1'));
        QVERIFY(!fixture.find<QPushButton>(u"limits.apply"_s)->isEnabled());
        fixture.click(u"limits.discard"_s);
        QTRY_COMPARE(fixture.find<QSpinBox>(valueName())->value(), 5);
        QVERIFY(!error->isVisible());
    }

    void losesNothingInAConflict()
    {
        Fixture fixture;
        fixture.window.showPage(u"limits"_s);
        fixture.enter(valueName(), u"10"_s);
        fixture.client.limits.revision = 7; // another console was faster
        fixture.click(u"limits.apply"_s);
        QTRY_VERIFY(fixture.client.calls.contains(u"fetchLimits"_s));
        QTRY_COMPARE(fixture.serverModel.limits().revision(), 7);
        QCOMPARE(fixture.find<QSpinBox>(valueName())->value(), 10); // the staged value is still there
    }

    void claimsNothingOfAServerThatItDoesNotKnow()
    {
        FakeAdminClient client;
        Theme theme{ *qApp };
        ServerModel serverModel{ client, client.clock };
        QTemporaryDir folder;
        ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
        MemoryVault vault;
        MainWindow window{ serverModel, theme, profiles, vault };
        window.show();
        const QStringList names{ u"statusbar.role"_s, u"statusbar.guards"_s, u"statusbar.revision"_s };
        const auto areShown = [&](bool isShown) {
            return std::all_of(names.begin(), names.end(),
                [&](const QString &name) { return findPart<QLabel>(window, name)->isVisible() == isShown; });
        };
        QVERIFY(areShown(false));
        window.open(QUrl(u"http://127.0.0.1:8080"_s), u"token"_s);
        QVERIFY(areShown(true));
        for (const ConnectionState state : { ConnectionState::WaitingToRetry, ConnectionState::Connecting,
                 ConnectionState::Stale, ConnectionState::AuthFailed, ConnectionState::Disconnected }) {
            client.setState(state, u"connection refused"_s);
            QVERIFY(areShown(false)); // that is from before
        }
        client.setState(ConnectionState::Live);
        QVERIFY(areShown(true));
    }

    void editsAreNotLostUnasked()
    {
        Fixture fixture;
        fixture.window.showPage(u"limits"_s);
        fixture.enter(valueName(), u"10"_s);
        QVERIFY(!fixture.window.close());
        QVERIFY(fixture.window.isVisible());
        auto *box = fixture.find<QMessageBox>(u"window.discard"_s);
        QVERIFY(box->informativeText().contains(u"1 staged limit"_s));
        box->reject();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        fixture.window.open(QUrl(u"http://127.0.0.1:8081"_s), u"token"_s); // another server
        QCOMPARE(fixture.client.url(), QUrl(u"http://127.0.0.1:8080"_s));
        QVERIFY(fixture.serverModel.limits().hasEdits());
        fixture.click(u"window.discard.accept"_s);
        QCOMPARE(fixture.client.url(), QUrl(u"http://127.0.0.1:8081"_s));
        QVERIFY(!fixture.serverModel.limits().hasEdits());
        QVERIFY(fixture.window.close());
    }

    void aRuleIsAnEditToo()
    {
        Fixture fixture;
        fixture.serverModel.alertRules().setRules({ { u"errors"_s, {}, {}, {}, 5, 1, {}, true } });
        QVERIFY(fixture.serverModel.alertRules().setData(
            fixture.serverModel.alertRules().index(0, AlertRulesModel::RaiseColumn), 9));
        QVERIFY(!fixture.window.close());
        fixture.click(u"window.discard.accept"_s);
        QVERIFY(!fixture.window.isVisible());
    }

    void tablesAreGreyWhileDisconnected()
    {
        Fixture fixture;
        auto *table = fixture.find<QTableView>(u"refusals.table"_s);
        QVERIFY(!table->property("stale").toBool());
        fixture.client.setState(ConnectionState::WaitingToRetry, u"connection refused"_s);
        QVERIFY(table->property("stale").toBool());
        fixture.client.setState(ConnectionState::Live);
        QVERIFY(!table->property("stale").toBool());
    }

    void aProductionServerOpensReadOnly()
    {
        Fixture fixture;
        QVERIFY(!fixture.find<QPushButton>(u"lock"_s)->isVisible()); // of no environment
        ServerProfile profile = ServerProfile::create(u"web-prod-1"_s, QUrl(u"https://prod.example.com"_s));
        profile.environment = Environment::Production;
        fixture.window.open(profile, u"token"_s);
        QVERIFY(fixture.window.windowTitle().startsWith(u"web-prod-1"_s));
        QVERIFY(fixture.find<QPushButton>(u"lock"_s)->isVisible());
        QVERIFY(fixture.find<QLabel>(u"environment"_s)->isVisible());
        fixture.window.showPage(u"limits"_s);
        QVERIFY(!fixture.find<QSpinBox>(valueName())->isEnabled());
        fixture.click(u"lock"_s); // one click
        QVERIFY(fixture.find<QSpinBox>(valueName())->isEnabled());
        fixture.enter(valueName(), u"10"_s);
        QTRY_VERIFY(fixture.find<QPushButton>(u"limits.apply"_s)->isEnabled());

        fixture.client.clock.advance(EditLock::kIdle - std::chrono::seconds(1));
        QTest::keyClick(&fixture.window, Qt::Key_Shift); // any key keeps it open
        fixture.client.clock.advance(EditLock::kIdle - std::chrono::seconds(1));
        Q_EMIT fixture.client.stateChanged(fixture.client.status());
        QVERIFY(fixture.find<QSpinBox>(valueName())->isEnabled());
        fixture.client.clock.advance(std::chrono::seconds(1));
        Q_EMIT fixture.client.stateChanged(fixture.client.status());
        QVERIFY(!fixture.find<QSpinBox>(valueName())->isEnabled());
        QVERIFY(!fixture.find<QPushButton>(u"limits.apply"_s)->isEnabled());
        QCOMPARE(fixture.find<QSpinBox>(valueName())->value(), 10); // what was staged is still there

        fixture.window.open(QUrl(u"http://127.0.0.1:8080"_s), u"token"_s); // another server
        fixture.click(u"window.discard.accept"_s);
        QVERIFY(!fixture.find<QPushButton>(u"lock"_s)->isVisible());
        QVERIFY(fixture.find<QSpinBox>(valueName())->isEnabled());
    }

    void theNavigationCountsRaisedAlerts()
    {
        Fixture fixture;
        auto *badge = fixture.find<QLabel>(u"nav.alerts.badge"_s);
        QVERIFY(!badge->isVisible());
        Alert alert;
        alert.id = u"A1"_s;
        alert.rule = u"errors"_s;
        alert.raisedAt = fixture.client.clock.utc();
        Q_EMIT fixture.client.alertChanged(alert);
        QVERIFY(badge->isVisible());
        QCOMPARE(badge->text(), u"1"_s);
        QVERIFY(fixture.find<QPushButton>(u"nav.alerts"_s)->accessibleDescription().contains(u'1'));
        fixture.click(u"nav.alerts"_s); // the badge is no obstacle
        QCOMPARE(fixture.window.findChild<QStackedWidget *>()->currentWidget()->objectName(), u"page.alerts"_s);
        alert.acknowledgedAt = alert.raisedAt;
        const auto *strip = fixture.find<QLabel>(u"banner.text"_s); // above the Overview as above every page
        QVERIFY(strip->text().contains(u"Errors"_s));
        Q_EMIT fixture.client.alertChanged(alert);
        QVERIFY(badge->isVisible()); // it is raised all the same
        QVERIFY(!fixture.find<QPushButton>(u"nav.alerts"_s)->accessibleDescription().contains(u"acknowledge"_s));
        fixture.window.showPage(u"overview"_s);
        QVERIFY(strip->text().contains(u"acknowledged"_s));
        fixture.click(u"banner.alerts"_s);
        QCOMPARE(fixture.window.findChild<QStackedWidget *>()->currentWidget()->objectName(), u"page.alerts"_s);
        alert.clearedAt = alert.raisedAt;
        Q_EMIT fixture.client.alertChanged(alert);
        QVERIFY(!badge->isVisible());
        QVERIFY(!strip->text().contains(u"Errors"_s));
    }

    void unlocksByKey()
    {
        Fixture fixture;
        fixture.serverModel.editLock().setProtected(true);
        fixture.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        QTest::keyClick(&fixture.window, Qt::Key_L, Qt::ControlModifier);
        QVERIFY(!fixture.serverModel.editLock().isLocked());
        QTest::keyClick(&fixture.window, Qt::Key_L, Qt::ControlModifier);
        QVERIFY(fixture.serverModel.editLock().isLocked());
    }

    void showsItsShortcuts()
    {
        Fixture fixture;
        fixture.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        QTest::keyClick(&fixture.window, Qt::Key_F1);
        auto *sheet = fixture.window.findChild<QDialog *>(u"shortcuts"_s);
        QVERIFY(sheet && sheet->isVisible());
        QStringList texts;
        for (const QLabel *label : sheet->findChildren<QLabel *>())
            texts << label->text();
        for (const QString &key : { u"Ctrl+1"_s, u"Ctrl+8"_s, u"F5"_s, u"Ctrl+L"_s })
            QVERIFY2(texts.contains(key), qPrintable(key));
        for (const QString &key : { u"Ctrl+K"_s, u"Ctrl+F"_s })
            QVERIFY2(texts.contains(key), qPrintable(key));
        // What the sheet says of F5 and Ctrl+3 is true.
        sheet->close();
        fixture.client.calls.clear();
        QTest::keyClick(&fixture.window, Qt::Key_F5);
        QTRY_VERIFY(fixture.client.calls.contains(u"fetchOverview"_s));
        QTest::keyClick(&fixture.window, Qt::Key_3, Qt::ControlModifier);
        QTRY_COMPARE(fixture.window.findChild<QStackedWidget *>()->currentWidget()->objectName(), u"page.refusals"_s);
    }

    void aClickedBarShowsItsRefusals()
    {
        Fixture fixture;
        const UtcTime now = fixture.client.clock.utc();
        Decision inside;
        inside.id = u"D1"_s;
        inside.at = now - std::chrono::minutes(30);
        inside.reason = Reason::TooManyConnections;
        Decision outside = inside;
        outside.id = u"D2"_s;
        outside.at = now - std::chrono::minutes(5);
        Q_EMIT fixture.client.decisionsReceived({ inside, outside }, 0);
        Q_EMIT fixture.client.historyReceived(makeHistory(now - std::chrono::hours(1), std::chrono::seconds(10), 360,
            { { Metric::RefusedConnections, [](qsizetype i) { return i == 180 ? 3.0 : 0.0; } } }));
        auto *chart = fixture.window.findChild<TimeSeriesChart *>(u"overview.chart.violations"_s);
        QVERIFY(chart);
        const QPoint bar(
            int(chart->positionOf(inside.at + std::chrono::seconds(5))), int(chart->plotRect().bottom()) - 3);
        QTest::mouseClick(chart->viewport(), Qt::LeftButton, {}, bar);
        QCOMPARE(fixture.window.findChild<QStackedWidget *>()->currentWidget()->objectName(), u"page.refusals"_s);
        QVERIFY(fixture.find<QPushButton>(u"refusals.interval"_s)->isVisible());
        auto *table = fixture.find<QTableView>(u"refusals.table"_s);
        QCOMPARE(table->model()->rowCount(), 1);
        QCOMPARE(table->model()->index(0, 0).data(DecisionsModel::IdRole).toString(), u"D1"_s);
    }

    void everythingThatTakesTheFocusHasAName()
    {
        Fixture fixture;
        QStringList nameless;
        for (QWidget *widget : fixture.window.findChildren<QWidget *>()) {
            const bool isPart
                = widget->objectName().startsWith(u"qt_"_s) || qobject_cast<QAbstractSpinBox *>(widget->parentWidget());
            if (!(widget->focusPolicy() & Qt::TabFocus) || isPart || widget->focusProxy()
                || widget->window() != &fixture.window)
                continue;
            const QAccessibleInterface *accessible = QAccessible::queryAccessibleInterface(widget);
            if (accessible && accessible->text(QAccessible::Name).isEmpty())
                nameless << QString::fromLatin1(widget->metaObject()->className()) + u' ' + widget->objectName()
                        + u" in "_s + QString::fromLatin1(widget->parentWidget()->metaObject()->className()) + u' '
                        + widget->parentWidget()->objectName();
        }
        QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(u'\n')));
    }

    /// A screen of 1920 × 1080 at 200 % has 960 × 540.
    void theWindowFitsASmallScreen()
    {
        Fixture fixture;
        const QSize smallest = fixture.window.minimumSizeHint();
        QVERIFY2(smallest.width() <= 960 - 16, qPrintable(QString::number(smallest.width())));
        QVERIFY2(smallest.height() <= 540 - 48, qPrintable(QString::number(smallest.height())));
        QVERIFY(fixture.window.width() <= fixture.window.screen()->availableSize().width());
        QVERIFY(fixture.window.height() <= fixture.window.screen()->availableSize().height());
        auto *area
            = qobject_cast<QScrollArea *>(fixture.window.findChild<QStackedWidget *>()->parentWidget()->parentWidget());
        QVERIFY(area);
        for (const QSize &size : { QSize(1024, 700), QSize(1360, 860) }) {
            fixture.window.resize(size);
            for (const QString &page : fixture.window.pageNames()) {
                fixture.window.showPage(page);
                QTRY_VERIFY2(area->horizontalScrollBar()->maximum() == 0,
                    qPrintable(u"%1 at %2: %3 too wide"_s.arg(page)
                                   .arg(size.width())
                                   .arg(area->horizontalScrollBar()->maximum())));
            }
            auto *overview = fixture.find<QPushButton>(u"nav.overview"_s);
            QCOMPARE(overview->text().isEmpty(), size.width() < 1200); // its icon alone
            QCOMPARE(overview->accessibleName(), u"Overview"_s);
            QVERIFY(size.width() >= 1200 || overview->toolTip().contains(u"Overview"_s));
            for (const QString &group : { u"watch"_s, u"act"_s, u"prove"_s })
                QCOMPARE(fixture.find<QLabel>(u"nav.group."_s + group)->isVisible(), size.width() >= 1200);
        }
        fixture.window.resize(700, 420);
        fixture.window.showPage(u"overview"_s);
        QTRY_VERIFY(area->verticalScrollBar()->maximum() > 0 || area->horizontalScrollBar()->maximum() > 0);
    }

    void readsItsOptions_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("field"); // of the error; "ok" if there is none
        QTest::newRow("none") << QStringList{} << u"ok"_s;
        QTest::newRow("url") << QStringList{ u"--url"_s, u"http://127.0.0.1:8080"_s } << u"ok"_s;
        QTest::newRow("bad url") << QStringList{ u"--url"_s, u"ftp://x"_s } << u"--url"_s;
        QTest::newRow("both") << QStringList{ u"--url"_s, u"http://x"_s, u"--local"_s } << u"--local"_s;
        QTest::newRow("token alone") << QStringList{ u"--token-file"_s, u"x"_s } << u"--token-file"_s;
        QTest::newRow("language") << QStringList{ u"--lang"_s, u"tlh"_s } << u"--lang"_s;
        QTest::newRow("theme") << QStringList{ u"--theme"_s, u"pink"_s } << u"--theme"_s;
        QTest::newRow("unknown") << QStringList{ u"--lemons"_s } << QString();
        QTest::newRow("word") << QStringList{ u"lemons"_s } << QString();
        QTest::newRow("help") << QStringList{ u"--help"_s } << u"help"_s;
    }
    void readsItsOptions()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, field);
        const Result<ConsoleOptions> options = parseConsoleOptions(arguments);
        QCOMPARE(options ? u"ok"_s : options.error().field, field);
        if (!options)
            QVERIFY(!options.error().message.isEmpty());
    }

    void namesAnUnusableTokenFile()
    {
        QTemporaryDir folder;
        QVERIFY(!readTokenFile(folder.filePath(u"none"_s)));
        QFile file(folder.filePath(u"token"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("\n");
        file.flush();
        QVERIFY(readTokenFile(file.fileName()).error().message.contains(u"token"_s));
        file.seek(0);
        file.write("abc\n");
        file.flush();
        QCOMPARE(*readTokenFile(file.fileName()), u"abc"_s);
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
