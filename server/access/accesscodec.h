// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/access/accessrows.h"
#include "server/control/controllog.h"

namespace gatehouse {

/// Bans and exemptions in the form of the control log: an entry puts and removes rules, an item is a rule by its id.
namespace accesscodec {

/// One step of a change.
struct Step
{
    AccessList list = AccessList::Bans;
    std::optional<AccessRule> rule; ///< to put; nullopt: to remove
    QString id;
};

[[nodiscard]] const ControlStorage &storage();
/// Payload and items; the audit's entries are in their JSON form.
[[nodiscard]] ControlChange encode(const std::vector<Step> &steps, const QJsonArray &audit);
/// Of a payload that has been checked.
[[nodiscard]] std::vector<Step> decode(const QJsonObject &payload);
/// Of an item that has been checked.
[[nodiscard]] Step decodeItem(const QJsonObject &item);

} // namespace accesscodec

} // namespace gatehouse
