// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "console/models/nodesmodel.h"
#include "console/models/tableexport.h"
#include "tests/support/fakeadminclient.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture
{
    FakeAdminClient client;
    NodesModel model{ client, client.clock };
    QAbstractItemModelTester tester{ &model, QAbstractItemModelTester::FailureReportingMode::QtTest };

    explicit Fixture(const QStringList &names)
    {
        for (const QString &name : names)
            client.nodes.nodes.push_back(node(name));
        client.nodes.redis = RedisState{ true, u"10.0.0.5:6379"_s, {}, client.clock.utc() };
    }
    NodeInfo node(const QString &name)
    {
        NodeInfo result;
        result.name = name;
        result.startedAt = client.clock.utc();
        result.age = 800ms;
        return result;
    }
    bool refresh()
    {
        QSignalSpy answers(&model, &NodesModel::statusChanged);
        model.refresh();
        return answers.wait();
    }
    QString cell(int row, int column) { return model.index(row, column).data().toString(); }
    QStringList names()
    {
        QStringList result;
        for (int row = 0; row < model.rowCount(); ++row)
            result << model.at(row).name;
        return result;
    }
};

} // namespace

class TestNodesModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsWhatANodeDoes()
    {
        Fixture fixture({ u"a"_s, u"b"_s });
        NodeInfo &first = fixture.client.nodes.nodes[0];
        first.isThis = true;
        first.age.reset();
        first.version = u"1.2.3"_s;
        first.url = u"http://10.0.0.1:8080"_s;
        first.activeConnections = 12'345;
        first.messagesPerMinute = 77;
        first.refusalsPerMinute = 3;
        QVERIFY(!fixture.model.isKnown());
        QVERIFY(fixture.refresh());
        QVERIFY(fixture.model.isKnown());
        QCOMPARE(fixture.cell(0, NodesModel::NameColumn), u"a (answers)"_s);
        QCOMPARE(fixture.cell(0, NodesModel::AgeColumn), u"now"_s);
        QCOMPARE(fixture.cell(0, NodesModel::ConnectionsColumn), QLocale().toString(12'345));
        QCOMPARE(fixture.cell(0, NodesModel::MessagesColumn), u"77"_s);
        QCOMPARE(fixture.cell(0, NodesModel::RefusalsColumn), u"3"_s);
        QCOMPARE(fixture.cell(0, NodesModel::VersionColumn), u"1.2.3"_s);
        QCOMPARE(fixture.cell(0, NodesModel::UrlColumn), u"http://10.0.0.1:8080"_s);
        QCOMPARE(fixture.cell(1, NodesModel::AgeColumn), u"0 s ago"_s);
        const QModelIndex started = fixture.model.index(0, NodesModel::StartedColumn);
        QVERIFY(started.data(kExportRole).toString().endsWith(u'Z'));
        QCOMPARE(fixture.model.index(0, NodesModel::ConnectionsColumn).data(kExportRole).toString(), u"12345"_s);
        QCOMPARE(fixture.model.index(1, NodesModel::AgeColumn).data(kExportRole).toString(), u"0.800"_s);
        for (int column = 0; column < NodesModel::ColumnCount; ++column)
            QVERIFY(!fixture.model.headerData(column, Qt::Horizontal).toString().isEmpty());
    }

    void saysHowFarAClockIsOff()
    {
        Fixture fixture({ u"a"_s, u"b"_s, u"c"_s, u"d"_s });
        std::vector<NodeInfo> &nodes = fixture.client.nodes.nodes;
        nodes[1].clockSkew = -900ms;
        nodes[2].clockSkew = 3'600'000ms;
        nodes[3].clockSkew = -4250ms;
        QVERIFY(fixture.refresh());
        const auto text = [&fixture](int row, int role) {
            return fixture.model.index(row, NodesModel::ClockColumn).data(role).toString();
        };
        QCOMPARE(text(0, Qt::DisplayRole), QString()); // a server alone, or an older one
        QCOMPARE(text(1, Qt::DisplayRole), u"right"_s);
        QVERIFY2(text(2, Qt::DisplayRole).endsWith(u" ahead"), qPrintable(text(2, Qt::DisplayRole)));
        QVERIFY2(text(3, Qt::DisplayRole).endsWith(u" behind"), qPrintable(text(3, Qt::DisplayRole)));
        QVERIFY(text(1, Qt::ToolTipRole).isEmpty());
        QVERIFY(text(2, Qt::ToolTipRole).contains(u"NTP"));
        QCOMPARE(text(3, kExportRole), u"-4.250"_s);
        QCOMPARE(text(0, kExportRole), QString());
    }

    void saysEachStateInWords()
    {
        Fixture fixture({ u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s });
        std::vector<NodeInfo> &nodes = fixture.client.nodes.nodes;
        nodes[1].isAlone = true;
        nodes[1].aloneReason = u"Redis answers too late"_s;
        nodes[2].state = NodeState::Lost;
        nodes[3].state = NodeState::Left;
        nodes[4].state = NodeState::Unknown;
        QVERIFY(fixture.refresh());
        QSet<QString> titles;
        QSet<QString> helps;
        for (int row = 0; row < 5; ++row) {
            const QModelIndex state = fixture.model.index(row, NodesModel::StateColumn);
            titles << state.data().toString();
            helps << state.data(Qt::ToolTipRole).toString();
        }
        QCOMPARE(titles, QSet<QString>({ u"Up"_s, u"Up, alone"_s, u"Lost"_s, u"Has left"_s, u"Not known"_s }));
        QCOMPARE(helps.size(), 5);
        QVERIFY(fixture.model.index(1, NodesModel::StateColumn)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(u"Redis answers too late"_s));
        QCOMPARE(fixture.model.upCount(), 2);
        QVERIFY(fixture.model.hasAlone());
        QCOMPARE(fixture.model.index(2, NodesModel::StateColumn).data(kExportRole).toString(), u"lost"_s);
    }

    void rowsComeAndGoOneByOne()
    {
        Fixture fixture({ u"b"_s, u"d"_s, u"e"_s });
        QVERIFY(fixture.refresh());
        const QPersistentModelIndex kept(fixture.model.index(1, 0));
        QSignalSpy resets(&fixture.model, &QAbstractItemModel::modelReset);
        fixture.client.nodes.nodes
            = { fixture.node(u"a"_s), fixture.node(u"c"_s), fixture.node(u"d"_s), fixture.node(u"f"_s) };
        QVERIFY(fixture.refresh());
        QCOMPARE(fixture.names(), QStringList({ u"a"_s, u"c"_s, u"d"_s, u"f"_s }));
        QCOMPARE(kept.row(), 2);
        QCOMPARE(resets.size(), 0);
        fixture.client.nodes.nodes.clear();
        QVERIFY(fixture.refresh());
        QCOMPARE(fixture.model.rowCount(), 0);
    }

    void asksOnceAtATimeAndDropsAnswersOfAnotherServer()
    {
        Fixture fixture({ u"a"_s });
        fixture.client.holdsAnswers = true;
        fixture.model.refresh();
        fixture.model.refresh();
        QCOMPARE(fixture.client.calls.count(u"fetchNodes"_s), 1);
        fixture.model.clear();
        fixture.client.releaseAnswers();
        QCOMPARE(fixture.model.rowCount(), 0);
        QVERIFY(!fixture.model.isKnown());
        fixture.client.holdsAnswers = false;
        QVERIFY(fixture.refresh());
        QCOMPARE(fixture.model.rowCount(), 1);
    }

    void whatFailsIsToldAndKeepsWhatIsShown()
    {
        Fixture fixture({ u"a"_s });
        QVERIFY(fixture.refresh());
        Problem problem;
        problem.status = 503;
        fixture.client.failure = problem;
        QVERIFY(fixture.refresh());
        QVERIFY(fixture.model.errorText().contains(u"503"_s));
        QCOMPARE(fixture.model.rowCount(), 1);
        fixture.client.failure.reset();
        fixture.client.nodes.redis.reset();
        QVERIFY(fixture.refresh());
        QCOMPARE(fixture.model.errorText(), QString());
        QVERIFY(!fixture.model.redis());
        QCOMPARE(fixture.cell(0, NodesModel::NameColumn), u"a"_s);
    }
};

QTEST_MAIN(TestNodesModel)
#include "tst_nodesmodel.moc"
