// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/limits/limitrevisions.h"
#include "tests/support/fakeclock.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestLimitRevisions final : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;
    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<Database> m_database;

    Revision revision(qint64 number, qint64 before, qint64 after, const QString &by = u"7"_s)
    {
        Revision made;
        made.revision = number;
        made.at = m_clock.utc();
        made.by = by;
        made.source = u"api"_s;
        made.changes.push_back(
            { u"max_connections_per_ip"_s, { before, LimitMode::Enforce }, { after, LimitMode::Observe } });
        return made;
    }
    Status insert(qint64 number, qint64 value, const QString &by = u"7"_s)
    {
        LimitSet after;
        after[LimitKey::MaxConnectionsPerIp] = { value, LimitMode::Observe };
        return limitrevisions::insert(*m_database, revision(number, 5, value, by), after);
    }
    std::vector<qint64> numbers(qint64 below, int limit)
    {
        std::vector<qint64> all;
        const auto revisions = limitrevisions::list(*m_database, below, limit);
        for (const Revision &one : *revisions)
            all.push_back(one.revision);
        return all;
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_database = std::move(Database::open(m_dir->filePath(u"db"_s))).value();
        QVERIFY(limitrevisions::createTables(*m_database));
        QVERIFY(limitrevisions::createTables(*m_database)); // as at every start
    }
    void cleanup() { m_database.reset(); }

    void anEmptyFileHasTheDefaults()
    {
        const auto stored = limitrevisions::load(*m_database);
        QVERIFY(stored);
        QCOMPARE(stored->current.revision, 0);
        QCOMPARE(stored->current[LimitKey::MaxConnectionsPerIp], (LimitValue{ 5, LimitMode::Enforce }));
        QVERIFY(stored->marks.empty() && stored->configured.empty());
    }

    void loadsTheNewestWithItsMarks()
    {
        QVERIFY(insert(1, 6));
        m_clock.advance(std::chrono::seconds(5));
        QVERIFY(insert(2, 7, u"olga"_s));
        const auto stored = limitrevisions::load(*m_database);
        QCOMPARE(stored->current.revision, 2);
        QCOMPARE(stored->current[LimitKey::MaxConnectionsPerIp], (LimitValue{ 7, LimitMode::Observe }));
        QCOMPARE(stored->marks.size(), 1U);
        QCOMPARE(stored->marks.at(LimitKey::MaxConnectionsPerIp).by, u"olga"_s);
        QCOMPARE(stored->marks.at(LimitKey::MaxConnectionsPerIp).at, m_clock.utc());
    }

    void aNumberIsGivenOnce()
    {
        QVERIFY(insert(1, 6));
        QVERIFY(!insert(1, 7));
        QCOMPARE((*limitrevisions::find(*m_database, 1))->revision, 1);
        QCOMPARE((**limitrevisions::find(*m_database, 1))[LimitKey::MaxConnectionsPerIp].value, 6);
    }

    void theLogGivesANumberAnew()
    {
        for (qint64 number = 1; number <= 3; ++number)
            QVERIFY(insert(number, 5 + number));
        LimitSet after;
        after[LimitKey::MaxConnectionsPerIp] = { 40, LimitMode::Enforce };
        QVERIFY(limitrevisions::insertFromLog(*m_database, revision(2, 5, 40, u"olga"_s), after));
        QCOMPARE(numbers(std::numeric_limits<qint64>::max(), 10), (std::vector<qint64>{ 2, 1 }));
        const auto stored = limitrevisions::load(*m_database);
        QCOMPARE(stored->current[LimitKey::MaxConnectionsPerIp].value, 40);
        QCOMPARE(stored->marks.at(LimitKey::MaxConnectionsPerIp).by, u"olga"_s);
    }

    void findsWhatThereIs()
    {
        QVERIFY(insert(1, 6));
        for (const qint64 number : { qint64(-1), qint64(0), qint64(2), std::numeric_limits<qint64>::max() }) {
            const auto found = limitrevisions::find(*m_database, number);
            QVERIFY(found);
            QVERIFY(!found->has_value());
        }
    }

    void listsBelowANumber()
    {
        for (qint64 number = 1; number <= 5; ++number)
            QVERIFY(insert(number, 5 + number));
        QCOMPARE(numbers(std::numeric_limits<qint64>::max(), 10), (std::vector<qint64>{ 5, 4, 3, 2, 1 }));
        QCOMPARE(numbers(4, 2), (std::vector<qint64>{ 3, 2 }));
        QVERIFY(numbers(1, 10).empty());
        QVERIFY(numbers(9, 0).empty());
    }

    void keepsABoundedNumber()
    {
        QVERIFY(m_database->execute("BEGIN"));
        for (qint64 number = 1; number <= limitrevisions::kMaxRevisions + 5; ++number)
            QVERIFY(insert(number, 6));
        QVERIFY(m_database->execute("COMMIT"));
        const std::vector<qint64> left = numbers(std::numeric_limits<qint64>::max(), 2000);
        QCOMPARE(qint64(left.size()), limitrevisions::kMaxRevisions);
        QCOMPARE(left.back(), 6);
        QVERIFY(!limitrevisions::load(*m_database)->marks.empty()); // who changed a limit last is not forgotten
    }

    void remembersWhatWasConfigured()
    {
        QVERIFY(limitrevisions::storeConfigured(*m_database,
            { { LimitKey::MaxConnections, { 9, LimitMode::Off } },
                { LimitKey::MaxMessageBytes, { 1024, LimitMode::Enforce } } }));
        auto configured = limitrevisions::load(*m_database)->configured;
        QCOMPARE(configured.size(), 2U);
        QCOMPARE(configured.at(LimitKey::MaxConnections), (LimitValue{ 9, LimitMode::Off }));
        QVERIFY(limitrevisions::storeConfigured(*m_database, {})); // all settings were taken out
        QVERIFY(limitrevisions::load(*m_database)->configured.empty());
    }

    void whatAnotherVersionWroteIsLeftOut_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::newRow("a mark of an unknown limit") << QByteArray("INSERT INTO limit_mark VALUES ('lemons', 1, '7')");
        QTest::newRow("an unknown limit") << QByteArray("INSERT INTO limit_configured VALUES ('lemons', 1, 'enforce')");
        QTest::newRow("an unknown mode") << QByteArray(
            "INSERT INTO limit_configured VALUES ('max_connections', 1, 'maybe')");
    }
    void whatAnotherVersionWroteIsLeftOut()
    {
        QFETCH(QByteArray, sql);
        QVERIFY(m_database->execute(sql.constData()));
        const auto stored = limitrevisions::load(*m_database);
        QVERIFY(stored);
        QVERIFY(stored->marks.empty() && stored->configured.empty());
    }

    void valuesOutOfTodaysBoundsAreBroughtIn()
    {
        QVERIFY(m_database->execute(
            R"(INSERT INTO limit_revision VALUES (1, '{}', '{"max_connections_per_ip":{"value":0,"mode":"off"}}'))"));
        const auto stored = limitrevisions::load(*m_database);
        QCOMPARE(stored->current[LimitKey::MaxConnectionsPerIp], (LimitValue{ 1, LimitMode::Off }));
    }

    void aDamagedRevisionIsAnErrorOfTheList()
    {
        QVERIFY(insert(1, 6));
        QVERIFY(m_database->execute("UPDATE limit_revision SET document = 'lemon'"));
        QVERIFY(!limitrevisions::list(*m_database, 9, 9));
        QVERIFY(limitrevisions::load(*m_database)); // the limits themselves are there
    }

    void aBrokenStoreIsAnError()
    {
        QVERIFY(m_database->execute("DROP TABLE limit_revision"));
        QVERIFY(!limitrevisions::load(*m_database));
        QVERIFY(!insert(1, 6));
        QVERIFY(!limitrevisions::find(*m_database, 1));
        QVERIFY(!limitrevisions::list(*m_database, 9, 9));
    }
};

QTEST_GUILESS_MAIN(TestLimitRevisions)
#include "tst_limitrevisions.moc"
