// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/app/systemclock.h"
#include "server/channel/workerpool.h"
#include "server/guard/failedlogins.h"
#include "tests/support/echohandler.h"
#include "tests/support/fakeguards.h"
#include "tests/support/guardground.h"
#include "tests/support/memorystore.h"

namespace gatehouse {

/// The channel on real sockets with everything behind it replaced: what a test of net and channel needs. Lives on the
/// test's thread.
struct ChannelFixture : GuardGround
{
    explicit ChannelFixture(int workers = 1, LimitSet limits = {},
        QStringList hosts = { QStringLiteral("app.example") }, std::vector<Network> proxies = {},
        std::chrono::milliseconds awakeTime = kAwakeTime, PeerAdmission *others = nullptr,
        PeerTickets *othersTickets = nullptr)
        : GuardGround(others, othersTickets)
        , origins(hosts, false, false)
        , trustedProxies(std::move(proxies))
    {
        ChannelEnvironment channel;
        channel.guards = environmentOf(clock, origins, verifier);
        channel.guards.tickets = &tickets;
        channel.store = &store;
        channel.decisions = &sink;
        channel.failures = &failures;
        channel.previews = &previews;
        channel.admitConsole = [](const HttpRequest &request) -> std::variant<Identity, HttpResponse> {
            if (!request.bearerToken().startsWith("admin"))
                return HttpResponse::problem({ 401, QStringLiteral("token_missing"), QStringLiteral("x"), {} });
            const bool isByToken = request.bearerToken() != "admin";
            return Identity{ QStringLiteral("admin"), Role::Admin, isByToken ? Role::Admin : Role::None, {}, {},
                QStringLiteral("admin token") };
        };
        channel.consoleHello = [](const Identity &) { return QByteArray(R"({"type":"hello"})"); };
        channel.announceRead = [this](const QString &user, const QByteArray &message, const QString &except) {
            pool->announceRead(user, message, except);
        };
        const ConnectionLoopEnvironment environment{ &clock, &http, &mainContext, &trustedProxies, nullptr, &commons };
        channel.awakeTime = awakeTime;
        pool = std::make_unique<WorkerPool>(workers, environment, channel, snapshotOf(limits));
        socket = ListenSocket::open({ IpAddress::fromIpv4(0x7f000001), 0, {} }).value();
        pool->listen(*socket, ListenScope::Everything);
        port = quint16(socket->url().section(QLatin1Char(':'), -1).toUInt());
    }
    Q_DISABLE_COPY_MOVE(ChannelFixture)

    static LimitSnapshotPtr snapshotOf(const LimitSet &limits, bool isGuarding = true)
    {
        return std::make_shared<const LimitSnapshot>(LimitSnapshot{ limits, isGuarding });
    }
    [[nodiscard]] qint64 sum(WorkerCounters::Counter WorkerCounters::*counter) const
    {
        qint64 total = 0;
        for (const WorkerCounters *counters : pool->counters())
            total += (counters->*counter).load();
        return total;
    }

    SystemClock clock;
    FailedLogins failures;
    TicketBook tickets{ clock };
    AddressRate previews{ ChannelRequests::kPreviewsPerMinute };
    OriginPolicy origins;
    FakeVerifier verifier;
    MemoryStore store;
    RecordingSink sink;
    EchoHandler http;
    LoopCommons commons{ 100'000 };
    std::vector<Network> trustedProxies;
    QObject mainContext;
    std::unique_ptr<ListenSocket> socket;
    std::unique_ptr<WorkerPool> pool; ///< goes first: its workers use all of the above
    quint16 port = 0;
};

} // namespace gatehouse
