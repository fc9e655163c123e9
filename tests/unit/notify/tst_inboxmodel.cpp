// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>
#include <random>
#include <set>

#include <QtTest/QTest>

#include "tests/support/anystore.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// What the inbox promises, in the plainest way: everything is kept and looked through each time.
class Model final
{
public:
    void append(const PublishRequest &request, const StoredNotification &stored)
    {
        m_all.push_back({ request, stored.sequence, stored.notification.id, stored.notification.createdAt });
    }
    void see(const QString &user) { m_firstSeen.emplace(user, m_all.empty() ? 0 : m_all.back().sequence); }
    QStringList unread(const QString &user, const QStringList &groups, UtcTime now) const
    {
        QStringList ids;
        for (const Entry &entry : m_all) {
            if (!isOld(entry, now) && !isExpired(entry, now) && isFor(entry, user, groups)
                && !m_read.count({ user, entry.id }))
                ids << entry.id;
        }
        return ids;
    }
    /// What came after a sequence, with a mark behind the id of what is read.
    QStringList missed(const QString &user, const QStringList &groups, qint64 after, UtcTime now) const
    {
        QStringList ids;
        for (const Entry &entry : m_all) {
            if (entry.sequence > after && !isOld(entry, now) && !isExpired(entry, now) && isFor(entry, user, groups))
                ids << entry.id + (m_read.count({ user, entry.id }) ? u" read"_s : QString());
        }
        return ids;
    }
    /// Whether something that came after it is gone because of its age alone.
    bool isTruncated(const QString &user, const QStringList &groups, qint64 after, UtcTime now) const
    {
        return std::any_of(m_all.begin(), m_all.end(), [&](const Entry &entry) {
            return entry.sequence > after && isOld(entry, now) && !entry.request.ttl && isFor(entry, user, groups);
        });
    }
    QStringList read(const QString &user, const QStringList &groups, const QStringList &ids, UtcTime now)
    {
        QStringList marked;
        const QStringList all = unread(user, groups, now);
        for (const QString &id : all) { // in the order of publishing, as the answer
            if (ids.contains(id) && m_read.insert({ user, id }).second)
                marked << id;
        }
        return marked;
    }
    QString anyId(size_t choice) const { return m_all.empty() ? u"none"_s : m_all[choice % m_all.size()].id; }

private:
    struct Entry
    {
        PublishRequest request;
        qint64 sequence;
        QString id;
        UtcTime createdAt;
    };

    static bool isOld(const Entry &entry, UtcTime now) { return entry.createdAt + 24h * 30 <= now; }
    static bool isExpired(const Entry &entry, UtcTime now)
    {
        return entry.request.ttl && entry.createdAt + *entry.request.ttl <= now;
    }
    bool isFor(const Entry &entry, const QString &user, const QStringList &groups) const
    {
        if (const auto *users = std::get_if<ToUsers>(&entry.request.to))
            return users->users.contains(user);
        const auto seen = m_firstSeen.find(user);
        if (seen == m_firstSeen.end() || entry.sequence <= seen->second)
            return false;
        const auto *named = std::get_if<ToGroups>(&entry.request.to);
        return !named
            || std::any_of(groups.begin(), groups.end(), [&](const QString &g) { return named->groups.contains(g); });
    }

    std::vector<Entry> m_all;
    std::map<QString, qint64> m_firstSeen;
    std::set<std::pair<QString, QString>> m_read;
};

} // namespace

/// Random publishing, reading, time and restarts by several users and groups: each kind of store always agrees with the
/// model.
class TestInboxModel final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { StoreKinds::addKinds(); }
    void agrees_data();
    void agrees();

private:
    size_t pick(size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(m_random); }
    QStringList some(const QStringList &names);
    PublishRequest randomRequest();
    void publish();
    void load();
    void recover();
    void read();
    void readAll();

    std::mt19937 m_random;
    FakeClock m_clock;
    Model m_model;
    std::vector<Cursor> m_cursors; ///< that were given out
    StoreKinds m_kinds;
    std::unique_ptr<AnyStore> m_store;
    const QStringList m_users{ u"1"_s, u"2"_s, u"3"_s, u"ก"_s };
    const QStringList m_groups{ u"a"_s, u"b"_s, u"c"_s };
};

QStringList TestInboxModel::some(const QStringList &names)
{
    QStringList chosen;
    for (const QString &name : names) {
        if (pick(2) == 0)
            chosen << name;
    }
    return chosen;
}

PublishRequest TestInboxModel::randomRequest()
{
    PublishRequest request;
    const QStringList users = some(m_users);
    const QStringList groups = some(m_groups);
    const size_t kind = pick(3);
    if (kind == 0 && !users.isEmpty())
        request.to = ToUsers{ users };
    else if (kind == 1 && !groups.isEmpty())
        request.to = ToGroups{ groups };
    else
        request.to = ToAll{};
    request.title = u"t"_s;
    request.level = u"info"_s;
    if (pick(4) == 0)
        request.ttl = std::chrono::seconds(1 + pick(7200));
    return request;
}

void TestInboxModel::publish()
{
    std::vector<PublishRequest> requests;
    for (size_t i = 0; i <= pick(4); ++i)
        requests.push_back(randomRequest());
    const auto stored = awaitCallback<Result<std::vector<StoredNotification>>>(
        [&](auto done) { m_store->store().append(requests, done); });
    QVERIFY(stored);
    QCOMPARE(stored->size(), requests.size());
    for (size_t i = 0; i < requests.size(); ++i)
        m_model.append(requests[i], (*stored)[i]);
}

void TestInboxModel::load()
{
    const QString user = m_users[qsizetype(pick(4))];
    const QStringList groups = some(m_groups);
    const auto inbox = awaitCallback<Result<Inbox>>([&](auto done) {
        m_store->store().loadInbox({ user, groups }, done);
    });
    QVERIFY(inbox);
    m_model.see(user);
    QStringList ids;
    for (const StoredNotification &stored : inbox->notifications)
        ids << stored.notification.id;
    QCOMPARE(ids, m_model.unread(user, groups, m_clock.utc()));
    QCOMPARE(inbox->unreadCount, ids.size());
    m_cursors.push_back({ inbox->run, inbox->lastSequence });
}

void TestInboxModel::recover()
{
    if (m_cursors.empty())
        return;
    const QString user = m_users[qsizetype(pick(4))];
    const QStringList groups = some(m_groups);
    const Cursor after = m_cursors[pick(m_cursors.size())];
    const InboxQuery query{ user, groups, after };
    m_model.see(user);
    const QStringList expected = m_model.missed(user, groups, after.sequence, m_clock.utc());
    if (const std::optional<Inbox> known = m_store->store().knownInbox(query)) {
        QVERIFY(expected.isEmpty());
        QCOMPARE(known->unreadCount, m_model.unread(user, groups, m_clock.utc()).size());
    }
    const auto inbox = awaitCallback<Result<Inbox>>([&](auto done) { m_store->store().loadInbox(query, done); });
    QVERIFY(inbox);
    QStringList ids;
    for (const StoredNotification &stored : inbox->notifications)
        ids << stored.notification.id + (stored.notification.isRead ? u" read"_s : QString());
    QCOMPARE(ids, expected);
    QCOMPARE(inbox->isTruncated, m_model.isTruncated(user, groups, after.sequence, m_clock.utc()));
    QCOMPARE(inbox->unreadCount, m_model.unread(user, groups, m_clock.utc()).size());
    m_cursors.push_back({ inbox->run, inbox->lastSequence });
}

void TestInboxModel::read()
{
    const QString user = m_users[qsizetype(pick(4))];
    const QStringList groups = some(m_groups);
    QStringList ids;
    for (size_t i = 0; i < pick(6); ++i)
        ids << m_model.anyId(pick(100000));
    const auto outcome = awaitCallback<Result<std::pair<QStringList, qint64>>>(
        [&](auto done) { m_store->store().markRead(user, groups, ids, done); });
    QVERIFY(outcome);
    QCOMPARE(outcome->first, m_model.read(user, groups, ids, m_clock.utc()));
    QCOMPARE(outcome->second, m_model.unread(user, groups, m_clock.utc()).size());
}

void TestInboxModel::readAll()
{
    const QString user = m_users[qsizetype(pick(4))];
    const QStringList groups = some(m_groups);
    const QStringList all = m_model.unread(user, groups, m_clock.utc());
    const auto outcome = awaitCallback<Result<std::pair<QStringList, qint64>>>(
        [&](auto done) { m_store->store().markAllRead(user, groups, done); });
    QVERIFY(outcome);
    QCOMPARE(outcome->first, all);
    QCOMPARE(outcome->second, 0);
    (void)m_model.read(user, groups, all, m_clock.utc());
}

void TestInboxModel::agrees_data()
{
    QTest::addColumn<uint>("seed");
    for (const uint seed : { 1u, 2u, 3u })
        QTest::addRow("seed %u", seed) << seed;
}

void TestInboxModel::agrees()
{
    QFETCH(const uint, seed);
    m_random.seed(seed);
    m_model = Model();
    m_cursors.clear();
    m_store = m_kinds.make(m_clock);
    for (int step = 0; step < 400 && !QTest::currentTestFailed(); ++step) {
        switch (pick(15)) {
        case 0:
            readAll();
            break;
        case 1:
            m_clock.advance(std::chrono::minutes(pick(60 * 30)));
            break;
        case 2:
            m_store->purge();
            break;
        case 3:
            if (pick(5) == 0)
                m_store->restart();
            break;
        case 4:
        case 5:
            read();
            break;
        case 6:
        case 7:
        case 8:
            publish();
            break;
        case 9:
        case 10:
        case 11:
            recover();
            break;
        default:
            load();
        }
    }
    m_store.reset();
}

QTEST_GUILESS_MAIN(TestInboxModel)
#include "tst_inboxmodel.moc"
