// SPDX-License-Identifier: GPL-3.0-or-later
// What a client with a cursor gets: all that it missed, in order, and the truth about what is gone. From each kind of
// store the same.
#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"
#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

PublishRequest toUser(const QString &title, const QString &user = u"1"_s)
{
    return requestToUser(user, title);
}

} // namespace

class TestInboxRecovery final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { StoreKinds::addKinds(); }
    void init() { m_store = m_kinds.make(m_clock); }
    void cleanup() { m_store.reset(); }

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

private:
    std::vector<StoredNotification> append(std::vector<PublishRequest> requests);
    Inbox load(std::optional<Cursor> after = {}, const QStringList &groups = {}, qint64 limit = kMaxUnreadPerUser);
    void readAll();

    FakeClock m_clock;
    StoreKinds m_kinds;
    std::unique_ptr<AnyStore> m_store;
};

std::vector<StoredNotification> TestInboxRecovery::append(std::vector<PublishRequest> requests)
{
    return awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
        m_store->store().append(std::move(requests), done);
    }).value();
}

Inbox TestInboxRecovery::load(std::optional<Cursor> after, const QStringList &groups, qint64 limit)
{
    return awaitCallback<Result<Inbox>>([&](auto done) {
        m_store->store().loadInbox({ u"1"_s, groups, after, limit }, done);
    }).value();
}

void TestInboxRecovery::readAll()
{
    (void)awaitCallback<Result<std::pair<QStringList, qint64>>>(
        [&](auto done) { m_store->store().markAllRead(u"1"_s, {}, done); });
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
    QCOMPARE(titles(load(Cursor{ missed.run, missed.notifications[0].sequence })), QStringList({ u"c"_s }));
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
        m_store->purge();
    }
}

void TestInboxRecovery::groupsAndAllCountFromTheFirstSight()
{
    append({ requestTo(ToAll{}, u"before"_s) });
    const Cursor start{ load({}, { u"g"_s }).run, 0 };
    append({ requestTo(ToAll{}, u"all"_s), requestTo(ToGroups{ { u"g"_s, u"h"_s } }, u"group"_s),
        requestTo(ToGroups{ { u"other"_s } }, u"other"_s) });
    QCOMPARE(titles(load(start, { u"g"_s, u"h"_s })), QStringList({ u"all"_s, u"group"_s }));
    QCOMPARE(titles(load(start)), QStringList({ u"all"_s }));
}

void TestInboxRecovery::goesOnAfterARestart()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"a"_s) });
    m_store->restart();
    append({ toUser(u"b"_s) });
    const Inbox missed = load(start);
    QCOMPARE(titles(missed), QStringList({ u"a"_s, u"b"_s }));
    QVERIFY(!missed.isTruncated);
    m_store->restart();
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
    const Cursor inTheMiddle{ start.run, stored[700].sequence };
    m_store->purge();
    QVERIFY(load(start).isTruncated);
    const Inbox missed = load(inTheMiddle);
    QVERIFY(!missed.isTruncated); // what it missed is all there
    QCOMPARE(missed.notifications.size(), size_t(299 + 500));
    // Read or not, and however few are left: what was taken out stays known.
    readAll();
    m_clock.advance(24h * 31);
    const auto young = append({ toUser(u"young"_s) });
    m_store->purge();
    QVERIFY(load(start).isTruncated);
    QVERIFY(load(inTheMiddle).isTruncated);
    QVERIFY(!load(Cursor{ start.run, young[0].sequence - 1 }).isTruncated);
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
        QVERIFY(!load(Cursor{ start.run, young[0].sequence - 1 }).isTruncated);
        m_store->purge();
    }
}

void TestInboxRecovery::purgingOthersTruncatesNothing()
{
    const Cursor start = cursorOf(load());
    append({ toUser(u"old"_s, u"2"_s), requestTo(ToGroups{ { u"g"_s } }, u"old"_s) });
    m_clock.advance(24h * 31);
    m_store->purge();
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
    const Inbox inbox = load(Cursor{ isOwnRun ? now.run : 0, now.lastSequence + beyond });
    QCOMPARE(titles(inbox), QStringList({ u"unread"_s }));
    QVERIFY(inbox.isTruncated);
    QCOMPARE(cursorOf(inbox), cursorOf(now));
}

QTEST_GUILESS_MAIN(TestInboxRecovery)
#include "tst_inboxrecovery.moc"
