// SPDX-License-Identifier: GPL-3.0-or-later
// LimitStore in a cluster: changes go through the control log.
#include <future>

#include <QtCore/QPointer>

#include "server/limits/limitstoreparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

using Configuration = std::optional<LimitConfiguration>;

bool says(const Configuration &configuration, LimitKey key, const LimitValue &value)
{
    const auto found
        = configuration ? configuration->limits.find(key) : std::map<LimitKey, LimitValue>::const_iterator();
    return configuration && found != configuration->limits.end() && found->second == value;
}

/// What withConfiguration() is to take as having been configured before. A setting changes the cluster only if it is
/// news to this node (its last start had another) and to the cluster (no other node has brought it): so neither a
/// further node nor a rolling restart undoes what was changed live since.
std::map<LimitKey, LimitValue> before(
    const LimitConfiguration &configured, const Configuration &own, const Configuration &cluster)
{
    std::map<LimitKey, LimitValue> known = own ? own->limits : std::map<LimitKey, LimitValue>();
    for (const auto &[key, value] : configured.limits) {
        if (says(own, key, value) || says(cluster, key, value))
            known[key] = value;
        else
            known.erase(key);
    }
    return known;
}

bool isSwitchNews(const LimitConfiguration &configured, const Configuration &own, const Configuration &cluster)
{
    return (!own || own->isGuarding != configured.isGuarding)
        && (!cluster || cluster->isGuarding != configured.isGuarding);
}

/// What the cluster was configured with last, after this node.
LimitConfiguration merged(const LimitConfiguration &configured, const Configuration &own, const Configuration &cluster)
{
    LimitConfiguration all = cluster.value_or(LimitConfiguration());
    for (const auto &[key, value] : own ? own->limits : std::map<LimitKey, LimitValue>()) {
        if (!configured.limits.contains(key) && says(cluster, key, value))
            all.limits.erase(key);
    }
    const std::map<LimitKey, LimitValue> known = before(configured, own, cluster);
    for (const auto &[key, value] : configured.limits) {
        if (!known.contains(key) || !all.limits.contains(key))
            all.limits[key] = value;
    }
    if (isSwitchNews(configured, own, cluster))
        all.isGuarding = configured.isGuarding;
    return all;
}

} // namespace

void LimitStore::share(ControlLog &log)
{
    m_shared = std::make_unique<Shared>(Shared{ log, {}, {}, {}, {}, false });
    log.attach(ControlKind::Limits, limitcontrol::storage(), this);
}

Status LimitStore::loadShared(const Configured &configured)
{
    Shared &shared = *m_shared;
    shared.configured.isGuarding = configured.isGuarding;
    for (const LimitKey key : configured.keys)
        shared.configured.limits[key] = configured.limits[key];
    std::optional<limitcontrol::State> state;
    std::promise<Status> finished;
    m_store.read([&](Database &database) {
        Result<limitcontrol::State> loaded = limitcontrol::load(database);
        Result<Configuration> own = limitcontrol::loadOwn(database);
        if (loaded && own) {
            shared.own = std::move(own).value();
            state = std::move(loaded).value();
        }
        finished.set_value(!loaded ? Status(loaded.error()) : !own ? Status(own.error()) : ok());
    });
    if (Status status = finished.get_future().get(); !status)
        return status;
    if (!shared.own && state->stored.current.revision > 0) // it was a server of its own until now
        shared.own = LimitConfiguration{ state->stored.configured, configured.isGuarding };
    shared.cluster = state->configured;
    shared.current = state->stored.current;
    m_marks = state->stored.marks;
    const bool isKnown = state->isGuarding && !isSwitchNews(shared.configured, shared.own, shared.cluster);
    m_snapshot = std::make_shared<const LimitSnapshot>(
        LimitSnapshot{ withPending(shared.current), isKnown ? *state->isGuarding : configured.isGuarding });
    return ok();
}

/// The cluster's limits with what is configured here and the cluster does not know yet.
LimitSet LimitStore::withPending(const LimitSet &current) const
{
    const Shared &shared = *m_shared;
    if (shared.isConfigured)
        return current;
    return withConfiguration(current, before(shared.configured, shared.own, shared.cluster), shared.configured.limits);
}

void LimitStore::joined()
{
    if (m_shared->isConfigured)
        return;
    enqueue([this] { configureShared(1); });
}

/// Makes what is configured here the cluster's, where it is news.
void LimitStore::configureShared(int attempt)
{
    Shared &shared = *m_shared;
    if (shared.isConfigured) {
        finishOperation();
        return;
    }
    limitcontrol::Change change;
    std::vector<AuditEntry> audit;
    LimitSet target = withPending(shared.current);
    Revision revision{ shared.current.revision + 1, m_clock.utc(), u"environment"_s, {}, u"environment"_s, {},
        limitChanges(shared.current, target) };
    if (!revision.changes.empty()) {
        target.revision = revision.revision;
        audit.push_back(auditEntryOf(revision, shared.current, target));
        change.limits = target;
        change.revision = std::move(revision);
    }
    if (isSwitchNews(shared.configured, shared.own, shared.cluster))
        change.isGuarding = shared.configured.isGuarding;
    if (const LimitConfiguration all = merged(shared.configured, shared.own, shared.cluster); all != shared.cluster)
        change.configured = all;
    if (!change.revision && !change.isGuarding && !change.configured) {
        storeOwnConfiguration();
        finishOperation();
        return;
    }
    ControlChange asked = limitcontrol::encode(change, std::move(audit));
    asked.expectedVersion = shared.log.version(ControlKind::Limits);
    shared.log.append(std::move(asked), [this, attempt, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (!appended && appended.error().field == controlerrors::kConflict && attempt < kMaxControlAttempts) {
            configureShared(attempt + 1);
            return;
        }
        if (appended)
            storeOwnConfiguration();
        finishOperation(); // or when the node joins again
    });
}

void LimitStore::storeOwnConfiguration()
{
    m_shared->isConfigured = true;
    m_shared->own = m_shared->configured;
    m_store.write([configured = m_shared->configured](
                      Database &database) { return limitcontrol::storeOwn(database, configured); });
}

void LimitStore::changeShared(std::shared_ptr<Change> request, int attempt)
{
    const qint64 version = m_shared->log.version(ControlKind::Limits);
    if (request->expectedRevision && *request->expectedRevision != revision()) {
        request->done(Error{ u"the limits are at revision %1, not %2"_s.arg(revision()).arg(*request->expectedRevision),
            limiterrors::kRevisionConflict });
        finishOperation();
        return;
    }
    request->revision.at = m_clock.utc();
    m_store.read([=, this, self = QPointer(this), anchor = &m_anchor, base = m_shared->current](Database &database) {
        const Result<LimitSet> target = request->target(database, base);
        QMetaObject::invokeMethod(
            anchor,
            [=, this] {
                if (self)
                    appendShared(request, target, version, attempt);
            },
            Qt::QueuedConnection);
    });
}

void LimitStore::appendShared(
    std::shared_ptr<Change> request, const Result<LimitSet> &target, qint64 version, int attempt)
{
    if (version != m_shared->log.version(ControlKind::Limits)) { // what it was made from is gone already
        changeShared(request, attempt);
        return;
    }
    Revision &revision = request->revision;
    const LimitSet base = m_shared->current;
    if (!target) {
        const Error &error = target.error();
        const bool isOwn = error.field == limiterrors::kNoSuchRevision;
        request->done(Error{ error.message, isOwn ? error.field : QString(limiterrors::kStoreFailed) });
        finishOperation();
        return;
    }
    LimitSet after = *target;
    revision.changes = limitChanges(base, after);
    revision.revision = base.revision + (revision.changes.empty() ? 0 : 1);
    after.revision = revision.revision;
    if (revision.changes.empty()) {
        request->done(revision);
        finishOperation();
        return;
    }
    ControlChange change = limitcontrol::encode({ revision, after, {}, {} }, { auditEntryOf(revision, base, after) });
    change.expectedVersion = version;
    m_shared->log.append(
        std::move(change), [this, request, attempt, self = QPointer(this)](const Result<ControlEntry> &appended) {
            if (!self)
                return;
            if (!appended && appended.error().field == controlerrors::kConflict && attempt < kMaxControlAttempts) {
                changeShared(request, attempt + 1);
                return;
            }
            request->done(appended ? Result<Revision>(request->revision)
                                   : Result<Revision>(Error{ appended.error().message, controlerrors::kUnavailable }));
            finishOperation();
        });
}

void LimitStore::setGuardingShared(
    bool isGuarding, const AuditEntry &entry, std::function<void(Result<bool>)> done, int attempt)
{
    if (isGuarding == m_snapshot->isGuarding) {
        done(isGuarding);
        finishOperation();
        return;
    }
    ControlChange change = limitcontrol::encode({ {}, {}, isGuarding, {} }, { entry });
    change.expectedVersion = m_shared->log.version(ControlKind::Limits);
    m_shared->log.append(std::move(change), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (!appended && appended.error().field == controlerrors::kConflict && attempt < kMaxControlAttempts) {
            setGuardingShared(isGuarding, entry, done, attempt + 1);
            return;
        }
        done(appended ? Result<bool>(isGuarding)
                      : Result<bool>(Error{ appended.error().message, controlerrors::kUnavailable }));
        finishOperation();
    });
}

void LimitStore::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done)
{
    Shared &shared = *m_shared;
    std::vector<Revision> revisions;
    const bool wasGuarding = m_snapshot->isGuarding;
    bool isGuarding = wasGuarding;
    for (const ControlEntry &entry : entries) {
        limitcontrol::Change change = limitcontrol::decode(entry.payload);
        if (change.configured)
            shared.cluster = change.configured;
        isGuarding = change.isGuarding.value_or(isGuarding);
        if (!change.revision)
            continue;
        shared.current = change.limits;
        for (const LimitChange &limit : change.revision->changes) {
            if (const LimitDescriptor *descriptor = findLimit(limit.key))
                m_marks[descriptor->key] = { change.revision->at, change.revision->by };
        }
        revisions.push_back(*std::move(change.revision));
    }
    takeEffectShared(isGuarding, [=, this, done = std::move(done)] {
        for (const Revision &revision : revisions)
            Q_EMIT limitsChanged(revision);
        if (isGuarding != wasGuarding)
            Q_EMIT guardingChanged(isGuarding);
        done();
    });
}

void LimitStore::takeItems(const ControlItems &items, std::function<void()> done)
{
    Shared &shared = *m_shared;
    const limitcontrol::State state = limitcontrol::stateOf(items);
    const LimitSet before = m_snapshot->limits;
    const bool wasGuarding = m_snapshot->isGuarding;
    shared.current = state.stored.current;
    shared.cluster = state.configured;
    m_marks = state.stored.marks;
    const bool isGuarding = state.isGuarding.value_or(wasGuarding);
    takeEffectShared(isGuarding, [=, this, done = std::move(done)] {
        const LimitSet &after = m_snapshot->limits;
        if (after.revision != before.revision || !after.hasSameValues(before))
            Q_EMIT limitsChanged(
                { after.revision, m_clock.utc(), u"cluster"_s, {}, u"cluster"_s, {}, limitChanges(before, after) });
        if (isGuarding != wasGuarding)
            Q_EMIT guardingChanged(isGuarding);
        done();
    });
}

void LimitStore::takeEffectShared(bool isGuarding, std::function<void()> done)
{
    m_snapshot = std::make_shared<const LimitSnapshot>(LimitSnapshot{ withPending(m_shared->current), isGuarding });
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
