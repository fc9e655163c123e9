// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QElapsedTimer>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"
#include "server/notify/sqlitenotificationstore.h"
#include "tests/support/fakeclock.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using ReadOutcome = std::pair<QStringList, qint64>;

PublishRequest request(Audience to, const QString &title = u"t"_s)
{
    PublishRequest made;
    made.to = std::move(to);
    made.title = title;
    made.level = u"info"_s;
    made.data = QJsonValue(QJsonValue::Null);
    return made;
}

PublishRequest toUser(const QString &user, const QString &title = u"t"_s)
{
    return request(ToUsers{ { user } }, title);
}

QStringList titles(const Inbox &inbox)
{
    QStringList all;
    for (const StoredNotification &stored : inbox.notifications)
        all << stored.notification.title;
    return all;
}

} // namespace

class TestSqliteNotificationStore final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void keepsEveryMemberOverARestart();
    void emptyInbox();
    void usersGetWhatWasSentBeforeTheyCame();
    void othersGetWhatWasSentSinceTheyCame();
    void groupsAreTheTokens();
    void severalAudiencesShowOnce();
    void expires();
    void markRead();
    void markReadOfOthersIsIgnored();
    void markAllRead();
    void bound();
    void boundInBytes_data();
    void boundInBytes();
    void purge();
    void purgeManyPortions();
    void trimsOverfullInboxes();
    void sequenceSurvivesPurge();
    void batchIsAllOrNothing();
    void failuresAreReported();
    void loadingIsCheap();

private:
    void restart();
    std::vector<StoredNotification> append(std::vector<PublishRequest> requests);
    Inbox load(const QString &user, const QStringList &groups = {});
    ReadOutcome read(const QString &user, const QStringList &ids, const QStringList &groups = {});
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

Inbox TestSqliteNotificationStore::load(const QString &user, const QStringList &groups)
{
    return awaitCallback<Result<Inbox>>([&](auto done) { m_store->loadInbox({ user, groups }, done); }).value();
}

ReadOutcome TestSqliteNotificationStore::read(const QString &user, const QStringList &ids, const QStringList &groups)
{
    return awaitCallback<Result<ReadOutcome>>([&](auto done) { m_store->markRead(user, groups, ids, done); }).value();
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

void TestSqliteNotificationStore::keepsEveryMemberOverARestart()
{
    PublishRequest full = toUser(u"42"_s, u"ขอบคุณ \U0001F600"_s);
    full.body = u"line\n\"quoted\" \0 '); DROP TABLE notification; --"_s;
    full.level = u"error"_s;
    full.data = QJsonObject{ { u"n"_s, 1.5 }, { u"deep"_s, QJsonObject{ { u"ก"_s, QJsonValue() } } } };
    const std::vector<StoredNotification> stored = append({ full, toUser(u"42"_s) });
    QCOMPARE(stored.size(), size_t(2));
    QCOMPARE(stored[0].notification.createdAt, m_clock.utc());
    QVERIFY(isUlid(stored[0].notification.id));
    QVERIFY(stored[0].notification.id < stored[1].notification.id);
    QCOMPARE(stored[1].sequence, stored[0].sequence + 1);
    restart();
    const Inbox inbox = load(u"42"_s);
    QCOMPARE(inbox.notifications.size(), size_t(2));
    QCOMPARE(inbox.notifications[0].notification.toJson(), stored[0].notification.toJson());
    QCOMPARE(inbox.notifications[0].notification.data, full.data);
    QCOMPARE(inbox.notifications[1].notification.data, QJsonValue(QJsonValue::Null));
    QCOMPARE(inbox.notifications[1].sequence, stored[1].sequence);
    QCOMPARE(inbox.lastSequence, stored[1].sequence);
    QCOMPARE(inbox.unreadCount, 2);
    QVERIFY(!inbox.isTruncated);
}

void TestSqliteNotificationStore::emptyInbox()
{
    for (int i = 0; i < 2; ++i) { // new, then known
        const Inbox inbox = load(u"1"_s, { u"g"_s });
        QVERIFY(inbox.notifications.empty());
        QCOMPARE(inbox.unreadCount, 0);
        QCOMPARE(inbox.lastSequence, 0);
        QVERIFY(!inbox.isTruncated);
    }
    append({ toUser(u"2"_s) });
    QCOMPARE(load(u"1"_s).lastSequence, 1); // the order is everybody's
}

void TestSqliteNotificationStore::usersGetWhatWasSentBeforeTheyCame()
{
    append({ request(ToUsers{ { u"1"_s, u"2"_s } }, u"early"_s) });
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"early"_s }));
    QCOMPARE(titles(load(u"2"_s)), QStringList({ u"early"_s }));
    QVERIFY(load(u"3"_s).notifications.empty());
}

void TestSqliteNotificationStore::othersGetWhatWasSentSinceTheyCame()
{
    append({ request(ToAll{}, u"all 1"_s), request(ToGroups{ { u"g"_s } }, u"group 1"_s) });
    QVERIFY(load(u"1"_s, { u"g"_s }).notifications.empty());
    append({ request(ToAll{}, u"all 2"_s), request(ToGroups{ { u"g"_s } }, u"group 2"_s) });
    restart();
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), QStringList({ u"all 2"_s, u"group 2"_s }));
    QVERIFY(load(u"2"_s, { u"g"_s }).notifications.empty());
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 4); // once each, however many users
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience"), 4);
}

void TestSqliteNotificationStore::groupsAreTheTokens()
{
    (void)load(u"1"_s);
    append({ request(ToGroups{ { u"a"_s } }, u"for a"_s), request(ToGroups{ { u"b"_s } }, u"for b"_s) });
    QVERIFY(load(u"1"_s).notifications.empty());
    QCOMPARE(titles(load(u"1"_s, { u"a"_s })), QStringList({ u"for a"_s }));
    QCOMPARE(titles(load(u"1"_s, { u"b"_s, u"a"_s, u"A"_s })), QStringList({ u"for a"_s, u"for b"_s }));
    QVERIFY(load(u"1"_s, { u"\"], \"a"_s, u"a' OR '1'='1"_s, u"%"_s, QString() }).notifications.empty());
}

void TestSqliteNotificationStore::severalAudiencesShowOnce()
{
    (void)load(u"1"_s);
    append({ request(ToGroups{ { u"a"_s, u"b"_s } }), request(ToUsers{ { u"1"_s, u"1"_s } }) });
    QCOMPARE(load(u"1"_s, { u"a"_s, u"b"_s }).notifications.size(), size_t(2));
    const ReadOutcome outcome = readAll(u"1"_s, { u"a"_s });
    QCOMPARE(outcome.first.size(), 2);
    QVERIFY(load(u"1"_s, { u"b"_s }).notifications.empty()); // read by way of a is read by way of b
}

void TestSqliteNotificationStore::expires()
{
    PublishRequest brief = toUser(u"1"_s, u"brief"_s);
    brief.ttl = 60s;
    append({ brief, toUser(u"1"_s, u"long"_s) });
    m_clock.advance(59s + 999ms);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"brief"_s, u"long"_s }));
    m_clock.advance(1ms);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"long"_s }));
    QCOMPARE(readAll(u"1"_s).first.size(), 1);
    append({ toUser(u"1"_s, u"later"_s) });
    m_clock.advance(24h * 30 - 1min);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"later"_s }));
    m_clock.advance(2min);
    QVERIFY(load(u"1"_s).notifications.empty()); // 30 days, purged or not
}

void TestSqliteNotificationStore::markRead()
{
    const auto stored = append({ toUser(u"1"_s, u"a"_s), toUser(u"1"_s, u"b"_s), toUser(u"1"_s, u"c"_s) });
    const QString b = stored[1].notification.id;
    QCOMPARE(read(u"1"_s, { b, b }), ReadOutcome({ b }, 2));
    QCOMPARE(read(u"1"_s, { b }), ReadOutcome({}, 2));
    restart();
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"a"_s, u"c"_s }));
    QCOMPARE(read(u"1"_s, {}), ReadOutcome({}, 2));
}

void TestSqliteNotificationStore::markReadOfOthersIsIgnored()
{
    append({ request(ToAll{}, u"before"_s) });
    (void)load(u"1"_s);
    const auto stored = append({ toUser(u"2"_s), request(ToGroups{ { u"g"_s } }), request(ToAll{}) });
    QStringList ids{ u"nonsense"_s, QString(), u"' OR 1=1 --"_s, u"01J00000000000000000000000"_s };
    for (const StoredNotification &one : stored)
        ids << one.notification.id;
    QCOMPARE(read(u"1"_s, ids), ReadOutcome({ ids.last() }, 0));
    QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark"), 1);
    QCOMPARE(load(u"2"_s).notifications.size(), size_t(1));
    QCOMPARE(readAll(u"never seen"_s), ReadOutcome({}, 0));
}

void TestSqliteNotificationStore::markAllRead()
{
    (void)load(u"1"_s);
    (void)load(u"2"_s);
    const auto stored = append({ toUser(u"1"_s), request(ToAll{}), request(ToGroups{ { u"g"_s } }) });
    const ReadOutcome outcome = readAll(u"1"_s, { u"g"_s });
    QCOMPARE(outcome.first,
        QStringList({ stored[0].notification.id, stored[1].notification.id, stored[2].notification.id }));
    QCOMPARE(outcome.second, 0);
    QCOMPARE(readAll(u"1"_s, { u"g"_s }), ReadOutcome({}, 0));
    QCOMPARE(load(u"2"_s, { u"g"_s }).notifications.size(), size_t(2)); // what one reads stays unread for another
    append({ request(ToAll{}, u"new"_s) });
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), QStringList({ u"new"_s }));
}

void TestSqliteNotificationStore::bound()
{
    std::vector<PublishRequest> many;
    for (int i = 1; i <= 1000; ++i)
        many.push_back(toUser(u"1"_s, QString::number(i)));
    append(many);
    QVERIFY(!load(u"1"_s).isTruncated);
    append({ toUser(u"1"_s, u"1001"_s) });
    const Inbox inbox = load(u"1"_s);
    QVERIFY(inbox.isTruncated);
    QCOMPARE(inbox.notifications.size(), size_t(1000));
    QCOMPARE(inbox.unreadCount, 1000);
    QCOMPARE(inbox.notifications.front().notification.title, u"2"_s);
    QCOMPARE(inbox.notifications.back().notification.title, u"1001"_s);
    QCOMPARE(readAll(u"1"_s).first.size(), 1001); // also what the list had no room for
    QVERIFY(load(u"1"_s).notifications.empty());
}

void TestSqliteNotificationStore::boundInBytes_data()
{
    QTest::addColumn<QString>("body");
    QTest::newRow("ASCII") << QString(4000, u'x');
    QTest::newRow("escaped") << QString(4000, u'\x01');
    QTest::newRow("quotes") << QString(4000, u'"');
    QTest::newRow("Thai") << QString(4000, u'\u0e01');
    QTest::newRow("beyond the first plane") << u"\U0001f600"_s.repeated(2000);
}

void TestSqliteNotificationStore::boundInBytes()
{
    QFETCH(QString, body);
    std::vector<PublishRequest> many;
    for (int i = 1; i <= 200; ++i) {
        many.push_back(toUser(u"1"_s, QString::number(i)));
        many.back().body = body;
        many.back().data = QJsonObject{ { u"d"_s, QString(10'000, u'd') } };
    }
    append(many);
    const Inbox inbox = load(u"1"_s);
    QVERIFY(inbox.isTruncated);
    QCOMPARE(inbox.unreadCount, 200);
    QCOMPARE(inbox.notifications.back().notification.title, u"200"_s); // the newest are kept, in their order
    QCOMPARE(inbox.notifications.front().notification.title, QString::number(200 - int(inbox.notifications.size()) + 1));
    const qsizetype bytes = notificationsListMessage(inbox).size();
    QVERIFY2(bytes <= kMaxInboxBytes && bytes > kMaxInboxBytes * 9 / 10, QByteArray::number(bytes).constData());
    QCOMPARE(readAll(u"1"_s).first.size(), 200);
}

void TestSqliteNotificationStore::purge()
{
    PublishRequest brief = request(ToAll{}, u"brief"_s);
    brief.ttl = 1h;
    (void)load(u"1"_s);
    append({ brief, request(ToAll{}, u"old"_s) });
    (void)readAll(u"1"_s);
    QCOMPARE(purgeNow(), 0);
    m_clock.advance(2h);
    QCOMPARE(purgeNow(), 1);
    m_clock.advance(24h * 30);
    append({ request(ToAll{}, u"young"_s) });
    QCOMPARE(purgeNow(), 1);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 1);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience"), 1);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark"), 0);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"young"_s }));
}

void TestSqliteNotificationStore::purgeManyPortions()
{
    append(std::vector<PublishRequest>(1000, request(ToAll{})));
    append(std::vector<PublishRequest>(234, request(ToAll{})));
    m_clock.advance(24h * 31);
    QCOMPARE(purgeNow(), 1234);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 0);
}

void TestSqliteNotificationStore::trimsOverfullInboxes()
{
    append({ request(ToUsers{ { u"1"_s, u"2"_s } }, u"shared"_s) });
    append(std::vector<PublishRequest>(1000, toUser(u"1"_s)));
    append(std::vector<PublishRequest>(500, toUser(u"1"_s)));
    append({ toUser(u"2"_s), request(ToAll{}) });
    QCOMPARE(purgeNow(), 499);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM audience WHERE target = '1'"), 1001);
    QCOMPARE(m_fixture->query("SELECT count(*) FROM notification"), 1004); // "shared" stays for the other
    QVERIFY(load(u"1"_s).isTruncated);
    QCOMPARE(load(u"2"_s).notifications.size(), size_t(2));
}

void TestSqliteNotificationStore::sequenceSurvivesPurge()
{
    const qint64 last = append({ toUser(u"1"_s), toUser(u"1"_s) }).back().sequence;
    m_clock.advance(24h * 31);
    QCOMPARE(purgeNow(), 2);
    restart();
    QCOMPARE(load(u"1"_s).lastSequence, last);
    QCOMPARE(append({ toUser(u"1"_s) })[0].sequence, last + 1);
}

void TestSqliteNotificationStore::batchIsAllOrNothing()
{
    QVERIFY(m_fixture->execute("CREATE TRIGGER t BEFORE INSERT ON notification WHEN new.title = 'bad'"
                               " BEGIN SELECT raise(FAIL, 'no'); END"));
    const auto outcome = awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
        m_store->append({ toUser(u"1"_s), toUser(u"1"_s, u"bad"_s), toUser(u"1"_s) }, done);
    });
    QVERIFY(!outcome);
    QVERIFY(load(u"1"_s).notifications.empty());
    QCOMPARE(append({ toUser(u"1"_s) }).size(), size_t(1));
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
        append(std::vector<PublishRequest>(300, toUser(u"another"_s)));
    (void)load(u"1"_s);
    constexpr int kCalls = 2000;
    std::atomic<int> done{ 0 };
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < kCalls; ++i)
        m_store->loadInbox({ u"1"_s, { u"staff"_s } }, [&](const Result<Inbox> &inbox) { done += inbox ? 1 : 0; });
    QCOMPARE(m_fixture->query("SELECT 1"), 1);
    QCOMPARE(done.load(), kCalls);
    const qint64 perCall = timer.nsecsElapsed() / kCalls / 1000;
    qInfo("loading an empty inbox: %lld us", static_cast<long long>(perCall));
    QVERIFY(perCall < 1000); // far above what it takes: a scan or an fsync would show
}

QTEST_GUILESS_MAIN(TestSqliteNotificationStore)
#include "tst_sqlitenotificationstore.moc"
