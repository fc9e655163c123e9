// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/notify/notificationmessages.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

Notification notification()
{
    return { u"01HZY8K7Q2M4N6P8R0T2V4X6Z8"_s, u"Order shipped"_s, u"It arrives on Monday."_s, u"success"_s,
        QJsonObject{ { "order"_L1, 7 } }, UtcTime{}, false };
}

void notificationEncode(benchmark::State &state)
{
    const Notification one = notification();
    for (auto _ : state)
        benchmark::DoNotOptimize(notificationMessage(one, { 1, 42 }));
}
BENCHMARK(notificationEncode);

void notificationsListOfHundred(benchmark::State &state)
{
    Inbox inbox;
    for (qint64 sequence = 1; sequence <= 100; ++sequence)
        inbox.notifications.push_back({ sequence, notification() });
    inbox.unreadCount = 100;
    for (auto _ : state)
        benchmark::DoNotOptimize(notificationsListMessage(inbox));
}
BENCHMARK(notificationsListOfHundred);

void publishBodyParse(benchmark::State &state)
{
    const QByteArray body
        = R"({"to":{"users":["42"]},"title":"Order shipped","body":"It arrives on Monday.","level":"success","data":{"order":7}})";
    for (auto _ : state) {
        if (!parsePublishBody(body))
            state.SkipWithError("refused a valid body");
    }
}
BENCHMARK(publishBodyParse);

} // namespace
