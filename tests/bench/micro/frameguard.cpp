// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/bench/wireformat.h"
#include "server/channel/frameguard.h"

using namespace gatehouse;

namespace {

constexpr qint64 kMaxMessageBytes = 65'536;
constexpr int kFramesPerRead = 64;

/// Counts messages, and takes them or not.
class CountingHandler final : public FrameHandler
{
public:
    explicit CountingHandler(bool takes)
        : m_takes(takes)
    {
    }
    bool messageBegins() override
    {
        ++m_begun;
        return m_takes;
    }
    void messageReceived(Opcode, QByteArrayView) override { }
    void pingReceived(QByteArrayView) override { }
    void pongReceived(QByteArrayView) override { }
    void closeReceived(QByteArrayView) override { }
    [[nodiscard]] qint64 begun() const { return m_begun; }

private:
    bool m_takes;
    qint64 m_begun = 0;
};

/// Frames in reads of 64; one iteration is one read.
void feed(benchmark::State &state, qsizetype payloadBytes, bool takes)
{
    const QByteArray read
        = bench::clientFrame(bench::kText, QByteArray(payloadBytes, 'x'), 0x12345678).repeated(kFramesPerRead);
    FrameGuard guard;
    CountingHandler handler(takes);
    for (auto _ : state) {
        if (guard.feed(read, kMaxMessageBytes, handler))
            state.SkipWithError("refused a valid frame");
    }
    if (handler.begun() != qint64(state.iterations()) * kFramesPerRead)
        state.SkipWithError("missed a message");
    state.SetItemsProcessed(qint64(state.iterations()) * kFramesPerRead);
}

void frameGuardShortTexts(benchmark::State &state)
{
    feed(state, 15, true);
}
BENCHMARK(frameGuardShortTexts);

void frameGuardKilobyteTexts(benchmark::State &state)
{
    feed(state, 1024, true);
}
BENCHMARK(frameGuardKilobyteTexts);

void frameGuardSkippedTexts(benchmark::State &state)
{
    feed(state, 15, false);
}
BENCHMARK(frameGuardSkippedTexts);

} // namespace
