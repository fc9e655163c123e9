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

struct Fixture : ConsoleFixture
{
    LimitsController controller{ serverModel };
    QSignalSpy applied{ &controller, &LimitsController::applied };
    QSignalSpy conflicted{ &controller, &LimitsController::conflicted };
    QSignalSpy failed{ &controller, &LimitsController::failed };

    Fixture() { connectToServer(); }
    void stage(qint64 value) { serverModel.limits().stageValue(serverModel.limits().rowOf(kPerAddress), value); }
    [[nodiscard]] qint64 inForce()
    {
        return serverModel.limits()
            .index(serverModel.limits().rowOf(kPerAddress), 0)
            .data(LimitsModel::ServerValueRole)
            .toLongLong();
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

    void undoesTheLastApply()
    {
        Fixture fixture;
        QVERIFY(!fixture.controller.canUndo());
        fixture.stage(10);
        fixture.controller.apply({});
        QTRY_COMPARE(fixture.applied.count(), 1);
        QVERIFY(fixture.controller.canUndo());
        fixture.controller.undo();
        QTRY_COMPARE(fixture.applied.count(), 2);
        QCOMPARE(fixture.inForce(), 5);
        QVERIFY(!fixture.client.lastNote.isEmpty());
        QVERIFY(!fixture.controller.canUndo()); // an undo is not undone: its revision can be restored
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

    void restoresARevision()
    {
        Fixture fixture;
        fixture.controller.restore(3, u"as it was"_s);
        QTRY_COMPARE(fixture.applied.count(), 1);
        QVERIFY(fixture.client.calls.contains(u"restoreRevision 3"_s));
        QCOMPARE(fixture.client.lastNote, u"as it was"_s);
        QVERIFY(!fixture.controller.canUndo());
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
