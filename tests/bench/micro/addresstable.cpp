// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>
#include <malloc.h>

#include "server/guard/addresstable.h"
#include "server/guard/attempttable.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr quint32 kFirst = 0x0a000000;

LimitSnapshot roomyLimits()
{
    LimitSnapshot snapshot;
    snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1'000'000;
    return snapshot;
}

double allocatedMebibytes()
{
    const struct mallinfo2 info = mallinfo2();
    return double(info.uordblks + info.hblkhd) / 1024.0 / 1024.0;
}

ClientKey clientAt(quint32 number)
{
    return { AddressKey::of(IpAddress::fromIpv4(kFirst + number)), 1 };
}

/// Knows clients at so many addresses, each of which has been there once within the window.
std::unique_ptr<AttemptTable> filledTable(quint32 addresses, const LimitSnapshot &snapshot)
{
    auto table = std::make_unique<AttemptTable>();
    for (quint32 i = 0; i < addresses; ++i)
        benchmark::DoNotOptimize(table->admit(clientAt(i), snapshot, MonoTime{}).isAdmitted());
    return table;
}

/// A client that the table knows comes again.
void admitKnown(benchmark::State &state, quint32 addresses)
{
    const LimitSnapshot snapshot = roomyLimits();
    const double before = allocatedMebibytes();
    const auto table = filledTable(addresses, snapshot);
    if (table->size() < qint64(addresses) / 100 * 99) // at its bound, the fullest of the table's parts have made room
        state.SkipWithError("the table does not know all addresses");
    state.counters["table MiB"] = allocatedMebibytes() - before;
    quint32 next = 0;
    MonoTime now{};
    for (auto _ : state) {
        now += 2h; // earlier attempts do not count any more: windows stay as small as they are in life
        next = (next + 7919) % addresses; // a prime: not the order of filling
        benchmark::DoNotOptimize(table->admit(clientAt(next), snapshot, now).isAdmitted());
    }
}

void addressTableAdmitAmongThousand(benchmark::State &state)
{
    admitKnown(state, 1000);
}
BENCHMARK(addressTableAdmitAmongThousand);

void addressTableAdmitAmongMillion(benchmark::State &state)
{
    admitKnown(state, quint32(AttemptTable::kMaxClients));
}
BENCHMARK(addressTableAdmitAmongMillion);

/// An address over its limit is refused: what a flood costs.
void addressTableRefuse(benchmark::State &state)
{
    const LimitRule rule{ 1 };
    AddressTable table;
    const IpAddress address = IpAddress::fromIpv4(kFirst);
    const AddressTable::Admission holder = table.admit(address, rule);
    for (auto _ : state) {
        if (table.admit(address, rule).isAdmitted())
            state.SkipWithError("admitted over the limit");
    }
}
BENCHMARK(addressTableRefuse);

} // namespace
