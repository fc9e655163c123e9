// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>

#include "server/channel/awakesocket.h"

using namespace gatehouse;

namespace {

/// A message to a connection that is awake.
void readAwake(benchmark::State &state)
{
    WebSocketUpgrader upgrader;
    MemoryAccount held;
    qint64 read = 0;
    AwakeSocket socket(upgrader, held, { [&read](const QString &) { ++read; }, [] {} });
    for (auto _ : state)
        socket.feedText(R"({"type":"ping"})");
    if (read != qint64(state.iterations()))
        state.SkipWithError("missed a message");
}
BENCHMARK(readAwake);

/// A message to a connection that sleeps, and that falls asleep again: with all that Qt does later for the objects.
void wakeReadAndSleep(benchmark::State &state)
{
    WebSocketUpgrader upgrader;
    MemoryAccount held;
    qint64 read = 0;
    for (auto _ : state) {
        {
            AwakeSocket socket(upgrader, held, { [&read](const QString &) { ++read; }, [] {} });
            socket.feedText(R"({"type":"ping"})");
        }
        QCoreApplication::sendPostedEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    if (read != qint64(state.iterations()))
        state.SkipWithError("missed a message");
}
BENCHMARK(wakeReadAndSleep);

} // namespace
