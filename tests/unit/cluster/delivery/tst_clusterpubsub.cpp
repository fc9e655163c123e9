// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/cluster/delivery/clusterpubsub.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

/// Two nodes and the words between them.
struct Fixture
{
    FakeClock clock;
    RecordingLog log;
    std::vector<std::pair<QByteArray, QByteArray>> published;
    ClusterPubSub first{ u"run-a"_s,
        [this](const QByteArray &channel, const QByteArray &payload) {
            published.push_back({ channel, payload });
        },
        clock, log };
    ClusterPubSub second{ u"run-b"_s, [](const QByteArray &, const QByteArray &) {}, clock, log };
    QList<QJsonObject> heard; ///< by the second
    QByteArrayList ephemeral;

    Fixture()
    {
        second.onSignal(u"hello"_s, [this](const QJsonObject &signal) { heard.append(signal); });
        second.setEphemeralHandler([this](const QByteArray &payload) {
            ephemeral.append(payload);
            return payload != "bad";
        });
    }
    void signal(const QByteArray &payload)
    {
        second.received(ClusterPubSub::kSignal, payload);
        QCoreApplication::processEvents();
    }
};

} // namespace

class TestClusterPubSub final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesSignalsByTheirType()
    {
        Fixture f;
        f.first.signal(u"hello"_s, { { "n"_L1, 1 } });
        QCOMPARE(f.published.size(), size_t(1));
        QCOMPARE(f.published[0].first, QByteArray("gatehouse:signal"));
        f.signal(f.published[0].second);
        QCOMPARE(f.heard,
            QList<QJsonObject>{ (QJsonObject{ { "type"_L1, "hello"_L1 }, { "from"_L1, "run-a"_L1 }, { "n"_L1, 1 } }) });
    }

    void oneNodeCanBeMeant()
    {
        Fixture f;
        f.first.signal(u"hello"_s, {}, u"run-c"_s);
        f.first.signal(u"hello"_s, {}, u"run-b"_s);
        for (const auto &[channel, payload] : f.published)
            f.signal(payload);
        QCOMPARE(f.heard.size(), 1);
        QCOMPARE(f.second.refused(), 0);
    }

    void saysNothingOnceItIsSilent()
    {
        Fixture f;
        f.first.silence();
        f.first.signal(u"hello"_s, {});
        f.first.publishEphemeral("{}");
        QCOMPARE(f.published.size(), size_t(0));
    }

    void doesNotHearItself()
    {
        Fixture f;
        f.signal(R"({"type":"hello","from":"run-b"})");
        QCOMPARE(f.heard.size(), 0);
        QCOMPARE(f.second.refused(), 0);
    }

    void aTypeOfANewerNodeIsNoError()
    {
        Fixture f;
        f.signal(R"({"type":"tomorrow","from":"run-a"})");
        QCOMPARE(f.second.refused(), 0);
        QCOMPARE(f.log.lines("signal_unknown"_L1).size(), size_t(1));
    }

    void refusesWhatIsNoSignal_data()
    {
        QTest::addColumn<QByteArray>("payload");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no JSON") << QByteArray("{");
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("no type") << QByteArray(R"({"from":"run-a"})");
        QTest::newRow("type is a number") << QByteArray(R"({"type":1,"from":"run-a"})");
        QTest::newRow("from nobody") << QByteArray(R"({"type":"hello"})");
        QTest::newRow("deep") << QByteArray(1000, '[');
        QTest::newRow("large") << QByteArray(ClusterPubSub::kMostBytes + 1, ' ');
    }
    void refusesWhatIsNoSignal()
    {
        QFETCH(QByteArray, payload);
        Fixture f;
        f.signal(payload);
        QCOMPARE(f.heard.size(), 0);
        QCOMPARE(f.second.refused(), 1);
    }

    void logsInBounds()
    {
        Fixture f;
        for (int i = 0; i < 1000; ++i)
            f.signal("x");
        QCOMPARE(f.second.refused(), 1000);
        QCOMPARE(f.log.lines("message_refused"_L1).size(), size_t(1));
    }

    void aFloodIsDropped()
    {
        Fixture f;
        for (int i = 0; i < ClusterPubSub::kMostWaiting + 5; ++i)
            f.second.received(ClusterPubSub::kEphemeral, "good");
        QCoreApplication::processEvents();
        QCOMPARE(f.ephemeral.size(), ClusterPubSub::kMostWaiting);
        QCOMPARE(f.second.refused(), 5);
        f.second.received(ClusterPubSub::kEphemeral, "bad");
        QCoreApplication::processEvents();
        QCOMPARE(f.second.refused(), 6);
    }
};

QTEST_GUILESS_MAIN(TestClusterPubSub)
#include "tst_clusterpubsub.moc"
