// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "console/models/accessmodel.h"
#include "console/models/tableexport.h"
#include "shared/util/isotime.h"
#include "tests/support/fakeadminclient.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture
{
    FakeAdminClient client;
    AccessModel model{ client, client.clock };
    QAbstractItemModelTester tester{ &model, QAbstractItemModelTester::FailureReportingMode::QtTest };

    explicit Fixture(int bans)
    {
        for (int i = 0; i < bans; ++i) {
            AccessRule rule;
            rule.id = u"B%1"_s.arg(i);
            rule.kind = AccessKind::User;
            rule.value = u"user-%1"_s.arg(i);
            rule.createdAt = client.clock.utc();
            client.bans.push_back(rule);
        }
    }
    bool waitForRows(int count)
    {
        return QTest::qWaitFor([&] { return model.rowCount() == count; });
    }
    QString cell(int row, int column) { return model.index(row, column).data().toString(); }
};

} // namespace

class TestAccessModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loadsAPageAndMoreAsTheViewScrolls()
    {
        Fixture fixture(1200);
        fixture.model.refresh();
        QVERIFY(fixture.waitForRows(500));
        QCOMPARE(fixture.model.totalCount(), 1200);
        QVERIFY(fixture.model.canFetchMore({}));
        fixture.model.fetchMore({});
        QVERIFY(!fixture.model.canFetchMore({})); // until the answer is there
        QVERIFY(fixture.waitForRows(1000));
        fixture.model.fetchMore({});
        QVERIFY(fixture.waitForRows(1200));
        QVERIFY(!fixture.model.canFetchMore({}));
        QCOMPARE(fixture.cell(1199, AccessModel::ValueColumn), u"user-1199"_s);
    }

    void aRefreshThatBringsNothingNewDisturbsNobody()
    {
        Fixture fixture(3);
        fixture.model.refresh();
        QVERIFY(fixture.waitForRows(3));
        QSignalSpy resets(&fixture.model, &QAbstractItemModel::modelReset);
        QSignalSpy answers(&fixture.model, &AccessModel::statusChanged);
        fixture.model.refresh();
        QTRY_COMPARE(answers.size(), 2); // asked, and answered
        QCOMPARE(resets.size(), 0);
        fixture.client.bans.pop_back();
        fixture.model.refresh();
        QVERIFY(fixture.waitForRows(2));
    }

    void answersToAnOlderQuestionAreDropped()
    {
        Fixture fixture(3);
        fixture.client.holdsAnswers = true;
        fixture.model.refresh();
        fixture.model.setList(AccessList::Exemptions);
        fixture.client.releaseAnswers();
        QCOMPARE(fixture.model.rowCount(), 0);
        fixture.client.holdsAnswers = false;
        fixture.model.setList(AccessList::Bans);
        QVERIFY(fixture.waitForRows(3));
        fixture.model.setFilter(u"user-1"_s);
        QVERIFY(fixture.waitForRows(1));
        fixture.model.clear();
        QCOMPARE(fixture.model.rowCount(), 0);
    }

    void whatFailsIsTold()
    {
        Fixture fixture(3);
        Problem problem;
        problem.status = 503;
        fixture.client.failure = problem;
        fixture.model.refresh();
        QTRY_VERIFY(fixture.model.errorText().contains(u"503"_s));
        fixture.client.failure.reset();
        fixture.model.refresh();
        QVERIFY(fixture.waitForRows(3));
        QCOMPARE(fixture.model.errorText(), QString());
    }

    void tellsWhenItEnds()
    {
        Fixture fixture(3);
        fixture.client.bans[0].expiresAt = fixture.client.clock.utc() + 45s;
        fixture.client.bans[1].expiresAt = fixture.client.clock.utc() - 1s;
        fixture.client.bans[2].issuedBefore = fixture.client.clock.utc();
        fixture.model.refresh();
        QVERIFY(fixture.waitForRows(3));
        QCOMPARE(fixture.cell(0, AccessModel::ExpiresColumn), u"in 45 s"_s);
        QCOMPARE(fixture.cell(1, AccessModel::ExpiresColumn), u"now"_s);
        QCOMPARE(fixture.cell(2, AccessModel::ExpiresColumn), u"when lifted"_s);
        QCOMPARE(fixture.cell(0, AccessModel::KindColumn), u"User"_s);
        QCOMPARE(fixture.cell(2, AccessModel::KindColumn), u"Tokens of a user"_s);
        const QModelIndex ends = fixture.model.index(0, AccessModel::ExpiresColumn);
        QCOMPARE(ends.data(kExportRole).toString(), isoMillis(*fixture.client.bans[0].expiresAt));
        QVERIFY(ends.data(Qt::ToolTipRole).isValid());
        for (int column = 0; column < AccessModel::ColumnCount; ++column)
            QVERIFY(!fixture.model.headerData(column, Qt::Horizontal).toString().isEmpty());
    }
};

QTEST_MAIN(TestAccessModel)
#include "tst_accessmodel.moc"
