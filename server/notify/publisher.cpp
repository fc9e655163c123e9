// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/publisher.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>
#include <QtCore/QPointer>

#include "server/notify/notificationmessages.h"
#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

Problem badRequest(const QString &detail)
{
    return { 400, u"bad_request"_s, u"Bad request"_s, detail };
}

/// Reads the body; the problem says why it cannot be published.
std::variant<std::vector<PublishRequest>, Problem> readBody(const QByteArray &body)
{
    if (body.size() > kMaxPublishBytes)
        return Problem{ 413, u"body_too_large"_s, u"Content too large"_s,
            u"the body has %1 bytes; at most %2 are taken"_s.arg(body.size()).arg(kMaxPublishBytes) };
    if (isNestedDeeper(body))
        return badRequest(u"the body nests deeper than %1 levels"_s.arg(kMaxJsonDepth));
    Result<std::vector<PublishRequest>> requests = parsePublishBody(body);
    if (requests)
        return std::move(requests).value();
    const Error &error = requests.error();
    if (error.field.isEmpty())
        return badRequest(error.message);
    Problem problem{ 422, u"invalid_notification"_s, u"Invalid notification"_s, error.message };
    problem.fields.push_back(error);
    return problem;
}

} // namespace

/// One publish on its way: the requests in their order, and what has become of each.
struct Publisher::Batch
{
    std::vector<PublishRequest> requests;
    std::vector<StoredNotification> notifications; ///< by request; sequence 0 if ephemeral
    Responder respond;
};

Publisher::Publisher(NotificationStore &store, ChannelControl &channel, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_store(store)
    , m_channel(channel)
    , m_clock(clock)
    , m_ids(UlidGenerator::withSystemEntropy())
{
}

void Publisher::publish(const QByteArray &body, Responder respond)
{
    std::variant<std::vector<PublishRequest>, Problem> read = readBody(body);
    if (const Problem *problem = std::get_if<Problem>(&read)) {
        respond(HttpResponse::problem(*problem));
        return;
    }
    auto batch = std::make_shared<Batch>();
    batch->requests = std::get<std::vector<PublishRequest>>(std::move(read));
    batch->respond = std::move(respond);
    std::vector<PublishRequest> durable;
    for (const PublishRequest &request : batch->requests) {
        if (!request.isEphemeral)
            durable.push_back(request);
    }
    if (durable.empty()) {
        stored(batch, std::vector<StoredNotification>{});
        return;
    }
    // By way of the application object: the store may still answer when the publisher is gone.
    m_store.append(
        std::move(durable), [self = QPointer(this), batch](const Result<std::vector<StoredNotification>> &result) {
            const auto onMain = [self, batch, result] {
                if (self)
                    self->stored(batch, result);
            };
            QMetaObject::invokeMethod(QCoreApplication::instance(), onMain, Qt::QueuedConnection);
        });
}

void Publisher::stored(const std::shared_ptr<Batch> &batch, const Result<std::vector<StoredNotification>> &result)
{
    if (!result) {
        Problem problem{ 503, u"store_unavailable"_s, u"Service unavailable"_s,
            u"the notification could not be stored: %1"_s.arg(result.error().message) };
        problem.retryAfterSeconds = 5;
        batch->respond(HttpResponse::problem(problem));
        return;
    }
    auto next = result->begin();
    for (const PublishRequest &request : batch->requests) {
        if (!request.isEphemeral) {
            batch->notifications.push_back(*next++);
            continue;
        }
        const UtcTime now = m_clock.utc();
        batch->notifications.push_back(
            { 0, { m_ids.next(now), request.title, request.body, request.level, request.data, now, false } });
    }
    m_published.fetch_add(qint64(batch->requests.size()), std::memory_order_relaxed);
    deliverAll(batch);
}

void Publisher::deliverAll(const std::shared_ptr<Batch> &batch)
{
    std::vector<Delivery> deliveries;
    deliveries.reserve(batch->requests.size());
    for (size_t i = 0; i < batch->requests.size(); ++i) {
        const StoredNotification &stored = batch->notifications[i];
        const std::optional<std::chrono::seconds> ttl = batch->requests[i].ttl;
        deliveries.push_back({ std::move(batch->requests[i].to), notificationMessage(stored.notification, { m_store.run(), stored.sequence }),
            stored.sequence, batch->requests[i].isEphemeral,
            ttl ? std::optional<UtcTime>(stored.notification.createdAt + *ttl) : std::nullopt });
    }
    m_channel.deliver(std::move(deliveries), [batch](qint64 reached) {
        QJsonArray ids;
        for (const StoredNotification &notification : batch->notifications)
            ids.append(notification.notification.id);
        batch->respond(HttpResponse::json({ { "ids"_L1, ids }, { "reached"_L1, reached } }, 202));
    });
}

} // namespace gatehouse
