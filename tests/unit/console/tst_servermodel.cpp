// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/servermodel.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

Decision decision(const QString &id, UtcTime at)
{
    Decision result;
    result.id = id;
    result.at = at;
    return result;
}

Alert alert(const QString &id, UtcTime at)
{
    Alert result;
    result.id = id;
    result.rule = u"errors"_s;
    result.raisedAt = at;
    return result;
}

} // namespace

class TestServerModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void learnsEverythingOnConnect()
    {
        ConsoleFixture fixture;
        fixture.client.decisions = { decision(u"D1"_s, fixture.client.clock.utc()) };
        fixture.client.revisions = { { 1, fixture.client.clock.utc(), u"7"_s, {}, u"api"_s, {}, {} } };
        fixture.client.rules = { { u"errors"_s, u"Errors"_s, u"errors_per_minute"_s, {}, 5, 1, 5s, true } };
        fixture.client.overview.alerts = { alert(u"A1"_s, fixture.client.clock.utc()) };
        fixture.client.alerts = fixture.client.overview.alerts;
        QSignalSpy raised(&fixture.serverModel, &ServerModel::alertRaised);
        fixture.connectToServer();
        QCOMPARE(fixture.serverModel.limits().revision(), 1);
        QCOMPARE(fixture.serverModel.server()->role, fixture.client.server.role);
        QVERIFY(fixture.serverModel.mayDo(Role::Operator));
        QCOMPARE(raised.count(), 1);
        QTRY_COMPARE(fixture.serverModel.decisions().rowCount(), 1);
        QTRY_COMPARE(fixture.serverModel.revisions().rowCount(), 1);
        QTRY_COMPARE(fixture.serverModel.alertRules().rowCount(), 1);
        QTRY_COMPARE(fixture.serverModel.alerts().activeCount(), 1);
    }

    void aSampleGoesIntoTheSeries()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        QSignalSpy arrived(&fixture.serverModel, &ServerModel::sampleArrived);
        fixture.sample([](LiveSample &sample) {
            sample.frame[Metric::ActiveConnections] = 42;
            sample.refusalsPerMinute = 7;
        });
        QCOMPARE(arrived.count(), 1);
        QCOMPARE(fixture.serverModel.latest()->refusalsPerMinute, 7);
        QCOMPARE(fixture.serverModel.series().sum(Metric::ActiveConnections,
                     { fixture.client.clock.utc() - 500ms - 1ms, fixture.client.clock.utc() - 500ms }),
            42.0);
    }

    void anAlertIsRaisedOnce()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        QSignalSpy raised(&fixture.serverModel, &ServerModel::alertRaised);
        Alert one = alert(u"A1"_s, fixture.client.clock.utc());
        Q_EMIT fixture.client.alertChanged(one);
        Q_EMIT fixture.client.alertChanged(one);
        QCOMPARE(raised.count(), 1);
        one.acknowledgedAt = fixture.client.clock.utc();
        Q_EMIT fixture.client.alertChanged(one);
        one.clearedAt = fixture.client.clock.utc();
        Q_EMIT fixture.client.alertChanged(one);
        QCOMPARE(raised.count(), 1);
        QCOMPARE(fixture.serverModel.alerts().activeCount(), 0);
        Alert known = alert(u"A2"_s, fixture.client.clock.utc());
        known.acknowledgedAt = known.raisedAt; // by somebody else, before this console saw it
        Q_EMIT fixture.client.alertChanged(known);
        QCOMPARE(raised.count(), 1);
    }

    void anothersChangeArrives()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        QSignalSpy arrived(&fixture.serverModel, &ServerModel::revisionArrived);
        LimitsDocument document = fixture.client.limits;
        document.revision = 5;
        Revision revision{ 5, fixture.client.clock.utc(), u"9"_s, {}, u"api"_s, {}, {} };
        Q_EMIT fixture.client.limitsChanged(document, revision);
        QCOMPARE(arrived.count(), 1);
        QCOMPARE(fixture.serverModel.limits().revision(), 5);
        QCOMPARE(fixture.serverModel.revisions().rowCount(), 1);
        QCOMPARE(fixture.serverModel.markers().markers({ revision.at - 1s, revision.at + 1s }).size(), 1U);
    }

    void anotherServerStartsFromNothing()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        fixture.sample();
        fixture.serverModel.limits().stageValue(0, qint64(9));
        Q_EMIT fixture.client.decisionsReceived({ decision(u"D1"_s, fixture.client.clock.utc()) }, 0);
        Q_EMIT fixture.client.switchChanged(false);
        fixture.client.holdsAnswers = true;
        fixture.serverModel.open(QUrl(u"http://127.0.0.2:8080"_s), u"token"_s);
        QCOMPARE(fixture.serverModel.decisions().rowCount(), 0);
        QVERIFY(!fixture.serverModel.limits().hasEdits());
        QVERIFY(fixture.serverModel.isGuarding());
        QVERIFY(!fixture.serverModel.series().newest()
            || *fixture.serverModel.series().newest() <= fixture.client.clock.utc());
    }

    void theSameServerKeepsWhatIsStaged()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        fixture.serverModel.limits().stageValue(0, qint64(9));
        fixture.connectToServer();
        QVERIFY(fixture.serverModel.limits().hasEdits());
    }

    void rulesInEditingAreNotOverwritten()
    {
        ConsoleFixture fixture;
        fixture.client.rules = { { u"errors"_s, u"Errors"_s, u"errors_per_minute"_s, {}, 5, 1, 5s, true } };
        fixture.connectToServer();
        AlertRulesModel &rules = fixture.serverModel.alertRules();
        QTRY_COMPARE(rules.rowCount(), 1);
        rules.setEditable(true);
        QVERIFY(rules.setData(rules.index(0, AlertRulesModel::RaiseColumn), 8.0));
        fixture.serverModel.refreshAlerts();
        QTRY_VERIFY(fixture.client.calls.count(u"fetchAlerts"_s) >= 2);
        QCOMPARE(rules.index(0, AlertRulesModel::RaiseColumn).data(Qt::EditRole).toDouble(), 8.0);
    }

    void mayChangeNeedsRoleAndLiveAndUnlocked_data()
    {
        QTest::addColumn<QString>("role");
        QTest::addColumn<bool>("isLive");
        QTest::addColumn<bool>("isLocked");
        QTest::addColumn<bool>("mayChange");
        QTest::newRow("operator") << u"operator"_s << true << false << true;
        QTest::newRow("admin") << u"admin"_s << true << false << true;
        QTest::newRow("viewer") << u"viewer"_s << true << false << false;
        QTest::newRow("not live") << u"operator"_s << false << false << false;
        QTest::newRow("locked") << u"operator"_s << true << true << false;
        QTest::newRow("a role of a newer server") << u"superuser"_s << true << false << true;
    }
    void mayChangeNeedsRoleAndLiveAndUnlocked()
    {
        QFETCH(QString, role);
        QFETCH(bool, isLive);
        QFETCH(bool, isLocked);
        ConsoleFixture fixture;
        QVERIFY(!fixture.serverModel.mayChange(Role::Operator)); // not connected yet
        fixture.client.server.role = role;
        fixture.connectToServer();
        fixture.serverModel.editLock().setProtected(isLocked);
        if (!isLive)
            fixture.client.setState(ConnectionState::WaitingToRetry);
        QTEST(fixture.serverModel.mayChange(Role::Operator), "mayChange");
    }

    void unlockingIsTold()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        fixture.serverModel.editLock().setProtected(true);
        QSignalSpy changed(&fixture.serverModel, &ServerModel::serverChanged);
        fixture.serverModel.editLock().unlock();
        QCOMPARE(changed.count(), 1);
    }

    void theRestOfTheDayDoesNotMakeAServerYoung()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        const UtcTime now = fixture.client.clock.utc();
        // Two answers, in any order: the day before the last hour, in which the server did not run, and the last hour.
        Q_EMIT fixture.client.historyReceived(
            makeHistory(now - 24h, 1min, 23 * 60, { { Metric::ActiveConnections, always(HistoryReply::kGap) } }));
        Q_EMIT fixture.client.historyReceived(
            makeHistory(now - 1h, 1s, 3600, { { Metric::ActiveConnections, always(4) } }));
        QCOMPARE(fixture.serverModel.history().range().preset(), TimeRange::Preset::LastHour);
    }

    void suitsTheRangeToTheHistory()
    {
        ConsoleFixture fixture;
        fixture.client.history
            = makeHistory(fixture.client.clock.utc() - 2min, 1s, 120, { { Metric::ActiveConnections, always(4) } });
        fixture.connectToServer();
        QCOMPARE(fixture.serverModel.history().range().preset(), TimeRange::Preset::Last5Minutes);
    }
};

QTEST_MAIN(TestServerModel)
#include "tst_servermodel.moc"
