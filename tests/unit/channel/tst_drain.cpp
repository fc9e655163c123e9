// SPDX-License-Identifier: GPL-3.0-or-later
// The end of several workers, on real sockets. Qt's own client takes the close code 1012 for an error and keeps no
// reason: bytes are read instead.
#include <QtCore/QElapsedTimer>
#include <QtCore/QRegularExpression>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "tests/support/channelfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// A client and when, since the drain began, it was closed.
class DrainedClient final
{
public:
    DrainedClient(quint16 port, int user, const QElapsedTimer &sinceBegin)
    {
        QObject::connect(&m_socket, &QTcpSocket::readyRead, &m_socket, [this] { m_heard += m_socket.readAll(); });
        QObject::connect(&m_socket, &QTcpSocket::disconnected, &m_socket,
            [this, &sinceBegin] { m_closedAfter = sinceBegin.isValid() ? sinceBegin.elapsed() : 0; });
        m_socket.connectToHost(u"127.0.0.1"_s, port);
        m_socket.write("GET /ws/notifications/?token=user" + QByteArray::number(user)
            + " HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    }

    [[nodiscard]] bool isOpen() const { return m_socket.state() == QAbstractSocket::ConnectedState; }
    /// When it may be back, by what it was closed with, in milliseconds; nullopt if nothing was said.
    [[nodiscard]] std::optional<qint64> backAfter() const
    {
        static const QRegularExpression reason(u"\\{\"r\":\"shutdown\",\"ra\":(\\d+)"_s);
        const QRegularExpressionMatch match = reason.match(QString::fromLatin1(m_heard));
        return match.hasMatch() ? std::optional(m_closedAfter + match.captured(1).toLongLong() * 1000) : std::nullopt;
    }

private:
    QByteArray m_heard;
    qint64 m_closedAfter = 0;
    QTcpSocket m_socket;
};

} // namespace

class TestDrain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Nobody is let in before the fullest worker is done: whoever is on an emptier one is told to wait as long.
    void workersSpreadTheirClientsOverTheTimeOfTheFullest()
    {
        constexpr int kOnFull = 200;
        constexpr int kOnOther = 10;
        constexpr int kAtOnce = 50; // of one address no more may be unfinished
        static_assert(2 * kOnFull % kAtOnce == 0);
        ChannelFixture fixture(2);
        bool isApplied = false;
        fixture.pool->applyLimits(ChannelFixture::snapshotOf({}, false), [&isApplied] { isApplied = true; });
        QTRY_VERIFY(isApplied);
        QElapsedTimer sinceBegin;
        std::vector<std::unique_ptr<DrainedClient>> clients;
        for (int i = 0; i < 2 * kOnFull; ++i) { // they are given to the workers in turn
            clients.push_back(std::make_unique<DrainedClient>(fixture.port, i, sinceBegin));
            if (i % kAtOnce == kAtOnce - 1)
                QTRY_COMPARE(fixture.sum(&WorkerCounters::activeConnections), i + 1);
        }
        std::vector<ConnectionInfo> list;
        fixture.pool->listConnections([&list](std::vector<ConnectionInfo> all) { list = std::move(all); });
        QTRY_COMPARE(list.size(), size_t(2 * kOnFull));
        std::array<qint64, 2> onWorker{};
        for (const ConnectionInfo &connection : list) {
            if (++onWorker.at(size_t(connection.worker)) > kOnOther && connection.worker == 1)
                fixture.pool->kick(connection.id, [](bool) {});
        }
        const auto open = [&clients] {
            return std::count_if(clients.begin(), clients.end(), [](const auto &each) { return each->isOpen(); });
        };
        QTRY_COMPARE(open(), onWorker[0] + kOnOther);
        std::erase_if(clients, [](const auto &each) { return !each->isOpen(); });
        bool isDone = false;
        sinceBegin.start();
        fixture.pool->drain(std::chrono::seconds(60), [&isDone] { isDone = true; });
        QTRY_VERIFY(isDone);
        QTRY_COMPARE(open(), 0);
        const qint64 window = DrainPlan::windowOf(onWorker[0], std::chrono::seconds(60)).count();
        QVERIFY(window > 1000);
        for (const auto &each : clients) {
            QVERIFY(each->backAfter());
            QVERIFY2(*each->backAfter() >= window, qPrintable(QString::number(*each->backAfter())));
        }
    }
};

QTEST_GUILESS_MAIN(TestDrain)
#include "tst_drain.moc"
