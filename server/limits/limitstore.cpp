// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/limits/limitstoreparts.h"

#include <algorithm>
#include <future>

#include <QtCore/QPointer>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;

Status storeRevision(Database &database, const Revision &revision, const LimitSet &before, const LimitSet &after)
{
    if (Status status = limitrevisions::insert(database, revision, after); !status)
        return status;
    return AuditLog::insert(database, auditEntryOf(revision, before, after));
}

} // namespace

LimitStore::LimitStore(StoreThread &store, const Clock &clock, QObject &anchor)
    : m_store(store)
    , m_clock(clock)
    , m_anchor(anchor)
    , m_snapshot(std::make_shared<const LimitSnapshot>())
{
}

LimitStore::~LimitStore()
{
    if (m_shared)
        m_shared->log.leave(ControlKind::Limits);
}

Status LimitStore::createTables(Database &database)
{
    Status status = AuditLog::createTables(database);
    if (status)
        status = limitrevisions::createTables(database);
    return status ? limitcontrol::createTables(database) : status;
}

Status LimitStore::load(const Configured &configured)
{
    if (m_shared)
        return loadShared(configured);
    std::map<LimitKey, LimitValue> values;
    for (const LimitKey key : configured.keys)
        values[key] = configured.limits[key];
    auto stored = std::make_shared<StoredLimits>();
    const auto work = [stored, values, now = m_clock.utc()](Database &database) -> Status {
        Result<StoredLimits> loaded = limitrevisions::load(database);
        if (!loaded)
            return loaded.error();
        *stored = *loaded;
        LimitSet limits = withConfiguration(stored->current, stored->configured, values);
        const Revision revision{ stored->current.revision + 1, now, u"environment"_s, {}, u"environment"_s, {},
            limitChanges(stored->current, limits) };
        if (!revision.changes.empty()) {
            limits.revision = revision.revision;
            if (Status status = storeRevision(database, revision, stored->current, limits); !status)
                return status;
            stored->current = limits;
            for (const LimitChange &change : revision.changes)
                stored->marks[findLimit(change.key)->key] = { revision.at, revision.by };
        }
        return limitrevisions::storeConfigured(database, values);
    };
    std::promise<Status> finished;
    m_store.write(work, [&finished](const Status &status) { finished.set_value(status); });
    Status status = finished.get_future().get();
    if (!status)
        return status;
    m_marks = stored->marks;
    m_snapshot = std::make_shared<const LimitSnapshot>(LimitSnapshot{ stored->current, configured.isGuarding });
    return status;
}

void LimitStore::setApplyToWorkers(ApplyToWorkers apply)
{
    m_apply = std::move(apply);
}

LimitsDocument LimitStore::document() const
{
    LimitsDocument document;
    document.revision = revision();
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const LimitValue &limit = m_snapshot->limits[descriptor.key];
        LimitState state;
        state.key = descriptor.name;
        state.title = descriptor.title;
        state.value = limit.value;
        state.mode = limit.mode;
        state.defaultValue = descriptor.defaultValue;
        state.minimum = descriptor.minimum;
        state.maximum = descriptor.maximum;
        state.unit = descriptor.unit;
        if (descriptor.window)
            state.windowSeconds = descriptor.window->count();
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
            post([done = std::move(done), error] { done(Error{ error->message, limiterrors::kInvalidLimits }); });
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

void LimitStore::change(Change request)
{
    enqueue([this, request = std::make_shared<Change>(std::move(request))] {
        if (m_shared) {
            changeShared(request, 1);
            return;
        }
        if (request->expectedRevision && *request->expectedRevision != revision()) {
            request->done(
                Error{ u"the limits are at revision %1, not %2"_s.arg(revision()).arg(*request->expectedRevision),
                    limiterrors::kRevisionConflict });
            finishOperation();
            return;
        }
        request->revision.at = m_clock.utc();
        auto after = std::make_shared<LimitSet>();
        const auto work = [request, after, before = m_snapshot->limits](Database &database) -> Status {
            Result<LimitSet> target = request->target(database, before);
            if (!target)
                return target.error();
            *after = *target;
            after->revision = before.revision;
            request->revision.changes = limitChanges(before, *after);
            if (!request->revision.changes.empty())
                ++after->revision;
            request->revision.revision = after->revision;
            return request->revision.changes.empty() ? ok()
                                                     : storeRevision(database, request->revision, before, *after);
        };
        m_store.write(work, [this, request, after, self = QPointer(this), anchor = &m_anchor](const Status &status) {
            QMetaObject::invokeMethod(
                anchor,
                [this, self, request, after, status] {
                    if (self)
                        changeStored(*request, *after, status);
                },
                Qt::QueuedConnection);
        });
    });
}

void LimitStore::changeStored(const Change &request, const LimitSet &after, const Status &status)
{
    if (!status) {
        const Error &error = status.error();
        const bool isOwn = error.field == limiterrors::kNoSuchRevision;
        request.done(Error{ error.message, isOwn ? error.field : QString(limiterrors::kStoreFailed) });
        finishOperation();
        return;
    }
    if (request.revision.changes.empty()) {
        request.done(request.revision);
        finishOperation();
        return;
    }
    for (const LimitChange &limit : request.revision.changes)
        m_marks[findLimit(limit.key)->key] = { request.revision.at, request.revision.by };
    takeEffect(after, m_snapshot->isGuarding, [this, revision = request.revision, done = request.done] {
        Q_EMIT limitsChanged(revision);
        done(revision);
    });
}

void LimitStore::setGuarding(
    bool isGuarding, const Actor &actor, const QString &note, std::function<void(Result<bool>)> done)
{
    enqueue([=, this] {
        if (isGuarding == m_snapshot->isGuarding) {
            done(isGuarding);
            finishOperation();
            return;
        }
        const AuditEntry entry{ m_clock.utc(), actor, u"switch.set"_s, u"guarding"_s, m_snapshot->isGuarding,
            isGuarding, note };
        if (m_shared) {
            setGuardingShared(isGuarding, entry, done, 1);
            return;
        }
        const auto stored = [=, this, self = QPointer(this)](const Status &status) {
            if (!self)
                return;
            if (!status) {
                done(Error{ status.error().message, limiterrors::kStoreFailed });
                finishOperation();
                return;
            }
            takeEffect(m_snapshot->limits, isGuarding, [this, isGuarding, done] {
                Q_EMIT guardingChanged(isGuarding);
                done(isGuarding);
            });
        };
        m_store.write([entry](Database &database) { return AuditLog::insert(database, entry); },
            [stored, anchor = &m_anchor](const Status &status) {
                QMetaObject::invokeMethod(
                    anchor, [stored, status] { stored(status); }, Qt::QueuedConnection);
            });
    });
}

void LimitStore::revisions(const QString &cursor, int limit, std::function<void(Result<Page>)> done)
{
    const std::optional<qint64> below = parseRowCursor(cursor);
    const size_t count = size_t(std::clamp(limit, 1, kMaxPage));
    m_store.read([below, count, done = std::move(done), anchor = &m_anchor](Database &database) {
        Result<Page> page = Error{ u"the cursor is not one of this list"_s, u"cursor"_s };
        if (below) {
            Result<std::vector<Revision>> list = limitrevisions::list(database, *below, int(count) + 1);
            page = list ? Result<Page>(Page{ std::move(list).value(), {} }) : Result<Page>(list.error());
        }
        if (page && page->revisions.size() > count) {
            page->revisions.resize(count);
            page->nextCursor = QString::number(page->revisions.back().revision);
        }
        QMetaObject::invokeMethod(
            anchor, [done, page = std::move(page)] { done(page); }, Qt::QueuedConnection);
    });
}

/// Operations run one at a time: each begins when the one before has called finishOperation().
void LimitStore::enqueue(std::function<void()> operation)
{
    m_waiting.push_back(std::move(operation));
    if (!m_isBusy)
        post([this] { beginNext(); });
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
    post([this] { beginNext(); });
}

void LimitStore::takeEffect(const LimitSet &limits, bool isGuarding, std::function<void()> done)
{
    m_snapshot = std::make_shared<const LimitSnapshot>(LimitSnapshot{ limits, isGuarding });
    const auto applied = [this, self = QPointer(this), done = std::move(done)] {
        if (!self)
            return;
        done();
        finishOperation();
    };
    if (m_apply)
        m_apply(m_snapshot, applied);
    else
        applied();
}

void LimitStore::post(std::function<void()> call)
{
    QMetaObject::invokeMethod(
        &m_anchor,
        [self = QPointer(this), call = std::move(call)] {
            if (self)
                call();
        },
        Qt::QueuedConnection);
}

} // namespace gatehouse
