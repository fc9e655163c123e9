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

DecisionLog::Page pageOf(std::vector<Decision> inMemory, std::vector<Decision> inArchive, int limit)
{
    DecisionLog::Page page;
    page.decisions = std::move(inMemory);
    page.decisions.insert(
        page.decisions.end(), std::make_move_iterator(inArchive.begin()), std::make_move_iterator(inArchive.end()));
    std::stable_sort(page.decisions.begin(), page.decisions.end(), isNewer);
    const auto isSame = [](const Decision &a, const Decision &b) { return a.id == b.id; };
    page.decisions.erase(std::unique(page.decisions.begin(), page.decisions.end(), isSame), page.decisions.end());
    if (page.decisions.size() > size_t(limit)) {
        page.decisions.resize(size_t(limit));
        page.nextCursor = page.decisions.back().id;
    }
    return page;
}

} // namespace

DecisionLog::DecisionLog(const Clock &clock, Log &log, DecisionArchive &archive, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_log(log)
    , m_archive(archive)
    , m_second(clock.monotonic() - std::chrono::hours(1))
{
    m_timer.setInterval(kDrainInterval);
    connect(&m_timer, &QTimer::timeout, this, &DecisionLog::drain);
}

void DecisionLog::record(Decision decision)
{
    const std::scoped_lock lock(m_mutex);
    if (m_pending.size() >= kMaxPending)
        ++m_pendingSkipped;
    else
        m_pending.push_back(std::move(decision));
}

void DecisionLog::start()
{
    m_timer.start();
}

void DecisionLog::drain()
{
    std::vector<Decision> decisions;
    qint64 skipped = 0;
    {
        const std::scoped_lock lock(m_mutex);
        decisions.swap(m_pending);
        skipped = std::exchange(m_pendingSkipped, 0);
    }
    if (const MonoTime now = m_clock.monotonic(); now - m_second >= std::chrono::seconds(1)) {
        m_second = now;
        tellWhatWasLeftOut();
    }
    if (decisions.empty() && skipped == 0)
        return;
    m_recorded += qint64(decisions.size()) + skipped;
    m_skipped += skipped;
    writeLines(decisions, skipped);
    store(decisions);
    Q_EMIT drained(decisions, skipped);
    for (Decision &decision : decisions)
        m_memory.push_back(std::move(decision));
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

void DecisionLog::store(const std::vector<Decision> &decisions)
{
    const MonoTime now = m_clock.monotonic();
    std::vector<Decision> kept;
    for (const Decision &decision : decisions) {
        if (m_storeBudget.mayTake(now)
            && m_storeBudget.take(addressOf(decision), DecisionArchive::bytesOf(decision), now))
            kept.push_back(decision);
    }
    if (!kept.empty())
        m_archive.append(std::move(kept));
}

std::vector<Decision> DecisionLog::matching(const DecisionFilter &filter, const QString &before, int limit) const
{
    std::vector<Decision> found;
    for (const Decision &decision : m_memory) {
        if ((before.isEmpty() || decision.id < before) && filter.matches(decision))
            found.push_back(decision);
    }
    // The generators of several workers make ids that are not quite in the order of their coming.
    std::sort(found.begin(), found.end(), isNewer);
    if (found.size() > size_t(limit))
        found.resize(size_t(limit));
    return found;
}

void DecisionLog::query(
    const DecisionFilter &filter, const QString &cursor, int limit, std::function<void(Result<Page>)> done)
{
    drain();
    // One more than asked for, of each, tells whether there is a next page.
    m_archive.load(filter, cursor, limit + 1,
        [inMemory = matching(filter, cursor, limit + 1), limit, done = std::move(done)](
            Result<std::vector<Decision>> inArchive) mutable {
            if (inArchive)
                done(pageOf(std::move(inMemory), std::move(inArchive).value(), limit));
            else
                done(inArchive.error());
        });
}

void DecisionLog::top(
    DecisionKey key, UtcTime from, UtcTime to, int limit, std::function<void(Result<std::vector<DecisionCount>>)> done)
{
    drain();
    // Memory has the floods that the archive has not; it is asked when it reaches back far enough.
    if (m_memory.size() < kMaxInMemory || m_memory.front().at > from) {
        m_archive.loadTop(key, from, to, limit, std::move(done));
        return;
    }
    QHash<QString, qint64> counts;
    for (const Decision &decision : m_memory) {
        if (decision.at >= from && decision.at < to)
            ++counts[decisionValue(decision, key)];
    }
    counts.remove(QString());
    std::vector<DecisionCount> sorted;
    for (auto entry = counts.cbegin(); entry != counts.cend(); ++entry)
        sorted.push_back({ entry.key(), entry.value() });
    std::sort(sorted.begin(), sorted.end(), [](const DecisionCount &a, const DecisionCount &b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    if (sorted.size() > size_t(limit))
        sorted.resize(size_t(limit));
    done(std::move(sorted));
}

} // namespace gatehouse
