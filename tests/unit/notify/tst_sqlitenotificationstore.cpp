// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <future>
#include <limits>

#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "server/notify/inboxqueries.h"
#include "server/notify/notificationmessages.h"
#include "server/notify/sqlitenotificationstore.h"
#include "tests/support/fakeclock.h"
#include "tests/support/publishrequests.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using ReadOutcome = std::pair<QStringList, qint64>;

} // namespace

class TestSqliteNotificationStore final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void purge();
    void purgeManyPortions();
    void trimsOverfullInboxes();
    void sequenceSurvivesPurge();
    void batchIsAllOrNothing();
    void failuresAreReported();
    void loadingIsCheap();
    void forgetsOldKeys();
    void aFailureLeavesNeitherKeyNorNotification();
    void storesEachOnce();
    void aBackupThatWasPutBackIsRecognised();
    void knownWithoutLooking();
    void knownUnreadCountEndsWithTheFirstToExpire();
    void trimsGroupsAndAll();
    void readsTheFileOfAnEarlierVersion();
    void listsWithoutTheContents();

private:
    void restart();
    std::vector<StoredNotification> append(std::vector<PublishRequest> requests);
    Inbox load(const QString &user, const QStringList &groups = {}, std::optional<Cursor> after = {});
    ReadOutcome readAll(const QString &user, const QStringList &groups = {});
    qint64 purgeNow();

    FakeClock m_clock;
    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<SqliteNotificationStore> m_store;
};

void TestSqliteNotificationStore::init()
{
    m_fixture = std::make_unique<StoreFixture>(std::vector<StoreThread::Work>{ SqliteNotificationStore::createTables });
    m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock);
}

void TestSqliteNotificationStore::cleanup()
{
    m_fixture.reset();
    m_store.reset();
}

void TestSqliteNotificationStore::restart()
{
    m_fixture->reopen();
    m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock);
}

std::vector<StoredNotification> TestSqliteNotificationStore::append(std::vector<PublishRequest> requests)
{
    return awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
        m_store->append(std::move(requests), done);
    }).value();
}

Inbox TestSqliteNotificationStore::load(const QString &user, const QStringList &groups, std::optional<Cursor> after)
{
    return awaitCallback<Result<Inbox>>([&](auto done) { m_store->loadInbox({ user, groups, after }, done); }).value();
}

ReadOutcome TestSqliteNotificationStore::readAll(const QString &user, const QStringList &groups)
{
    return awaitCallback<Result<ReadOutcome>>([&](auto done) { m_store->markAllRead(user, groups, done); }).value();
}

qint64 TestSqliteNotificationStore::purgeNow()
{
    const qint64 before = m_fixture->query("SELECT count(*) FROM notification");
    m_store->purge();
    // A purge works in portions, each queueing the next: the store's end is the end of all of them.
    restart();
    return before - m_fixture->query("SELECT count(*) FROM notification");
}

void TestSqliteNotificationStore::purge()
{
    PublishRequest brief = requestTo(ToAll{}, u"brief"_s);
    brief.ttl = 1h;
    (void)load(u"1"_s);
    append({ brief, requestTo(ToAll{}, u"old"_s) });
    (void)readAll(u"1"_s);
    QCOMPARE(purgeNow(), 0);
    m_clock.advance(2h);
    QCOMPARE(purgeNow(), 1);
    m_clock.advance(24h * 30);
    append({ requestTo(ToAll{}, u"young"_s) });
    QCOMPARE(purgeNow(), 1);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 1);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience"), 1);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark"), 0);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"young"_s }));
}

void TestSqliteNotificationStore::purgeManyPortions()
{
    append(std::vector<PublishRequest>(1000, requestTo(ToAll{})));
    append(std::vector<PublishRequest>(234, requestTo(ToAll{})));
    m_clock.advance(24h * 31);
    QCOMPARE(purgeNow(), 1234);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 0);
}

void TestSqliteNotificationStore::trimsOverfullInboxes()
{
    append({ requestTo(ToUsers{ { u"1"_s, u"2"_s } }, u"shared"_s) });
    append(std::vector<PublishRequest>(1000, requestToUser(u"1"_s)));
    append(std::vector<PublishRequest>(500, requestToUser(u"1"_s)));
    append({ requestToUser(u"2"_s), requestTo(ToAll{}) });
    QCOMPARE(purgeNow(), 499);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience WHERE target = '1'"), 1001);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 1004); // "shared" stays for the other
    QVERIFY(load(u"1"_s).isTruncated);
    QCOMPARE(load(u"2"_s).notifications.size(), size_t(2));
}

void TestSqliteNotificationStore::sequenceSurvivesPurge()
{
    const qint64 last = append({ requestToUser(u"1"_s), requestToUser(u"1"_s) }).back().sequence;
    m_clock.advance(24h * 31);
    QCOMPARE(purgeNow(), 2);
    restart();
    QCOMPARE(load(u"1"_s).lastSequence, last);
    QCOMPARE(append({ requestToUser(u"1"_s) })[0].sequence, last + 1);
}

void TestSqliteNotificationStore::batchIsAllOrNothing()
{
    QVERIFY(m_fixture->execute("CREATE TRIGGER t BEFORE INSERT ON notification WHEN new.title = 'bad'"
                               " BEGIN SELECT raise(FAIL, 'no'); END"));
    const auto outcome = awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
        m_store->append({ requestToUser(u"1"_s), requestToUser(u"1"_s, u"bad"_s), requestToUser(u"1"_s) }, done);
    });
    QVERIFY(!outcome);
    QVERIFY(load(u"1"_s).notifications.empty());
    QCOMPARE(append({ requestToUser(u"1"_s) }).size(), size_t(1));
}

void TestSqliteNotificationStore::failuresAreReported()
{
    (void)load(u"1"_s);
    QVERIFY(m_fixture->execute("ALTER TABLE audience RENAME TO gone"));
    QVERIFY(!awaitCallback<Result<Inbox>>([&](auto done) { m_store->loadInbox({ u"1"_s, {} }, done); }));
    QVERIFY(!awaitCallback<Result<Inbox>>([&](auto done) { m_store->loadInbox({ u"new"_s, {} }, done); }));
    QVERIFY(!awaitCallback<Result<ReadOutcome>>([&](auto done) { m_store->markAllRead(u"1"_s, {}, done); }));
    QVERIFY(!awaitCallback<Result<ReadOutcome>>([&](auto done) { m_store->markRead(u"1"_s, {}, { u"a"_s }, done); }));
}

void TestSqliteNotificationStore::loadingIsCheap()
{
    for (int i = 0; i < 3; ++i)
        append(std::vector<PublishRequest>(300, requestToUser(u"another"_s)));
    (void)load(u"1"_s);
    constexpr int kCalls = 2000;
    qint64 perCall = std::numeric_limits<qint64>::max(); // of the best round: the machine may stall in one
    for (int round = 0; round < 3; ++round) {
        std::atomic<int> done{ 0 };
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; i < kCalls; ++i)
            m_store->loadInbox({ u"1"_s, { u"staff"_s } }, [&](const Result<Inbox> &inbox) { done += inbox ? 1 : 0; });
        QTRY_COMPARE(done.load(), kCalls);
        perCall = std::min(perCall, timer.nsecsElapsed() / kCalls / 1000);
    }
    qInfo("loading an empty inbox: %lld us", static_cast<long long>(perCall));
    QVERIFY(perCall < 1000); // far above what it takes: a scan or an fsync would show
}

void TestSqliteNotificationStore::storesEachOnce()
{
    append({ requestTo(ToAll{}, u"all 1"_s), requestTo(ToGroups{ { u"g"_s } }, u"group 1"_s) });
    (void)load(u"1"_s, { u"g"_s });
    const auto stored = append({ requestTo(ToAll{}), requestTo(ToUsers{ { u"1"_s, u"1"_s } }) });
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 4); // once each, however many users
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience"), 4);
    QCOMPARE(load(u"1"_s).lastSequence, 4);
    (void)readAll(u"2"_s); // has nothing to mark
    QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark"), 0);
    (void)readAll(u"1"_s);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark"), 2);
}

void TestSqliteNotificationStore::aBackupThatWasPutBackIsRecognised()
{
    append({ requestToUser(u"1"_s, u"first"_s) });
    const Cursor before = cursorOf(load(u"1"_s));
    // The backup: a history in which what follows has not happened.
    append({ requestToUser(u"1"_s, u"lost"_s), requestToUser(u"1"_s, u"lost too"_s) });
    const Cursor lost = cursorOf(load(u"1"_s));
    QVERIFY(m_fixture->execute("DELETE FROM audience WHERE seq > 1; DELETE FROM notification WHERE seq > 1;"
                               "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'notification'"));
    restart();
    for (int i = 2; i <= 4; ++i)
        append({ requestToUser(u"1"_s, QString::number(i)) });
    const Inbox inbox = load(u"1"_s, {}, lost);
    QCOMPARE(titles(inbox),
        QStringList({ u"first"_s, u"2"_s, u"3"_s, u"4"_s })); // none is skipped, though the numbers reach there
    QVERIFY(inbox.isTruncated);
    QCOMPARE(titles(load(u"1"_s, {}, before)), QStringList({ u"2"_s, u"3"_s, u"4"_s }));
    QVERIFY(!load(u"1"_s, {}, before).isTruncated);
}

void TestSqliteNotificationStore::knownWithoutLooking()
{
    const auto known = [this](std::optional<Cursor> after) { return m_store->knownInbox({ u"1"_s, {}, after }); };
    append({ requestToUser(u"1"_s, u"a"_s) });
    QVERIFY(!known({}));
    (void)load(u"1"_s); // makes the user known
    const Inbox greeted = load(u"1"_s);
    QVERIFY(!known({})); // one is unread and to be listed
    const std::optional<Inbox> again = known(cursorOf(greeted));
    QVERIFY(again);
    QCOMPARE(again->unreadCount, 1);
    QCOMPARE(cursorOf(*again), cursorOf(greeted));
    QVERIFY(!again->isTruncated);
    QVERIFY(!known(Cursor{ greeted.run, greeted.lastSequence - 1 }));
    QVERIFY(!known(Cursor{ greeted.run + 1, greeted.lastSequence }));
    append({ requestToUser(u"2"_s) });
    QVERIFY(known(cursorOf(greeted)));
    readAll(u"1"_s);
    QVERIFY(!known(cursorOf(greeted))); // the count has changed
    (void)load(u"1"_s, {}, cursorOf(greeted));
    QVERIFY(known(cursorOf(greeted)));
    QCOMPARE(known({})->unreadCount, 0);
    const auto live = append({ requestToUser(u"1"_s, u"b"_s) });
    QVERIFY(!known(cursorOf(greeted)));
    (void)load(u"1"_s, {}, cursorOf(greeted));
    // Whoever got the new one live has missed nothing; who did not has.
    QVERIFY(known(Cursor{ greeted.run, live[0].sequence }));
    QVERIFY(!known(cursorOf(greeted)));
}

void TestSqliteNotificationStore::knownUnreadCountEndsWithTheFirstToExpire()
{
    PublishRequest brief = requestToUser(u"1"_s, u"brief"_s);
    brief.ttl = 60s;
    append({ brief, requestToUser(u"1"_s, u"long"_s) });
    (void)load(u"1"_s);
    const Inbox inbox = load(u"1"_s);
    const InboxQuery query{ u"1"_s, {}, cursorOf(inbox) };
    m_clock.advance(59s);
    QCOMPARE(m_store->knownInbox(query)->unreadCount, 2);
    m_clock.advance(1s);
    QVERIFY(!m_store->knownInbox(query));
    QCOMPARE(load(u"1"_s, {}, cursorOf(inbox)).unreadCount, 1);
}

void TestSqliteNotificationStore::trimsGroupsAndAll()
{
    (void)load(u"1"_s, { u"g"_s });
    append(std::vector<PublishRequest>(1000, requestTo(ToAll{}, u"all"_s)));
    append(std::vector<PublishRequest>(600, requestTo(ToAll{}, u"all"_s)));
    append(std::vector<PublishRequest>(1000, requestTo(ToGroups{ { u"g"_s } }, u"group"_s)));
    append({ requestTo(ToGroups{ { u"g"_s } }, u"group"_s), requestTo(ToGroups{ { u"g"_s } }, u"group"_s) });
    const QStringList before = titles(load(u"1"_s, { u"g"_s }));
    (void)purgeNow();
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 2002);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience"), 2002);
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), before); // nobody's list has become shorter
    QCOMPARE(titles(load(u"1"_s)).size(), 1000);
}

void TestSqliteNotificationStore::readsTheFileOfAnEarlierVersion()
{
    PublishRequest brief = requestToUser(u"1"_s, u"brief"_s);
    brief.ttl = 1h;
    append({ brief, requestTo(ToAll{}, u"before"_s), requestToUser(u"1"_s, u"old"_s) });
    (void)load(u"1"_s);
    append({ requestTo(ToGroups{ { u"g"_s } }, u"group"_s), requestTo(ToAll{}, u"all"_s) });
    // As that one made it.
    QVERIFY(
        m_fixture->execute("ALTER TABLE audience DROP COLUMN created_ms; ALTER TABLE audience DROP COLUMN expires_ms"));
    restart();
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), QStringList({ u"brief"_s, u"old"_s, u"group"_s, u"all"_s }));
    m_clock.advance(2h);
    append({ requestToUser(u"1"_s, u"new"_s) });
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), QStringList({ u"old"_s, u"group"_s, u"all"_s, u"new"_s }));
    QCOMPARE(load(u"1"_s, { u"g"_s }).unreadCount, 4);
    QCOMPARE(readAll(u"1"_s, { u"g"_s }).first.size(), 4);
    m_clock.advance(24h * 31);
    QCOMPARE(purgeNow(), 6);
}

/// What inboxes hold is found in the audiences and the marks alone: contents may be large.
void TestSqliteNotificationStore::listsWithoutTheContents()
{
    (void)load(u"1"_s, { u"g"_s });
    append({ requestToUser(u"1"_s), requestTo(ToGroups{ { u"g"_s } }), requestTo(ToAll{}) });
    QVERIFY(m_fixture->execute("UPDATE notification SET created_ms = 0, expires_ms = 1")); // nobody looks there
    InboxReader reader{ u"1"_s, { u"g"_s }, 0, m_clock.utc() };
    std::promise<qint64> found;
    m_fixture->store().read([&](Database &database) {
        qint64 count = 0;
        for (const InboxTarget &target : inboxqueries::targetsOf(reader)) {
            const auto entries = inboxqueries::entries(database, target, reader, 100, 100);
            count += entries ? qint64(entries->size()) : -100;
        }
        found.set_value(count);
    });
    QCOMPARE(found.get_future().get(), 3);
}

void TestSqliteNotificationStore::forgetsOldKeys()
{
    for (int i = 0; i < 1200; ++i)
        m_store->appendOnce(
            { u"backend"_s, "k" + QByteArray::number(i), "body" }, { u"e"_s }, {}, [](const Result<KeyedOutcome> &) {});
    (void)purgeNow();
    QCOMPARE(m_fixture->query("SELECT count(*) FROM publish_key"), 1200);
    m_clock.advance(24h);
    (void)purgeNow();
    QCOMPARE(m_fixture->query("SELECT count(*) FROM publish_key"), 0);
}

void TestSqliteNotificationStore::aFailureLeavesNeitherKeyNorNotification()
{
    const auto publish = [this] {
        return awaitCallback<Result<KeyedOutcome>>([this](auto done) {
            m_store->appendOnce({ u"backend"_s, "k", "body" }, { QString() }, { requestToUser(u"1"_s) }, done);
        });
    };
    QVERIFY(m_fixture->execute("CREATE TRIGGER t BEFORE INSERT ON publish_key BEGIN SELECT raise(FAIL, 'no'); END"));
    QVERIFY(!publish());
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 0);
    QVERIFY(m_fixture->execute("DROP TRIGGER t"));
    QCOMPARE(publish().value().kind, KeyedOutcome::Kind::Stored);
}

QTEST_GUILESS_MAIN(TestSqliteNotificationStore)
#include "tst_sqlitenotificationstore.moc"
