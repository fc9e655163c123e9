// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/revisionsmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestRevisionsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsAPage();
    void addsLiveRevisionsOnce();
    void tellsTheChanges_data();
    void tellsTheChanges();
    void tellsWhereItCameFrom();
};

namespace {

Revision revision(qint64 number)
{
    Revision result;
    result.revision = number;
    result.at = UtcTime(std::chrono::seconds(1'762'776'000 + number));
    result.by = u"night-shift"_s;
    result.address = u"127.0.0.1"_s;
    result.source = u"api"_s;
    result.note = u"launch"_s;
    result.changes = { { u"max_connections_per_ip"_s, { 5, LimitMode::Enforce }, { 10, LimitMode::Enforce } } };
    return result;
}

} // namespace

void TestRevisionsModel::showsAPage()
{
    RevisionsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setPage({ { revision(9), revision(8) }, u"c8"_s });
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(1, 0).data(RevisionsModel::RevisionRole).toLongLong(), 8);
    const auto text = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(text(RevisionsModel::RevisionColumn), u"9"_s);
    QCOMPARE(text(RevisionsModel::ByColumn), u"night-shift"_s);
    QCOMPARE(text(RevisionsModel::AddressColumn), u"127.0.0.1"_s);
    QCOMPARE(text(RevisionsModel::NoteColumn), u"launch"_s);
    QCOMPARE(text(RevisionsModel::ChangesColumn), u"Connections per address: 5 → 10"_s);
    for (int column = 0; column < RevisionsModel::ColumnCount; ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void TestRevisionsModel::addsLiveRevisionsOnce()
{
    RevisionsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setPage({ { revision(5) }, {} });
    model.add(revision(7));
    model.add(revision(7));
    model.add(revision(6)); // late
    QCOMPARE(model.rowCount(), 3);
    for (int row = 0; row < 3; ++row)
        QCOMPARE(model.at(row).revision, 7 - row);
}

void TestRevisionsModel::tellsTheChanges_data()
{
    QTest::addColumn<qint64>("value");
    QTest::addColumn<int>("mode");
    QTest::addColumn<QString>("text");
    QTest::newRow("value") << qint64(10) << int(LimitMode::Enforce) << u"Connections per address: 5 → 10"_s;
    QTest::newRow("mode") << qint64(5) << int(LimitMode::Off) << u"Connections per address: Enforce → Off"_s;
    QTest::newRow("both") << qint64(10) << int(LimitMode::Observe)
                          << u"Connections per address: 5 → 10, Enforce → Observe"_s;
}

void TestRevisionsModel::tellsTheChanges()
{
    QFETCH(qint64, value);
    QFETCH(int, mode);
    QFETCH(QString, text);
    const LimitChange change{ u"max_connections_per_ip"_s, { 5, LimitMode::Enforce }, { value, LimitMode(mode) } };
    QCOMPARE(changesText({ change }), text);
    QCOMPARE(changesText({ change, { u"new_one"_s, { 1, LimitMode::Enforce }, { 2, LimitMode::Enforce } } }, u"; "),
        QString(text + u"; new_one: 1 → 2"_s));
}

void TestRevisionsModel::tellsWhereItCameFrom()
{
    RevisionsModel model;
    for (const auto &[source, text] :
        { std::pair(u"api"_s, u"Admin API"_s), std::pair(u"environment"_s, u"Environment"_s),
            std::pair(u"restore"_s, u"Restored"_s), std::pair(u"other"_s, u"other"_s) }) {
        Revision one = revision(1);
        one.source = source;
        model.setPage({ { one }, {} });
        QCOMPARE(model.index(0, RevisionsModel::SourceColumn).data().toString(), text);
    }
}

QTEST_GUILESS_MAIN(TestRevisionsModel)
#include "tst_revisionsmodel.moc"
