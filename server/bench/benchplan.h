// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>

#include "server/bench/benchtarget.h"
#include "server/bench/processusage.h"

namespace gatehouse::bench {

enum class ModeKey : quint8
{
    Idle,
    Churn,
    Echo,
    Fanout,
    Refusals,
    Overlimit,
    Slow
};

/// Why the handshakes of a refusals bench are refused.
enum class RefusalKind : quint8
{
    Token,
    Origin,
    Limit
};

/// How a server speaks: as Gatehouse does, or the small contract of the servers it is compared with (a greeting,
/// {"type":"ping"} →
/// {"type":"pong"}, and {"type":"pub","body":…} broadcast).
enum class Contract : quint8
{
    Gatehouse,
    Plain
};

/// Everything that a bench is told. A plain value.
struct BenchPlan
{
    ModeKey mode = ModeKey::Echo;
    Target target;
    Target publishTarget; ///< where is published: `target`, or another node of its cluster
    Contract contract = Contract::Gatehouse;
    bool expectsGreeting = true; ///< a connection is open once its first message is there; else once it is upgraded
    QByteArray channelPath;
    QByteArray publishPath; ///< empty: published over a WebSocket
    QByteArray origin;
    int connections = 100;
    std::chrono::milliseconds duration{ 5000 }; ///< of a round
    int rounds = 3;
    int inFlight = 1;
    int sourceAddresses = 0; ///< 0: the system chooses
    bool isEphemeral = false;
    int bodyBytes = 64;      ///< of a published notification's body
    int slowConnections = 1; ///< how many stop reading
    RefusalKind refusal = RefusalKind::Token;
    std::function<QByteArray(int)> tokenFor;    ///< the token of client number n; empty: none
    std::function<QByteArray(int)> badTokenFor; ///< one that the server did not sign
    QByteArray publisherToken;
};

} // namespace gatehouse::bench
