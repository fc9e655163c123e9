// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/changemarkers.h"

#include <algorithm>
#include <cmath>

#include "console/models/revisionsmodel.h"
#include "console/models/titles.h"
#include "shared/protocol/historyreply.h"
#include "shared/util/isotime.h"

namespace gatehouse {

namespace {

const LimitChange *changeOf(const Revision &revision, const QString &key)
{
    const auto found = std::find_if(
        revision.changes.begin(), revision.changes.end(), [&](const LimitChange &change) { return change.key == key; });
    return found != revision.changes.end() ? &*found : nullptr;
}

qreal drawn(const LimitValue &value)
{
    return value.mode == LimitMode::Enforce ? qreal(value.value) : HistoryReply::kGap;
}

} // namespace

ChangeMarkers::ChangeMarkers(QObject *parent)
    : QObject(parent)
{
}

void ChangeMarkers::setRevisions(std::vector<Revision> revisions)
{
    m_revisions = std::move(revisions);
    std::sort(m_revisions.begin(), m_revisions.end(),
        [](const Revision &a, const Revision &b) { return a.revision < b.revision; });
    Q_EMIT changed();
}

void ChangeMarkers::add(const Revision &revision)
{
    const auto place = std::find_if(m_revisions.begin(), m_revisions.end(),
        [&](const Revision &other) { return other.revision >= revision.revision; });
    if (place != m_revisions.end() && place->revision == revision.revision)
        return;
    m_revisions.insert(place, revision);
    Q_EMIT changed();
}

void ChangeMarkers::setDocument(const LimitsDocument &document)
{
    m_document = document;
    Q_EMIT changed();
}

void ChangeMarkers::setSwitchChanges(std::vector<SwitchChange> changes)
{
    m_guardsOff.setChanges(std::move(changes));
    Q_EMIT changed();
}

void ChangeMarkers::setGuarding(bool isGuarding, UtcTime now)
{
    m_guardsOff.setNow(isGuarding, now);
    Q_EMIT changed();
}

void ChangeMarkers::clear()
{
    m_revisions.clear();
    m_document = {};
    m_guardsOff.clear();
    Q_EMIT changed();
}

std::vector<ChangeMarker> ChangeMarkers::markers(const TimeInterval &interval, const QString &key) const
{
    std::vector<ChangeMarker> result;
    const auto add = [&result](UtcTime at, qint64 revision, const QString &by, const QString &note, QString text) {
        text += u'\n' + tr("%1 by %2").arg(dateAndTime(at), by);
        if (!note.isEmpty())
            text += u'\n' + tr("Note: %1").arg(note);
        result.push_back({ at, revision, by, text });
    };
    for (const Revision &revision : m_revisions) {
        if (!interval.contains(revision.at) || (!key.isEmpty() && !changeOf(revision, key)))
            continue;
        add(revision.at, revision.revision, revision.by, revision.note, changesText(revision.changes));
    }
    for (const SwitchChange &change : m_guardsOff.changes()) {
        if (key.isEmpty() && interval.contains(change.at))
            add(change.at, 0, change.by, change.note, change.isGuarding ? tr("Guards on") : tr("Guards off"));
    }
    std::stable_sort(
        result.begin(), result.end(), [](const ChangeMarker &a, const ChangeMarker &b) { return a.at < b.at; });
    return result;
}

std::vector<QPointF> ChangeMarkers::limitLine(const QString &key, const TimeInterval &interval) const
{
    const auto state = std::find_if(
        m_document.limits.begin(), m_document.limits.end(), [&](const LimitState &one) { return one.key == key; });
    if (state == m_document.limits.end())
        return {};
    // Backwards from what is in force now: each change tells what was before it.
    LimitValue value{ state->value, state->mode };
    std::vector<QPointF> line{ { qreal(toEpochMillis(interval.to)), drawn(value) } };
    for (auto revision = m_revisions.rbegin(); revision != m_revisions.rend(); ++revision) {
        const LimitChange *change = changeOf(*revision, key);
        if (!change)
            continue;
        if (revision->at < interval.from)
            break;
        value = change->before;
        if (revision->at >= interval.to) {
            line.back().setY(drawn(value));
            continue;
        }
        const qreal x = qreal(toEpochMillis(revision->at));
        line.emplace_back(x, drawn(change->after));
        line.emplace_back(x, drawn(change->before));
    }
    line.emplace_back(qreal(toEpochMillis(interval.from)), drawn(value));
    std::reverse(line.begin(), line.end());
    return line;
}

} // namespace gatehouse
