// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/modes.h"

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

const std::array<ModeDescriptor, kModeCount> &modeDescriptors()
{
    static constexpr std::array<ModeDescriptor, kModeCount> kModes{ {
        { ModeKey::Idle, "idle"_L1, "heartbeat"_L1, "heartbeats"_L1,
            "listeners that only answer heartbeats: memory and CPU"_L1, true, false, 1000, 1 },
        { ModeKey::Churn, "churn"_L1, "handshake"_L1, "handshakes"_L1, "connect, be greeted, close, again and again"_L1,
            false, true, 1, 50 },
        { ModeKey::Echo, "echo"_L1, "message"_L1, "messages"_L1, "clients that send ping and wait for pong"_L1, true,
            true, 100, 1 },
        { ModeKey::Fanout, "fanout"_L1, "delivery"_L1, "deliveries"_L1, "publishes to listeners that are all online"_L1,
            true, true, 1000, 1 },
        { ModeKey::Refusals, "refusals"_L1, "refusal"_L1, "refusals"_L1,
            "a flood of handshakes that must be refused"_L1, false, true, 1, 50 },
        { ModeKey::Overlimit, "overlimit"_L1, "message"_L1, "messages"_L1,
            "a flood of messages over the message limit, in large writes"_L1, true, false, 10, 1 },
        { ModeKey::Slow, "slow"_L1, "delivery"_L1, "deliveries"_L1,
            "some listeners stop reading while publishes go on"_L1, true, true, 100, 4 },
    } };
    return kModes;
}

const ModeDescriptor &modeDescriptor(ModeKey key)
{
    return modeDescriptors()[size_t(key)];
}

const ModeDescriptor *findMode(QStringView name)
{
    for (const ModeDescriptor &descriptor : modeDescriptors()) {
        if (descriptor.name == name)
            return &descriptor;
    }
    return nullptr;
}

std::unique_ptr<Mode> makeMode(const ModeContext &context)
{
    switch (context.plan.mode) {
    case ModeKey::Idle:
        return makeIdleMode(context);
    case ModeKey::Churn:
        return makeChurnMode(context);
    case ModeKey::Echo:
        return makeEchoMode(context);
    case ModeKey::Fanout:
        return makeFanoutMode(context);
    case ModeKey::Refusals:
        return makeRefusalsMode(context);
    case ModeKey::Overlimit:
        return makeOverlimitMode(context);
    case ModeKey::Slow:
        break;
    }
    return makeSlowMode(context);
}

Error lostError(qint64 lost, qint64 all, int closeCode)
{
    const QString how = closeCode == 1006 ? u"without a word"_s : u"with code %1"_s.arg(closeCode);
    return { u"the server ended %1 of %2 connections (the last one %3)"_s.arg(lost).arg(all).arg(how), {} };
}

} // namespace gatehouse::bench
