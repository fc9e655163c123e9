// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Kind = KeyedOutcome::Kind;

class TestPublishKeys final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { StoreKinds::addKinds(); }
    void init() { m_store = m_kinds.make(m_clock); }
    void cleanup() { m_store.reset(); }

    void publishesOnce()
    {
        const KeyedOutcome first = append(key("k"), { QString(), u"ephemeral"_s, QString() }, 2);
        QCOMPARE(first.kind, Kind::Stored);
        QCOMPARE(first.notifications.size(), size_t(2));
        const QStringList ids{ first.notifications[0].notification.id, u"ephemeral"_s,
            first.notifications[1].notification.id };
        for (int i = 0; i < 2; ++i) {
            const KeyedOutcome again = append(key("k"), { QString(), u"another"_s, QString() }, 2);
            QCOMPARE(again.kind, Kind::Replayed);
            QCOMPARE(again.ids, ids); // of the ephemeral one too
            QVERIFY(again.notifications.empty());
            QCOMPARE(stored(), 2);
            m_store->restart();
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
        QCOMPARE(again.ids, QStringList{ u"ephemeral"_s });
    }

    void severalAtOncePublishOnce()
    {
        std::atomic<int> newOnes{ 0 };
        std::atomic<int> replays{ 0 };
        for (int i = 0; i < 20; ++i)
            m_store->store().appendOnce(
                key("k"), { QString() }, { requestToUser(u"1"_s) }, [&](const Result<KeyedOutcome> &outcome) {
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
    }

private:
    static PublishKey key(const QByteArray &text, const QByteArray &digest = "body", const QString &user = u"backend"_s)
    {
        return { user, text, digest };
    }
    KeyedOutcome append(const PublishKey &by, const QStringList &ids = { QString() }, size_t count = 1)
    {
        return awaitCallback<Result<KeyedOutcome>>([&](auto done) {
            m_store->store().appendOnce(by, ids, std::vector<PublishRequest>(count, requestToUser(u"1"_s)), done);
        }).value();
    }
    /// How many were published to the one user whom all are for.
    qint64 stored()
    {
        return awaitCallback<Result<Inbox>>([&](auto done) {
            m_store->store().loadInbox({ u"1"_s, {} }, done);
        })
            .value()
            .unreadCount;
    }

    FakeClock m_clock;
    StoreKinds m_kinds;
    std::unique_ptr<AnyStore> m_store;
};

QTEST_GUILESS_MAIN(TestPublishKeys)
#include "tst_publishkeys.moc"
