// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 against the whole channel on real sockets. Each case runs in every mode and cut in several ways, and must
// give the same bytes in all of them.
#include <QtTest/QTest>

#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"
#include "tests/conformance/rawclient.h"
#include "tests/support/channelfixture.h"

using namespace gatehouse;
using namespace gatehouse::conformance;
using namespace std::chrono_literals;

namespace {

/// Everything off that counts messages and connections: only the protocol may close a connection here.
LimitSet openLimits()
{
    LimitSet limits;
    for (const LimitKey key :
        { LimitKey::MaxConnectionsPerIp, LimitKey::MaxReconnectAttempts, LimitKey::MaxMessagesPerMinute,
            LimitKey::MaxConnectionsPerUser, LimitKey::MaxConnections, LimitKey::MessageLimitStrikes })
        limits[key] = { 1'000'000, LimitMode::Off };
    return limits;
}

/// How the server is run. The first is the measure: what the others send must be the same bytes.
struct Mode
{
    const char *name;
    std::unique_ptr<ChannelFixture> (*start)();
};

const std::vector<Mode> kModes = {
    { "awake", [] { return std::make_unique<ChannelFixture>(1, openLimits()); } },
    { "asleep after every message",
        [] {
            return std::make_unique<ChannelFixture>(
                1, openLimits(), QStringList{ QStringLiteral("app.example") }, std::vector<Network>{}, 0ms);
        } },
};

struct Family
{
    const char *name;
    std::vector<Case> (*cases)();
};

const std::vector<Family> kFamilies = {
    { "lengths", lengthCases },
    { "heads", headCases },
    { "ping and pong", pingPongCases },
    { "fragmentation", fragmentationCases },
    { "utf-8", utf8Cases },
    { "closing", closingCases },
    { "limits", limitCases },
};

constexpr qsizetype kWhole = std::numeric_limits<qsizetype>::max();
constexpr qsizetype kShortBytes = 400; // up to here a case is also sent byte by byte

QList<qsizetype> pieceSizes(const QByteArray &bytes)
{
    QList<qsizetype> sizes{ kWhole };
    if (bytes.size() <= kShortBytes)
        sizes += { 1, 2, 3, 5, 7 };
    else
        sizes += { bytes.size() / 2, bytes.size() / 3 + 1, qMax<qsizetype>(bytes.size() / 9, 11) };
    return sizes;
}

bool matches(const QByteArray &actual, const QByteArray &expected)
{
    if (actual == expected)
        return true;
    if (!expected.startsWith("close ") || !actual.startsWith("close "))
        return false;
    return expected.mid(6).split('|').contains(actual.mid(6));
}

bool matches(const QList<QByteArray> &actual, const QList<QByteArray> &expected)
{
    return actual.size() == expected.size()
        && std::equal(actual.begin(), actual.end(), expected.begin(),
            [](const QByteArray &a, const QByteArray &b) { return matches(a, b); });
}

QByteArray shown(const QList<QByteArray> &words)
{
    QByteArray text;
    for (const QByteArray &word : words)
        text += "\n    " + (word.size() > 200 ? word.first(200) + "…" : word);
    return text;
}

/// What the server sent in one run of a case; an error if it did not behave at all.
struct Outcome
{
    QByteArray bytes;
    QByteArray error;
};

Outcome runCase(const Case &test, quint16 port, qsizetype pieceSize)
{
    const bool mustEnd = !test.answers.isEmpty() && test.answers.last().startsWith("close ");
    RawClient client(port);
    if (!client.isOpen())
        return { {}, "the handshake failed" };
    client.send(test.bytes, pieceSize);
    if (mustEnd) {
        const std::optional<QByteArray> received = client.receiveAll();
        return received ? Outcome{ *received, {} } : Outcome{ {}, "the connection was not ended" };
    }
    // A last frame tells that everything before it has been answered, or has not, and that the connection is open.
    client.send(test.endsMidMessage ? frame(kPing, "still here") : frame(kText, pingCommand("still here")), kWhole);
    const std::optional<QByteArray> received = client.receive(test.answers.size() + 1);
    if (!received)
        return { {}, "an answer is missing" };
    return { *received, {} };
}

QList<QByteArray> expectedOf(const Case &test)
{
    QList<QByteArray> expected = test.answers;
    if (expected.isEmpty() || !expected.last().startsWith("close "))
        expected += test.endsMidMessage ? pong("still here") : answered("still here");
    return expected;
}

} // namespace

Q_DECLARE_METATYPE(gatehouse::conformance::Case)

class TestConformance : public QObject
{
    Q_OBJECT

    std::vector<std::unique_ptr<ChannelFixture>> m_servers; ///< one per mode
    QHash<QString, QByteArray> m_firstBytes;                ///< of each case, in the first mode and in one piece

    void addModes()
    {
        QTest::addColumn<int>("mode");
        for (size_t i = 0; i < kModes.size(); ++i)
            QTest::newRow(kModes[i].name) << int(i);
    }
    [[nodiscard]] quint16 port(int mode) const { return m_servers[size_t(mode)]->port; }

private Q_SLOTS:
    void initTestCase()
    {
        for (const Mode &mode : kModes)
            m_servers.push_back(mode.start());
    }
    void cleanupTestCase()
    {
        for (const std::unique_ptr<ChannelFixture> &server : m_servers)
            QTRY_COMPARE_WITH_TIMEOUT(server->sum(&WorkerCounters::activeConnections), 0, 20'000);
        m_servers.clear();
    }

    void hasEnoughCasesAndNoneTwice()
    {
        qsizetype count = 0;
        for (const Family &family : kFamilies) {
            QSet<QByteArray> names;
            for (const Case &test : family.cases()) {
                QVERIFY2(!names.contains(test.name), test.name.constData());
                names.insert(test.name);
                ++count;
            }
        }
        qInfo("%d cases in %d families", int(count), int(kFamilies.size()));
        QVERIFY(count >= 350);
    }

    void answersAsTheStandardSays_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<Case>("test");
        for (size_t mode = 0; mode < kModes.size(); ++mode) {
            for (const Family &family : kFamilies) {
                for (const Case &test : family.cases())
                    QTest::addRow("%s: %s: %s", kModes[mode].name, family.name, test.name.constData())
                        << int(mode) << test;
            }
        }
    }
    void answersAsTheStandardSays()
    {
        QFETCH(int, mode);
        QFETCH(Case, test);
        const QString key = QString::fromUtf8(QTest::currentDataTag()).section(u':', 1);
        for (const qsizetype pieceSize : pieceSizes(test.bytes)) {
            const Outcome outcome = runCase(test, port(mode), pieceSize);
            const QByteArray pieces = pieceSize == kWhole ? QByteArray("in one piece")
                                                          : QByteArray("in pieces of " + QByteArray::number(pieceSize));
            QVERIFY2(outcome.error.isEmpty(), QByteArray(pieces + ": " + outcome.error).constData());
            const QList<QByteArray> actual = describe(outcome.bytes);
            QVERIFY2(matches(actual, expectedOf(test)),
                QByteArray(pieces + ", got:" + shown(actual) + "\nnot:" + shown(expectedOf(test))).constData());
            if (!m_firstBytes.contains(key))
                m_firstBytes.insert(key, outcome.bytes);
            QVERIFY2(outcome.bytes == m_firstBytes.value(key),
                QByteArray(pieces + ": other bytes than at first").constData());
        }
    }

    void judgesEveryCloseCode_data() { addModes(); }
    void judgesEveryCloseCode()
    {
        QFETCH(int, mode);
        for (int code = 0; code <= 5000; ++code) {
            const bool isAllowed
                = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
            const QByteArray answer = closed(isAllowed ? code : 1002);
            const Case test{ {}, frame(kClose, closeBody(code)), { answer } };
            const Outcome outcome = runCase(test, port(mode), kWhole);
            QVERIFY2(matches(describe(outcome.bytes), test.answers),
                QByteArray(QByteArray::number(code) + shown(describe(outcome.bytes))).constData());
        }
    }

    /// Of many pings the most recent one must be answered, and the answers come in order: RFC 6455 section 5.5.3.
    void answersTheLastOfAFloodOfPings_data() { addModes(); }
    void answersTheLastOfAFloodOfPings()
    {
        QFETCH(int, mode);
        constexpr int kPings = 5000;
        QByteArray bytes;
        for (int i = 0; i < kPings; ++i)
            bytes += frame(kPing, QByteArray::number(i));
        RawClient client(port(mode));
        QVERIFY(client.isOpen());
        client.send(bytes + frame(kClose, closeBody(1000)), kWhole);
        client.send(frame(kText, pingCommand("late")), kWhole);
        const std::optional<QByteArray> received = client.receiveAll();
        QVERIFY(received);
        QByteArray rest = *received;
        int last = -1;
        for (const ServerFrame &answer : takeFrames(rest)) {
            if (answer.first != (0x80 | kPong))
                break;
            QVERIFY(answer.payload.toInt() > last);
            last = answer.payload.toInt();
        }
        QVERIFY(last >= 63);
        QCOMPARE(describe(*received).last(), closed(1000));
    }

    void chopsEveryPlaceOfAConversation_data() { addModes(); }
    /// Two writes, cut at each byte of a conversation that holds a bit of everything.
    void chopsEveryPlaceOfAConversation()
    {
        QFETCH(int, mode);
        const QByteArray bytes = frame(kText, pingCommand("one")) + frame(kPing, "p")
            + fragment(kText, pingCommand("\xe2\x82\xac").first(23)) + frame(kPong, "x")
            + frame(kContinuation, pingCommand("\xe2\x82\xac").mid(23)) + frame(kBinary, QByteArray(200, 'b'))
            + frame(kClose, closeBody(1000, "bye"));
        const QList<QByteArray> expected{ answered("one"), pong("p"), answered("\xe2\x82\xac"), badRequest(),
            closed(1000) };
        for (qsizetype cut = 0; cut <= bytes.size(); ++cut) {
            RawClient client(port(mode));
            QVERIFY(client.isOpen());
            client.send(bytes.first(cut), qMax<qsizetype>(cut, 1));
            client.send(bytes.mid(cut), kWhole);
            const std::optional<QByteArray> received = client.receiveAll();
            QVERIFY(received);
            QVERIFY2(describe(*received) == expected,
                QByteArray(QByteArray::number(cut) + shown(describe(*received))).constData());
        }
    }
};

QTEST_GUILESS_MAIN(TestConformance)
#include "tst_conformance.moc"
