// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/topoffendersmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestTopOffendersModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsShares();
    void refreshDoesNotReset();
    void namesReasons();
};

void TestTopOffendersModel::showsShares()
{
    TopOffendersModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setOffenders(OffenderKind::Address, { { { u"127.0.0.2"_s, 30 }, { {}, 10 } }, 40 });
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, TopOffendersModel::ValueColumn), u"127.0.0.2"_s);
    QCOMPARE(text(0, TopOffendersModel::CountColumn), u"30"_s);
    QCOMPARE(text(0, TopOffendersModel::ShareColumn), u"75.0 %"_s);
    QCOMPARE(text(1, TopOffendersModel::ValueColumn), u"(none)"_s);
    QCOMPARE(model.index(1, 0).data(TopOffendersModel::ShareRole).toDouble(), 0.25);
    QCOMPARE(model.index(1, 0).data(TopOffendersModel::RawValueRole).toString(), QString());
    // Of everything that was refused, not of what is listed.
    model.setOffenders(OffenderKind::Address, { { { u"127.0.0.2"_s, 30 } }, 300, true });
    QCOMPARE(text(0, TopOffendersModel::ShareColumn), u"10.0 %"_s);
    QCOMPARE(model.total(), 300);
    QVERIFY(model.isSample());
}

void TestTopOffendersModel::refreshDoesNotReset()
{
    TopOffendersModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    model.setOffenders(OffenderKind::User, { { { u"a"_s, 3 }, { u"b"_s, 2 }, { u"c"_s, 1 } }, 100 });
    model.setOffenders(OffenderKind::User, { { { u"b"_s, 5 } }, 100 });
    model.setOffenders(OffenderKind::User, { { { u"b"_s, 6 }, { u"a"_s, 4 } }, 100 });
    model.setOffenders(OffenderKind::User, { { { u"a"_s, 7 }, { u"b"_s, 6 } }, 100 });
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.at(0), (TopOffender{ u"a"_s, 7 }));
    QCOMPARE(reset.count(), 0);
    model.setOffenders(OffenderKind::User, {});
    QCOMPARE(model.rowCount(), 0);
}

void TestTopOffendersModel::namesReasons()
{
    TopOffendersModel model;
    QSet<QString> headers;
    for (const OffenderKind kind :
        { OffenderKind::Address, OffenderKind::User, OffenderKind::Origin, OffenderKind::Reason }) {
        model.setOffenders(kind, { { { u"token_expired"_s, 1 } }, 100 });
        headers.insert(model.headerData(TopOffendersModel::ValueColumn, Qt::Horizontal).toString());
    }
    QCOMPARE(headers.size(), 4);
    QCOMPARE(model.index(0, 0).data().toString(), u"Token expired"_s);
    model.setOffenders(OffenderKind::Reason, { { { u"from_the_future"_s, 1 } }, 100 });
    QCOMPARE(model.index(0, 0).data().toString(), u"from_the_future"_s);
}

QTEST_GUILESS_MAIN(TestTopOffendersModel)
#include "tst_topoffendersmodel.moc"
