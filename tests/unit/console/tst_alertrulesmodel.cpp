// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/alertrulesmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestAlertRulesModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsTheRules();
    void editsAndDiscards();
    void refusesBadNumbers_data();
    void refusesBadNumbers();
    void readsNumbersInTheLanguageThatIsShown_data();
    void readsNumbersInTheLanguageThatIsShown();
    void nobodyEditsWhoMayNot();
    void knowsWhatTheServerWouldRefuse_data();
    void knowsWhatTheServerWouldRefuse();
};

namespace {

AlertRule rule()
{
    return { u"errors"_s, u"Errors"_s, u"errors_per_minute"_s, u"Failures of the server itself."_s, 10, 5, 30s, true };
}

} // namespace

void TestAlertRulesModel::showsTheRules()
{
    AlertRulesModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRules({ rule() });
    QCOMPARE(model.rowCount(), 1);
    const auto text = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(model.index(0, AlertRulesModel::EnabledColumn).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
    QCOMPARE(text(AlertRulesModel::TitleColumn), u"Errors"_s);
    QCOMPARE(text(AlertRulesModel::RaiseColumn), u"10"_s);
    QCOMPARE(text(AlertRulesModel::ClearColumn), u"5"_s);
    QCOMPARE(text(AlertRulesModel::HoldColumn), u"30 s"_s);
    QCOMPARE(model.index(0, 0).data(Qt::ToolTipRole).toString(), rule().help);
    QCOMPARE(model.index(0, 0).data(AlertRulesModel::KeyRole).toString(), u"errors"_s);
    for (int column = 0; column < AlertRulesModel::ColumnCount; ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
    QVERIFY(!model.hasEdits());
}

void TestAlertRulesModel::editsAndDiscards()
{
    AlertRulesModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRules({ rule() });
    model.setEditable(true);
    QSignalSpy changed(&model, &AlertRulesModel::editsChanged);
    QVERIFY(model.setData(model.index(0, AlertRulesModel::RaiseColumn), u"20"_s));
    QVERIFY(model.setData(model.index(0, AlertRulesModel::ClearColumn), 12.5));
    QVERIFY(model.setData(model.index(0, AlertRulesModel::HoldColumn), 90));
    QVERIFY(model.setData(model.index(0, AlertRulesModel::EnabledColumn), int(Qt::Unchecked), Qt::CheckStateRole));
    QCOMPARE(changed.count(), 4);
    QVERIFY(model.hasEdits());
    QVERIFY(model.isValid());
    const AlertRule &edited = model.rules()[0];
    QCOMPARE(edited.raiseAbove, 20.0);
    QCOMPARE(edited.clearBelow, 12.5);
    QCOMPARE(edited.holdFor, 90s);
    QVERIFY(!edited.isEnabled);
    QVERIFY(AlertRule::fromJson(edited.toJson()).isOk());
    model.discard();
    QVERIFY(!model.hasEdits());
    QCOMPARE(model.rules()[0].raiseAbove, 10.0);
}

void TestAlertRulesModel::refusesBadNumbers_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<QVariant>("value");
    QTest::newRow("words") << int(AlertRulesModel::RaiseColumn) << QVariant(u"many"_s);
    QTest::newRow("empty") << int(AlertRulesModel::ClearColumn) << QVariant(QString());
    QTest::newRow("not a number") << int(AlertRulesModel::HoldColumn) << QVariant(u"nan"_s);
    QTest::newRow("infinite") << int(AlertRulesModel::RaiseColumn) << QVariant(u"inf"_s);
    QTest::newRow("the title") << int(AlertRulesModel::TitleColumn) << QVariant(5);
}

void TestAlertRulesModel::refusesBadNumbers()
{
    QFETCH(int, column);
    QFETCH(QVariant, value);
    AlertRulesModel model;
    model.setRules({ rule() });
    model.setEditable(true);
    const QModelIndex index = model.index(0, column);
    QCOMPARE(model.setData(index, value), column != AlertRulesModel::TitleColumn);
    if (column == AlertRulesModel::TitleColumn)
        return;
    // It stands there as it was typed and is named: a number of before must not be saved in its place.
    QCOMPARE(index.data(Qt::EditRole), value);
    QVERIFY(model.hasEdits() && !model.isValid());
    QVERIFY(!index.data(AlertRulesModel::ErrorRole).toString().isEmpty());
    QVERIFY(model.setData(index, u"7"_s));
    QCOMPARE(index.data(Qt::EditRole).toString(), u"7"_s);
    QVERIFY(model.setData(index, value));
    model.discard();
    QVERIFY(!model.hasEdits() && model.isValid());
}

void TestAlertRulesModel::readsNumbersInTheLanguageThatIsShown_data()
{
    QTest::addColumn<QString>("language");
    QTest::addColumn<QString>("text");
    QTest::addColumn<double>("number"); // -1: none
    QTest::newRow("English") << u"en"_s << u"2.5"_s << 2.5;
    QTest::newRow("English thousands") << u"en"_s << u"2,500"_s << 2500.0;
    QTest::newRow("no thousands") << u"en"_s << u"2,5"_s << -1.0;
    QTest::newRow("German") << u"de"_s << u"2,5"_s << 2.5;
    QTest::newRow("a point in German") << u"de"_s << u"2.5"_s << 2.5;
    QTest::newRow("German thousands") << u"de"_s << u"2.500"_s << 2500.0;
    QTest::newRow("Thai") << u"th"_s << u"2.5"_s << 2.5;
}

void TestAlertRulesModel::readsNumbersInTheLanguageThatIsShown()
{
    QFETCH(QString, language);
    QFETCH(QString, text);
    QFETCH(double, number);
    const QLocale before;
    QLocale::setDefault(QLocale(language));
    AlertRulesModel model;
    model.setRules({ rule() });
    model.setEditable(true);
    const QModelIndex index = model.index(0, AlertRulesModel::RaiseColumn);
    model.setData(index, text);
    const QString shown = index.data(Qt::EditRole).toString();
    model.setData(index, shown); // what is shown means the same
    const bool isRead = !index.data(AlertRulesModel::ErrorRole).toString().contains(u"number"_s);
    QLocale::setDefault(before);
    QCOMPARE(isRead, number >= 0);
    if (isRead)
        QCOMPARE(model.rules()[0].raiseAbove, number);
}

void TestAlertRulesModel::nobodyEditsWhoMayNot()
{
    AlertRulesModel model;
    model.setRules({ rule() });
    const QModelIndex tick = model.index(0, AlertRulesModel::EnabledColumn);
    const QModelIndex number = model.index(0, AlertRulesModel::RaiseColumn);
    const auto tryBoth = [&] {
        const bool isTicked = model.setData(tick, int(Qt::Unchecked), Qt::CheckStateRole);
        return isTicked == model.setData(number, u"20"_s) && isTicked;
    };
    QVERIFY(!(model.flags(tick) & Qt::ItemIsUserCheckable));
    QVERIFY(!(model.flags(number) & Qt::ItemIsEditable));
    QVERIFY(!tryBoth());
    QVERIFY(!model.hasEdits());
    model.setEditable(true);
    QVERIFY(model.flags(tick) & Qt::ItemIsUserCheckable);
    QVERIFY(model.flags(number) & Qt::ItemIsEditable);
    QVERIFY(tryBoth());
    model.setEditable(false);
    QVERIFY(model.hasEdits()); // a lock that closes loses nothing
}

void TestAlertRulesModel::knowsWhatTheServerWouldRefuse_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<double>("value");
    QTest::newRow("raise below clear") << int(AlertRulesModel::RaiseColumn) << 4.0;
    QTest::newRow("clear above raise") << int(AlertRulesModel::ClearColumn) << 11.0;
    QTest::newRow("negative") << int(AlertRulesModel::ClearColumn) << -1.0;
    QTest::newRow("negative time") << int(AlertRulesModel::HoldColumn) << -5.0;
    QTest::newRow("too big") << int(AlertRulesModel::RaiseColumn) << 1'000'001.0;
    QTest::newRow("too long by a second") << int(AlertRulesModel::HoldColumn) << 86'401.0;
    QTest::newRow("too long") << int(AlertRulesModel::HoldColumn) << 1e30;
}

void TestAlertRulesModel::knowsWhatTheServerWouldRefuse()
{
    QFETCH(int, column);
    QFETCH(double, value);
    AlertRulesModel model;
    model.setRules({ rule() });
    model.setEditable(true);
    QVERIFY(model.setData(model.index(0, column), value));
    QVERIFY(!model.isValid());
    QVERIFY(!model.index(0, 0).data(AlertRulesModel::ErrorRole).toString().isEmpty());
    const Result<AlertRule> sent = AlertRule::fromJson(model.rules()[0].toJson());
    QVERIFY(!sent.isOk() || !sent->outOfBounds().empty());
}

QTEST_GUILESS_MAIN(TestAlertRulesModel)
#include "tst_alertrulesmodel.moc"
