// SPDX-License-Identifier: GPL-3.0-or-later
// The alerts by clicks and keys: alerts.table  alerts.acknowledge  alerts.count  alerts.rules  alerts.rules.save
// alerts.rules.discard  alerts.message
#include <QtTest/QTest>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

#include "console/pages/alertspage.h"
#include "shared/alerts/alertruledescriptor.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture : ConsoleFixture
{
    AlertsPage page{ serverModel };
    QTableView *alerts = findPart<QTableView>(page, u"alerts.table"_s);
    QTableView *rules = findPart<QTableView>(page, u"alerts.rules"_s);
    QPushButton *acknowledge = findPart<QPushButton>(page, u"alerts.acknowledge"_s);
    QPushButton *save = findPart<QPushButton>(page, u"alerts.rules.save"_s);

    Fixture()
    {
        client.rules = { { u"high_connections"_s, u"High"_s, u"connections_percent"_s, {}, 80, 70, 10s, true },
            { u"errors"_s, u"Errors"_s, u"errors_per_minute"_s, {}, 5, 1, 5s, true } };
        client.alerts = { alert(u"A1"_s, false), alert(u"A0"_s, true) };
        page.resize(1160, 760);
        page.show();
        connectToServer();
    }
    [[nodiscard]] Alert alert(const QString &id, bool isCleared) const
    {
        Alert result;
        result.id = id;
        result.rule = u"high_connections"_s;
        result.value = 91;
        result.threshold = 80;
        result.raisedAt = client.clock.utc();
        if (isCleared)
            result.clearedAt = client.clock.utc();
        return result;
    }
    [[nodiscard]] bool isLoaded() const
    {
        return QTest::qWaitFor([this] { return alerts->model()->rowCount() == 2 && rules->model()->rowCount() == 2; });
    }
    [[nodiscard]] QString text(const QString &name) { return findPart<QLabel>(page, name)->text(); }
    /// Whether a click on the tick of a rule changes it.
    bool tick(int row)
    {
        const QModelIndex index = rules->model()->index(row, AlertRulesModel::EnabledColumn);
        const QVariant before = index.data(Qt::CheckStateRole);
        rules->setCurrentIndex(index);
        QTest::keyClick(rules, Qt::Key_Space);
        return index.data(Qt::CheckStateRole) != before;
    }
    bool setRule(int row, int column, const QVariant &value)
    {
        return rules->model()->setData(rules->model()->index(row, column), value);
    }
};

} // namespace

class TestAlertsPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void statesTheUnitOfEachNumber()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        QCOMPARE(fixture.rules->model()->index(0, AlertRulesModel::UnitColumn).data().toString(),
            u"% of the connection limit"_s);
        QCOMPARE(
            fixture.rules->model()->index(1, AlertRulesModel::UnitColumn).data().toString(), u"errors per minute"_s);
        QCOMPARE(fixture.alerts->model()->index(0, AlertsModel::UnitColumn).data().toString(),
            u"% of the connection limit"_s);
        QVERIFY(!(fixture.rules->model()->flags(fixture.rules->model()->index(0, AlertRulesModel::UnitColumn))
            & Qt::ItemIsEditable));
    }

    /// As at night: the page is open and empty, and one comes.
    void whatComesIsNotCutOff()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        fixture.page.resize(1360, 760);
        fixture.serverModel.alerts().setAlerts({});
        QTRY_VERIFY(fillsItsWidth(*fixture.alerts)); // the empty table is laid out
        for (const AlertRuleDescriptor &rule : alertRuleDescriptors()) {
            Alert alert = fixture.alert(QString(rule.key), false);
            alert.rule = rule.key;
            alert.acknowledgedAt = alert.raisedAt;
            alert.acknowledgedBy = u"operator"_s;
            fixture.serverModel.alerts().update(alert);
        }
        QTRY_VERIFY(fillsItsWidth(*fixture.alerts));
        QCOMPARE(cutOffText(*fixture.alerts), QString());
        fixture.page.resize(860, 560);
        QTRY_VERIFY(fillsItsWidth(*fixture.alerts));
    }

    void everyRuleIsSeen()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        std::vector<AlertRule> rules;
        for (const AlertRuleDescriptor &rule : alertRuleDescriptors())
            rules.push_back({ rule.key, rule.title, rule.metric, {}, rule.raiseAbove, rule.clearBelow, rule.holdFor,
                rule.isEnabled });
        fixture.serverModel.alertRules().setRules(rules);
        QTRY_VERIFY(!fixture.rules->verticalScrollBar()->isVisible());
        QVERIFY(fixture.rules->viewport()->height() >= fixture.rules->verticalHeader()->length());
        QVERIFY(fixture.alerts->viewport()->height() > 5 * fixture.alerts->verticalHeader()->defaultSectionSize());
    }

    void acknowledgesAnActiveAlert()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        QVERIFY(!fixture.acknowledge->isEnabled());
        fixture.alerts->selectRow(1); // cleared already
        QVERIFY(!fixture.acknowledge->isEnabled());
        fixture.alerts->selectRow(0);
        QVERIFY(fixture.acknowledge->isEnabled());
        fixture.acknowledge->click();
        QTRY_VERIFY(fixture.client.calls.contains(u"acknowledgeAlert A1"_s));
        QTRY_VERIFY(fixture.alerts->model()
                        ->index(0, AlertsModel::AcknowledgedColumn)
                        .data()
                        .toString()
                        .contains(fixture.client.server.user));
        QVERIFY(!fixture.acknowledge->isEnabled()); // once is enough
    }

    void aFailureIsTold()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        fixture.alerts->selectRow(0);
        Problem problem;
        problem.status = 500;
        fixture.client.failure = problem;
        fixture.acknowledge->click();
        QTRY_VERIFY(fixture.text(u"alerts.message"_s).contains(u"500"_s));
    }

    void savesRules()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        QVERIFY(!fixture.save->isEnabled());
        QVERIFY(fixture.setRule(0, AlertRulesModel::RaiseColumn, u"90"_s));
        QVERIFY(fixture.save->isEnabled());
        fixture.save->click();
        QTRY_COMPARE(fixture.client.rules[0].raiseAbove, 90.0);
        QTRY_VERIFY(!fixture.save->isEnabled());
        QVERIFY(!fixture.text(u"alerts.message"_s).isEmpty());
    }

    void aRuleThatMakesNoSenseIsNamedAndNotSent()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        QVERIFY(fixture.setRule(0, AlertRulesModel::ClearColumn, 95));
        QVERIFY(!fixture.save->isEnabled());
        QVERIFY(fixture.text(u"alerts.message"_s).contains(u"High connection count"_s));
        clickPart(fixture.page, u"alerts.rules.discard"_s);
        QCOMPARE(fixture.rules->model()->index(0, AlertRulesModel::ClearColumn).data(Qt::EditRole).toDouble(), 70.0);
        QVERIFY(fixture.text(u"alerts.message"_s).isEmpty());
        QVERIFY(!fixture.client.calls.contains(u"putAlertRules"_s));
    }

    void aLockedServerIsOnlyLookedAt()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        fixture.alerts->selectRow(0);
        QVERIFY(fixture.setRule(0, AlertRulesModel::RaiseColumn, 90));
        fixture.serverModel.editLock().setProtected(true);
        QVERIFY(!fixture.acknowledge->isEnabled());
        QVERIFY(!fixture.save->isEnabled());
        QVERIFY(!fixture.tick(1));
        fixture.serverModel.editLock().unlock();
        QVERIFY(fixture.acknowledge->isEnabled());
        QVERIFY(fixture.save->isEnabled());
        QVERIFY(fixture.tick(1));
    }

    void aViewerUnticksNothing()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        QVERIFY(fixture.tick(0));
        fixture.client.server.role = u"viewer"_s; // the token is another one
        fixture.connectToServer();
        QVERIFY(!fixture.serverModel.alertRules().hasEdits()); // nothing looks made that cannot be saved
        QVERIFY(!fixture.tick(0));
        QVERIFY(!fixture.serverModel.alertRules().hasEdits());
        fixture.client.server.role = u"operator"_s;
        fixture.connectToServer();
        QVERIFY(!fixture.serverModel.alertRules().hasEdits());
        QVERIFY(fixture.tick(0));
    }

    void aPointIsAPointInEveryLanguage()
    {
        const QLocale before;
        QLocale::setDefault(QLocale(QLocale::German));
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        const QModelIndex index = fixture.rules->model()->index(1, AlertRulesModel::RaiseColumn);
        fixture.rules->setCurrentIndex(index);
        fixture.rules->edit(index);
        auto *field = qobject_cast<QLineEdit *>(fixture.rules->indexWidget(index));
        if (!field)
            field = fixture.rules->viewport()->findChild<QLineEdit *>();
        QVERIFY(field);
        field->selectAll();
        QTest::keyClicks(field, u"2.5"_s);
        QTest::keyClick(field, Qt::Key_Return);
        QLocale::setDefault(before);
        QTRY_COMPARE(fixture.serverModel.alertRules().rules()[1].raiseAbove, 2.5);
    }

    void countsTheActiveOnes()
    {
        Fixture fixture;
        QVERIFY(fixture.isLoaded());
        QVERIFY(fixture.text(u"alerts.count"_s).contains(u'1'));
        Alert cleared = fixture.alert(u"A1"_s, true);
        Q_EMIT fixture.client.alertChanged(cleared);
        QCOMPARE(fixture.text(u"alerts.count"_s), u"none active"_s);
    }
};

QTEST_MAIN(TestAlertsPage)
#include "tst_alertspage.moc"
