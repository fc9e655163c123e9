// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/limits/limitcodec.h"

#include <cmath>

#include <QtCore/QJsonArray>

#include "server/store/columns.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxTextChars = 4096;
constexpr qint64 kMaxRevision = qint64(1) << 53; // as JSON carries it

/// The limits that a revision changed, as the audit shows them before or after.
QJsonObject auditValues(const LimitSet &limits, const std::vector<LimitChange> &changes)
{
    const QJsonObject all = limits.toJson();
    QJsonObject changed;
    for (const LimitChange &change : changes)
        changed.insert(change.key, all.value(change.key));
    return changed;
}

QJsonObject toJson(const LimitConfiguration &configuration)
{
    QJsonObject limits;
    for (const auto &[key, limit] : configuration.limits)
        limits.insert(limitDescriptor(key).name,
            QJsonObject{ { "value"_L1, limit.value }, { "mode"_L1, limitModeName(limit.mode) } });
    return { { "limits"_L1, limits }, { "guarding"_L1, configuration.isGuarding },
        { "profile"_L1, limitProfile(configuration.profile).name } };
}

LimitConfiguration configurationIn(const QJsonObject &object)
{
    LimitConfiguration configuration;
    configuration.isGuarding = object.value("guarding"_L1).toBool(true);
    // One that is not known is of a newer version; there is none in what an earlier one stored.
    if (const LimitProfileDescriptor *profile = findLimitProfile(object.value("profile"_L1).toString()))
        configuration.profile = profile->profile;
    const QJsonObject limits = object.value("limits"_L1).toObject();
    const LimitSet values = LimitSet::fromJson(limits);
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        if (limits.contains(descriptor.name))
            configuration.limits[descriptor.key] = values[descriptor.key];
    }
    return configuration;
}

LimitSet limitsIn(const QJsonObject &limits, qint64 revision)
{
    LimitSet set = LimitSet::fromJson(limits);
    set.revision = revision;
    return set;
}

/// Values that are no limits of this version are left alone, as from a newer one.
Status checkLimits(const QJsonValue &value)
{
    if (!value.isObject())
        return Error{ u"limits is no object"_s, u"limits"_s };
    const QJsonObject limits = value.toObject();
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const QJsonValue member = limits.value(descriptor.name);
        if (member.isUndefined())
            continue;
        const double number = member.toObject().value("value"_L1).toDouble(-1);
        if (number != std::floor(number) || number < double(descriptor.minimum) || number > double(descriptor.maximum)
            || !parseLimitMode(member.toObject().value("mode"_L1).toString()))
            return Error{ u"%1 has no value or mode that is allowed"_s.arg(descriptor.name), descriptor.name };
    }
    return ok();
}

Status checkRevision(const QJsonObject &object)
{
    const Result<Revision> revision = Revision::fromJson(object.value("revision"_L1).toObject());
    if (!revision)
        return revision.error();
    if (revision->revision < 1 || revision->revision > kMaxRevision)
        return Error{ u"the revision's number is not possible"_s, u"revision"_s };
    for (const QString &text : { revision->by, revision->address, revision->source, revision->note }) {
        if (text.size() > kMaxTextChars)
            return Error{ u"a text of the revision is too long"_s, u"revision"_s };
    }
    for (const LimitChange &change : revision->changes) {
        if (change.key.size() > kMaxTextChars)
            return Error{ u"the name of a limit is too long"_s, u"revision"_s };
    }
    return checkLimits(object.value("limits"_L1));
}

Status checkConfigured(const QJsonValue &value)
{
    if (!value.isObject() || !value.toObject().value("guarding"_L1).isBool())
        return Error{ u"configured is no configuration"_s, u"configured"_s };
    return checkLimits(value.toObject().value("limits"_L1));
}

Status check(const QJsonObject &payload)
{
    const bool hasRevision = payload.contains("revision"_L1);
    const bool hasSwitch = payload.contains("switch"_L1);
    const bool hasConfigured = payload.contains("configured"_L1);
    Status status = ok();
    if (!hasRevision && !hasSwitch && !hasConfigured)
        status = Error{ u"it changes nothing"_s, {} };
    if (status && hasRevision)
        status = checkRevision(payload);
    if (status && hasSwitch && !payload.value("switch"_L1).isBool())
        status = Error{ u"switch is neither true nor false"_s, u"switch"_s };
    if (status && hasConfigured)
        status = checkConfigured(payload.value("configured"_L1));
    return status;
}

Status checkItem(const QString &id, const QJsonObject &item)
{
    if (id == "switch"_L1)
        return item.value("enabled"_L1).isBool() ? ok() : Status(Error{ u"enabled is neither true nor false"_s, id });
    if (id == "configured"_L1)
        return checkConfigured(item);
    const Status status = checkRevision(item);
    if (status && id != QString::number(item.value("revision"_L1).toObject().value("revision"_L1).toInteger()))
        return Error{ u"it is another revision than its name says"_s, id };
    return status;
}

Status storeSwitch(Database &database, bool isGuarding)
{
    return database.prepare("INSERT OR REPLACE INTO shared_switch (id, enabled) VALUES (1, ?)")
        .bind(1, qint64(isGuarding))
        .run();
}

Status storeConfigured(Database &database, const char *sql, const LimitConfiguration &configured)
{
    return database.prepare(sql).bind(1, jsoncolumn::ofObject(toJson(configured))).run();
}

constexpr char kStoreShared[] = "INSERT OR REPLACE INTO shared_configured (id, document) VALUES (1, ?)";
constexpr char kStoreOwn[] = "INSERT OR REPLACE INTO shared_configured (id, document) VALUES (2, ?)";

Status store(Database &database, const ControlEntry &entry)
{
    const limitcodec::Change change = limitcodec::decode(entry.payload);
    Status status = ok();
    if (change.revision)
        status = limitrevisions::insertFromLog(database, *change.revision, change.limits);
    if (status && change.isGuarding)
        status = storeSwitch(database, *change.isGuarding);
    if (status && change.configured)
        status = storeConfigured(database, kStoreShared, *change.configured);
    return status;
}

Status replace(Database &database, const ControlItems &items)
{
    Status status = database.execute("DELETE FROM limit_revision; DELETE FROM limit_mark; DELETE FROM shared_switch;"
                                     "DELETE FROM shared_configured WHERE id = 1");
    std::map<qint64, const QJsonObject *> revisions; // marks are of the latest: oldest first
    for (const auto &[id, item] : items) {
        if (id == "switch"_L1 && status)
            status = storeSwitch(database, item.value("enabled"_L1).toBool(true));
        else if (id == "configured"_L1 && status)
            status = storeConfigured(database, kStoreShared, configurationIn(item));
        else
            revisions[id.toLongLong()] = &item;
    }
    for (const auto &[number, item] : revisions) {
        const Result<Revision> revision = Revision::fromJson(item->value("revision"_L1).toObject());
        if (status && revision)
            status = limitrevisions::insert(database, *revision, limitsIn(item->value("limits"_L1).toObject(), number));
    }
    return status;
}

Status readRevisions(Database &database, ControlItems &items)
{
    Statement row = database.prepare("SELECT revision, document, limits FROM limit_revision");
    while (row.nextRow())
        items[QString::number(row.integer(0))] = { { "revision"_L1, jsoncolumn::objectIn(row.text(1)) },
            { "limits"_L1, jsoncolumn::objectIn(row.text(2)) } };
    return row.status();
}

Result<ControlItems> read(Database &database)
{
    ControlItems items;
    if (const Status status = readRevisions(database, items); !status)
        return status.error();
    const Result<limitcodec::State> state = limitcodec::load(database);
    if (!state)
        return state.error();
    if (state->isGuarding)
        items["switch"_L1] = { { "enabled"_L1, *state->isGuarding } };
    if (state->configured)
        items["configured"_L1] = toJson(*state->configured);
    return items;
}

} // namespace

AuditEntry auditEntryOf(const Revision &revision, const LimitSet &before, const LimitSet &after)
{
    return { revision.at, { revision.by, revision.address }, "limits."_L1 + revision.source,
        u"revision %1"_s.arg(revision.revision), auditValues(before, revision.changes),
        auditValues(after, revision.changes), revision.note, {}, {} };
}

namespace limitcodec {

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS shared_switch (id INTEGER PRIMARY KEY, enabled INTEGER NOT NULL);"
        "CREATE TABLE IF NOT EXISTS shared_configured (id INTEGER PRIMARY KEY, document TEXT NOT NULL)");
}

const ControlStorage &storage()
{
    static constexpr ControlStorage kStorage{ &check, &checkItem, &gatehouse::store, &replace, &read };
    return kStorage;
}

ControlChange encode(const Change &change, std::vector<AuditEntry> audit)
{
    ControlChange encoded;
    encoded.kind = ControlKind::Limits;
    if (change.revision) {
        const QJsonObject revision = change.revision->toJson();
        const QJsonObject limits = change.limits.toJson();
        encoded.payload.insert("revision"_L1, revision);
        encoded.payload.insert("limits"_L1, limits);
        const qint64 number = change.revision->revision;
        encoded.items.emplace_back(
            QString::number(number), QJsonObject{ { "revision"_L1, revision }, { "limits"_L1, limits } });
        if (number > limitrevisions::kMaxRevisions)
            encoded.items.emplace_back(QString::number(number - limitrevisions::kMaxRevisions), std::nullopt);
    }
    if (change.isGuarding) {
        encoded.payload.insert("switch"_L1, *change.isGuarding);
        encoded.items.emplace_back(u"switch"_s, QJsonObject{ { "enabled"_L1, *change.isGuarding } });
    }
    if (change.configured) {
        encoded.payload.insert("configured"_L1, toJson(*change.configured));
        encoded.items.emplace_back(u"configured"_s, toJson(*change.configured));
    }
    QJsonArray entries;
    for (const AuditEntry &entry : audit)
        entries.append(entry.toControlJson());
    if (!audit.empty())
        encoded.payload.insert("audit"_L1, entries);
    return encoded;
}

Change decode(const QJsonObject &payload)
{
    Change change;
    if (payload.contains("revision"_L1)) {
        if (Result<Revision> revision = Revision::fromJson(payload.value("revision"_L1).toObject())) {
            change.limits = limitsIn(payload.value("limits"_L1).toObject(), revision->revision);
            change.revision = std::move(revision).value();
        }
    }
    if (payload.contains("switch"_L1))
        change.isGuarding = payload.value("switch"_L1).toBool(true);
    if (payload.contains("configured"_L1))
        change.configured = configurationIn(payload.value("configured"_L1).toObject());
    return change;
}

State stateOf(const ControlItems &items)
{
    State state;
    std::map<qint64, const QJsonObject *> revisions;
    for (const auto &[id, item] : items) {
        if (id == "switch"_L1)
            state.isGuarding = item.value("enabled"_L1).toBool(true);
        else if (id == "configured"_L1)
            state.configured = configurationIn(item);
        else
            revisions[id.toLongLong()] = &item;
    }
    for (const auto &[number, item] : revisions) {
        state.stored.current = limitsIn(item->value("limits"_L1).toObject(), number);
        const Result<Revision> revision = Revision::fromJson(item->value("revision"_L1).toObject());
        for (const LimitChange &change : revision ? revision->changes : std::vector<LimitChange>()) {
            if (const LimitDescriptor *descriptor = findLimit(change.key))
                state.stored.marks[descriptor->key] = { revision->at, revision->by };
        }
    }
    return state;
}

Result<State> load(Database &database)
{
    State state;
    Result<StoredLimits> stored = limitrevisions::load(database);
    if (!stored)
        return stored.error();
    state.stored = std::move(stored).value();
    Statement position = database.prepare("SELECT enabled FROM shared_switch WHERE id = 1");
    if (position.nextRow())
        state.isGuarding = position.integer(0) != 0;
    Statement configured = database.prepare("SELECT document FROM shared_configured WHERE id = 1");
    if (configured.nextRow())
        state.configured = configurationIn(jsoncolumn::objectIn(configured.text(0)));
    for (const Status &status : { position.status(), configured.status() }) {
        if (!status)
            return status.error();
    }
    return state;
}

Result<std::optional<LimitConfiguration>> loadOwn(Database &database)
{
    std::optional<LimitConfiguration> configuration;
    Statement row = database.prepare("SELECT document FROM shared_configured WHERE id = 2");
    if (row.nextRow())
        configuration = configurationIn(jsoncolumn::objectIn(row.text(0)));
    if (const Status status = row.status(); !status)
        return status.error();
    return configuration;
}

Status storeOwn(Database &database, const LimitConfiguration &configuration)
{
    const Status status = storeConfigured(database, kStoreOwn, configuration);
    return status ? limitrevisions::storeConfigured(database, configuration.limits) : status;
}

} // namespace limitcodec

} // namespace gatehouse
