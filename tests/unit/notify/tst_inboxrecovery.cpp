// SPDX-License-Identifier: GPL-3.0-or-later
// What a client with a cursor gets: all that it missed, in order, and the truth about what is gone.
#include <QtCore/QFile>
#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"
#include "server/notify/sqlitenotificationstore.h"
#include "tests/support/fakeclock.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

PublishRequest request(Audience to, const QString &title)
{
    PublishRequest made;
    made.to = std::move(to);
    made.title = title;
    made.level = u"info"_s;
    made.data = QJsonValue(QJsonValue::Null);
    return made;
}

PublishRequest toUser(const QString &title, const QString &user = u"1"_s)
{
    return request(ToUsers { { user } }, title);
}

QStringList titles(const Inbox &inbox)
{
    QStringList all;
    for (const StoredNotification &stored : inbox.notifications)
        all << stored.notification.title;
    return all;
}

Cursor cursorOf(const Inbox &inbox)
{
    return { inbox.run, inbox.lastSequence };
}

} // namespace

class TestInboxRecovery final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void listsWhatCameAfterTheCursor();
    void saysWhatHasBeenRead();
    void leavesOutWhatExpired();
    void groupsAndAllCountFromTheFirstSight();
    void goesOnAfterARestart();
    void truncatedByTheBound();
    void truncatedByTrimming();
    void truncatedByAge();
    void purgingOthersTruncatesNothing();
    void pagesInBytes();
    void pagesByLimit();
    void unknownCursorsGetWhatIsUnread_data();
    void unknownCursorsGetWhatIsUnread();
    void aBackupThatWasPutBackIsRecognised();
    void knownWithoutLooking();
    void knownUnreadCountEndsWithTheFirstToExpire();
    void trimsGroupsAndAll();

private:
    void restart();
    std::vector<StoredNotification> append(std::vector<PublishRequest> requests);
    Inbox load(std::optional<Cursor> after = {}, const QStringList &groups = {}, qint64 limit = kMaxUnreadPerUser);
    void readAll();
    void purge();

    FakeClock m_clock;
    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<SqliteNotificationStore> m_store;
};

void TestInboxRecovery::init()
{
    m_fixture = std::make_unique<StoreFixture>(std::vector<StoreThread::Work> { SqliteNotificationStore::createTables });
    m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock);
}

void TestInboxRecovery::cleanup()
{
    m_fixture.reset();
    m_store.reset();
}

void TestInboxRecovery::restart()
{
    m_fixture->reopen();
    m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock);
}

std::vector<StoredNotification> TestInboxRecovery::append(std::vector<PublishRequest> requests)
{
    return awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
        m_store->append(std::move(requests), done);
    }).value();
}

Inbox TestInboxRecovery::load(std::optional<Cursor> after, const QStringList &groups, qint64 limit)
{
    return awaitCallback<Result<Inbox>>([&](auto done) {
        m_store->loadInbox({ u"1"_s, groups, after, limit }, done);
    }).value();
}

void TestInboxRecovery::readAll()
{
    (void)awaitCallback<Result<std::pair<QStringList, qint64>>>(
        [&](auto done) { m_store->markAllRead(u"1"_s, {}, done); });
}

void TestInboxRecovery::purge()
{
    m_store->purge();
    restart(); // a purge works in portions: the store's end is the end of all of them
}

void TestInboxRecovery::listsWhatCameAfterTheCursor()
{
    append({ toUser(u"a"_s) });
    const Cursor start = cursorOf(load());
    QCOMPARE(load(start).notifications.size(), size_t(0));
    append({ toUser(u"b"_s), toUser(u"not mine"_s, u"2"_s), toUser(u"c"_s) });
    const Inbox missed = load(start);
    QCOMPARE(titles(missed), QStringList({ u"b"_s, u"c"_s }));
    QVERIFY(!missed.isTruncated && !missed.hasMore);
    QCOMPARE(missed.unreadCount, 3); // of the whole inbox
    QCOMPARE(titles(load(Cursor { missed.run, missed.notifications[0].sequence })), QStringList({ u"c"_s }));
    QVERIFY(titles(load(cursorOf(missed))).isEmpty());
}

void TestInboxRecovery::saysWhatHasBeenRead()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"a"_s), toUser(u"b"_s) });
    readAll();
    append({ toUser(u"c"_s) });
    const Inbox missed = load(start);
    QCOMPARE(titles(missed), QStringList({ u"a"_s, u"b"_s, u"c"_s }));
    QVERIFY(missed.notifications[0].notification.isRead && missed.notifications[1].notification.isRead);
    QVERIFY(!missed.notifications[2].notification.isRead);
    QCOMPARE(missed.unreadCount, 1);
    QCOMPARE(titles(load()), QStringList({ u"c"_s }));
}

void TestInboxRecovery::leavesOutWhatExpired()
{
    const Cursor start = cursorOf(load());
    PublishRequest brief = toUser(u"brief"_s);
    brief.ttl = 60s;
    append({ brief, toUser(u"long"_s) });
    QCOMPARE(load(start).unreadCount, 2);
    m_clock.advance(60s);
    for (int i = 0; i < 2; ++i) {
        const Inbox missed = load(start);
        QCOMPARE(titles(missed), QStringList({ u"long"_s }));
        QCOMPARE(missed.unreadCount, 1);
        QVERIFY(!missed.isTruncated); // it was not to be had any more
        purge();
    }
}

void TestInboxRecovery::groupsAndAllCountFromTheFirstSight()
{
    append({ request(ToAll {}, u"before"_s) });
    const Cursor start { load({}, { u"g"_s }).run, 0 };
    append({ request(ToAll {}, u"all"_s), request(ToGroups { { u"g"_s, u"h"_s } }, u"group"_s),
        request(ToGroups { { u"other"_s } }, u"other"_s) });
    QCOMPARE(titles(load(start, { u"g"_s, u"h"_s })), QStringList({ u"all"_s, u"group"_s }));
    QCOMPARE(titles(load(start)), QStringList({ u"all"_s }));
}

void TestInboxRecovery::goesOnAfterARestart()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"a"_s) });
    restart();
    append({ toUser(u"b"_s) });
    const Inbox missed = load(start);
    QCOMPARE(titles(missed), QStringList({ u"a"_s, u"b"_s }));
    QVERIFY(!missed.isTruncated);
    QVERIFY(missed.run != start.run);
    restart();
    QVERIFY(load(cursorOf(missed)).notifications.empty());
    QVERIFY(!load(cursorOf(missed)).isTruncated);
}

void TestInboxRecovery::truncatedByTheBound()
{
    const Cursor start = cursorOf(load());
    std::vector<PublishRequest> many;
    for (int i = 1; i <= 1000; ++i)
        many.push_back(toUser(QString::number(i)));
    append(many);
    QCOMPARE(load(start).notifications.size(), size_t(1000));
    QVERIFY(!load(start).isTruncated);
    append({ toUser(u"1001"_s) });
    const Inbox missed = load(start);
    QVERIFY(missed.isTruncated && !missed.hasMore);
    QCOMPARE(missed.notifications.size(), size_t(1000));
    QCOMPARE(missed.notifications.front().notification.title, u"2"_s);
    QCOMPARE(missed.notifications.back().notification.title, u"1001"_s);
}

void TestInboxRecovery::truncatedByTrimming()
{
    const Cursor start = cursorOf(load());
    const auto stored = append(std::vector<PublishRequest>(1000, toUser(u"x"_s)));
    append(std::vector<PublishRequest>(500, toUser(u"y"_s)));
    const Cursor inTheMiddle { start.run, stored[700].sequence };
    purge();
    QVERIFY(load(start).isTruncated);
    const Inbox missed = load(inTheMiddle);
    QVERIFY(!missed.isTruncated); // what it missed is all there
    QCOMPARE(missed.notifications.size(), size_t(299 + 500));
    // Read or not, and however few are left: what was taken out stays known.
    readAll();
    m_clock.advance(24h * 31);
    const auto young = append({ toUser(u"young"_s) });
    purge();
    QVERIFY(load(start).isTruncated);
    QVERIFY(load(inTheMiddle).isTruncated);
    QVERIFY(!load(Cursor { start.run, young[0].sequence - 1 }).isTruncated);
}

void TestInboxRecovery::truncatedByAge()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"old"_s) });
    m_clock.advance(24h * 29);
    const auto young = append({ toUser(u"young"_s) });
    m_clock.advance(24h * 2);
    for (int i = 0; i < 2; ++i) { // before and after the purge
        const Inbox missed = load(start);
        QCOMPARE(titles(missed), QStringList({ u"young"_s }));
        QVERIFY(missed.isTruncated);
        QVERIFY(!load(Cursor { start.run, young[0].sequence - 1 }).isTruncated);
        purge();
    }
}

void TestInboxRecovery::purgingOthersTruncatesNothing()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"old"_s, u"2"_s), request(ToGroups { { u"g"_s } }, u"old"_s) });
    m_clock.advance(24h * 31);
    purge();
    QVERIFY(!load(start).isTruncated);
    QVERIFY(load(start, { u"g"_s }).isTruncated);
}

void TestInboxRecovery::pagesInBytes()
{
    const Cursor start = cursorOf(load());
    std::vector<PublishRequest> many;
    QStringList expected;
    for (int i = 1; i <= 500; ++i) {
        many.push_back(toUser(QString::number(i)));
        many.back().body = QString(4000, u'x');
        expected << QString::number(i);
    }
    append(many);
    QStringList got;
    Inbox page = load(start);
    QVERIFY(page.hasMore);
    for (int pages = 1;; ++pages) {
        QVERIFY(notificationsListMessage(page).size() <= kMaxInboxBytes);
        QVERIFY(!page.isTruncated);
        QCOMPARE(page.unreadCount, 500);
        got << titles(page);
        if (!page.hasMore) {
            QVERIFY(pages > 2);
            break;
        }
        QCOMPARE(page.lastSequence, page.notifications.back().sequence);
        page = load(cursorOf(page));
    }
    QCOMPARE(got, expected);
}

void TestInboxRecovery::pagesByLimit()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"a"_s), toUser(u"b"_s), toUser(u"c"_s) });
    const Inbox first = load(start, {}, 2);
    QCOMPARE(titles(first), QStringList({ u"a"_s, u"b"_s }));
    QVERIFY(first.hasMore && !first.isTruncated);
    const Inbox second = load(cursorOf(first), {}, 2);
    QCOMPARE(titles(second), QStringList({ u"c"_s }));
    QVERIFY(!second.hasMore);
    const Inbox unread = load({}, {}, 2);
    QCOMPARE(titles(unread), QStringList({ u"b"_s, u"c"_s })); // without a cursor the newest
    QVERIFY(unread.isTruncated);
    QCOMPARE(unread.unreadCount, 3);
}

void TestInboxRecovery::unknownCursorsGetWhatIsUnread_data()
{
    QTest::addColumn<bool>("isOwnRun");
    QTest::addColumn<qint64>("beyond");
    QTest::newRow("nobody's") << false << qint64(0);
    QTest::newRow("of the future") << true << qint64(1);
}

void TestInboxRecovery::unknownCursorsGetWhatIsUnread()
{
    QFETCH(const bool, isOwnRun);
    QFETCH(const qint64, beyond);
    append({ toUser(u"read"_s) });
    readAll();
    append({ toUser(u"unread"_s) });
    const Inbox now = load();
    const Inbox inbox = load(Cursor { isOwnRun ? now.run : 0, now.lastSequence + beyond });
    QCOMPARE(titles(inbox), QStringList({ u"unread"_s }));
    QVERIFY(inbox.isTruncated);
    QCOMPARE(cursorOf(inbox), cursorOf(now));
}

void TestInboxRecovery::aBackupThatWasPutBackIsRecognised()
{
    append({ toUser(u"1"_s) });
    const Cursor before = cursorOf(load());
    // The backup: a history in which what follows has not happened.
    append({ toUser(u"lost"_s), toUser(u"lost too"_s) });
    const Cursor lost = cursorOf(load());
    QVERIFY(m_fixture->execute("DELETE FROM audience WHERE seq > 1; DELETE FROM notification WHERE seq > 1;"
                               "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'notification'"));
    restart();
    for (int i = 2; i <= 4; ++i)
        append({ toUser(QString::number(i)) });
    const Inbox inbox = load(lost);
    QCOMPARE(titles(inbox), QStringList({ u"1"_s, u"2"_s, u"3"_s, u"4"_s })); // none is skipped, though the numbers reach there
    QVERIFY(inbox.isTruncated);
    QCOMPARE(titles(load(before)), QStringList({ u"2"_s, u"3"_s, u"4"_s }));
    QVERIFY(!load(before).isTruncated);
}

void TestInboxRecovery::knownWithoutLooking()
{
    const auto known = [this](std::optional<Cursor> after) { return m_store->knownInbox({ u"1"_s, {}, after }); };
    append({ toUser(u"a"_s) });
    QVERIFY(!known({}));
    (void)load(); // makes the user known
    const Inbox greeted = load();
    QVERIFY(!known({})); // one is unread and to be listed
    const std::optional<Inbox> again = known(cursorOf(greeted));
    QVERIFY(again);
    QCOMPARE(again->unreadCount, 1);
    QCOMPARE(cursorOf(*again), cursorOf(greeted));
    QVERIFY(!again->isTruncated);
    QVERIFY(!known(Cursor { greeted.run, greeted.lastSequence - 1 }));
    QVERIFY(!known(Cursor { greeted.run + 1, greeted.lastSequence }));
    append({ toUser(u"not mine"_s, u"2"_s) });
    QVERIFY(known(cursorOf(greeted)));
    readAll();
    QVERIFY(!known(cursorOf(greeted))); // the count has changed
    (void)load(cursorOf(greeted));
    QVERIFY(known(cursorOf(greeted)));
    QCOMPARE(known({})->unreadCount, 0);
    const auto live = append({ toUser(u"b"_s) });
    QVERIFY(!known(cursorOf(greeted)));
    (void)load(cursorOf(greeted));
    // Whoever got the new one live has missed nothing; who did not has.
    QVERIFY(known(Cursor { greeted.run, live[0].sequence }));
    QVERIFY(!known(cursorOf(greeted)));
}

void TestInboxRecovery::knownUnreadCountEndsWithTheFirstToExpire()
{
    PublishRequest brief = toUser(u"brief"_s);
    brief.ttl = 60s;
    append({ brief, toUser(u"long"_s) });
    (void)load();
    const Inbox inbox = load();
    const InboxQuery query { u"1"_s, {}, cursorOf(inbox) };
    m_clock.advance(59s);
    QCOMPARE(m_store->knownInbox(query)->unreadCount, 2);
    m_clock.advance(1s);
    QVERIFY(!m_store->knownInbox(query));
    QCOMPARE(load(cursorOf(inbox)).unreadCount, 1);
}

void TestInboxRecovery::trimsGroupsAndAll()
{
    (void)load({}, { u"g"_s });
    append(std::vector<PublishRequest>(1000, request(ToAll {}, u"all"_s)));
    append(std::vector<PublishRequest>(600, request(ToAll {}, u"all"_s)));
    append(std::vector<PublishRequest>(1000, request(ToGroups { { u"g"_s } }, u"group"_s)));
    append({ request(ToGroups { { u"g"_s } }, u"group"_s), request(ToGroups { { u"g"_s } }, u"group"_s) });
    const QStringList before = titles(load({}, { u"g"_s }));
    purge();
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 2002);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience"), 2002);
    QCOMPARE(titles(load({}, { u"g"_s })), before); // nobody's list has become shorter
    QCOMPARE(titles(load()).size(), 1000);
}

QTEST_GUILESS_MAIN(TestInboxRecovery)
#include "tst_inboxrecovery.moc"
