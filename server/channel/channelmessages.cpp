// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/channelmessages.h"

#include <algorithm>

#include <QtCore/QJsonObject>

#include "shared/util/compactjson.h"
#include "shared/util/jsontext.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxCloseReasonBytes = 123; // RFC 6455 section 5.5, without the code

QByteArray encoded(QJsonObject object, const QJsonValue &id = QJsonValue(QJsonValue::Undefined))
{
    if (!id.isUndefined())
        object.insert("id"_L1, id);
    return compactJson(object);
}

qint64 toWholeSeconds(std::chrono::milliseconds time)
{
    return std::chrono::ceil<std::chrono::seconds>(time).count();
}

} // namespace

QByteArray pongMessage(const QJsonValue &id)
{
    // The most frequent message of all: without an id there is nothing to encode.
    static const QByteArray kPlain = R"({"type":"pong"})";
    return id.isUndefined() ? kPlain : encoded({ { "type"_L1, "pong"_L1 } }, id);
}

QByteArray ackMessage(const QJsonValue &id, std::optional<qint64> unread)
{
    QJsonObject object{ { "type"_L1, "ack"_L1 } };
    if (unread)
        object.insert("unread"_L1, *unread);
    return encoded(std::move(object), id);
}

QByteArray errorMessage(QLatin1StringView code, const QString &detail, const QJsonValue &id,
    std::optional<std::chrono::milliseconds> retryAfter)
{
    QJsonObject object{ { "type"_L1, "error"_L1 }, { "code"_L1, code }, { "detail"_L1, detail } };
    if (retryAfter)
        object.insert("retry_after"_L1, toWholeSeconds(*retryAfter));
    return encoded(std::move(object), id);
}

QByteArray rateLimitNearMessage(qint64 limit, qint64 used, std::chrono::milliseconds resetIn)
{
    return encoded({
        { "type"_L1, "warning"_L1 },
        { "code"_L1, "rate_limit_near"_L1 },
        { "limit"_L1, limit },
        { "used"_L1, used },
        { "reset_in"_L1, toWholeSeconds(resetIn) },
    });
}

QByteArray tokenExpiringMessage(std::chrono::seconds expiresIn)
{
    return encoded({ { "type"_L1, "token_expiring"_L1 }, { "expires_in"_L1, qint64(expiresIn.count()) } });
}

QByteArray closeReason(
    QLatin1StringView reason, std::optional<qint64> retryAfterSeconds, const QString &id, const QString &detail)
{
    const auto written = [&](const QString &said) {
        JsonText text;
        text.add("r", QString(reason));
        if (retryAfterSeconds)
            text.add("ra", *retryAfterSeconds);
        if (!id.isEmpty())
            text.add("id", id);
        if (!said.isEmpty())
            text.add("d", said);
        return text.take();
    };
    const QByteArray whole = written(detail);
    const qsizetype excess = whole.size() - kMaxCloseReasonBytes;
    if (excess <= 0)
        return whole;
    // Every character takes a byte at least, and the ellipsis three.
    QString said = detail.left(std::max<qsizetype>(0, detail.size() - excess - 3));
    if (!said.isEmpty() && said.back().isHighSurrogate())
        said.chop(1);
    return written(said.isEmpty() ? said : said + u'…');
}

} // namespace gatehouse
