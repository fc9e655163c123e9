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
        Revision revision; // 14 to 10, each one more than the one before
        revision.revision = 14 - i;
        const LimitState &limit = client.limits.limits.front();
        revision.changes
            = { { limit.key, { limit.value - i - 1, LimitMode::Enforce }, { limit.value - i, LimitMode::Enforce } } };
        client.revisions.push_back(revision);
        client.limits.revision = 14;
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
    /// Selects a row and takes it away; whether it is selected where it is now, and nothing is where it is not.
    [[nodiscard]] bool isFollowed(const QString &id, const std::function<void(Fixture &)> &take)
    {
        if (!select(id))
            return false;
        const int before = rowOf(id);
        take(*this);
        return leaves(id, before) && QTest::qWaitFor([&] { return selectedId() == (rowOf(id) < 0 ? QString() : id); });
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
    for (size_t i : { 3, 4 }) {                                           // what is over stands behind what is not
        fixture.client.alerts[i].clearedAt = fixture.client.clock.utc() + 1min;
        fixture.serverModel.alerts().update(fixture.client.alerts[i]);
    }
    refreshAll(fixture);
}

/// One more is above it.
void reviseAnew(Fixture &fixture)
{
    const LimitState limit = fixture.client.limits.limits.front();
    fixture.client.changeLimit(limit.key, limit.value + 1, u"night-shift"_s, {});
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
    void theRevisionIsTheOneThatWasSelected_data();
    void theRevisionIsTheOneThatWasSelected();
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
    QTest::addColumn<QStringList>("expected"); // of these calls
    QTest::addColumn<Take>("take");
    struct Way
    {
        const char *name;
        Take take;
        bool isAboutIt; ///< what is pressed then; else it is about nobody
    };
    struct Table
    {
        QString name, subject, button, call;
        std::vector<Way> ways;
    };
    const Way away{ "leaves", leave, false };
    const Way order{ "sorted anew", sortAnew, true };
    const Table tables[] = {
        { u"connections.table"_s, u"C2"_s, u"connections.kick"_s, u"kickConnection "_s,
            { away, { "filtered", filter, true }, order } },
        { u"bans.table"_s, u"B2"_s, u"bans.lift"_s, u"liftAccess "_s, { away, { "filtered", filter, false }, order } },
        { u"alerts.table"_s, u"A2"_s, u"alerts.acknowledge"_s, u"acknowledgeAlert "_s,
            { away, { "trimmed", trim, false }, order } },
        { u"nodes.table"_s, u"N2"_s, u"nodes.forget"_s, u"forgetNode "_s, { away, order } },
    };
    for (const Table &table : tables) {
        for (const Way &way : table.ways)
            QTest::addRow("%s, %s", qPrintable(table.name), way.name)
                << table.name << table.subject << table.button << table.call
                << (way.isAboutIt ? QStringList{ table.call + table.subject } : QStringList()) << way.take;
    }
}

void TestSelection::theButtonIsAboutWhatWasSelected()
{
    QFETCH(QString, table);
    QFETCH(QString, subject);
    QFETCH(QString, button);
    QFETCH(QString, call);
    QFETCH(QStringList, expected);
    QFETCH(Take, take);
    Fixture fixture(table);
    QVERIFY(fixture.isFollowed(subject, take));
    const auto *pressed = findPart<QPushButton>(*fixture.page, button);
    QTRY_COMPARE(pressed->isVisible() && pressed->isEnabled(), !expected.isEmpty()); // once the server has said so
    fixture.press(button);
    QStringList made = fixture.client.calls;
    made.removeIf([&call](const QString &one) { return !one.startsWith(call); });
    QCOMPARE(made, expected);
}

void TestSelection::theRevisionIsTheOneThatWasSelected_data()
{
    QTest::addColumn<Take>("take");
    QTest::addColumn<int>("stepsBack"); // that are staged
    QTest::newRow("it leaves") << Take(leave) << 0;
    QTest::newRow("a newer one comes") << Take(reviseAnew) << 3;
}

void TestSelection::theRevisionIsTheOneThatWasSelected()
{
    QFETCH(Take, take);
    QFETCH(int, stepsBack);
    Fixture fixture(u"limits.revisions"_s);
    QVERIFY(fixture.isFollowed(u"12"_s, take));
    fixture.press(u"limits.restore"_s);
    const LimitState &limit = fixture.client.limits.limits.front();
    std::vector<LimitPatch> expected;
    if (stepsBack > 0)
        expected.push_back({ limit.key, limit.value - stepsBack, {} });
    QCOMPARE(fixture.serverModel.limits().edits(), expected);
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
    QVERIFY(fixture.isFollowed(subject, take));
    // What the details said, they say; and the entry names whom it is about.
    const QString page = table.section(u'.', 0, 0);
    QStringList facts;
    for (const QLabel *label : findPart<QWidget>(*fixture.page, page + u".details")->findChildren<QLabel *>())
        facts << label->text();
    QVERIFY2(facts.contains(Fixture::address(2)), qPrintable(facts.join(u'\n')));
    auto *ban = findPart<QPushButton>(*fixture.page, page + u".ban");
    QVERIFY(ban->isVisible() && ban->isEnabled());
    auto *entry = ban->menu()->findChild<QAction *>(u"subject.ban.address"_s);
    QCOMPARE(entry->text(), u"Ban address 127.0.1.2…"_s);
    entry->trigger();
    QCOMPARE(findPart<QLineEdit>(*fixture.page, u"ban.value"_s)->text(), Fixture::address(2));
}

void TestSelection::whatIsCopiedWasSelected_data()
{
    QTest::addColumn<QString>("table");
    QTest::addColumn<QString>("subject");
    QTest::addColumn<QString>("button");
    QTest::addColumn<QString>("expected"); // in what is copied
    QTest::addColumn<Take>("take");
    QTest::newRow("calls are trimmed") << u"log.table"_s << u"2"_s << u"log.copy"_s << u"nothing"_s << Take(trim);
    QTest::newRow("refusals are trimmed")
        << u"refusals.table"_s << u"D00002"_s << u"refusals.copy"_s << u"D00002"_s << Take(trim);
    QTest::newRow("offenders change places")
        << u"refusals.offenders"_s << Fixture::address(2) << QString() << Fixture::address(2) << Take(sortAnew);
    QTest::newRow("an offender goes") << u"refusals.offenders"_s << Fixture::address(2) << QString() << u"nothing"_s
                                      << Take(leave);
}

void TestSelection::whatIsCopiedWasSelected()
{
    QFETCH(QString, table);
    QFETCH(QString, subject);
    QFETCH(QString, button);
    QFETCH(QString, expected);
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
    QVERIFY2(copied.contains(expected), qPrintable(copied));
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
