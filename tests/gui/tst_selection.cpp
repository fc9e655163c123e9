// SPDX-License-Identifier: GPL-3.0-or-later
// What is selected is an id, not a row. Walks every table that has an action: selects a row, takes it away in each of
// the ways in which rows go, and presses the button, which must do nothing or be about that very row.
#include <QtCore/QRegularExpression>
#include <QtGui/QClipboard>
#include <QtTest/QTest>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/connection/calllog.h"
#include "console/pages/alertspage.h"
#include "console/pages/banspage.h"
#include "console/pages/connectionspage.h"
#include "console/pages/limitspage.h"
#include "console/pages/logpage.h"
#include "console/pages/nodespage.h"
#include "console/pages/refusalspage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr int kIdRole = Qt::UserRole + 1; ///< every model tells a row's id by its first role

/// Pages over a fake server with five of everything, ids ending in 0 to 4; the one that ends in 2 gets selected.
struct Fixture : ConsoleFixture
{
    std::unique_ptr<QWidget> page;
    QTableView *table = nullptr;

    explicit Fixture(const QString &tableName)
    {
        for (int i = 0; i < 5; ++i)
            fill(i);
        client.nodes.redis = RedisState{ true, u"10.0.0.5:6379"_s, {}, client.clock.utc() };
        page = makePage(tableName.section(u'.', 0, 0));
        table = findPart<QTableView>(*page, tableName);
        page->resize(1180, 700);
        page->show();
        connectToServer();
        Q_EMIT client.decisionsReceived(decisions(0, 5), 0);
        for (int i = 0; i < 5; ++i)
            client.callLog()->record({ {}, u"GET"_s, u"/%1"_s.arg(i), 200, 1ms, {}, u"curl %1"_s.arg(i) });
    }
    [[nodiscard]] std::unique_ptr<QWidget> makePage(const QString &name)
    {
        if (name == u"connections"_s)
            return std::make_unique<ConnectionsPage>(serverModel);
        if (name == u"refusals"_s)
            return std::make_unique<RefusalsPage>(serverModel);
        if (name == u"bans"_s)
            return std::make_unique<BansPage>(serverModel);
        if (name == u"alerts"_s)
            return std::make_unique<AlertsPage>(serverModel);
        if (name == u"nodes"_s)
            return std::make_unique<NodesPage>(serverModel);
        if (name == u"limits"_s)
            return std::make_unique<LimitsPage>(serverModel);
        return std::make_unique<LogPage>(*client.callLog());
    }
    void fill(int i)
    {
        ConnectionInfo connection;
        connection.id = u"C%1"_s.arg(i);
        connection.user = u"user%1"_s.arg(i);
        connection.address = address(i);
        client.connections.push_back(connection);
        AccessRule rule;
        rule.id = u"B%1"_s.arg(i);
        rule.kind = AccessKind::Address;
        rule.value = address(i);
        client.bans.push_back(rule);
        Alert alert;
        alert.id = u"A%1"_s.arg(i);
        alert.rule = u"high_connections"_s;
        alert.raisedAt = client.clock.utc() + std::chrono::seconds(i);
        client.alerts.push_back(alert);
        NodeInfo node;
        node.name = u"N%1"_s.arg(i);
        node.state = NodeState::Lost;
        client.nodes.nodes.push_back(node);
        Revision revision;
        revision.revision = 14 - i;
        client.revisions.push_back(revision);
        client.offenders.push_back({ address(i), 100 - i });
    }
    [[nodiscard]] static QString address(int i) { return u"127.0.1.%1"_s.arg(i); }
    [[nodiscard]] std::vector<Decision> decisions(int from, int to) const
    {
        std::vector<Decision> result;
        for (int i = from; i < to; ++i) {
            Decision decision;
            decision.id = u"D%1"_s.arg(i, 5, 10, QChar(u'0'));
            decision.at = client.clock.utc() + std::chrono::milliseconds(i);
            decision.reason = Reason::TooManyConnections;
            decision.address = i < 5 ? address(i) : u"127.9.9.9"_s;
            result.push_back(decision);
        }
        return result;
    }
    [[nodiscard]] int rowOf(const QString &id) const
    {
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            if (table->model()->index(row, 0).data(kIdRole).toString() == id)
                return row;
        }
        return -1;
    }
    [[nodiscard]] bool select(const QString &id)
    {
        if (!QTest::qWaitFor([&] { return rowOf(id) >= 0; }))
            return false;
        table->scrollTo(table->model()->index(rowOf(id), 0));
        const QPoint at = table->visualRect(table->model()->index(rowOf(id), 0)).center();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, at);
        return selectedId() == id;
    }
    /// Whether it is not there any more, or elsewhere.
    [[nodiscard]] bool leaves(const QString &id, int row)
    {
        return QTest::qWaitFor([&] {
            serverModel.connections().refresh(); // one within another is none
            return rowOf(id) != row;
        });
    }
    [[nodiscard]] QString selectedId() const
    {
        const QModelIndexList rows = table->selectionModel()->selectedRows();
        return rows.isEmpty() ? QString() : rows.constFirst().data(kIdRole).toString();
    }
    /// Presses a button, if it lets itself be pressed, and agrees to whatever is asked then.
    void press(const QString &name)
    {
        auto *button = findPart<QPushButton>(*page, name);
        if (button->isVisible() && button->isEnabled())
            QTest::mouseClick(button, Qt::LeftButton);
        if (auto *box = page->findChild<QMessageBox *>(name + u".box"))
            clickPart(*box, box->objectName() + u".accept");
        QCoreApplication::processEvents();
    }
};

using Take = std::function<void(Fixture &)>;

void eraseSubject(Fixture &fixture)
{
    std::erase_if(fixture.client.connections, [](const ConnectionInfo &one) { return one.id == u"C2"_s; });
    std::erase_if(fixture.client.bans, [](const AccessRule &one) { return one.id == u"B2"_s; });
    std::erase_if(fixture.client.alerts, [](const Alert &one) { return one.id == u"A2"_s; });
    std::erase_if(fixture.client.nodes.nodes, [](const NodeInfo &one) { return one.name == u"N2"_s; });
    std::erase_if(fixture.client.revisions, [](const Revision &one) { return one.revision == 12; });
    std::erase_if(fixture.client.offenders, [](const TopOffender &one) { return one.value == Fixture::address(2); });
}

void refreshAll(Fixture &fixture)
{
    fixture.serverModel.connections().refresh();
    fixture.serverModel.access().refresh();
    fixture.serverModel.refreshAlerts();
    fixture.serverModel.nodes().refresh();
    fixture.serverModel.refreshRevisions();
    fixture.serverModel.refreshOffenders(OffenderKind::Address);
}

/// Somebody else ended it: the client itself, a colleague, time.
void leave(Fixture &fixture)
{
    eraseSubject(fixture);
    refreshAll(fixture);
}

/// What made it be in the list is not so any more.
void filter(Fixture &fixture)
{
    static const QRegularExpression kFilter(u"filter$|text$"_s);
    for (auto *field : fixture.page->findChildren<QLineEdit *>(kFilter)) {
        field->setText(u"127.0.1.4"_s);
        QTest::keyClick(field, Qt::Key_Return);
    }
}

/// The row stands elsewhere.
void sortAnew(Fixture &fixture)
{
    const auto turn = [](auto &rows) { std::rotate(rows.begin(), rows.begin() + 1, rows.end()); };
    turn(fixture.client.connections);
    turn(fixture.client.bans);
    turn(fixture.client.offenders);
    fixture.client.nodes.nodes.erase(fixture.client.nodes.nodes.begin()); // nodes keep their order
    for (int i : { 1, 2 })
        fixture.client.alerts[size_t(i)].clearedAt = fixture.client.clock.utc() + 1min;
    fixture.serverModel.alerts().update(fixture.client.alerts[1]);
    fixture.serverModel.alerts().update(fixture.client.alerts[2]);
    refreshAll(fixture);
}

/// So much comes that the list has no room for it.
void trim(Fixture &fixture)
{
    for (int i = 5; i < 6000; i += 100)
        Q_EMIT fixture.client.decisionsReceived(fixture.decisions(i, i + 100), 0);
    for (int i = 0; i < int(CallLog::kMaxRecords); ++i)
        fixture.client.callLog()->record({ {}, u"GET"_s, u"/more"_s, 200, 1ms, {}, u"curl more"_s });
    for (int i = 0; i < int(AlertsModel::kMaxRows); ++i) {
        Alert alert;
        alert.id = u"M%1"_s.arg(i);
        alert.raisedAt = fixture.client.clock.utc() + 1h;
        fixture.serverModel.alerts().update(alert);
    }
}

} // namespace

class TestSelection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }
    void theButtonIsAboutWhatWasSelected_data();
    void theButtonIsAboutWhatWasSelected();
    void aBanIsOfWhatWasSelected_data();
    void aBanIsOfWhatWasSelected();
    void whatIsCopiedWasSelected_data();
    void whatIsCopiedWasSelected();
    void whatIsDoneToItTakesTheSelectionAway_data();
    void whatIsDoneToItTakesTheSelectionAway();
};

void TestSelection::theButtonIsAboutWhatWasSelected_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("button");
    QTest::addColumn<QString>("call");
    QTest::addColumn<Take>("take");
    struct Table
    {
        QString name, subject, button, call;
        std::vector<std::pair<const char *, Take>> ways;
    };
    const Take away = leave, hide = filter, order = sortAnew, flood = trim;
    const Table tables[] = {
        { u"connections.table"_s, u"C2"_s, u"connections.kick"_s, u"kickConnection "_s,
            { { "leaves", away }, { "filtered", hide }, { "sorted anew", order } } },
        { u"bans.table"_s, u"B2"_s, u"bans.lift"_s, u"liftAccess "_s,
            { { "leaves", away }, { "filtered", hide }, { "sorted anew", order } } },
        { u"alerts.table"_s, u"A2"_s, u"alerts.acknowledge"_s, u"acknowledgeAlert "_s,
            { { "leaves", away }, { "trimmed", flood }, { "sorted anew", order } } },
        { u"nodes.table"_s, u"N2"_s, u"nodes.forget"_s, u"forgetNode "_s,
            { { "leaves", away }, { "sorted anew", order } } },
        { u"limits.revisions"_s, u"12"_s, u"limits.restore"_s, u"restoreRevision "_s, { { "leaves", away } } },
    };
    for (const Table &table : tables) {
        for (const auto &[way, take] : table.ways)
            QTest::addRow("%s, %s", qPrintable(table.name), way)
                << table.name << table.subject << table.button << table.call << take;
    }
}

void TestSelection::theButtonIsAboutWhatWasSelected()
{
    QFETCH(QString, table);
    QFETCH(QString, subject);
    QFETCH(QString, button);
    QFETCH(QString, call);
    QFETCH(Take, take);
    Fixture fixture(table);
    QVERIFY(fixture.select(subject));
    const int before = fixture.rowOf(subject);
    take(fixture);
    QVERIFY(fixture.leaves(subject, before));
    QTRY_COMPARE(fixture.selectedId(), fixture.rowOf(subject) < 0 ? QString() : subject);
    fixture.press(button);
    for (const QString &made : std::as_const(fixture.client.calls))
        QVERIFY2(!made.startsWith(call) || made == call + subject, qPrintable(made));
}

void TestSelection::aBanIsOfWhatWasSelected_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<Take>("take");
    QTest::newRow("a connection leaves") << u"connections.table"_s << u"C2"_s << Take(leave);
    QTest::newRow("connections are sorted anew") << u"connections.table"_s << u"C2"_s << Take(sortAnew);
    QTest::newRow("connections are filtered") << u"connections.table"_s << u"C2"_s << Take(filter);
    QTest::newRow("refusals are trimmed") << u"refusals.table"_s << u"D00002"_s << Take(trim);
    QTest::newRow("refusals are filtered") << u"refusals.table"_s << u"D00002"_s << Take(filter);
}

void TestSelection::aBanIsOfWhatWasSelected()
{
    QFETCH(QString, table);
    QFETCH(QString, subject);
    QFETCH(Take, take);
    Fixture fixture(table);
    QVERIFY(fixture.select(subject));
    const int before = fixture.rowOf(subject);
    take(fixture);
    QVERIFY(fixture.leaves(subject, before));
    QTRY_COMPARE(fixture.selectedId(), fixture.rowOf(subject) < 0 ? QString() : subject);
    // What the details said, they say; and the entry names whom it is about.
    const QString page = table.section(u'.', 0, 0);
    QStringList facts;
    for (const QLabel *label : findPart<QWidget>(*fixture.page, page + u".details")->findChildren<QLabel *>())
        facts << label->text();
    QVERIFY2(facts.contains(Fixture::address(2)), qPrintable(facts.join(u'\n')));
    auto *ban = findPart<QPushButton>(*fixture.page, page + u".ban");
    QVERIFY(ban->isVisible() && ban->isEnabled());
    auto *entry = ban->menu()->findChild<QAction *>(u"ban.address"_s);
    QCOMPARE(entry->text(), u"Ban address 127.0.1.2…"_s);
    entry->trigger();
    QCOMPARE(findPart<QLineEdit>(*fixture.page, u"ban.value"_s)->text(), Fixture::address(2));
}

void TestSelection::whatIsCopiedWasSelected_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("button");
    QTest::addColumn<QString>("sign");
    QTest::addColumn<Take>("take");
    QTest::newRow("calls are trimmed") << u"log.table"_s << u"2"_s << u"log.copy"_s << u"curl 2"_s << Take(trim);
    QTest::newRow("refusals are trimmed")
        << u"refusals.table"_s << u"D00002"_s << u"refusals.copy"_s << u"D00002"_s << Take(trim);
    QTest::newRow("offenders change places")
        << u"refusals.offenders"_s << Fixture::address(2) << QString() << Fixture::address(2) << Take(sortAnew);
    QTest::newRow("an offender goes") << u"refusals.offenders"_s << Fixture::address(2) << QString()
                                      << Fixture::address(2) << Take(leave);
}

void TestSelection::whatIsCopiedWasSelected()
{
    QFETCH(QString, table);
    QFETCH(QString, subject);
    QFETCH(QString, button);
    QFETCH(QString, sign);
    QFETCH(Take, take);
    Fixture fixture(table);
    fixture.serverModel.refreshOffenders(OffenderKind::Address);
    if (table == u"log.table"_s) // what was asked before has numbers too
        subject = fixture.table->model()->index(2, 0).data(kIdRole).toString();
    QVERIFY(fixture.select(subject));
    const QString first = fixture.table->model()->index(0, 0).data(kIdRole).toString();
    take(fixture);
    QTRY_VERIFY(fixture.table->model()->index(0, 0).data(kIdRole).toString() != first || fixture.rowOf(subject) < 0);
    QGuiApplication::clipboard()->setText(u"nothing"_s);
    if (button.isEmpty())
        findPart<QAction>(*fixture.page, table + u".copyrow")->trigger();
    else
        fixture.press(button);
    const QString copied = QGuiApplication::clipboard()->text();
    QVERIFY2(copied == u"nothing"_s || copied.contains(sign), qPrintable(copied));
}

void TestSelection::whatIsDoneToItTakesTheSelectionAway_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("button");
    QTest::newRow("kicked") << u"connections.table"_s << u"C2"_s << u"connections.kick"_s;
    QTest::newRow("lifted") << u"bans.table"_s << u"B2"_s << u"bans.lift"_s;
    QTest::newRow("forgotten") << u"nodes.table"_s << u"N2"_s << u"nodes.forget"_s;
}

void TestSelection::whatIsDoneToItTakesTheSelectionAway()
{
    QFETCH(QString, table);
    QFETCH(QString, subject);
    QFETCH(QString, button);
    Fixture fixture(table);
    QVERIFY(fixture.select(subject));
    fixture.press(button);
    QTRY_COMPARE(fixture.rowOf(subject), -1);
    QCOMPARE(fixture.selectedId(), QString());
    const auto *pressed = findPart<QPushButton>(*fixture.page, button);
    QTRY_VERIFY(!pressed->isVisible() || !pressed->isEnabled());
}

Q_DECLARE_METATYPE(Take)

QTEST_MAIN(TestSelection)
#include "tst_selection.moc"
