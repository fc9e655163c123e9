// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/notify/publishkeys.h"
#include "server/notify/sqlitenotificationstore.h"
#include "tests/support/fakeclock.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Kind = KeyedOutcome::Kind;

class TestPublishKeys final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<StoreFixture>(std::vector<StoreThread::Work> { SqliteNotificationStore::createTables });
        m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock);
    }
    void cleanup()
    {
        m_fixture.reset();
        m_store.reset();
    }

    void publishesOnce()
    {
        const KeyedOutcome first = append(key("k"), { QString(), u"ephemeral"_s, QString() }, 2);
        QCOMPARE(first.kind, Kind::Stored);
        QCOMPARE(first.notifications.size(), size_t(2));
        const QStringList ids { first.notifications[0].notification.id, u"ephemeral"_s, first.notifications[1].notification.id };
        for (int i = 0; i < 2; ++i) {
            const KeyedOutcome again = append(key("k"), { QString(), u"another"_s, QString() }, 2);
            QCOMPARE(again.kind, Kind::Replayed);
            QCOMPARE(again.ids, ids); // of the ephemeral one too
            QVERIFY(again.notifications.empty());
            QCOMPARE(stored(), 2);
            restart();
        }
    }

    void keysAreThePublishers()
    {
        QCOMPARE(append(key("k", "body", u"a"_s)).kind, Kind::Stored);
        QCOMPARE(append(key("k", "body", u"b"_s)).kind, Kind::Stored);
        QCOMPARE(append(key("K", "body", u"a"_s)).kind, Kind::Stored);
        QCOMPARE(append(key("k", "another", u"a"_s)).kind, Kind::Refused);
        QCOMPARE(stored(), 3);
        QCOMPARE(append(key("k", "body", u"a"_s)).kind, Kind::Replayed); // the mistake has changed nothing
    }

    void keysOfWhatIsNotStored()
    {
        QCOMPARE(append(key("k"), { u"ephemeral"_s }, 0).kind, Kind::Stored);
        const KeyedOutcome again = append(key("k"), { u"another"_s }, 0);
        QCOMPARE(again.kind, Kind::Replayed);
        QCOMPARE(again.ids, QStringList { u"ephemeral"_s });
    }

    void severalAtOncePublishOnce()
    {
        std::atomic<int> newOnes { 0 };
        std::atomic<int> replays { 0 };
        for (int i = 0; i < 20; ++i)
            m_store->appendOnce(key("k"), { QString() }, { request() }, [&](const Result<KeyedOutcome> &outcome) {
                ++(outcome && outcome->kind == Kind::Stored ? newOnes : replays);
            });
        QCOMPARE(stored(), 1);
        QCOMPARE(newOnes.load(), 1);
        QCOMPARE(replays.load(), 19);
    }

    void forgetsAfterADay()
    {
        (void)append(key("k"));
        m_clock.advance(24h - 1ms);
        m_store->purge();
        QCOMPARE(append(key("k")).kind, Kind::Replayed);
        m_clock.advance(1ms);
        QCOMPARE(append(key("k")).kind, Kind::Stored); // purged or not
        m_clock.advance(24h);
        for (int i = 0; i < 1200; ++i)
            m_store->appendOnce(key("young " + QByteArray::number(i)), { u"e"_s }, {}, [](const Result<KeyedOutcome> &) { });
        m_store->purge();
        restart();
        QCOMPARE(m_fixture->query("SELECT count(*) FROM publish_key"), 1200);
        m_clock.advance(24h);
        m_store->purge();
        restart();
        QCOMPARE(m_fixture->query("SELECT count(*) FROM publish_key"), 0);
    }

    void aFailureLeavesNeither()
    {
        QVERIFY(m_fixture->execute("CREATE TRIGGER t BEFORE INSERT ON publish_key BEGIN SELECT raise(FAIL, 'no'); END"));
        const auto outcome = awaitCallback<Result<KeyedOutcome>>(
            [&](auto done) { m_store->appendOnce(key("k"), { QString() }, { request() }, done); });
        QVERIFY(!outcome);
        QCOMPARE(stored(), 0);
        QVERIFY(m_fixture->execute("DROP TRIGGER t"));
        QCOMPARE(append(key("k")).kind, Kind::Stored);
    }

private:
    static PublishKey key(const QByteArray &text, const QByteArray &digest = "body", const QString &user = u"backend"_s)
    {
        return { user, text, digest };
    }
    static PublishRequest request()
    {
        PublishRequest made;
        made.to = ToUsers { { u"1"_s } };
        made.title = u"t"_s;
        made.level = u"info"_s;
        return made;
    }
    KeyedOutcome append(const PublishKey &by, const QStringList &ids = { QString() }, size_t count = 1)
    {
        return awaitCallback<Result<KeyedOutcome>>([&](auto done) {
            m_store->appendOnce(by, ids, std::vector<PublishRequest>(count, request()), done);
        }).value();
    }
    qint64 stored() { return m_fixture->query("SELECT count(*) FROM notification"); }
    void restart()
    {
        m_fixture->reopen();
        m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock);
    }

    FakeClock m_clock;
    std::unique_ptr<StoreFixture> m_fixture;
    std::unique_ptr<SqliteNotificationStore> m_store;
};

QTEST_GUILESS_MAIN(TestPublishKeys)
#include "tst_publishkeys.moc"
