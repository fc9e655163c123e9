// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/readsignal.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "server/notify/notificationmessages.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse::readsignal {

namespace {

const QString kType = QStringLiteral("read");

} // namespace

void send(const ClusterPubSub &pubSub, const QString &user, const QByteArray &message)
{
    const QJsonObject read = QJsonDocument::fromJson(message).object();
    pubSub.signal(
        kType, { { "user"_L1, user }, { "ids"_L1, read.value("ids"_L1) }, { "unread"_L1, read.value("unread"_L1) } });
}

void listen(ClusterPubSub &pubSub, ChannelControl &channel)
{
    pubSub.onSignal(kType, [&channel](const QJsonObject &signal) {
        const QString user = signal.value("user"_L1).toString();
        const QJsonArray ids = signal.value("ids"_L1).toArray();
        const qint64 unread = signal.value("unread"_L1).toInteger(-1);
        const bool areIds
            = std::all_of(ids.begin(), ids.end(), [](const QJsonValue &id) { return isUlid(id.toString()); });
        if (user.isEmpty() || ids.isEmpty() || ids.size() > kMostIds || !areIds || unread < 0)
            return;
        QStringList texts;
        for (const QJsonValue &id : ids)
            texts.append(id.toString());
        channel.announceRead(user, readMessage(texts, unread), {});
    });
}

} // namespace gatehouse::readsignal
