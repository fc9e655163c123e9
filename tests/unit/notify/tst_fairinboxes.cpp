// SPDX-License-Identifier: GPL-3.0-or-later
// What every kind of store promises to those who ask while somebody else asks for much.
#include <future>
#include <mutex>
#include <thread>

#include <QtTest/QTest>

#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using Marked = Result<std::pair<QStringList, qint64>>;
constexpr int kMany = 60;

/// What was answered, in the order of the answers. Any thread.
class Answers final
{
public:
    void add(const QString &answer)
    {
        const std::lock_guard lock(m_mutex);
        m_all.push_back(answer);
    }
    [[nodiscard]] QStringList all() const
    {
        const std::lock_guard lock(m_mutex);
        return QStringList(m_all.begin(), m_all.end());
    }
    [[nodiscard]] qsizetype count() const
    {
        const std::lock_guard lock(m_mutex);
        return qsizetype(m_all.size());
    }
    /// How many of one kind came before the first of another; -1 while that has not come.
    [[nodiscard]] qsizetype before(const QString &one, const QString &other) const
    {
        const QStringList answers = all();
        const qsizetype end = answers.indexOf(other);
        return end < 0 ? -1 : answers.first(end).count(one);
    }

private:
    mutable std::mutex m_mutex;
    std::vector<QString> m_all;
};

} // namespace

class TestFairInboxes final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { StoreKinds::addKinds(); }
    void init() { m_store = m_kinds.make(m_clock); }
    void cleanup() { m_store.reset(); }

    void anotherUserWaitsForFewOfMany();
    void aPublishWaitsForFewOfMany();
    void oneUsersAnswersComeInTheOrderOfAsking();
    void whatWasAskedBeforeIsSeen();
    void aFullInboxIsReadWhole();
    void marksInPortions();
    void marksNamedOnesInPortions();
    void marksOfManyGroups();
    void whatIsLeftIsOfTheMomentOfTheAnswer();
    void whatIsPublishedWhileListsAreReadIsListedOrBeyond();
    void tooMuchOfOneIsRefused();

private:
    std::vector<StoredNotification> append(std::vector<PublishRequest> requests)
    {
        return awaitCallback<Result<std::vector<StoredNotification>>>([&](auto done) {
            m_store->store().append(std::move(requests), done);
        }).value();
    }
    void fill(const QString &user, int count, qsizetype bytes = 0)
    {
        for (int first = 0; first < count; first += 200) {
            std::vector<PublishRequest> requests(
                size_t(std::min(200, count - first)), requestToUser(user, QString(bytes, u'x')));
            append(std::move(requests));
        }
    }
    Inbox load(const QString &user, const QStringList &groups = {}, std::optional<Cursor> after = {})
    {
        return awaitCallback<Result<Inbox>>([&](auto done) {
            m_store->store().loadInbox({ user, groups, after }, done);
        }).value();
    }
    void askForLists(const QString &user, int count, Answers &answers, const QString &name)
    {
        for (int i = 0; i < count; ++i)
            m_store->store().loadInbox({ user, {} }, [&answers, name](const Result<Inbox> &) { answers.add(name); });
    }

    FakeClock m_clock;
    StoreKinds m_kinds;
    std::unique_ptr<AnyStore> m_store;
};

void TestFairInboxes::anotherUserWaitsForFewOfMany()
{
    fill(u"greedy"_s, 1000, 300);
    fill(u"modest"_s, 3);
    (void)load(u"greedy"_s);
    (void)load(u"modest"_s);
    Answers answers;
    askForLists(u"greedy"_s, kMany, answers, u"much"_s);
    askForLists(u"modest"_s, 1, answers, u"little"_s);
    QTRY_COMPARE_WITH_TIMEOUT(answers.count(), kMany + 1, 120'000);
    QVERIFY2(answers.before(u"much"_s, u"little"_s) < kMany / 4, qPrintable(answers.all().join(u' ')));
}

void TestFairInboxes::aPublishWaitsForFewOfMany()
{
    fill(u"greedy"_s, 1000, 300);
    (void)load(u"greedy"_s);
    Answers answers;
    for (int i = 0; i < kMany; ++i) {
        askForLists(u"greedy"_s, 1, answers, u"much"_s);
        m_store->store().markRead(u"greedy"_s, {}, { u"01ARZ3NDEKTSV4RRFFQ69G5FAV"_s },
            [&answers](const Marked &) { answers.add(u"mark"_s); });
    }
    m_store->store().append({ requestToUser(u"somebody"_s) },
        [&answers](const Result<std::vector<StoredNotification>> &) { answers.add(u"stored"_s); });
    QTRY_COMPARE_WITH_TIMEOUT(answers.count(), 2 * kMany + 1, 120'000);
    QVERIFY2(answers.before(u"much"_s, u"stored"_s) < kMany / 4, qPrintable(answers.all().join(u' ')));
}

void TestFairInboxes::oneUsersAnswersComeInTheOrderOfAsking()
{
    fill(u"1"_s, 500);
    Answers answers;
    QStringList expected;
    for (int i = 0; i < 20; ++i) {
        expected << u"list"_s << u"mark"_s;
        askForLists(u"1"_s, 1, answers, u"list"_s);
        m_store->store().markAllRead(u"1"_s, {}, [&answers](const Marked &) { answers.add(u"mark"_s); });
    }
    QTRY_COMPARE_WITH_TIMEOUT(answers.count(), expected.size(), 120'000);
    QCOMPARE(answers.all(), expected);
}

void TestFairInboxes::whatWasAskedBeforeIsSeen()
{
    (void)load(u"1"_s);
    for (int i = 0; i < 20; ++i) {
        std::promise<Result<Inbox>> before;
        std::promise<Result<Inbox>> after;
        NotificationStore &store = m_store->store();
        store.append({ requestToUser(u"1"_s, QString::number(i)) }, [](const auto &) {});
        store.loadInbox({ u"1"_s, {} }, [&before](const Result<Inbox> &inbox) { before.set_value(inbox); });
        store.markAllRead(u"1"_s, {}, [](const Marked &) {});
        store.loadInbox({ u"1"_s, {} }, [&after](const Result<Inbox> &inbox) { after.set_value(inbox); });
        QCOMPARE(titles(before.get_future().get().value()), QStringList({ QString::number(i) }));
        QVERIFY(titles(after.get_future().get().value()).isEmpty());
    }
}

void TestFairInboxes::aFullInboxIsReadWhole()
{
    const Inbox start = load(u"1"_s);
    fill(u"1"_s, 1000, 200);
    Cursor next = cursorOf(start);
    qsizetype listed = 0;
    for (bool hasMore = true; hasMore;) {
        const Inbox inbox = load(u"1"_s, {}, next);
        QCOMPARE(inbox.unreadCount, 1000);
        QVERIFY(!inbox.isTruncated);
        for (const StoredNotification &stored : inbox.notifications)
            QCOMPARE(stored.sequence, start.lastSequence + ++listed);
        next = cursorOf(inbox);
        hasMore = inbox.hasMore;
    }
    QCOMPARE(listed, 1000);
}

void TestFairInboxes::marksInPortions()
{
    fill(u"1"_s, 1000);
    const auto marked = awaitCallback<Marked>([&](auto done) { m_store->store().markAllRead(u"1"_s, {}, done); });
    QVERIFY(marked);
    QCOMPARE(marked->first.size(), 1000);
    QVERIFY(std::is_sorted(marked->first.begin(), marked->first.end())); // in the order of publishing
    QCOMPARE(marked->second, 0);
    QCOMPARE(load(u"1"_s).unreadCount, 0);
}

void TestFairInboxes::marksNamedOnesInPortions()
{
    QStringList ids;
    fill(u"1"_s, 200);
    for (const StoredNotification &stored : append(std::vector<PublishRequest>(600, requestToUser(u"1"_s))))
        ids.append(stored.notification.id);
    QStringList asked{ u"01ARZ3NDEKTSV4RRFFQ69G5FAV"_s };
    asked += ids;
    asked += ids.first(10); // named twice
    const auto marked = awaitCallback<Marked>([&](auto done) { m_store->store().markRead(u"1"_s, {}, asked, done); });
    QVERIFY(marked);
    QCOMPARE(marked->first, ids);
    QCOMPARE(marked->second, 200);
}

void TestFairInboxes::marksOfManyGroups()
{
    QStringList groups;
    for (int i = 0; i < 100; ++i)
        groups.append(u"group-%1"_s.arg(i));
    (void)load(u"1"_s, groups);
    QStringList ids;
    for (const QString &group : groups) {
        const PublishRequest request = requestTo(ToGroups{ { group, groups.first() } });
        ids.append(append({ request })[0].notification.id);
    }
    QCOMPARE(load(u"1"_s, groups).unreadCount, 100);
    const auto some
        = awaitCallback<Marked>([&](auto done) { m_store->store().markRead(u"1"_s, groups, ids.last(30), done); });
    QCOMPARE(some->first, ids.last(30));
    QCOMPARE(some->second, 70);
    const auto rest = awaitCallback<Marked>([&](auto done) { m_store->store().markAllRead(u"1"_s, groups, done); });
    QCOMPARE(rest->first, ids.first(70));
    QCOMPARE(rest->second, 0);
}

/// A client sets its count to what the answer says: what was published before that is in it.
void TestFairInboxes::whatIsLeftIsOfTheMomentOfTheAnswer()
{
    fill(u"1"_s, 800);
    std::promise<Marked> marked;
    m_store->store().markAllRead(u"1"_s, {}, [&marked](const Marked &outcome) { marked.set_value(outcome); });
    const qint64 published = append({ requestToUser(u"1"_s, u"late"_s) })[0].sequence;
    const Marked outcome = marked.get_future().get();
    const Inbox inbox = load(u"1"_s);
    QVERIFY(published > 0);
    QCOMPARE(qint64(outcome->first.size()) + inbox.unreadCount, 801); // marked, or unread
    QVERIFY(outcome->second <= inbox.unreadCount);
}

/// The list and what is delivered live make a whole: what a list has not taken into account is beyond its cursor.
void TestFairInboxes::whatIsPublishedWhileListsAreReadIsListedOrBeyond()
{
    (void)load(u"1"_s);
    std::atomic<bool> isOver{ false };
    std::atomic<qint64> acknowledged{ 0 };
    std::atomic<int> wrong{ 0 };
    NotificationStore &store = m_store->store();
    std::thread reader([&] {
        while (!isOver) {
            const qint64 before = acknowledged;
            const auto judge = [&](const Inbox &inbox) {
                const qint64 newest = inbox.notifications.empty() ? 0 : inbox.notifications.back().sequence;
                if (inbox.lastSequence < before || newest > inbox.lastSequence || newest < before)
                    ++wrong;
            };
            if (const std::optional<Inbox> known = store.knownInbox({ u"1"_s, {}, Cursor{ store.run(), before } }))
                wrong += known->lastSequence < before ? 1 : 0;
            std::promise<Result<Inbox>> loaded;
            store.loadInbox({ u"1"_s, {} }, [&loaded](const Result<Inbox> &inbox) { loaded.set_value(inbox); });
            judge(loaded.get_future().get().value());
        }
    });
    for (int i = 0; i < 300; ++i) {
        std::promise<qint64> stored;
        store.append({ requestToUser(u"1"_s) }, [&stored](const Result<std::vector<StoredNotification>> &outcome) {
            stored.set_value(outcome ? outcome->front().sequence : 0);
        });
        const qint64 sequence = stored.get_future().get();
        QVERIFY(sequence > 0);
        // Before it is delivered nobody may be told that nothing is new.
        const std::optional<Inbox> known = store.knownInbox({ u"1"_s, {}, Cursor{ store.run(), sequence - 1 } });
        wrong += known ? 1 : 0;
        acknowledged = sequence;
    }
    isOver = true;
    reader.join();
    QCOMPARE(wrong.load(), 0);
}

void TestFairInboxes::tooMuchOfOneIsRefused()
{
    fill(u"1"_s, 300); // whose first list has something to write, and the others wait behind it
    constexpr int kTooMuch = 6000;
    std::atomic<int> served{ 0 };
    std::atomic<int> busy{ 0 };
    for (int i = 0; i < kTooMuch; ++i) {
        m_store->store().loadInbox({ u"1"_s, {}, {}, 1 }, [&](const Result<Inbox> &inbox) {
            served += inbox ? 1 : 0;
            busy += !inbox && inbox.error().field == kStoreBusy ? 1 : 0;
        });
    }
    QTRY_COMPARE_WITH_TIMEOUT(served + busy, kTooMuch, 120'000);
    QVERIFY(busy > 0);
    QVERIFY(served >= 4096);
}

QTEST_GUILESS_MAIN(TestFairInboxes)
#include "tst_fairinboxes.moc"
