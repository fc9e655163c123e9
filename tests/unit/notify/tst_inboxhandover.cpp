// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/notify/inboxhandover.h"
#include "server/notify/inboxqueries.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What is read of a state file is what was written there.
class TestInboxHandover final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<StoreFixture>(
            std::vector<StoreThread::Work>{ inboxqueries::createTables, inboxhandover::createTables });
    }

    void hasANameOfItsOwnThatStays()
    {
        const QByteArray origin = originOf();
        QCOMPARE(origin.size(), 32);
        m_fixture->reopen();
        QCOMPARE(originOf(), origin);
        init();
        QVERIFY(originOf() != origin);
    }

    void hasTheNameThatWasSavedIntoANewFile()
    {
        QVERIFY(m_fixture->execute("INSERT INTO inbox_origin (id) VALUES ('0123456789abcdef0123456789abcdef')"));
        QCOMPARE(originOf(), "0123456789abcdef0123456789abcdef");
    }

    void whatIsNobodysIsNotForAll()
    {
        insert(u"a"_s, ToUsers{ { u"ann"_s } });
        QVERIFY(m_fixture->execute("DELETE FROM audience"));
        QVERIFY(read(0, 100).empty());
    }

    void readsAllThatBelongsToANotification()
    {
        insert(u"a"_s, ToUsers{ { u"bob"_s, u"ann"_s } }, QJsonObject{ { u"order"_s, 7 } }, UtcTime(5s));
        insert(u"b"_s, ToGroups{ { u"staff"_s } });
        insert(u"c"_s, ToAll{});
        QVERIFY(m_fixture->run([](Database &database) {
            return database.execute("INSERT INTO read_mark (user, seq) VALUES ('bob', 1), ('ann', 1), ('ann', 3)");
        }));
        const std::vector<HeldNotification> all = read(0, 100);
        QCOMPARE(all.size(), size_t(3));
        QCOMPARE(all[0].stored.sequence, 1);
        QCOMPARE(all[0].stored.notification.id, u"a"_s);
        QCOMPARE(all[0].stored.notification.title, u"title of a"_s);
        QCOMPARE(all[0].stored.notification.data, QJsonValue(QJsonObject{ { u"order"_s, 7 } }));
        QCOMPARE(all[0].stored.notification.createdAt, UtcTime(1s));
        QCOMPARE(all[0].expiresAt, std::optional(UtcTime(5s)));
        QCOMPARE(std::get<ToUsers>(all[0].to).users, QStringList({ u"ann"_s, u"bob"_s }));
        QCOMPARE(all[0].readers, QStringList({ u"ann"_s, u"bob"_s }));
        QCOMPARE(std::get<ToGroups>(all[1].to).groups, QStringList{ u"staff"_s });
        QVERIFY(all[1].stored.notification.data.isNull());
        QVERIFY(!all[1].expiresAt);
        QVERIFY(all[1].readers.isEmpty());
        QVERIFY(std::holds_alternative<ToAll>(all[2].to));
        QCOMPARE(all[2].readers, QStringList{ u"ann"_s });
    }

    void readsInPortions()
    {
        for (int i = 0; i < 50; ++i)
            insert(QString::number(i), ToUsers{ { u"ann"_s, u"bob"_s } });
        QCOMPARE(read(0, 1).size(), size_t(1)); // one at least
        QCOMPARE(read(0, 5).size(), size_t(3));
        size_t count = 0;
        for (qint64 after = 0;;) {
            const std::vector<HeldNotification> portion = read(after, 1000);
            if (portion.empty())
                break;
            QCOMPARE(portion.front().stored.sequence, after + 1);
            after = portion.back().stored.sequence;
            count += portion.size();
        }
        QCOMPARE(count, size_t(50));
        QVERIFY(read(50, 1000).empty());
    }

    void knowsWhoIsKnown()
    {
        QVERIFY(m_fixture->run([](Database &database) {
            return database.execute(
                "INSERT INTO known_user (user, since_seq) VALUES ('cy', 9), ('bob', 0), ('ann', 9)");
        }));
        Result<std::vector<std::pair<qint64, QString>>> users = Error{};
        QVERIFY(m_fixture->run([&users](Database &database) {
            users = inboxhandover::knownUsers(database);
            return ok();
        }));
        QVERIFY(users);
        const std::vector<std::pair<qint64, QString>> expected{ { 0, u"bob"_s }, { 9, u"ann"_s }, { 9, u"cy"_s } };
        QCOMPARE(*users, expected);
    }

    void takesInWhatIsNotThereById()
    {
        insert(u"a"_s, ToAll{});
        HeldNotification held;
        held.stored.notification
            = { u"b"_s, u"title"_s, u"body"_s, u"info"_s, QJsonValue(QJsonValue::Null), UtcTime(2s), false };
        held.to = ToUsers{ { u"ann"_s } };
        held.readers = { u"ann"_s };
        inboxhandover::TakenIn taken;
        const auto take = [&] {
            return m_fixture->run([&](Database &database) {
                taken = inboxhandover::takeIn(database, held).value();
                return ok();
            });
        };
        QVERIFY(take());
        QVERIFY(taken.isNew);
        QCOMPARE(taken.sequence, 2);
        QVERIFY(take());
        QVERIFY(!taken.isNew);
        QCOMPARE(taken.sequence, 2);
        QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark"), 1);
        held.stored.notification.id = u"a"_s; // its own: it has been read elsewhere
        QVERIFY(take());
        QVERIFY(!taken.isNew);
        QCOMPARE(m_fixture->query("SELECT count(*) FROM read_mark WHERE seq = 1 AND user = 'ann'"), 1);
        // What was taken in came from there: it is given to nobody but one who has lost it.
        QCOMPARE(read(0, 100).size(), size_t(2));
        QCOMPARE(read(0, 100, false).size(), size_t(1));
    }

    void whoIsKnownForLongerStaysSo()
    {
        QVERIFY(m_fixture->run([](Database &database) {
            return database.execute("INSERT INTO known_user (user, since_seq) VALUES ('ann', 3), ('bob', 7)");
        }));
        QVERIFY(m_fixture->run([](Database &database) {
            return inboxhandover::makeKnown(database, { { 5, u"ann"_s }, { 5, u"bob"_s }, { 5, u"cy"_s } });
        }));
        QCOMPARE(m_fixture->query("SELECT since_seq FROM known_user WHERE user = 'ann'"), 3);
        QCOMPARE(m_fixture->query("SELECT since_seq FROM known_user WHERE user = 'bob'"), 5);
        QCOMPARE(m_fixture->query("SELECT since_seq FROM known_user WHERE user = 'cy'"), 5);
    }

private:
    void insert(const QString &id, const Audience &to, const QJsonValue &data = QJsonValue(QJsonValue::Null),
        std::optional<UtcTime> expiresAt = {})
    {
        QVERIFY(m_fixture->run([&](Database &database) -> Status {
            const Notification notification{ id, u"title of "_s + id, u"body"_s, u"info"_s, data, UtcTime(1s), false };
            const Result<qint64> sequence = inboxqueries::insert(database, notification, to, expiresAt);
            return sequence ? ok() : Status(sequence.error());
        }));
    }
    QByteArray originOf()
    {
        QByteArray origin;
        (void)m_fixture->run([&origin](Database &database) {
            origin = inboxhandover::originOf(database).value();
            return ok();
        });
        return origin;
    }
    std::vector<HeldNotification> read(qint64 after, qint64 most, bool withTakenIn = true)
    {
        std::vector<HeldNotification> all;
        (void)m_fixture->run([&](Database &database) {
            all = inboxhandover::read(database, after, most, withTakenIn).value();
            return ok();
        });
        return all;
    }

    std::unique_ptr<StoreFixture> m_fixture;
};

QTEST_GUILESS_MAIN(TestInboxHandover)
#include "tst_inboxhandover.moc"
