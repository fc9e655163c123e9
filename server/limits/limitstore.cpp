// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/limits/limitstore.h"

#include <algorithm>
#include <future>

#include "server/base/answeronce.h"
#include "server/base/onthread.h"
#include "server/limits/limitcodec.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;

} // namespace

LimitStore::LimitStore(StoreThread &store, ControlLog &log, const Clock &clock, QObject &anchor)
    : m_store(store)
    , m_log(log)
    , m_clock(clock)
    , m_anchor(anchor)
    , m_snapshot(std::make_shared<const LimitSnapshot>())
{
    m_log.attach(ControlKind::Limits, limitcodec::storage(), this);
}

LimitStore::~LimitStore()
{
    m_log.leave(ControlKind::Limits);
}

Status LimitStore::createTables(Database &database)
{
    Status status = AuditLog::createTables(database);
    if (status)
        status = limitrevisions::createTables(database);
    return status ? limitcodec::createTables(database) : status;
}

Status LimitStore::load(const Configured &configured)
{
    m_news.configured.isGuarding = configured.isGuarding;
    m_news.configured.profile = configured.profile;
    for (const LimitKey key : configured.keys)
        m_news.configured.limits[key] = configured.limits[key];
    limitcodec::State state;
    std::promise<Status> finished;
    m_store.read([&](Database &database) {
        Result<limitcodec::State> loaded = limitcodec::load(database);
        Result<std::optional<LimitConfiguration>> own = limitcodec::loadOwn(database);
        if (loaded && own) {
            m_news.own = std::move(own).value();
            state = std::move(loaded).value();
        }
        finished.set_value(!loaded ? Status(loaded.error()) : !own ? Status(own.error()) : ok());
    });
    if (Status status = finished.get_future().get(); !status)
        return status;
    if (!m_news.own && state.stored.current.revision > 0) // an earlier version kept it elsewhere
        m_news.own = LimitConfiguration{ state.stored.configured, configured.isGuarding };
    m_wasGuarding = state.isGuarding.value_or(true);
    if (!m_log.outlivesProcess()) { // what other nodes once said is of no account, and the switch ends with the process
        state.configured = m_news.own;
        state.isGuarding.reset();
    }
    m_news.common = state.configured;
    const bool isKnown = state.isGuarding && !m_news.isSwitchNews();
    m_current = state.stored.current;
    m_marks = state.stored.marks;
    m_snapshot = std::make_shared<const LimitSnapshot>(
        LimitSnapshot{ m_news.over(m_current), isKnown ? *state.isGuarding : configured.isGuarding });
    return ok();
}

void LimitStore::setApplyToWorkers(ApplyToWorkers apply)
{
    m_apply = std::move(apply);
}

LimitsDocument LimitStore::document() const
{
    LimitsDocument document;
    document.revision = revision();
    const LimitProfileDescriptor &profile = limitProfile(m_news.profile());
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const LimitValue &limit = m_snapshot->limits[descriptor.key];
        LimitState state;
        state.key = descriptor.name;
        state.title = descriptor.title;
        state.value = limit.value;
        state.mode = limit.mode;
        state.defaultValue = profile.valueOf(descriptor.key);
        state.minimum = descriptor.minimum;
        state.maximum = descriptor.maximum;
        state.unit = descriptor.unit;
        if (const auto window = m_snapshot->limits.windowOf(descriptor.key))
            state.windowSeconds = window->count();
        state.isLive = descriptor.isLive;
        state.help = descriptor.help;
        if (const auto mark = m_marks.find(descriptor.key); mark != m_marks.end()) {
            state.changedAt = mark->second.at;
            state.changedBy = mark->second.by;
        }
        document.limits.push_back(std::move(state));
    }
    return document;
}

void LimitStore::edit(std::vector<LimitEdit> edits, std::optional<qint64> expectedRevision, const Actor &actor,
    const QString &note, Done done)
{
    for (const LimitEdit &edit : edits) {
        const std::optional<Error> error
            = edit.value ? checkLimitValue(limitDescriptor(edit.key), *edit.value) : std::nullopt;
        if (error) {
            postTo(m_anchor, this, [done = std::move(done), error] {
                done(Error{ error->message, limiterrors::kInvalidLimits });
            });
            return;
        }
    }
    Target target = [edits = std::move(edits)](
                        Database &, const LimitSet &current) -> Result<LimitSet> { return applyEdits(current, edits); };
    change({ std::move(target), expectedRevision, { 0, {}, actor.user, actor.address, u"api"_s, note, {} },
        std::move(done) });
}

void LimitStore::restore(
    qint64 revision, std::optional<qint64> expectedRevision, const Actor &actor, const QString &note, Done done)
{
    Target target = [revision](Database &database, const LimitSet &) -> Result<LimitSet> {
        Result<std::optional<LimitSet>> found = limitrevisions::find(database, revision);
        if (!found)
            return found.error();
        if (!*found)
            return Error{ u"there is no revision %1"_s.arg(revision), limiterrors::kNoSuchRevision };
        return **found;
    };
    change({ std::move(target), expectedRevision, { 0, {}, actor.user, actor.address, u"restore"_s, note, {} },
        std::move(done) });
}

void LimitStore::change(Change change)
{
    enqueue([this, asked = std::make_shared<Change>(std::move(change))] { propose(asked, 1); });
}

/// Makes the change from what is in force now.
void LimitStore::propose(const ChangePtr &change, int attempt)
{
    if (change->expectedRevision && *change->expectedRevision != revision()) {
        const QString wanted
            = *change->expectedRevision < 0 ? u"another one"_s : QString::number(*change->expectedRevision);
        finish(*change,
            Error{ u"the limits are at revision %1, not %2"_s.arg(revision()).arg(wanted),
                limiterrors::kRevisionConflict });
        return;
    }
    change->revision.at = m_clock.utc();
    const qint64 version = m_log.version(ControlKind::Limits);
    const auto found = onThreadOf(
        m_anchor, this, [=, this](const Result<LimitSet> &target) { append(change, target, version, attempt); });
    m_store.read([change, found, base = m_current](Database &database) { found(change->target(database, base)); });
}

void LimitStore::append(const ChangePtr &change, const Result<LimitSet> &target, qint64 version, int attempt)
{
    if (version != m_log.version(ControlKind::Limits)) { // what it was made from is gone already
        propose(change, attempt);
        return;
    }
    if (!target) {
        const Error &error = target.error();
        const bool isOwn = error.field == limiterrors::kNoSuchRevision;
        finish(*change, Error{ error.message, isOwn ? error.field : QString(controlerrors::kStoreFailed) });
        return;
    }
    Revision &revision = change->revision;
    LimitSet after = *target;
    revision.changes = limitChanges(m_current, after);
    revision.revision = m_current.revision + (revision.changes.empty() ? 0 : 1);
    after.revision = revision.revision;
    if (revision.changes.empty()) {
        finish(*change, revision);
        return;
    }
    ControlChange asked = limitcodec::encode({ revision, after, {}, {} }, { auditEntryOf(revision, m_current, after) });
    asked.expectedVersion = version;
    m_log.append(
        std::move(asked), [this, change, attempt, self = QPointer(this)](const Result<ControlEntry> &appended) {
            if (!self)
                return;
            if (isToBeMadeAnew(appended, attempt))
                propose(change, attempt + 1);
            else
                finish(*change, appended ? Result<Revision>(change->revision) : changeError(appended.error()));
        });
}

void LimitStore::finish(const Change &change, const Result<Revision> &result)
{
    change.done(result);
    finishOperation();
}

void LimitStore::setGuarding(
    bool isGuarding, const Actor &actor, const QString &note, std::function<void(Result<bool>)> done)
{
    enqueue([=, this] {
        const AuditEntry entry{ m_clock.utc(), actor, u"switch.set"_s, u"guarding"_s, m_snapshot->isGuarding,
            isGuarding, note, {}, {} };
        proposeSwitch(isGuarding, entry, done, 1);
    });
}

void LimitStore::proposeSwitch(
    bool isGuarding, const AuditEntry &entry, const std::function<void(Result<bool>)> &done, int attempt)
{
    if (isGuarding == m_snapshot->isGuarding) {
        done(isGuarding);
        finishOperation();
        return;
    }
    ControlChange change = limitcodec::encode({ {}, {}, isGuarding, {} }, { entry });
    change.expectedVersion = m_log.version(ControlKind::Limits);
    m_log.append(std::move(change), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isToBeMadeAnew(appended, attempt)) {
            proposeSwitch(isGuarding, entry, done, attempt + 1);
            return;
        }
        done(appended ? Result<bool>(isGuarding) : changeError(appended.error()));
        finishOperation();
    });
}

void LimitStore::joined()
{
    if (m_news.isSettled)
        return;
    if (m_isBusy) {
        enqueue([this] { proposeConfiguration(1); });
        return;
    }
    m_isBusy = true;
    proposeConfiguration(1);
}

/// Makes what is news of the configuration a change.
void LimitStore::proposeConfiguration(int attempt)
{
    if (m_news.isSettled) {
        finishOperation();
        return;
    }
    limitcodec::Change change;
    std::vector<AuditEntry> audit;
    LimitSet target = m_news.over(m_current);
    Revision revision{ m_current.revision + 1, m_clock.utc(), u"environment"_s, {}, u"environment"_s, {},
        limitChanges(m_current, target) };
    if (!revision.changes.empty()) {
        target.revision = revision.revision;
        audit.push_back(auditEntryOf(revision, m_current, target));
        change.limits = target;
        change.revision = std::move(revision);
    }
    const bool isGuarding = m_news.configured.isGuarding;
    const bool wasGuarding = m_log.outlivesProcess() ? m_snapshot->isGuarding : m_wasGuarding;
    if (m_news.isSwitchNews() || (!m_log.outlivesProcess() && wasGuarding != isGuarding)) {
        change.isGuarding = isGuarding;
        if (isGuarding != wasGuarding)
            audit.push_back({ m_clock.utc(), { u"environment"_s, {} }, u"switch.set"_s, u"guarding"_s, wasGuarding,
                isGuarding, {}, {}, {} });
    }
    if (const LimitConfiguration all = m_news.merged(); all != m_news.common)
        change.configured = all;
    if (!change.revision && !change.isGuarding && !change.configured) {
        settleConfiguration();
        finishOperation();
        return;
    }
    ControlChange asked = limitcodec::encode(change, std::move(audit));
    asked.expectedVersion = m_log.version(ControlKind::Limits);
    m_log.append(std::move(asked), [this, attempt, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isToBeMadeAnew(appended, attempt)) {
            proposeConfiguration(attempt + 1);
            return;
        }
        if (appended)
            settleConfiguration();
        finishOperation(); // or when the log can be appended to again
    });
}

void LimitStore::settleConfiguration()
{
    m_news.isSettled = true;
    m_news.own = m_news.configured;
    m_store.write(
        [configured = m_news.configured](Database &database) { return limitcodec::storeOwn(database, configured); });
}

void LimitStore::revisions(const QString &cursor, int limit, std::function<void(Result<Page>)> done)
{
    const std::optional<qint64> below = parseRowCursor(cursor);
    const size_t count = size_t(std::clamp(limit, 1, kMaxPage));
    const auto answer = answerOnce<Result<Page>>(onThreadOf(m_anchor, std::move(done)));
    const auto work = [below, count, answer](Database &database) {
        Result<Page> page = Error{ u"the cursor is not one of this list"_s, u"cursor"_s };
        if (below) {
            Result<std::vector<Revision>> list = limitrevisions::list(database, *below, int(count) + 1);
            page = list ? Result<Page>(Page{ std::move(list).value(), {} }) : Result<Page>(list.error());
        }
        if (page && page->revisions.size() > count) {
            page->revisions.resize(count);
            page->nextCursor = QString::number(page->revisions.back().revision);
        }
        answer(page);
    };
    m_store.read(work, answer);
}

/// Operations run one at a time: each begins when the one before has called finishOperation().
void LimitStore::enqueue(std::function<void()> operation)
{
    m_waiting.push_back(std::move(operation));
    if (!m_isBusy)
        postTo(m_anchor, this, [this] { beginNext(); });
}

void LimitStore::beginNext()
{
    if (m_isBusy || m_waiting.empty())
        return;
    m_isBusy = true;
    const std::function<void()> operation = std::move(m_waiting.front());
    m_waiting.pop_front();
    operation();
}

void LimitStore::finishOperation()
{
    m_isBusy = false;
    postTo(m_anchor, this, [this] { beginNext(); });
}

void LimitStore::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done)
{
    std::vector<Revision> revisions;
    const bool wasGuarding = m_snapshot->isGuarding;
    bool isGuarding = wasGuarding;
    for (const ControlEntry &entry : entries) {
        limitcodec::Change change = limitcodec::decode(entry.payload);
        if (change.configured)
            m_news.common = change.configured;
        isGuarding = change.isGuarding.value_or(isGuarding);
        if (!change.revision)
            continue;
        m_current = change.limits;
        for (const LimitChange &limit : change.revision->changes) {
            if (const LimitDescriptor *descriptor = findLimit(limit.key))
                m_marks[descriptor->key] = { change.revision->at, change.revision->by };
        }
        revisions.push_back(*std::move(change.revision));
    }
    takeEffect(isGuarding, [=, this, done = std::move(done)] {
        for (const Revision &revision : revisions)
            Q_EMIT limitsChanged(revision);
        if (isGuarding != wasGuarding)
            Q_EMIT guardingChanged(isGuarding);
        done();
    });
}

void LimitStore::takeItems(const ControlItems &items, std::function<void()> done)
{
    const limitcodec::State state = limitcodec::stateOf(items);
    const LimitSet before = m_snapshot->limits;
    const bool wasGuarding = m_snapshot->isGuarding;
    m_current = state.stored.current;
    m_news.common = state.configured;
    m_marks = state.stored.marks;
    const bool isGuarding = state.isGuarding.value_or(wasGuarding);
    takeEffect(isGuarding, [=, this, done = std::move(done)] {
        const LimitSet &after = m_snapshot->limits;
        if (after.revision != before.revision || !after.hasSameValues(before))
            Q_EMIT limitsChanged(
                { after.revision, m_clock.utc(), u"cluster"_s, {}, u"cluster"_s, {}, limitChanges(before, after) });
        if (isGuarding != wasGuarding)
            Q_EMIT guardingChanged(isGuarding);
        done();
    });
}

void LimitStore::takeEffect(bool isGuarding, std::function<void()> done)
{
    m_snapshot = std::make_shared<const LimitSnapshot>(LimitSnapshot{ m_news.over(m_current), isGuarding });
    const auto applied = [self = QPointer(this), done = std::move(done)] {
        if (self)
            done();
    };
    if (m_apply)
        m_apply(m_snapshot, applied);
    else
        applied();
}

} // namespace gatehouse
