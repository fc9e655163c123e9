// SPDX-License-Identifier: GPL-3.0-or-later
// What every kind of store promises.
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"
#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using ReadOutcome = std::pair<QStringList, qint64>;

} // namespace

class TestNotificationStore final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { StoreKinds::addKinds(); }
    void init() { m_store = m_kinds.make(m_clock); }
    void cleanup() { m_store.reset(); }

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

private:
    std::vector<StoredNotification> append(std::vector<PublishRequest> requests);
    Inbox load(const QString &user, const QStringList &groups = {});
    ReadOutcome read(const QString &user, const QStringList &ids, const QStringList &groups = {});
    ReadOutcome readAll(const QString &user, const QStringList &groups = {});

    FakeClock m_clock;
    StoreKinds m_kinds;
    std::unique_ptr<AnyStore> m_store;
};

std::vector<StoredNotification> TestNotificationStore::append(std::vector<PublishRequest> requests)
{
    return awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
        m_store->store().append(std::move(requests), done);
    }).value();
}

Inbox TestNotificationStore::load(const QString &user, const QStringList &groups)
{
    return awaitCallback<Result<Inbox>>([&](auto done) { m_store->store().loadInbox({ user, groups }, done); }).value();
}

ReadOutcome TestNotificationStore::read(const QString &user, const QStringList &ids, const QStringList &groups)
{
    return awaitCallback<Result<ReadOutcome>>([&](auto done) {
        m_store->store().markRead(user, groups, ids, done);
    }).value();
}

ReadOutcome TestNotificationStore::readAll(const QString &user, const QStringList &groups)
{
    return awaitCallback<Result<ReadOutcome>>([&](auto done) {
        m_store->store().markAllRead(user, groups, done);
    }).value();
}

void TestNotificationStore::keepsEveryMemberOverARestart()
{
    PublishRequest full = requestToUser(u"42"_s, u"ขอบคุณ \U0001F600"_s);
    full.body = u"line\n\"quoted\" \0 '); DROP TABLE notification; --"_s;
    full.level = u"error"_s;
    full.data = QJsonObject{ { u"n"_s, 1.5 }, { u"deep"_s, QJsonObject{ { u"ก"_s, QJsonValue() } } } };
    const std::vector<StoredNotification> stored = append({ full, requestToUser(u"42"_s) });
    QCOMPARE(stored.size(), size_t(2));
    QCOMPARE(stored[0].notification.createdAt, m_clock.utc());
    QVERIFY(isUlid(stored[0].notification.id));
    QVERIFY(stored[0].notification.id < stored[1].notification.id);
    QCOMPARE(stored[1].sequence, stored[0].sequence + 1);
    m_store->restart();
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

void TestNotificationStore::emptyInbox()
{
    const qint64 start = load(u"0"_s).lastSequence;
    for (int i = 0; i < 2; ++i) { // new, then known
        const Inbox inbox = load(u"1"_s, { u"g"_s });
        QVERIFY(inbox.notifications.empty());
        QCOMPARE(inbox.unreadCount, 0);
        QCOMPARE(inbox.lastSequence, start);
        QVERIFY(!inbox.isTruncated);
    }
    append({ requestToUser(u"2"_s) });
    QCOMPARE(load(u"1"_s).lastSequence, start + 1); // the order is everybody's
}

void TestNotificationStore::usersGetWhatWasSentBeforeTheyCame()
{
    append({ requestTo(ToUsers{ { u"1"_s, u"2"_s } }, u"early"_s) });
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"early"_s }));
    QCOMPARE(titles(load(u"2"_s)), QStringList({ u"early"_s }));
    QVERIFY(load(u"3"_s).notifications.empty());
}

void TestNotificationStore::othersGetWhatWasSentSinceTheyCame()
{
    append({ requestTo(ToAll{}, u"all 1"_s), requestTo(ToGroups{ { u"g"_s } }, u"group 1"_s) });
    QVERIFY(load(u"1"_s, { u"g"_s }).notifications.empty());
    append({ requestTo(ToAll{}, u"all 2"_s), requestTo(ToGroups{ { u"g"_s } }, u"group 2"_s) });
    m_store->restart();
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), QStringList({ u"all 2"_s, u"group 2"_s }));
    QVERIFY(load(u"2"_s, { u"g"_s }).notifications.empty());
}

void TestNotificationStore::groupsAreTheTokens()
{
    (void)load(u"1"_s);
    append({ requestTo(ToGroups{ { u"a"_s } }, u"for a"_s), requestTo(ToGroups{ { u"b"_s } }, u"for b"_s) });
    QVERIFY(load(u"1"_s).notifications.empty());
    QCOMPARE(titles(load(u"1"_s, { u"a"_s })), QStringList({ u"for a"_s }));
    QCOMPARE(titles(load(u"1"_s, { u"b"_s, u"a"_s, u"A"_s })), QStringList({ u"for a"_s, u"for b"_s }));
    QVERIFY(load(u"1"_s, { u"\"], \"a"_s, u"a' OR '1'='1"_s, u"%"_s, QString() }).notifications.empty());
}

void TestNotificationStore::severalAudiencesShowOnce()
{
    (void)load(u"1"_s);
    append({ requestTo(ToGroups{ { u"a"_s, u"b"_s } }), requestTo(ToUsers{ { u"1"_s, u"1"_s } }) });
    QCOMPARE(load(u"1"_s, { u"a"_s, u"b"_s }).notifications.size(), size_t(2));
    const ReadOutcome outcome = readAll(u"1"_s, { u"a"_s });
    QCOMPARE(outcome.first.size(), 2);
    QVERIFY(load(u"1"_s, { u"b"_s }).notifications.empty()); // read by way of a is read by way of b
}

void TestNotificationStore::expires()
{
    PublishRequest brief = requestToUser(u"1"_s, u"brief"_s);
    brief.ttl = 60s;
    append({ brief, requestToUser(u"1"_s, u"long"_s) });
    m_clock.advance(59s + 999ms);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"brief"_s, u"long"_s }));
    m_clock.advance(1ms);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"long"_s }));
    QCOMPARE(readAll(u"1"_s).first.size(), 1);
    append({ requestToUser(u"1"_s, u"later"_s) });
    m_clock.advance(24h * 30 - 1min);
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"later"_s }));
    m_clock.advance(2min);
    QVERIFY(load(u"1"_s).notifications.empty()); // 30 days, purged or not
}

void TestNotificationStore::markRead()
{
    const auto stored
        = append({ requestToUser(u"1"_s, u"a"_s), requestToUser(u"1"_s, u"b"_s), requestToUser(u"1"_s, u"c"_s) });
    const QString b = stored[1].notification.id;
    QCOMPARE(read(u"1"_s, { b, b }), ReadOutcome({ b }, 2));
    QCOMPARE(read(u"1"_s, { b }), ReadOutcome({}, 2));
    m_store->restart();
    QCOMPARE(titles(load(u"1"_s)), QStringList({ u"a"_s, u"c"_s }));
    QCOMPARE(read(u"1"_s, {}), ReadOutcome({}, 2));
}

void TestNotificationStore::markReadOfOthersIsIgnored()
{
    append({ requestTo(ToAll{}, u"before"_s) });
    (void)load(u"1"_s);
    const auto stored = append({ requestToUser(u"2"_s), requestTo(ToGroups{ { u"g"_s } }), requestTo(ToAll{}) });
    QStringList ids{ u"nonsense"_s, QString(), u"' OR 1=1 --"_s, u"01J00000000000000000000000"_s };
    for (const StoredNotification &one : stored)
        ids << one.notification.id;
    QCOMPARE(read(u"1"_s, ids), ReadOutcome({ ids.last() }, 0));
    QCOMPARE(load(u"2"_s).notifications.size(), size_t(1));
    QCOMPARE(readAll(u"never seen"_s), ReadOutcome({}, 0));
}

void TestNotificationStore::markAllRead()
{
    (void)load(u"1"_s);
    (void)load(u"2"_s);
    const auto stored = append({ requestToUser(u"1"_s), requestTo(ToAll{}), requestTo(ToGroups{ { u"g"_s } }) });
    const ReadOutcome outcome = readAll(u"1"_s, { u"g"_s });
    QCOMPARE(outcome.first,
        QStringList({ stored[0].notification.id, stored[1].notification.id, stored[2].notification.id }));
    QCOMPARE(outcome.second, 0);
    QCOMPARE(readAll(u"1"_s, { u"g"_s }), ReadOutcome({}, 0));
    QCOMPARE(load(u"2"_s, { u"g"_s }).notifications.size(), size_t(2)); // what one reads stays unread for another
    append({ requestTo(ToAll{}, u"new"_s) });
    QCOMPARE(titles(load(u"1"_s, { u"g"_s })), QStringList({ u"new"_s }));
}

void TestNotificationStore::bound()
{
    std::vector<PublishRequest> many;
    for (int i = 1; i <= 1000; ++i)
        many.push_back(requestToUser(u"1"_s, QString::number(i)));
    append(many);
    QVERIFY(!load(u"1"_s).isTruncated);
    append({ requestToUser(u"1"_s, u"1001"_s) });
    const Inbox inbox = load(u"1"_s);
    QVERIFY(inbox.isTruncated);
    QCOMPARE(inbox.notifications.size(), size_t(1000));
    QCOMPARE(inbox.unreadCount, 1000);
    QCOMPARE(inbox.notifications.front().notification.title, u"2"_s);
    QCOMPARE(inbox.notifications.back().notification.title, u"1001"_s);
    QCOMPARE(readAll(u"1"_s).first.size(), 1001); // also what the list had no room for
    QVERIFY(load(u"1"_s).notifications.empty());
}

void TestNotificationStore::boundInBytes_data()
{
    QTest::addColumn<QString>("body");
    QTest::newRow("ASCII") << QString(4000, u'x');
    QTest::newRow("escaped") << QString(4000, u'\x01');
    QTest::newRow("quotes") << QString(4000, u'"');
    QTest::newRow("Thai") << QString(4000, u'\u0e01');
    QTest::newRow("beyond the first plane") << u"\U0001f600"_s.repeated(2000);
}

void TestNotificationStore::boundInBytes()
{
    QFETCH(QString, body);
    std::vector<PublishRequest> many;
    for (int i = 1; i <= 200; ++i) {
        many.push_back(requestToUser(u"1"_s, QString::number(i)));
        many.back().body = body;
        many.back().data = QJsonObject{ { u"d"_s, QString(10'000, u'd') } };
    }
    append(many);
    const Inbox inbox = load(u"1"_s);
    QVERIFY(inbox.isTruncated);
    QCOMPARE(inbox.unreadCount, 200);
    QCOMPARE(inbox.notifications.back().notification.title, u"200"_s); // the newest are kept, in their order
    QCOMPARE(
        inbox.notifications.front().notification.title, QString::number(200 - int(inbox.notifications.size()) + 1));
    const qsizetype bytes = notificationsListMessage(inbox).size();
    QVERIFY2(bytes <= kMaxInboxBytes && bytes > kMaxInboxBytes * 9 / 10, QByteArray::number(bytes).constData());
    QCOMPARE(readAll(u"1"_s).first.size(), 200);
}

QTEST_GUILESS_MAIN(TestNotificationStore)
#include "tst_notificationstore.moc"
