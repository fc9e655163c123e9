// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/control/auditlog.h"
#include "tests/support/anycontrol.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestAuditLog final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addControlKinds(); }
    void keepsEveryMember();
    void pages();
    void listsOneAction();
    void refusesBadCursors_data();
    void refusesBadCursors();
    void insertSharesTheFateOfItsWork();
    void reportsAFailingStore();
    void deletesOldEntries_data();
    void deletesOldEntries();

private:
    static Status append(AuditLog &log, const AuditEntry &entry)
    {
        return awaitCallback<Status>([&](auto done) { log.append(entry, done); });
    }

    FakeClock m_clock;
};

void TestAuditLog::keepsEveryMember()
{
    const std::unique_ptr<AnyControl> control = makeControl({ AuditLog::createTables }, m_clock);
    StoreFixture &fixture = control->state;
    AuditEntry entry{ m_clock.utc(), { u"ปาน"_s, u"2001:db8::/64"_s }, u"limits.api"_s, u"revision 3"_s,
        QJsonObject{ { u"a"_s, 1 } }, QJsonValue(), u"it's a \"note\"; --"_s };
    {
        AuditLog log(fixture.store(), control->log(), *qApp);
        control->start();
        QVERIFY(append(log, entry));
        QVERIFY(append(log, { m_clock.utc(), {}, u"second"_s, {}, 5, true, {} }));
    }
    entry.node = control->log().node();
    control->restart();
    AuditLog log(fixture.store(), control->log(), *qApp);
    const auto page = awaitCallback<Result<AuditPage>>([&](auto done) { log.list({}, {}, 10, done); });
    QVERIFY(page);
    QCOMPARE(page->entries.size(), size_t(2));
    QVERIFY(page->nextCursor.isEmpty());
    QCOMPARE(page->entries[0].before, QJsonValue(5));
    QCOMPARE(page->entries[0].after, QJsonValue(true));
    QCOMPARE(page->entries[1].toJson(), entry.toJson());
    QStringList members{ u"action"_s, u"address"_s, u"after"_s, u"at"_s, u"before"_s, u"by"_s, u"note"_s, u"target"_s };
    if (isOfCluster())
        members.insert(7, u"node"_s);
    members.sort();
    QCOMPARE(entry.toJson().keys(), members);
    QCOMPARE(entry.toJson().value(u"at"_s).toString(), u"2025-11-10T12:00:00.000Z"_s);
}

void TestAuditLog::pages()
{
    const std::unique_ptr<AnyControl> control = makeControl({ AuditLog::createTables }, m_clock);
    StoreFixture &fixture = control->state;
    AuditLog log(fixture.store(), control->log(), *qApp);
    control->start();
    for (int i = 1; i <= 7; ++i)
        QVERIFY(append(log, { m_clock.utc(), {}, QString::number(i) }));
    QStringList seen;
    QString cursor;
    QList<size_t> sizes;
    do {
        const auto page = awaitCallback<Result<AuditPage>>([&](auto done) { log.list(cursor, {}, 3, done); });
        QVERIFY(page);
        sizes << page->entries.size();
        for (const AuditEntry &entry : page->entries)
            seen << entry.action;
        cursor = page->nextCursor;
        QVERIFY(append(log, { m_clock.utc(), {}, u"newer"_s })); // does not disturb who is reading
    } while (!cursor.isEmpty());
    QCOMPARE(seen, QStringList({ u"7"_s, u"6"_s, u"5"_s, u"4"_s, u"3"_s, u"2"_s, u"1"_s }));
    QCOMPARE(sizes, QList<size_t>({ 3, 3, 1 }));
    QCOMPARE(
        awaitCallback<Result<AuditPage>>([&](auto done) { log.list({}, {}, 0, done); })->entries.size(), size_t(1));
}

void TestAuditLog::listsOneAction()
{
    const std::unique_ptr<AnyControl> control = makeControl({ AuditLog::createTables }, m_clock);
    AuditLog log(control->state.store(), control->log(), *qApp);
    control->start();
    for (int i = 1; i <= 6; ++i)
        QVERIFY(append(log, { m_clock.utc(), {}, i % 2 == 0 ? u"switch.set"_s : u"limits.api"_s, QString::number(i) }));
    QStringList seen;
    QString cursor;
    do {
        const auto page
            = awaitCallback<Result<AuditPage>>([&](auto done) { log.list(cursor, u"switch.set"_s, 2, done); });
        QVERIFY(page);
        for (const AuditEntry &entry : page->entries)
            seen << entry.target;
        cursor = page->nextCursor;
    } while (!cursor.isEmpty());
    QCOMPARE(seen, (QStringList{ u"6"_s, u"4"_s, u"2"_s }));
    const auto none = awaitCallback<Result<AuditPage>>([&](auto done) { log.list({}, u"lemons"_s, 2, done); });
    QVERIFY(none && none->entries.empty() && none->nextCursor.isEmpty());
}

void TestAuditLog::refusesBadCursors_data()
{
    QTest::addColumn<QString>("cursor");
    for (const char *cursor : { "x", "-1", "0", "+5", " 5", "05", "1e3", "99999999999999999999", "1;DROP TABLE audit" })
        QTest::newRow(cursor) << QString::fromLatin1(cursor);
}

void TestAuditLog::refusesBadCursors()
{
    QFETCH(const QString, cursor);
    const std::unique_ptr<AnyControl> control = makeControl({ AuditLog::createTables }, m_clock);
    StoreFixture &fixture = control->state;
    AuditLog log(fixture.store(), control->log(), *qApp);
    control->start();
    const auto page = awaitCallback<Result<AuditPage>>([&](auto done) { log.list(cursor, {}, 3, done); });
    QVERIFY(!page);
    QCOMPARE(page.error().field, u"cursor"_s);
}

void TestAuditLog::insertSharesTheFateOfItsWork()
{
    StoreFixture fixture({ AuditLog::createTables });
    const AuditEntry entry{ m_clock.utc(), {}, u"a"_s };
    QVERIFY(!fixture.run([&](Database &database) {
        return AuditLog::insert(database, entry) ? Status(Error{ u"later failure"_s, {} }) : ok();
    }));
    QCOMPARE(fixture.query("SELECT count(*) FROM audit"), 0);
    QVERIFY(fixture.run([&](Database &database) { return AuditLog::insert(database, entry); }));
    QCOMPARE(fixture.query("SELECT count(*) FROM audit"), 1);
}

void TestAuditLog::reportsAFailingStore()
{
    const std::unique_ptr<AnyControl> control = makeControl({ AuditLog::createTables }, m_clock);
    StoreFixture &fixture = control->state;
    AuditLog log(fixture.store(), control->log(), *qApp);
    control->start();
    QVERIFY(fixture.execute("DROP TABLE audit; DROP TABLE audit_waiting"));
    QCOMPARE(append(log, { m_clock.utc(), {}, u"a"_s }).isOk(), isOfCluster()); // there it is in the log
    QVERIFY(!awaitCallback<Result<AuditPage>>([&](auto done) { log.list({}, {}, 10, done); }));
}

void TestAuditLog::deletesOldEntries_data()
{
    QTest::addColumn<int>("retentionDays");
    QTest::addColumn<QStringList>("left");
    QTest::newRow("longer than the least") << 120 << QStringList{ u"100"_s, u"90"_s, u"89"_s, u"0"_s };
    QTest::newRow("the least") << 90 << QStringList{ u"90"_s, u"89"_s, u"0"_s };
    QTest::newRow("shorter than the least") << 1 << QStringList{ u"90"_s, u"89"_s, u"0"_s };
}

void TestAuditLog::deletesOldEntries()
{
    QFETCH(const int, retentionDays);
    QFETCH(const QStringList, left);
    const std::unique_ptr<AnyControl> control = makeControl({ AuditLog::createTables }, m_clock);
    StoreFixture &fixture = control->state;
    AuditLog log(fixture.store(), control->log(), *qApp);
    control->start();
    for (const int age : { 130, 100, 90, 89, 0 }) // of exactly 90 days is not yet older than them
        QVERIFY(append(log, { m_clock.utc() - std::chrono::days(age), {}, QString::number(age) }));
    log.deleteOld(m_clock.utc(), std::chrono::days(retentionDays));
    const auto page = awaitCallback<Result<AuditPage>>([&](auto done) { log.list({}, {}, 10, done); });
    QStringList seen;
    for (const AuditEntry &entry : page->entries)
        seen.prepend(entry.action);
    QCOMPARE(seen, left);
}

QTEST_GUILESS_MAIN(TestAuditLog)
#include "tst_auditlog.moc"
