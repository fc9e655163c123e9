// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/fanoutmode.h"

#include <algorithm>

#include "server/bench/fleet.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse::bench {

namespace {

constexpr QByteArrayView kMarker("gatehouse-bench-");
constexpr qsizetype kDigits = 8;
constexpr auto kPatience = 10s; // with one publish
constexpr auto kCheckInterval = 250ms;

/// All listeners online; each publish goes to all of them.
class FanoutMode final : public Mode
{
public:
    explicit FanoutMode(const ModeContext &context)
        : m_context(context)
        , m_fleet(context.loop, context.plan, context.plan.connections)
        , m_run(context)
        , m_rssBefore(context.usage.residentKibibytes())
    {
    }

    Status prepare() override
    {
        const Status opened = m_fleet.open();
        m_fleet.observe(&m_run);
        return opened ? m_run.open() : opened;
    }

    Status run(Round &round) override
    {
        const Meter meter(m_context.usage);
        const Status done = m_run.run(m_context.plan.duration, m_context.plan.connections);
        meter.finish(round, m_run.deliveries());
        m_run.finish(round);
        round.set(Measure::Connections, double(m_fleet.openCount()));
        round.set(Measure::RssBefore, m_rssBefore);
        round.set(Measure::RssDuring, m_context.usage.residentKibibytes());
        return done;
    }

    void finish(std::vector<Round> &) override { m_fleet.close(); }
    qint64 operations() const override { return m_run.deliveries(); }

private:
    const ModeContext m_context;
    Fleet m_fleet;
    FanoutRun m_run;
    std::optional<qint64> m_rssBefore;
};

Error publishError(int status)
{
    if (status == 0)
        return { u"the server closed the connection of a publish"_s, {} };
    const QString advice = status == 401 || status == 403 ? u"; its token needs the role publisher"_s : QString();
    return { u"a publish was answered with status %1%2"_s.arg(status).arg(advice), {} };
}

} // namespace

QByteArray publishMarker(quint32 sequence)
{
    return kMarker.toByteArray() + QByteArray::number(sequence, 16).rightJustified(kDigits, '0');
}

std::optional<quint32> findPublishMarker(QByteArrayView message, qsizetype &hint)
{
    const qsizetype length = kMarker.size() + kDigits;
    const bool isWhereItWas = message.size() >= hint + length && message.sliced(hint, kMarker.size()) == kMarker;
    const qsizetype at = isWhereItWas ? hint : message.indexOf(kMarker);
    if (at < 0 || message.size() < at + length)
        return std::nullopt;
    hint = at;
    quint32 sequence = 0;
    for (const char digit : message.sliced(at + kMarker.size(), kDigits)) {
        const int value = digit >= '0' && digit <= '9' ? digit - '0'
            : digit >= 'a' && digit <= 'f'             ? digit - 'a' + 10
                                                       : -1;
        if (value < 0)
            return std::nullopt;
        sequence = sequence << 4 | quint32(value);
    }
    return sequence;
}

FanoutRun::FanoutRun(const ModeContext &context)
    : m_context(context)
    , m_publishers(makePublishers(context.loop, context.plan, *this))
    , m_slots(m_publishers.size())
{
}

Status FanoutRun::open()
{
    for (const auto &publisher : m_publishers) {
        if (const Status opened = publisher->open(); !opened)
            return opened;
    }
    return ok();
}

Status FanoutRun::run(std::chrono::milliseconds duration, int listeners)
{
    m_listeners = listeners;
    m_latencies = {};
    m_accepted = {};
    m_publishes = m_deliveries = m_missed = m_unfinished = m_lost = 0;
    m_isRunning = true;
    for (size_t slot = 0; slot < m_slots.size(); ++slot)
        startPublish(slot);
    const auto isOver = [this] { return m_error || m_lost > 0; };
    const SteadyTime end = EventLoop::now() + duration;
    while (!isOver() && !m_context.loop.isStopped() && EventLoop::now() < end) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - EventLoop::now());
        m_context.loop.run(std::min<std::chrono::milliseconds>(left, kCheckInterval), isOver);
        giveUpOn(EventLoop::now() - kPatience);
    }
    m_isRunning = false;
    m_context.loop.run(kPatience, [this, &isOver] { return isOver() || isIdle(); });
    giveUpOn(SteadyTime::max());
    if (m_error)
        return *m_error;
    if (m_lost > 0)
        return lostError(m_lost, m_listeners, m_closeCode);
    return ok();
}

void FanoutRun::finish(Round &round) const
{
    round.setLatencies(m_latencies, Measure::LatencyP50, Measure::LatencyP99);
    round.setLatencies(m_accepted, Measure::AcceptedP50, Measure::AcceptedP99);
    round.set(Measure::Publishes, double(m_publishes));
    round.set(Measure::Expected, double(m_publishes * m_listeners - m_unfinished));
    round.set(Measure::Received, double(m_deliveries));
    round.set(Measure::Missed, double(m_missed));
    round.set(Measure::Lost, double(m_lost));
}

void FanoutRun::startPublish(size_t slot)
{
    Slot &state = m_slots[slot];
    state.sequence = state.sequence == 0 ? quint32(m_slots.size() + slot) : state.sequence + quint32(m_slots.size());
    state.missing = m_listeners;
    state.isAnswered = false;
    state.isBusy = true;
    ++m_publishes;
    const QByteArray marker = publishMarker(state.sequence);
    state.start = EventLoop::now();
    m_publishers[slot]->publish(marker);
}

void FanoutRun::published(int slot, int status)
{
    if (status < 200 || status > 299) {
        m_error = publishError(status);
        return;
    }
    Slot &state = m_slots[size_t(slot)];
    state.isAnswered = true;
    if (!m_context.plan.publishPath.isEmpty())
        m_accepted.add(EventLoop::now() - state.start);
    finishIfComplete(size_t(slot));
}

void FanoutRun::text(Client &, QByteArrayView message)
{
    const std::optional<quint32> sequence = findPublishMarker(message, m_hint);
    if (!sequence)
        return; // something else that the server had to say
    const size_t slot = *sequence % m_slots.size();
    Slot &state = m_slots[slot];
    if (state.sequence != *sequence || !state.isBusy || state.missing == 0)
        return; // too late: counted as missed
    ++m_deliveries;
    if (--state.missing > 0)
        return;
    m_latencies.add(EventLoop::now() - state.start);
    finishIfComplete(slot);
}

void FanoutRun::ended(Client &, int closeCode)
{
    ++m_lost;
    m_closeCode = closeCode;
}

void FanoutRun::finishIfComplete(size_t slot)
{
    Slot &state = m_slots[slot];
    if (!state.isAnswered || state.missing > 0)
        return;
    state.isBusy = false;
    if (m_isRunning)
        startPublish(slot);
}

void FanoutRun::giveUpOn(SteadyTime olderThan)
{
    for (size_t slot = 0; slot < m_slots.size(); ++slot) {
        Slot &state = m_slots[slot];
        if (!state.isBusy || state.start > olderThan)
            continue;
        (m_context.loop.isStopped() ? m_unfinished : m_missed) += std::exchange(state.missing, 0);
        if (!state.isAnswered && !m_error && !m_context.loop.isStopped() && m_lost == 0)
            m_error = Error{ u"a publish was not answered within %1 s"_s.arg(kPatience.count()), {} };
        state.isBusy = false;
        if (m_isRunning && state.isAnswered)
            startPublish(slot);
    }
}

bool FanoutRun::isIdle() const
{
    return std::none_of(m_slots.begin(), m_slots.end(), [](const Slot &slot) { return slot.isBusy; });
}

std::unique_ptr<Mode> makeFanoutMode(const ModeContext &context)
{
    return std::make_unique<FanoutMode>(context);
}

} // namespace gatehouse::bench
