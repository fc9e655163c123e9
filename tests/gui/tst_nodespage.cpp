// SPDX-License-Identifier: GPL-3.0-or-later
// The nodes by clicks: nodes.table  nodes.count  nodes.redis  nodes.note  nodes.empty  nodes.message  nodes.refresh
// nodes.export  nodes.forget  nodes.table.menu  nodes.menu.forget  nodes.forget.box.accept
#include <QtTest/QTest>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/pages/nodespage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture : ConsoleFixture
{
    NodesPage page{ serverModel };
    QTableView *table = findPart<QTableView>(page, u"nodes.table"_s);

    Fixture()
    {
        client.nodes.nodes = { node(u"gate-1"_s, NodeState::Up), node(u"gate-2"_s, NodeState::Lost),
            node(u"gate-3"_s, NodeState::Left) };
        client.nodes.nodes[0].isThis = true;
        client.nodes.redis = RedisState{ true, u"10.0.0.5:6379"_s, {}, client.clock.utc() - 90min };
        connectToServer();
        page.resize(1180, 700);
    }
    NodeInfo node(const QString &name, NodeState state)
    {
        NodeInfo result;
        result.name = name;
        result.state = state;
        result.startedAt = client.clock.utc();
        result.age = 7s;
        return result;
    }
    bool open(int rows = 3)
    {
        page.show();
        return QTest::qWaitFor([&] { return table->model()->rowCount() == rows; });
    }
    QString text(const QString &name) { return findPart<QLabel>(page, name)->text(); }
    QPushButton *forget() { return findPart<QPushButton>(page, u"nodes.forget"_s); }
    /// The picture of a row's state, drawn by the table's own delegate.
    QImage stateIcon(int row)
    {
        return table
            ->grab(QRect(table->viewport()->mapTo(
                             table, table->visualRect(table->model()->index(row, NodesModel::StateColumn)).topLeft()),
                QSize(NodeStateDelegate::kIconWidth, table->rowHeight(row))))
            .toImage();
    }
};

} // namespace

class TestNodesPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void asksOnlyWhileItIsSeen()
    {
        Fixture fixture;
        QVERIFY(!fixture.client.calls.contains(u"fetchNodes"_s));
        QVERIFY(fixture.open());
        const qsizetype asked = fixture.client.calls.count(u"fetchNodes"_s);
        QVERIFY(asked > 0);
        QTRY_VERIFY(fixture.client.calls.count(u"fetchNodes"_s) > asked); // by itself
        fixture.page.hide();
        fixture.client.calls.clear();
        clickPart(fixture.page, u"nodes.refresh"_s);
        QVERIFY(!fixture.client.calls.contains(u"fetchNodes"_s));
    }

    void saysHowItStandsToRedis()
    {
        Fixture fixture;
        QVERIFY(fixture.open());
        QTRY_COMPARE(fixture.text(u"nodes.count"_s), u"1 of 3 up"_s);
        QVERIFY2(fixture.text(u"nodes.redis"_s).startsWith(u"Redis at 10.0.0.5:6379 is up"_s),
            qPrintable(fixture.text(u"nodes.redis"_s)));
        QVERIFY(fixture.text(u"nodes.redis"_s).contains(u"1 h 30 min"_s));
        QVERIFY(fixture.text(u"nodes.note"_s).contains(u"alone"_s));
        fixture.client.nodes.redis
            = RedisState{ false, {}, u"10.0.0.5:6379: connection refused"_s, fixture.client.clock.utc() };
        clickPart(fixture.page, u"nodes.refresh"_s);
        QTRY_VERIFY(fixture.text(u"nodes.redis"_s).startsWith(u"Redis is away, since "_s));
        QVERIFY(fixture.text(u"nodes.redis"_s).contains(u"connection refused"_s));
        QVERIFY(fixture.text(u"nodes.note"_s).contains(u"REDIS_AWAY"_s));
    }

    void explainsHowToMakeACluster()
    {
        Fixture fixture;
        fixture.client.nodes.nodes.resize(1);
        fixture.client.nodes.redis.reset();
        QVERIFY(fixture.open(1));
        QTRY_COMPARE(fixture.text(u"nodes.redis"_s), u"This server runs by itself."_s);
        QVERIFY(fixture.text(u"nodes.note"_s).contains(u"REDIS_URL="_s));
        QVERIFY(fixture.table->isColumnHidden(NodesModel::ClockColumn)); // there is none to compare with
        fixture.page.resize(860, 560);
        QTRY_VERIFY(fillsItsWidth(*fixture.table));
    }

    void nothingIsCutOff()
    {
        Fixture fixture;
        fixture.client.nodes.nodes.push_back(fixture.node(u"gate-4"_s, NodeState::Unknown));
        fixture.client.nodes.nodes.push_back(fixture.node(u"gate-5"_s, NodeState::Up));
        fixture.client.nodes.nodes.back().isAlone = true;
        fixture.client.nodes.nodes.back().clockSkew = -59min;
        fixture.client.nodes.nodes.back().url = u"http://192.168.100.100:8080"_s;
        QVERIFY(fixture.open(5));
        QVERIFY(!fixture.table->isColumnHidden(NodesModel::ClockColumn));
        QCOMPARE(cutOffText(*fixture.table), QString());
        QVERIFY(fillsItsWidth(*fixture.table));
    }

    void eachStateHasAShapeOfItsOwn()
    {
        Fixture fixture;
        fixture.client.nodes.nodes.push_back(fixture.node(u"gate-4"_s, NodeState::Unknown));
        fixture.client.nodes.nodes.push_back(fixture.node(u"gate-5"_s, NodeState::Up));
        fixture.client.nodes.nodes.back().isAlone = true;
        QVERIFY(fixture.open(5));
        QList<QImage> icons;
        for (int row = 0; row < 5; ++row) {
            QImage icon = fixture.stateIcon(row).convertToFormat(QImage::Format_Grayscale8);
            // As one who sees no colours: what is drawn, whatever its brightness.
            const int ground = qGray(icon.pixel(0, icon.height() / 2));
            for (int y = 0; y < icon.height(); ++y) {
                for (int x = 0; x < icon.width(); ++x)
                    icon.setPixel(x, y, std::abs(qGray(icon.pixel(x, y)) - ground) > 24 ? 0 : 255);
            }
            QVERIFY(!icons.contains(icon));
            icons << icon;
        }
    }

    void forgetsANodeThatIsGone()
    {
        Fixture fixture;
        QVERIFY(fixture.open());
        QVERIFY(!fixture.forget()->isEnabled());
        fixture.table->selectRow(0);
        QVERIFY(!fixture.forget()->isEnabled()); // it is up
        QVERIFY(!findPart<QMenu>(fixture.page, u"nodes.table.menu"_s)->actions().constFirst()->isEnabled());
        fixture.table->selectRow(1);
        QVERIFY(fixture.forget()->isEnabled());
        findPart<QMenu>(fixture.page, u"nodes.table.menu"_s)->actions().constFirst()->trigger();
        QVERIFY(!fixture.client.calls.contains(u"forgetNode gate-2"_s));
        clickPart(fixture.page, u"nodes.forget.box.accept"_s);
        QTRY_COMPARE(fixture.table->model()->rowCount(), 2);
        QVERIFY(fixture.client.calls.contains(u"forgetNode gate-2"_s));
        QCOMPARE(fixture.text(u"nodes.message"_s), u"The node gate-2 is forgotten."_s);
        fixture.table->selectRow(1);
        QVERIFY(fixture.forget()->isEnabled()); // it has left
    }

    void whatTheServerObjectsToIsTold()
    {
        Fixture fixture;
        QVERIFY(fixture.open());
        fixture.table->selectRow(1);
        fixture.forget()->click();
        Problem problem;
        problem.status = 409;
        problem.code = u"node_not_gone"_s;
        problem.detail = u"gate-2 is up"_s;
        fixture.client.failure = problem;
        clickPart(fixture.page, u"nodes.forget.box.accept"_s);
        QTRY_COMPARE(fixture.text(u"nodes.message"_s), u"gate-2 is up"_s);
        QCOMPARE(fixture.client.nodes.nodes.size(), 3U);
    }

    void aLockThatClosesMeanwhileHolds()
    {
        Fixture fixture;
        QVERIFY(fixture.open());
        fixture.table->selectRow(1);
        fixture.serverModel.editLock().setProtected(true);
        QVERIFY(!fixture.forget()->isEnabled());
        fixture.serverModel.editLock().unlock();
        QVERIFY(fixture.forget()->isEnabled());
        fixture.forget()->click();
        fixture.serverModel.editLock().lock();
        clickPart(fixture.page, u"nodes.forget.box.accept"_s);
        QVERIFY(!fixture.client.calls.contains(u"forgetNode gate-2"_s));
    }

    void viewersMayOnlyLook()
    {
        Fixture fixture;
        fixture.client.server.role = u"viewer"_s;
        fixture.connectToServer();
        QVERIFY(fixture.open());
        fixture.table->selectRow(1);
        QVERIFY(!fixture.forget()->isEnabled());
    }

    void aServerThatDoesNotKnowNodesIsNoRiddle()
    {
        Fixture fixture;
        Problem problem;
        problem.status = 404;
        fixture.client.failure = problem;
        fixture.page.show();
        QTRY_VERIFY(fixture.text(u"nodes.empty"_s).contains(u"404"_s));
        QVERIFY(findPart<QLabel>(fixture.page, u"nodes.empty"_s)->isVisible());
        QVERIFY(!fixture.table->accessibleName().isEmpty());
    }
};

QTEST_MAIN(TestNodesPage)
#include "tst_nodespage.moc"
