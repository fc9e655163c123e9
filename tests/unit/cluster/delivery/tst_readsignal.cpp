// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/cluster/delivery/readsignal.h"
#include "server/notify/notificationmessages.h"
#include "tests/support/fakechannel.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestReadSignal final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsOtherNodes()
    {
        FakeClock clock;
        RecordingLog log;
        QByteArray sent;
        FakeChannel channel;
        ClusterPubSub first(
            u"run-a"_s, [&sent](const QByteArray &, const QByteArray &payload) { sent = payload; }, clock, log);
        ClusterPubSub second(
            u"run-b"_s, [](const QByteArray &, const QByteArray &) {}, clock, log);
        readsignal::listen(second, channel);
        const QByteArray message = readMessage({ u"01ARZ3NDEKTSV4RRFFQ69G5FAV"_s }, 3);
        readsignal::send(first, u"42"_s, message);
        second.received(ClusterPubSub::kSignal, sent);
        QCoreApplication::processEvents();
        QCOMPARE(channel.reads, QStringList{ u"42 "_s + QString::fromUtf8(message) + u' ' });
    }

    void passesOnNothingElse_data()
    {
        QTest::addColumn<QByteArray>("fields");
        const QByteArray id = R"("01ARZ3NDEKTSV4RRFFQ69G5FAV")";
        QTest::newRow("no user") << R"("ids":[)" + id + R"(],"unread":1)";
        QTest::newRow("no ids") << QByteArray(R"("user":"42","unread":1)");
        QTest::newRow("empty ids") << QByteArray(R"("user":"42","ids":[],"unread":1)");
        QTest::newRow("ids are text") << QByteArray(R"("user":"42","ids":["<script>"],"unread":1)");
        QTest::newRow("many ids") << R"("user":"42","ids":[)" + QByteArray(id + ',').repeated(1000) + id
                + R"(],"unread":1)";
        QTest::newRow("unread is text") << R"("user":"42","ids":[)" + id + R"(],"unread":"1")";
        QTest::newRow("unread is negative") << R"("user":"42","ids":[)" + id + R"(],"unread":-1)";
    }
    void passesOnNothingElse()
    {
        QFETCH(QByteArray, fields);
        FakeClock clock;
        RecordingLog log;
        FakeChannel channel;
        ClusterPubSub pubSub(
            u"run-b"_s, [](const QByteArray &, const QByteArray &) {}, clock, log);
        readsignal::listen(pubSub, channel);
        pubSub.received(ClusterPubSub::kSignal, R"({"type":"read","from":"run-a",)" + fields + '}');
        QCoreApplication::processEvents();
        QCOMPARE(channel.reads.size(), 0);
    }
};

QTEST_GUILESS_MAIN(TestReadSignal)
#include "tst_readsignal.moc"
