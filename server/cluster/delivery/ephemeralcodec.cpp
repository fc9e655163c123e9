// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/ephemeralcodec.h"

#include <QtCore/QJsonDocument>

#include "server/cluster/delivery/notificationcodec.h"
#include "server/notify/notificationmessages.h"
#include "shared/util/compactjson.h"
#include "shared/util/isotime.h"
#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse::ephemeralcodec {

QByteArray encode(const Delivery &delivery, const QString &run)
{
    QJsonObject object{
        { "from"_L1, run },
        { "to"_L1, QJsonDocument::fromJson(notificationcodec::encodeAudience(delivery.to)).object() },
        { "notification"_L1, QJsonDocument::fromJson(delivery.message).object().value("notification"_L1) },
    };
    if (delivery.expiresAt)
        object.insert("expires"_L1, toEpochMillis(*delivery.expiresAt));
    return compactJson(object);
}

std::optional<Delivery> decode(const QByteArray &payload, const QString &run)
{
    if (payload.size() > kMostBytes || isNestedDeeper(payload, kMaxJsonDepth + 2))
        return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(payload).object();
    const QString from = object.value("from"_L1).toString();
    if (from.isEmpty())
        return std::nullopt;
    if (from == run)
        return Delivery{};
    const Result<Audience> to = notificationcodec::decodeAudience(compactJson(object.value("to"_L1).toObject()));
    const Result<Notification> notification
        = notificationcodec::decode(compactJson(object.value("notification"_L1).toObject()));
    if (!to || !notification)
        return std::nullopt;
    Delivery delivery{ *to, notificationMessage(*notification, {}), 0, true };
    if (const QJsonValue expires = object.value("expires"_L1); !expires.isUndefined()) {
        if (!expires.isDouble())
            return std::nullopt;
        delivery.expiresAt = UtcTime(std::chrono::milliseconds(expires.toInteger()));
    }
    return delivery;
}

} // namespace gatehouse::ephemeralcodec
