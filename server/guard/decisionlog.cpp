// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/decisionlog.h"

#include <algorithm>

#include <QtCore/QHash>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

void addIf(LogFields &fields, QLatin1StringView name, const QString &text)
{
    if (!text.isEmpty())
        fields.push_back({ name, text });
}

void addIf(LogFields &fields, QLatin1StringView name, const std::optional<qint64> &number)
{
    if (number)
        fields.push_back({ name, *number });
}

LogFields fieldsOf(const Decision &decision)
{
    const ReasonDescriptor &descriptor = reasonDescriptor(decision.reason);
    LogFields fields{ { "id"_L1, decision.id }, { "guard"_L1, descriptor.guard }, { "reason"_L1, descriptor.code } };
    addIf(fields, "address"_L1, decision.address);
    addIf(fields, "user"_L1, decision.user);
    addIf(fields, "origin"_L1, decision.origin);
    addIf(fields, "token"_L1, decision.tokenFingerprint);
    addIf(fields, "limit"_L1, decision.limit);
    addIf(fields, "observed"_L1, decision.observed);
    addIf(fields, "retry_after"_L1, decision.retryAfterSeconds);
    addIf(fields, "detail"_L1, decision.detail);
    return fields;
}

/// Whom a limit turns away may be a user whom nobody wants to lose: the operator has to hear of it.
LogLevel levelOf(const Decision &decision)
{
    return decision.isEnforced && reasonDescriptor(decision.reason).limit ? LogLevel::Warning : LogLevel::Info;
}

/// The bucket, as a decision has it.
IpAddress addressOf(const Decision &decision)
{
    const QByteArray text = decision.address.section(u'/', 0, 0).toLatin1();
    return IpAddress::parse(text).value_or(IpAddress());
}

/// About what a line takes.
qint64 bytesOf(const LogFields &fields)
{
    constexpr qint64 kAround = 48; // moment, level, event
    constexpr qint64 kNumber = 12;
    qint64 bytes = kAround;
    for (const LogField &field : fields) {
        bytes += field.name.size() + 4; // with what stands between
        bytes += field.value.isString() ? field.value.toString().toUtf8().size() : kNumber;
    }
    return bytes;
}

bool isNewer(const Decision &a, const Decision &b)
{
    return a.id > b.id;
}

DecisionCounts joined(const DecisionCounts &one, const DecisionCounts &other, int limit)
{
    QHash<QString, qint64> sums;
    for (const DecisionCounts *counts : { &one, &other }) {
        for (const DecisionCount &count : counts->counts)
            sums[count.value] += count.count;
    }
    return { mostFrequent(sums, size_t(limit)), one.total + other.total, one.isExact && other.isExact };
}

} // namespace

DecisionLog::DecisionLog(const Clock &clock, Log &log, DecisionArchive &archive, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_log(log)
    , m_archive(archive)
    , m_tally(clock.utc())
    , m_returns(std::make_shared<DecisionReturns>())
    , m_second(clock.monotonic() - std::chrono::hours(1))
{
    m_timer.setInterval(kDrainInterval);
    connect(&m_timer, &QTimer::timeout, this, &DecisionLog::drain);
}

void DecisionLog::record(Decision decision)
{
    const std::scoped_lock lock(m_mutex);
    if (m_pending.decisions.size() < kMaxPending) {
        m_pending.decisions.push_back(std::move(decision));
        return;
    }
    ++m_pending.skipped;
    ++m_pending.leftOut[SecondRange::secondOf(decision.at)];
    m_pending.tally.add(decision);
}

void DecisionLog::count(const Decision &about, qint64 count)
{
    const std::scoped_lock lock(m_mutex);
    m_pending.leftOut[SecondRange::secondOf(about.at)] += count;
    m_pending.tally.add(about, count);
}

void DecisionLog::start()
{
    m_timer.start();
}

void DecisionLog::drain()
{
    Pending pending;
    {
        const std::scoped_lock lock(m_mutex);
        std::swap(pending, m_pending);
    }
    auto &[decisions, skipped, leftOut, tally] = pending;
    DecisionArchive::LeftOut returned;
    if (const MonoTime now = m_clock.monotonic(); now - m_second >= std::chrono::seconds(1)) {
        m_second = now;
        tellWhatWasLeftOut();
        returned = m_returns->take();
    }
    if (decisions.empty() && leftOut.empty() && returned.empty())
        return;
    if (!leftOut.empty())
        m_unseenUntil = UtcTime(std::chrono::seconds(leftOut.rbegin()->first + 1));
    m_recorded += qint64(decisions.size()) + skipped;
    m_skipped += skipped;
    m_tally.add(tally);
    for (const Decision &decision : decisions)
        m_tally.add(decision);
    writeLines(decisions, skipped);
    for (const auto &[second, count] : returned)
        leftOut[second] += count;
    const std::vector<IsLost> isLost = store(decisions, std::move(leftOut));
    if (!decisions.empty() || skipped > 0)
        Q_EMIT drained(decisions, skipped);
    for (size_t i = 0; i < decisions.size(); ++i)
        m_memory.push_back({ std::move(decisions[i]), isLost[i] });
    while (m_memory.size() > kMaxInMemory)
        m_memory.pop_front();
}

/// Seldom: that too is a line which strangers cause.
void DecisionLog::tellWhatWasLeftOut()
{
    const qint64 notLogged = m_logBudget.leftOut() - m_told.notLogged;
    const qint64 notStored = m_storeBudget.leftOut() - m_told.notStored;
    if ((notLogged == 0 && notStored == 0) || !m_tellPause.isOver(m_second))
        return;
    m_told = { m_logBudget.leftOut(), m_storeBudget.leftOut() };
    if (notLogged > 0)
        m_log.log(LogLevel::Warning, "refusals_not_logged"_L1, { { "count"_L1, notLogged } });
    if (notStored > 0)
        m_log.log(LogLevel::Warning, "refusals_not_stored"_L1, { { "count"_L1, notStored } });
}

void DecisionLog::writeLines(const std::vector<Decision> &decisions, qint64 skipped)
{
    if (!m_log.isEnabled(LogLevel::Warning))
        return; // not asked for, so nobody has to be told
    m_logBudget.leaveOut(skipped);
    const MonoTime now = m_clock.monotonic();
    for (const Decision &decision : decisions) {
        const LogLevel level = levelOf(decision);
        if (!m_log.isEnabled(level) || !m_logBudget.mayTake(now))
            continue;
        LogFields fields = fieldsOf(decision);
        if (m_logBudget.take(addressOf(decision), bytesOf(fields), now))
            m_log.log(level, decision.isEnforced ? "refused"_L1 : "would_refuse"_L1, std::move(fields));
    }
}

std::vector<DecisionLog::IsLost> DecisionLog::store(
    const std::vector<Decision> &decisions, DecisionArchive::LeftOut leftOut)
{
    const MonoTime now = m_clock.monotonic();
    const auto isLost = std::make_shared<std::atomic<bool>>(false);
    std::vector<Decision> kept;
    std::vector<IsLost> batches;
    for (const Decision &decision : decisions) {
        const bool isStored = m_storeBudget.mayTake(now)
            && m_storeBudget.take(addressOf(decision), DecisionArchive::bytesOf(decision), now);
        batches.push_back(isStored ? isLost : nullptr);
        if (isStored)
            kept.push_back(decision);
        else
            ++leftOut[SecondRange::secondOf(decision.at)];
    }
    if (!kept.empty() || !leftOut.empty())
        m_archive.append(std::move(kept), std::move(leftOut),
            [isLost, returns = m_returns](const DecisionArchive::LeftOut &notStored) {
                *isLost = true;
                returns->add(notStored);
            });
    return batches;
}

void DecisionLog::Known::count(const IsLost &isLost, bool isMatch)
{
    if (isLost && (batches.empty() || batches.back().isLost != isLost))
        batches.push_back({ isLost });
    (isLost ? batches.back().matching : matching) += isMatch ? 1 : 0;
    ++(isLost ? batches.back().ofThatTime : ofThatTime);
}

void DecisionLog::Known::addLostBatches()
{
    for (const Batch &batch : batches) {
        if (!*batch.isLost)
            continue;
        matching += batch.matching;
        ofThatTime += batch.ofThatTime;
    }
}

/// One more than asked for, of each place, tells whether there is a next page.
DecisionLog::Known DecisionLog::inMemory(const DecisionFilter &filter, const QString &before, int limit) const
{
    const SecondRange range(filter.from, filter.to);
    Known known;
    std::vector<const Decision *> found;
    for (const Kept &kept : m_memory) {
        if (!range.contains(kept.decision.at))
            continue;
        const bool isMatch = filter.matches(kept.decision);
        known.count(kept.isLost, isMatch);
        if (isMatch && (before.isEmpty() || kept.decision.id < before))
            found.push_back(&kept.decision);
    }
    // The generators of several workers make ids that are not quite in the order of their coming.
    const auto end = found.begin() + std::min(ptrdiff_t(found.size()), ptrdiff_t(limit) + 1);
    std::partial_sort(found.begin(), end, found.end(),
        [](const Decision *one, const Decision *other) { return isNewer(*one, *other); });
    std::transform(found.begin(), end, std::back_inserter(known.decisions), [](const Decision *one) { return *one; });
    return known;
}

DecisionLog::Page DecisionLog::pageOf(Known known, DecisionArchive::Found inArchive, int limit)
{
    known.addLostBatches();
    Page page;
    page.total = inArchive.total + known.matching;
    page.isAtLeast = inArchive.total >= DecisionArchive::kMaxCounted;
    page.notStored = std::max<qint64>(0, inArchive.leftOut - known.ofThatTime);
    page.decisions = std::move(known.decisions);
    page.decisions.insert(page.decisions.end(), std::make_move_iterator(inArchive.decisions.begin()),
        std::make_move_iterator(inArchive.decisions.end()));
    std::stable_sort(page.decisions.begin(), page.decisions.end(), isNewer);
    const auto isSame = [](const Decision &a, const Decision &b) { return a.id == b.id; };
    page.decisions.erase(std::unique(page.decisions.begin(), page.decisions.end(), isSame), page.decisions.end());
    if (page.decisions.size() > size_t(limit)) {
        page.decisions.resize(size_t(limit));
        page.nextCursor = page.decisions.back().id;
    }
    return page;
}

void DecisionLog::query(
    const DecisionFilter &filter, const QString &cursor, int limit, std::function<void(Result<Page>)> done)
{
    drain();
    const auto answer
        = [known = inMemory(filter, cursor, limit), range = SecondRange(filter.from, filter.to), returns = m_returns,
              limit, done = std::move(done)](Result<DecisionArchive::Found> inArchive) mutable {
              if (!inArchive) {
                  done(inArchive.error());
                  return;
              }
              inArchive->leftOut += returns->count(range);
              done(pageOf(std::move(known), std::move(inArchive).value(), limit));
          };
    m_archive.load(filter, cursor, limit + 1, std::move(answer));
}

bool DecisionLog::reachesBackTo(UtcTime from) const
{
    return m_memory.size() == kMaxInMemory && m_memory.front().decision.at <= from && m_unseenUntil <= from;
}

DecisionCounts DecisionLog::countsInMemory(DecisionKey key, UtcTime from, UtcTime to, int limit) const
{
    DecisionCounts result;
    QHash<QString, qint64> sums;
    for (const Kept &kept : m_memory) {
        if (kept.decision.at < from || kept.decision.at >= to)
            continue;
        ++sums[decisionValue(kept.decision, key)];
        ++result.total;
    }
    result.counts = mostFrequent(sums, size_t(limit));
    return result;
}

void DecisionLog::top(
    DecisionKey key, UtcTime from, UtcTime to, int limit, std::function<void(Result<DecisionCounts>)> done)
{
    drain();
    if (reachesBackTo(from)) {
        done(countsInMemory(key, from, to, limit));
        return;
    }
    const UtcTime split = std::max(from, m_tally.from());
    const bool isMissingSome = m_returns->count({ from, to }) > 0;
    const auto answer = [=, returns = m_returns, counted = m_tally.counts(key, split, to), done = std::move(done)](
                            const Result<DecisionArchive::Top> &stored) {
        if (!stored) {
            done(stored.error());
            return;
        }
        DecisionCounts counts = stored->isAll ? stored->counts : joined(stored->counts, counted, limit);
        const UtcTime until = stored->isAll ? to : std::chrono::floor<std::chrono::seconds>(std::min(split, to));
        counts.isExact = counts.isExact && returns->count({ from, until }) == 0;
        done(std::move(counts));
    };
    m_archive.loadTop({ key, from, to, limit, split, isMissingSome }, answer);
}

} // namespace gatehouse
