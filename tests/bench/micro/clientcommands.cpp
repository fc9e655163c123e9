// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/channel/commands.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

template <typename Expected> void parse(benchmark::State &state, const QString &text)
{
    for (auto _ : state) {
        const ClientMessage message = parseClientMessage(text);
        if (!std::holds_alternative<Expected>(message.command))
            state.SkipWithError("parsed as something else");
    }
}

void commandPing(benchmark::State &state)
{
    parse<PingCommand>(state, u"{\"type\":\"ping\"}"_s);
}
BENCHMARK(commandPing);

void commandMarkTenRead(benchmark::State &state)
{
    const QString ids = QStringList(10, u"\"01HZY8K7Q2M4N6P8R0T2V4X6Z8\""_s).join(u',');
    parse<MarkReadCommand>(state, u"{\"type\":\"mark_read\",\"id\":7,\"ids\":[%1]}"_s.arg(ids));
}
BENCHMARK(commandMarkTenRead);

void commandNoJson(benchmark::State &state)
{
    parse<BadCommand>(state, u"{\"type\":\"ping\""_s);
}
BENCHMARK(commandNoJson);

} // namespace
