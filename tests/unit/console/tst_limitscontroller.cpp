// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitscontroller.h"

#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kPerAddress = u"max_connections_per_ip"_s;
const QString kMessages = u"max_messages_per_minute"_s;

struct Fixture : ConsoleFixture
{
    LimitsController controller{ serverModel };
    QSignalSpy applied{ &controller, &LimitsController::applied };
    QSignalSpy conflicted{ &controller, &LimitsController::conflicted };
    QSignalSpy failed{ &controller, &LimitsController::failed };

    Fixture() { connectToServer(); }
    void stage(qint64 value) { serverModel.limits().stageValue(serverModel.limits().rowOf(kPerAddress), value); }
    [[nodiscard]] QModelIndex index() { return serverModel.limits().index(serverModel.limits().rowOf(kPerAddress), 0); }
    [[nodiscard]] qint64 inForce() { return index().data(LimitsModel::ServerValueRole).toLongLong(); }
    [[nodiscard]] qint64 staged() { return index().data(LimitsModel::StagedValueRole).toLongLong(); }
    /// Somebody else changes a limit, and the live stream tells it.
    void colleague(const QString &key, qint64 value)
    {
        client.changeLimit(key, value, u"night-shift"_s, u"office NAT"_s);
    }
};

} // namespace

class TestLimitsController : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void appliesWhatIsStaged()
    {
        Fixture fixture;
        fixture.stage(10);
        fixture.client.holdsAnswers = true;
        fixture.controller.apply(u"launch day"_s);
        QVERIFY(fixture.controller.isBusy());
        fixture.controller.apply(u"twice"_s); // one at a time
        QCOMPARE(fixture.client.calls.count(u"patchLimits"_s), 1);
        fixture.client.clock.advance(37ms);
        fixture.client.releaseAnswers();
        QCOMPARE(fixture.applied.count(), 1);
        QCOMPARE(fixture.applied[0][0].toLongLong(), 2);
        QCOMPARE(fixture.applied[0][1].value<std::chrono::milliseconds>(), 37ms);
        QCOMPARE(fixture.client.lastNote, u"launch day"_s);
        QCOMPARE(fixture.inForce(), 10);
        QVERIFY(!fixture.serverModel.limits().hasEdits());
        QVERIFY(!fixture.controller.isBusy());
    }

    void nothingStagedIsNothingSent()
    {
        Fixture fixture;
        fixture.controller.apply({});
        fixture.stage(0); // out of bounds
        fixture.controller.apply({});
        QVERIFY(!fixture.client.calls.contains(u"patchLimits"_s));
        QVERIFY(!fixture.controller.isBusy());
    }

    void stagesWhatUndoesTheLastApply()
    {
        Fixture fixture;
        QSignalSpy stagedBack(&fixture.controller, &LimitsController::stagedBack);
        QVERIFY(!fixture.controller.canUndo());
        fixture.stage(10);
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 1);
        QVERIFY(fixture.controller.canUndo());
        fixture.controller.undo();
        QCOMPARE(fixture.client.calls.count(u"patchLimits"_s), 1); // nothing is sent before it is applied
        QCOMPARE(fixture.inForce(), 10);
        QCOMPARE(fixture.staged(), 5);
        QVERIFY(stagedBack.count() == 1 && stagedBack[0][0].toString().contains(u'2'));
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 2);
        QCOMPARE(fixture.inForce(), 5);
    }

    void anUndoOverwritesNobody()
    {
        Fixture fixture;
        fixture.stage(10);
        fixture.serverModel.limits().stageValue(fixture.serverModel.limits().rowOf(kMessages), qint64(90));
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 1);
        fixture.colleague(kPerAddress, 12);
        fixture.controller.undo();
        QVERIFY(fixture.serverModel.limits().hasConflicts());
        QVERIFY(!fixture.serverModel.limits().canApply());
        QCOMPARE(fixture.index().data(LimitsModel::BaseValueRole).toLongLong(), 10); // the undo was made from this
        fixture.controller.apply({});
        QCOMPARE(fixture.inForce(), 12);
        fixture.serverModel.limits().discard(fixture.serverModel.limits().rowOf(kPerAddress));
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 2);
        QCOMPARE(fixture.inForce(), 12); // the colleague's
        QCOMPARE(fixture.client.lastPatches, (std::vector<LimitPatch>{ { kMessages, 60, {} } }));
    }

    void nothingIsUndoneThatIsGone()
    {
        Fixture fixture;
        fixture.stage(10);
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 1);
        fixture.colleague(kPerAddress, 12);
        QVERIFY(!fixture.controller.canUndo());
        fixture.colleague(kPerAddress, 10);
        QVERIFY(fixture.controller.canUndo());
        fixture.serverModel.open(QUrl(u"http://127.0.0.1:8081"_s), u"token"_s); // there nothing was done
        QVERIFY(!fixture.controller.canUndo());
        QCOMPARE(fixture.controller.appliedRevision(), 0);
    }

    void losesNothingWhenSomebodyWasFaster()
    {
        Fixture fixture;
        fixture.stage(10);
        fixture.client.limits.revision = 9;
        fixture.client.limits.limits[size_t(fixture.serverModel.limits().rowOf(kPerAddress))].value = 7;
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.conflicted.count(), 1);
        QCOMPARE(fixture.failed.count(), 0);
        QCOMPARE(fixture.serverModel.limits().revision(), 9);
        QVERIFY(fixture.serverModel.limits().hasConflicts());
        QVERIFY(!fixture.serverModel.limits().canApply());
        fixture.serverModel.limits().keepMine(fixture.serverModel.limits().rowOf(kPerAddress));
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 1);
        QCOMPARE(fixture.inForce(), 10);
    }

    void saysWhyItFailed()
    {
        Fixture fixture;
        fixture.stage(10);
        Problem problem;
        problem.status = 422;
        problem.fields = { { u"must be smaller"_s, kPerAddress } };
        fixture.client.failure = problem;
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.failed.count(), 1);
        QVERIFY(fixture.failed[0][0].toString().contains(u"must be smaller"_s));
        const QModelIndex index
            = fixture.serverModel.limits().index(fixture.serverModel.limits().rowOf(kPerAddress), 0);
        QCOMPARE(index.data(LimitsModel::ErrorRole).toString(), u"must be smaller"_s);
        QVERIFY(!fixture.controller.isBusy());
        QVERIFY(!fixture.controller.canUndo());
        QCOMPARE(fixture.inForce(), 5);
    }

    void stagesTheValuesOfARevision()
    {
        Fixture fixture;
        fixture.colleague(kPerAddress, 7);
        fixture.colleague(kMessages, 90);
        fixture.colleague(kPerAddress, 8);
        fixture.stage(33); // goes: the values of then are wanted, and no others
        fixture.controller.restore(2);
        QCOMPARE(fixture.staged(), 7);
        QCOMPARE(fixture.serverModel.limits().edits().size(), 2U);
        QCOMPARE(fixture.inForce(), 8);
        QVERIFY(!fixture.serverModel.limits().hasConflicts());
        fixture.controller.apply(u"as it was"_s);
        QTRY_COMPARE(fixture.applied.count(), 1);
        QCOMPARE(fixture.inForce(), 7);
        QVERIFY(fixture.controller.canUndo());
        fixture.controller.undo();
        QCOMPARE(fixture.staged(), 8);
    }

    void stagesNoRevisionThatItCannotCount()
    {
        Fixture fixture;
        fixture.colleague(kPerAddress, 7);
        fixture.client.revisions.clear();
        fixture.client.limits.revision += 5; // there are some that are not known here
        fixture.colleague(kPerAddress, 8);
        fixture.controller.restore(2);
        QCOMPARE(fixture.failed.count(), 1);
        QVERIFY(!fixture.serverModel.limits().hasEdits());
        QTRY_VERIFY(fixture.client.calls.count(u"fetchRevisions"_s) > 1);
    }

    void aRevisionThatIsInForceStagesNothing()
    {
        Fixture fixture;
        fixture.colleague(kPerAddress, 7);
        fixture.controller.restore(2);
        QCOMPARE(fixture.failed.count(), 1);
        QVERIFY(!fixture.serverModel.limits().hasEdits());
    }

    void throwsTheSwitch()
    {
        Fixture fixture;
        QSignalSpy switched(&fixture.controller, &LimitsController::switched);
        fixture.controller.setSwitch(false, {});
        fixture.controller.setSwitch(true, {}); // while busy: not sent
        QTRY_COMPARE(switched.count(), 1);
        QCOMPARE(switched[0][0].toBool(), false);
        QVERIFY(!fixture.client.calls.contains(u"setSwitch 1"_s));
        fixture.client.failure = Problem{};
        fixture.controller.setSwitch(true, {});
        QTRY_COMPARE(fixture.failed.count(), 1);
        QCOMPARE(switched.count(), 1);
    }
};

QTEST_MAIN(TestLimitsController)
#include "tst_limitscontroller.moc"
