// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/alertsmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestAlertsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsActiveOnesFirst();
    void followsAnAlertThroughItsLife();
    void saysWhatIsWrong();
    void isBounded();
    void showsEveryColumn();
};

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

Alert alert(int number, bool isActive = true)
{
    Alert result;
    result.id = u"A%1"_s.arg(number, 6, 10, QLatin1Char('0'));
    result.rule = u"high_connections"_s;
    result.title = u"High"_s;
    result.value = 812.5;
    result.threshold = 800;
    result.raisedAt = kStart + std::chrono::seconds(number);
    if (!isActive)
        result.clearedAt = result.raisedAt + 1min;
    return result;
}

QStringList ids(const AlertsModel &model)
{
    QStringList result;
    for (int row = 0; row < model.rowCount(); ++row)
        result << model.index(row, 0).data(AlertsModel::IdRole).toString();
    return result;
}

} // namespace

void TestAlertsModel::showsActiveOnesFirst()
{
    AlertsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setAlerts({ alert(1, false), alert(2), alert(3, false), alert(4) });
    QCOMPARE(ids(model), (QStringList{ alert(4).id, alert(2).id, alert(3).id, alert(1).id }));
    QCOMPARE(model.activeCount(), 2);
    QCOMPARE(model.unacknowledgedCount(), 2);
}

void TestAlertsModel::followsAnAlertThroughItsLife()
{
    AlertsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy counts(&model, &AlertsModel::countsChanged);
    model.setAlerts({ alert(1) });
    model.update(alert(5));
    QCOMPARE(ids(model), (QStringList{ alert(5).id, alert(1).id }));
    Alert acknowledged = alert(5);
    acknowledged.acknowledgedAt = kStart + 10s;
    acknowledged.acknowledgedBy = u"night-shift"_s;
    model.update(acknowledged);
    QCOMPARE(model.unacknowledgedCount(), 1);
    QCOMPARE(model.activeCount(), 2);
    QVERIFY(model.index(0, 0).data(AlertsModel::IsAcknowledgedRole).toBool());
    acknowledged.clearedAt = kStart + 1min;
    model.update(acknowledged);
    QCOMPARE(ids(model), (QStringList{ alert(1).id, alert(5).id }));
    QVERIFY(!model.index(1, 0).data(AlertsModel::IsActiveRole).toBool());
    QCOMPARE(model.activeCount(), 1);
    QCOMPARE(counts.count(), 4);
}

void TestAlertsModel::saysWhatIsWrong()
{
    AlertsModel model;
    Alert one = alert(1);
    one.detail = u"the disk does not answer"_s;
    Alert past = alert(2, false);
    past.detail = u"it was full"_s;
    model.setAlerts({ one, past, alert(3) });
    QCOMPARE(model.activeDetails(), u"High connection count: the disk does not answer"_s);
    QCOMPARE(AlertsModel::sentenceOf(one), u"High connection count: the disk does not answer"_s);
    QCOMPARE(AlertsModel::sentenceOf(alert(3)), u"High connection count: 812.5 (threshold 800)"_s);
    QCOMPARE(model.index(1, AlertsModel::TitleColumn).data(Qt::ToolTipRole).toString(), one.detail);
    one.clearedAt = kStart + 1min;
    model.update(one);
    QCOMPARE(model.activeDetails(), QString());
}

void TestAlertsModel::isBounded()
{
    AlertsModel model;
    for (int i = 0; i < int(AlertsModel::kMaxRows) + 5; ++i)
        model.update(alert(i, false));
    QCOMPARE(size_t(model.rowCount()), AlertsModel::kMaxRows);
    QCOMPARE(model.at(0).id, alert(int(AlertsModel::kMaxRows) + 4).id);
}

void TestAlertsModel::showsEveryColumn()
{
    AlertsModel model;
    Alert one = alert(1, false);
    one.acknowledgedAt = kStart + 10s;
    one.acknowledgedBy = u"night-shift"_s;
    Alert unknown = alert(2);
    unknown.rule = u"from_the_future"_s;
    model.setAlerts({ one, unknown });
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, AlertsModel::StateColumn), u"Raised"_s);
    QCOMPARE(text(0, AlertsModel::TitleColumn), u"High"_s);
    QCOMPARE(text(1, AlertsModel::StateColumn), u"Cleared"_s);
    QCOMPARE(text(1, AlertsModel::TitleColumn), u"High connection count"_s);
    QCOMPARE(text(1, AlertsModel::ValueColumn), u"812.5"_s);
    QCOMPARE(text(1, AlertsModel::ThresholdColumn), u"800"_s);
    QVERIFY(text(1, AlertsModel::AcknowledgedColumn).endsWith(u"by night-shift"_s));
    QVERIFY(!text(1, AlertsModel::RaisedColumn).isEmpty());
    QVERIFY(!text(1, AlertsModel::ClearedColumn).isEmpty());
    QVERIFY(text(0, AlertsModel::ClearedColumn).isEmpty());
    for (int column = 0; column < AlertsModel::ColumnCount; ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
}

QTEST_GUILESS_MAIN(TestAlertsModel)
#include "tst_alertsmodel.moc"
