// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QJsonObject>

#include "shared/limits/limitset.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// One limit as GET limits answers it: the descriptor's facts, the value in force, and who set it.
struct LimitState
{
    QString key; ///< the limit's admin API name
    QString title;
    qint64 value = 0;
    LimitMode mode = LimitMode::Enforce;
    qint64 defaultValue = 0;
    qint64 minimum = 0;
    qint64 maximum = 0;
    QString unit;
    std::optional<qint64> windowSeconds;
    bool isLive = true;
    QString help;
    std::optional<UtcTime> changedAt; ///< nullopt while it has its default since ever
    QString changedBy;
};

/// The answer of GET limits, and the live stream's `limits` message. The console relies on this alone for names, bounds
/// and units, so that it can serve a server of another version.
struct LimitsDocument
{
    qint64 revision = 0;
    std::vector<LimitState> limits;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<LimitsDocument> fromJson(const QJsonObject &object);
};

/// What one revision changed in one limit.
struct LimitChange
{
    QString key;
    LimitValue before;
    LimitValue after;
};

/// One entry of GET limits/revisions.
struct Revision
{
    qint64 revision = 0;
    UtcTime at{};
    QString by;      ///< the user of the token, or "environment"
    QString address; ///< from where; empty for the environment
    QString source;  ///< api, environment or restore
    QString note;
    std::vector<LimitChange> changes;

    [[nodiscard]] QJsonObject toJson() const;
    [[nodiscard]] static Result<Revision> fromJson(const QJsonObject &object);
};

/// The changes that lead from one set to another.
[[nodiscard]] std::vector<LimitChange> limitChanges(const LimitSet &before, const LimitSet &after);

} // namespace gatehouse
