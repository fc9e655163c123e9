// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/delivery/inboxturns.h"
#include "server/cluster/delivery/redisinboxmarking.h"
#include "server/cluster/delivery/redisinboxreading.h"
#include "server/cluster/scripts/scripts.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakerediscalls.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

constexpr int kUser = 1; // where in the arguments of each script

/// A portion of an index: `count` unread ones of the user's inbox from `newest` downwards, and where it goes on.
RedisReply indexReply(qint64 newest, int count, qint64 nextInbox)
{
    std::vector<RedisReply> unread;
    for (qint64 sequence = newest; sequence > newest - count; --sequence) {
        unread.push_back(textReply(QByteArray::number(sequence)));
        unread.push_back(textReply("01ARZ3NDEKTSV4RRFFQ69G5FAV:253402300700000:0:0"));
    }
    return arrayReply({ textReply("index"), textReply("7"), textReply("1000"), textReply("0"), textReply("unread"),
        textReply("0"), integerReply(0), integerReply(nextInbox), textReply(QByteArray::number(newest - count)),
        integerReply(nextInbox == 0 ? count : 0),
        arrayReply({ arrayReply(std::move(unread)), arrayReply({}), textReply("0") }) });
}

} // namespace

class TestInboxTurns final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_calls = std::make_unique<FakeRedisCalls>();
        m_history = std::make_unique<RedisHistory>(*m_calls, m_log);
        m_turns = std::make_unique<InboxTurns>(*m_history);
        m_answers.clear();
    }

    void stepsOfUsersAlternate()
    {
        ask(u"a"_s, 3);
        ask(u"b"_s, 1);
        QStringList asked;
        for (int i = 0; i < 8; ++i) {
            QVERIFY(int(m_calls->calls.size()) <= InboxTurns::kAtOnce);
            asked.append(userOfNext());
            m_calls->answer(indexReply(1000 - 250 * i, 250, 0)); // each has more
        }
        QCOMPARE(asked, QStringList({ u"a"_s, u"b"_s, u"a"_s, u"b"_s, u"a"_s, u"b"_s, u"a"_s, u"b"_s }));
        QVERIFY(m_answers.isEmpty());
    }

    void aStepLooksAtAPortion()
    {
        ask(u"a"_s, 1);
        QCOMPARE(m_calls->calls.front().script, &scripts::inboxIndex());
        QCOMPARE(m_calls->calls.front().command.at(6), "250");
        QCOMPARE(m_calls->calls.front().command.at(7), QByteArray()); // begins
        m_calls->answer(indexReply(1000, 250, 0));
        const QByteArrayList second = m_calls->calls.front().command;
        QCOMPARE(second.mid(7, 6), QByteArrayList({ "1000", "0", "", "0", "750", "250" }));
        m_calls->answer(indexReply(750, 250, 2)); // the end
        const QByteArrayList contents = m_calls->calls.front().command;
        QCOMPARE(m_calls->calls.front().script, &scripts::inboxContents());
        QCOMPARE(contents.size(), 2 + inboxscripts::kContentsPortion); // the newest
        QCOMPARE(contents.at(2), "1000");
        QVERIFY(contents.at(1).toLongLong() <= inboxscripts::kContentsPortionBytes);
    }

    void oneUserHasOneStepUnderWay()
    {
        ask(u"a"_s, 5);
        QCOMPARE(m_calls->calls.size(), size_t(1));
        m_calls->fail(rediserrors::kDown);
        QCOMPARE(m_answers, QStringList({ u"a error"_s }));
        QCOMPARE(m_calls->calls.size(), size_t(1));
    }

    void marksArePortioned()
    {
        m_turns->add(u"a"_s,
            std::make_shared<RedisInboxMarking>(u"a"_s, QStringList(), std::nullopt, m_clock,
                [this](const Result<std::pair<QStringList, qint64>> &marked) {
                    m_answers.append(marked ? QString::number(marked->first.size()) : u"error"_s);
                }));
        m_calls->answer(indexReply(1000, 150, 2));
        QList<int> portions;
        while (m_calls->calls.front().script == &scripts::markRead()) {
            const int count = int(m_calls->calls.front().command.size()) - 3;
            portions.append(count);
            std::vector<RedisReply> reply{ textReply("marked") };
            reply.insert(reply.end(), size_t(count), integerReply(1));
            m_calls->answer(arrayReply(std::move(reply)));
        }
        QCOMPARE(portions, QList<int>({ 50, 50, 50 }));
        QCOMPARE(m_calls->calls.front().command.at(5), "1000"); // what came since
        m_calls->answer(indexReply(1001, 0, 2));
        QCOMPARE(m_answers, QStringList({ u"150"_s }));
        QVERIFY(m_calls->calls.empty());
    }

    void isBounded()
    {
        ask(u"a"_s, int(InboxTurns::kMostOfOne));
        QVERIFY(m_answers.isEmpty());
        ask(u"a"_s, 1);
        QCOMPARE(m_answers, QStringList({ u"a busy"_s }));
        ask(u"b"_s, 1);
        QCOMPARE(m_calls->calls.size(), size_t(2));
    }

private:
    void ask(const QString &user, int times)
    {
        for (int i = 0; i < times; ++i) {
            m_turns->add(user,
                std::make_shared<RedisInboxReading>(
                    InboxQuery{ user, {} }, m_clock,
                    [this, user](const Result<Inbox> &inbox) {
                        const bool isBusy = !inbox && inbox.error().field == kStoreBusy;
                        m_answers.append(user + (inbox ? u" list"_s : isBusy ? u" busy"_s : u" error"_s));
                    },
                    [](const QString &) {}));
        }
    }
    [[nodiscard]] QString userOfNext() const { return QString::fromUtf8(m_calls->calls.front().command.at(kUser)); }

    FakeClock m_clock;
    RecordingLog m_log;
    std::unique_ptr<FakeRedisCalls> m_calls;
    std::unique_ptr<RedisHistory> m_history;
    std::unique_ptr<InboxTurns> m_turns;
    QStringList m_answers;
};

QTEST_GUILESS_MAIN(TestInboxTurns)
#include "tst_inboxturns.moc"
