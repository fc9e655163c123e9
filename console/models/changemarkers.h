// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QObject>
#include <QtCore/QPointF>

#include "console/models/guardsoff.h"
#include "console/models/timerange.h"
#include "shared/protocol/limitsdocument.h"

namespace gatehouse {

/// One change of the limits or of the switch, as a chart marks it.
struct ChangeMarker
{
    UtcTime at{};
    qint64 revision = 0; ///< 0: of the switch
    QString by;
    QString text; ///< what changed, who did it and the note, in the user's language; several lines
};

/// What was changed over time: markers for the charts, the limit lines, and when the guards were off. GUI thread.
class ChangeMarkers final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ChangeMarkers)

public:
    explicit ChangeMarkers(QObject *parent = nullptr);

    /// What is known so far, in any order; replaces everything.
    void setRevisions(std::vector<Revision> revisions);
    /// From the live stream.
    void add(const Revision &revision);
    /// What is in force now: where the limit lines end.
    void setDocument(const LimitsDocument &document);
    /// When the switch was thrown, as far as the audit tells.
    void setSwitchChanges(std::vector<SwitchChange> changes);
    /// How the switch is now.
    void setGuarding(bool isGuarding, UtcTime now);
    /// Another server.
    void clear();
    [[nodiscard]] const GuardsOff &guardsOff() const { return m_guardsOff; }

    /// In order of time. With a key: only changes of that limit.
    [[nodiscard]] std::vector<ChangeMarker> markers(const TimeInterval &interval, const QString &key = {}) const;
    /// A limit over time as steps, x in milliseconds since 1970, y its value, NaN while it was not enforced; empty if
    /// the limit is not known.
    [[nodiscard]] std::vector<QPointF> limitLine(const QString &key, const TimeInterval &interval) const;

Q_SIGNALS:
    void changed();

private:
    std::vector<Revision> m_revisions; ///< in order of time
    LimitsDocument m_document;
    GuardsOff m_guardsOff;
};

} // namespace gatehouse
