// SPDX-License-Identifier: GPL-3.0-or-later
// FrameGuard: any bytes, cut anywhere, give what they give in one piece; messages keep to the limit; nothing crashes.
#include <cstdlib>

#include <QtCore/QString>

#include "server/channel/frameguard.h"
#include "tests/fuzz/targets.h"

using namespace gatehouse;

namespace {

constexpr qint64 kMaxBytes = 2000;

void require(bool isTrue)
{
    if (!isTrue)
        std::abort();
}

/// Everything the guard tells, but for pings: how many of those are told depends on the pieces, the last one does not.
class Recorder final : public FrameHandler
{
public:
    explicit Recorder(bool skipsEverySecond)
        : m_skips(skipsEverySecond)
    {
    }
    bool messageBegins() override
    {
        log += "begin;";
        return !m_skips || ++m_begun % 2 == 1;
    }
    void messageReceived(Opcode opcode, QByteArrayView payload) override
    {
        require(payload.size() <= kMaxBytes);
        require(opcode == Opcode::Binary || QString::fromUtf8(payload).toUtf8() == payload
            || payload.startsWith("\xef\xbb\xbf"));
        log += QByteArray::number(int(opcode)) + ':' + payload.toByteArray() + ';';
    }
    void pingReceived(QByteArrayView payload) override
    {
        require(payload.size() <= kMaxControlBytes);
        lastPing = payload.toByteArray();
    }
    void pongReceived(QByteArrayView payload) override { log += "pong:" + payload.toByteArray() + ';'; }
    void closeReceived(QByteArrayView payload) override { log += "close:" + payload.toByteArray() + ';'; }

    QByteArray log;
    QByteArray lastPing;

private:
    bool m_skips;
    int m_begun = 0;
};

struct Outcome
{
    QByteArray log;
    QByteArray lastPing;
    bool isOver = false;
    bool isMidMessage = false;
    friend bool operator==(const Outcome &, const Outcome &) = default;
};

/// `step` tells the next piece's size from the last byte; a step of 0 takes all at once.
Outcome run(QByteArrayView bytes, int step, bool skips)
{
    FrameGuard guard;
    Recorder recorder(skips);
    while (!bytes.isEmpty()) {
        const qsizetype size = step == 0 ? bytes.size() : qMin<qsizetype>(bytes.size(), 1 + quint8(bytes[0]) % step);
        const std::optional<FrameViolation> violation = guard.feed(bytes.first(size), kMaxBytes, recorder);
        bytes = bytes.sliced(size);
        if (violation) {
            require(guard.isOver());
            recorder.log += '!' + QByteArray::number(int(violation->code)) + violation->reason;
        }
    }
    return { recorder.log, guard.isOver() ? QByteArray() : recorder.lastPing, guard.isOver(),
        guard.isMidMessage() && !guard.isOver() };
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    for (const bool skips : { false, true }) {
        const Outcome whole = run(bytes, 0, skips);
        for (const int step : { 1, 7, 200 })
            require(run(bytes, step, skips) == whole);
    }
    return 0;
}
