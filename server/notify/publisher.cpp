// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/publisher.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>

#include "server/base/digest.h"
#include "server/base/onthread.h"
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
    QStringList ids; ///< by request; of the ephemeral ones alone, until the others are stored
    std::vector<StoredNotification> notifications; ///< by request; sequence 0 if ephemeral
    Responder respond;
};

Publisher::Publisher(NotificationStore &store, MessageBus &bus, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_store(store)
    , m_bus(bus)
    , m_clock(clock)
    , m_ids(UlidGenerator::withSystemEntropy())
{
}

void Publisher::publish(const QByteArray &body, const QByteArray &key, const QString &user, Responder respond)
{
    std::variant<std::vector<PublishRequest>, Problem> read = readBody(body);
    if (const Problem *problem = std::get_if<Problem>(&read)) {
        respond(HttpResponse::problem(*problem));
        return;
    }
    auto batch = std::make_shared<Batch>();
    batch->requests = std::get<std::vector<PublishRequest>>(std::move(read));
    batch->respond = std::move(respond);
    batch->ids = idsOfEphemeral(batch->requests);
    store(batch, body, key, user);
}

void Publisher::ingested(qint64 stored, std::vector<PublishRequest> ephemeral)
{
    m_published.fetch_add(stored, std::memory_order_relaxed);
    if (ephemeral.empty())
        return;
    auto batch = std::make_shared<Batch>();
    batch->requests = std::move(ephemeral);
    batch->ids = idsOfEphemeral(batch->requests);
    batch->respond = [](const HttpResponse &) {}; // nobody asked
    this->stored(batch, std::vector<StoredNotification>{});
}

void Publisher::publishOnce(
    const PublishKey &key, std::vector<PublishRequest> requests, std::function<void(const Result<bool> &)> done)
{
    auto batch = std::make_shared<Batch>();
    batch->requests = std::move(requests);
    batch->ids = idsOfEphemeral(batch->requests);
    batch->respond = [done](const HttpResponse &) { done(true); }; // once it has been delivered
    m_store.appendOnce(key, batch->ids, batch->requests,
        onThreadOf(*QCoreApplication::instance(), this, [this, batch, done](const Result<KeyedOutcome> &result) {
            if (!result)
                done(result.error());
            else if (result->kind == KeyedOutcome::Kind::Stored)
                stored(batch, result->notifications);
            else
                done(false);
        }));
}

QStringList Publisher::idsOfEphemeral(const std::vector<PublishRequest> &requests)
{
    QStringList ids;
    for (const PublishRequest &request : requests)
        ids.append(request.isEphemeral ? m_ids.next(m_clock.utc()) : QString());
    return ids;
}

void Publisher::store(
    const std::shared_ptr<Batch> &batch, const QByteArray &body, const QByteArray &key, const QString &user)
{
    std::vector<PublishRequest> durable;
    for (const PublishRequest &request : batch->requests) {
        if (!request.isEphemeral)
            durable.push_back(request);
    }
    if (!key.isEmpty()) {
        const PublishKey publishKey{ user, key, sha256(body) };
        m_store.appendOnce(
            publishKey, batch->ids, std::move(durable), onMain<KeyedOutcome>(batch, &Publisher::storedOnce));
    } else if (durable.empty()) {
        stored(batch, std::vector<StoredNotification>{});
    } else {
        m_store.append(std::move(durable), onMain<std::vector<StoredNotification>>(batch, &Publisher::stored));
    }
}

template <typename T>
std::function<void(Result<T>)> Publisher::onMain(
    const std::shared_ptr<Batch> &batch, void (Publisher::*done)(const std::shared_ptr<Batch> &, const Result<T> &))
{
    // By way of the application object: the store may still answer when the publisher is gone.
    return onThreadOf(*QCoreApplication::instance(), this,
        [this, batch, done](const Result<T> &result) { (this->*done)(batch, result); });
}

void Publisher::storedOnce(const std::shared_ptr<Batch> &batch, const Result<KeyedOutcome> &result)
{
    if (!result || result->kind == KeyedOutcome::Kind::Stored) {
        stored(batch, result ? Result(result->notifications) : Result<std::vector<StoredNotification>>(result.error()));
        return;
    }
    if (result->kind == KeyedOutcome::Kind::Refused) {
        batch->respond(HttpResponse::problem({ 422, u"idempotency_key_reused"_s, u"Idempotency key reused"_s,
            u"this Idempotency-Key was used for another body within 24 hours"_s }));
        return;
    }
    HttpResponse answer
        = HttpResponse::json({ { "ids"_L1, QJsonArray::fromStringList(result->ids) }, { "reached"_L1, 0 } }, 202);
    batch->respond(answer.withHeader("Idempotent-Replayed", "true"));
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
    for (size_t i = 0; i < batch->requests.size(); ++i) {
        const PublishRequest &request = batch->requests[i];
        if (request.isEphemeral)
            batch->notifications.push_back({ 0,
                { batch->ids[qsizetype(i)], request.title, request.body, request.level, request.data, m_clock.utc(),
                    false } });
        else
            batch->notifications.push_back(*next++);
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
        deliveries.push_back({ std::move(batch->requests[i].to),
            notificationMessage(stored.notification, { m_store.run(), stored.sequence }), stored.sequence,
            batch->requests[i].isEphemeral,
            ttl ? std::optional<UtcTime>(stored.notification.createdAt + *ttl) : std::nullopt });
    }
    m_bus.fanOut(std::move(deliveries), [batch](qint64 reached) {
        QJsonArray ids;
        for (const StoredNotification &notification : batch->notifications)
            ids.append(notification.notification.id);
        batch->respond(HttpResponse::json({ { "ids"_L1, ids }, { "reached"_L1, reached } }, 202));
    });
}

} // namespace gatehouse
