// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"
#include "server/notify/publisher.h"
#include "tests/support/fakechannel.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// Keeps what it is told to store in a vector; answers when asked to, like a store whose fsync takes its time.
class FakeStore final : public NotificationStore
{
public:
    void append(std::vector<PublishRequest> requests,
        std::function<void(Result<std::vector<StoredNotification>>)> done) override
    {
        std::vector<StoredNotification> stored;
        for (const PublishRequest &request : requests) {
            StoredNotification one;
            one.sequence = ++sequence;
            one.notification.id = u"stored-%1"_s.arg(sequence);
            one.notification.title = request.title;
            one.notification.data = request.data;
            stored.push_back(one);
        }
        appended.push_back(std::move(requests));
        answers.push_back([=, this] {
            if (isFailing)
                done(Error{ u"disk full"_s, {} });
            else
                done(stored);
        });
        if (!isHolding)
            answers.back()();
    }
    void appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
        std::function<void(Result<KeyedOutcome>)> done) override
    {
        keys.push_back(key);
        keyedIds = ids;
        append(std::move(requests), [this, done](const Result<std::vector<StoredNotification>> &result) {
            if (!result)
                done(result.error());
            else
                done(KeyedOutcome{ kind, *result, { u"first"_s, u"second"_s } });
        });
    }
    void loadInbox(const InboxQuery &, std::function<void(Result<Inbox>)>) override { }
    [[nodiscard]] std::optional<Inbox> knownInbox(const InboxQuery &) const override { return {}; }
    [[nodiscard]] quint32 run() const override { return 7; }
    void markRead(const QString &, const QStringList &, const QStringList &,
        std::function<void(Result<std::pair<QStringList, qint64>>)>) override
    {
    }
    void markAllRead(
        const QString &, const QStringList &, std::function<void(Result<std::pair<QStringList, qint64>>)>) override
    {
    }

    std::vector<std::vector<PublishRequest>> appended;
    std::vector<std::function<void()>> answers;
    std::vector<PublishKey> keys;
    QStringList keyedIds;
    KeyedOutcome::Kind kind = KeyedOutcome::Kind::Stored;
    qint64 sequence = 0;
    bool isFailing = false;
    bool isHolding = false;
};

QByteArray one(const QByteArray &members = {})
{
    return R"({"to":{"users":["42"]},"title":"Hi")" + (members.isEmpty() ? QByteArray() : "," + members) + "}";
}

QJsonObject json(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object();
}

} // namespace

class TestPublisher final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void publishesOne();
    void audiences_data();
    void audiences();
    void batchKeepsItsOrder();
    void ephemeralIsNotStored();
    void acknowledgesOnlyWhatIsStored();
    void sendsNothingIfTheStoreFails();
    void answersOnceAllWorkersHave();
    void refuses_data();
    void refuses();
    void aKeyIsStoredWithWhatIsPublished();
    void aReplayPublishesNothing();
    void aKeyOfAnotherBodyIsRefused();
    void aStoreThatFailsIsNoReplay();
    void takesWhatCameByAnotherWay();
    void whatComesAgainByAnotherWayIsPublishedOnce();
    void countsAndSurvivesItsEnd();

private:
    HttpResponse publish(const QByteArray &body, const QByteArray &key = {});

    FakeClock m_clock;
    FakeStore m_store;
    FakeChannel m_channel;
    std::unique_ptr<Publisher> m_publisher;
};

void TestPublisher::init()
{
    m_store = FakeStore();
    m_channel = FakeChannel();
    m_publisher = std::make_unique<Publisher>(m_store, m_channel, m_clock);
}

HttpResponse TestPublisher::publish(const QByteArray &body, const QByteArray &key)
{
    auto response = std::make_shared<std::optional<HttpResponse>>();
    m_publisher->publish(body, key, u"backend"_s, [response](HttpResponse answer) { *response = std::move(answer); });
    if (!QTest::qWaitFor([&] { return response->has_value(); }))
        qFatal("no answer");
    return **response;
}

void TestPublisher::publishesOne()
{
    const HttpResponse response = publish(one(R"("data":{"n":1},"level":"warning","ttl":60,"body":"b")"));
    QCOMPARE(response.status, 202);
    QCOMPARE(response.body.trimmed(), QByteArray(R"({"ids":["stored-1"],"reached":2})"));
    QCOMPARE(m_store.appended.size(), size_t(1));
    QCOMPARE(m_store.appended[0][0].level, u"warning"_s);
    QCOMPARE(m_store.appended[0][0].ttl, std::optional(std::chrono::seconds(60)));
    QCOMPARE(m_channel.deliveries.size(), size_t(1));
    const Delivery &delivery = m_channel.deliveries[0];
    QCOMPARE(delivery.sequence, 1);
    QVERIFY(!delivery.isDroppable);
    const QJsonObject message = QJsonDocument::fromJson(delivery.message).object();
    QCOMPARE(message.value(u"type"_s).toString(), u"notification"_s);
    QCOMPARE(message.value(u"notification"_s).toObject().value(u"data"_s).toObject().value(u"n"_s).toInt(), 1);
    QCOMPARE(decodeCursor(message.value(u"cursor"_s).toString()), std::optional(Cursor{ 7, 1 }));
}

void TestPublisher::audiences_data()
{
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<int>("alternative");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("users") << QByteArray(R"({"users":["a","b","a"]})") << 0 << QStringList({ u"a"_s, u"b"_s });
    QTest::newRow("Django's numbers") << QByteArray(R"({"users":[42,7.0]})") << 0 << QStringList({ u"42"_s, u"7"_s });
    QTest::newRow("groups") << QByteArray(R"({"groups":["staff"]})") << 1 << QStringList({ u"staff"_s });
    QTest::newRow("all") << QByteArray(R"("all")") << 2 << QStringList();
}

void TestPublisher::audiences()
{
    QFETCH(const QByteArray, to);
    QFETCH(const int, alternative);
    QFETCH(const QStringList, names);
    QCOMPARE(publish(R"({"title":"t","to":)" + to + "}").status, 202);
    const Audience &audience = m_channel.deliveries.at(0).to;
    QCOMPARE(int(audience.index()), alternative);
    if (alternative == 0)
        QCOMPARE(std::get<ToUsers>(audience).users, names);
    if (alternative == 1)
        QCOMPARE(std::get<ToGroups>(audience).groups, names);
}

void TestPublisher::batchKeepsItsOrder()
{
    const HttpResponse response = publish("[" + one() + "," + one(R"("ephemeral":true)") + "," + one() + "]");
    QCOMPARE(response.status, 202);
    const QJsonArray ids = json(response).value(u"ids"_s).toArray();
    QCOMPARE(ids.size(), 3);
    QCOMPARE(ids.at(0).toString(), u"stored-1"_s);
    QVERIFY(isUlid(ids.at(1).toString()));
    QCOMPARE(ids.at(2).toString(), u"stored-2"_s);
    QCOMPARE(json(response).value(u"reached"_s).toInt(), 6);
    QCOMPARE(m_store.appended.size(), size_t(1)); // one batch, all or nothing
    QCOMPARE(m_store.appended[0].size(), size_t(2));
    std::vector<qint64> sequences;
    for (const auto &delivery : m_channel.deliveries)
        sequences.push_back(delivery.sequence);
    QCOMPARE(sequences, std::vector<qint64>({ 1, 0, 2 }));
}

void TestPublisher::ephemeralIsNotStored()
{
    QCOMPARE(publish(one(R"("ephemeral":true)")).status, 202);
    QVERIFY(m_store.appended.empty());
    QVERIFY(m_channel.deliveries.at(0).isDroppable);
    QVERIFY(!m_channel.deliveries.at(0).message.contains("cursor"));
}

void TestPublisher::acknowledgesOnlyWhatIsStored()
{
    m_store.isHolding = true;
    int answered = 0;
    m_publisher->publish(one(), {}, u"backend"_s, [&](const HttpResponse &response) { answered = response.status; });
    QCoreApplication::processEvents();
    QCOMPARE(answered, 0);
    QVERIFY(m_channel.deliveries.empty());
    m_store.answers.at(0)();
    QTRY_COMPARE(answered, 202);
}

void TestPublisher::sendsNothingIfTheStoreFails()
{
    m_store.isFailing = true;
    const HttpResponse response = publish("[" + one() + "," + one(R"("ephemeral":true)") + "]");
    QCOMPARE(response.status, 503);
    QCOMPARE(json(response).value(u"code"_s).toString(), u"store_unavailable"_s);
    QVERIFY(json(response).value(u"retry_after"_s).toInt() > 0);
    QVERIFY(m_channel.deliveries.empty());
    QCOMPARE(m_publisher->published(), 0);
    m_store.isFailing = false;
    QCOMPARE(publish(one()).status, 202);
}

void TestPublisher::answersOnceAllWorkersHave()
{
    m_channel.isHolding = true;
    int answers = 0;
    qint64 reached = -1;
    m_publisher->publish("[" + one() + "," + one() + "]", {}, u"backend"_s, [&](const HttpResponse &response) {
        ++answers;
        reached = json(response).value(u"reached"_s).toInteger();
    });
    QTRY_COMPARE(m_channel.held.size(), size_t(1)); // a batch is delivered as one
    QCOMPARE(m_channel.deliveries.size(), size_t(2));
    QCOMPARE(answers, 0);
    m_channel.held[0]({ 7 });
    QCOMPARE(answers, 1);
    QCOMPARE(reached, 7);
}

void TestPublisher::refuses_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("field");
    const auto row = [](const char *tag, const QByteArray &body, int status, const QString &field = {}) {
        QTest::newRow(tag) << body << status << field;
    };
    row("empty", "", 400);
    row("not JSON", "hello", 400);
    row("cut off", one().chopped(1), 400);
    row("text after it", one() + "x", 400);
    row("not UTF-8", one("\"body\":\"\xff\xfe\""), 400);
    row("cut-off UTF-8", one("\"body\":\"\xe0\xb8\""), 400);
    row("half a surrogate pair", one(R"("body":"\ud83d")"), 422, u"body"_s);
    row("half a pair in data", one(R"("data":{"a":["\udc00"]})"), 422, u"data"_s);
    row("nested 1,000 deep", one("\"data\":" + QByteArray(1000, '[') + QByteArray(1000, ']')), 400);
    row("nested 32 deep", one("\"data\":" + QByteArray(32, '[') + QByteArray(32, ']')), 400);
    row("too large", one("\"body\":\"" + QByteArray(kMaxPublishBytes, 'x') + "\""), 413);
    row("number", "5", 400); // Qt reads documents that are objects or arrays
    row("member twice", one(R"("title":"second")"), 400);
    row("member twice in data", one(R"("data":{"a":1,"\u0061":2})"), 400);
    row("empty batch", "[]", 400);
    row("batch of 1,001", "[" + QByteArray(one() + ",").repeated(1000) + one() + "]", 400);
    row("batch of numbers", "[1]", 422, u"[0]"_s);
    row("second of a batch", "[" + one() + R"(,{"to":"all"}])", 422, u"[1].title"_s);
    row("no audience", R"({"title":"t"})", 422, u"to"_s);
    row("audience of two kinds", R"({"title":"t","to":{"users":["1"],"groups":["g"]}})", 422, u"to"_s);
    row("empty users", R"({"title":"t","to":{"users":[]}})", 422, u"to.users"_s);
    row("user null", R"({"title":"t","to":{"users":[null]}})", 422, u"to.users"_s);
    row("user 1.5", R"({"title":"t","to":{"users":[1.5]}})", 422, u"to.users"_s);
    row("user 1e30", R"({"title":"t","to":{"users":[1e30]}})", 422, u"to.users"_s);
    row("user too long", R"({"title":"t","to":{"users":[")" + QByteArray(256, 'u') + R"("]}})", 422, u"to.users"_s);
    row("everyone", R"({"title":"t","to":"everyone"})", 422, u"to"_s);
    row("empty title", R"({"to":"all","title":""})", 422, u"title"_s);
    row("title too long", R"({"to":"all","title":")" + QByteArray(201, 't') + R"("})", 422, u"title"_s);
    row("title a number", R"({"to":"all","title":5})", 422, u"title"_s);
    row("level", one(R"("level":"panic")"), 422, u"level"_s);
    row("ttl 0", one(R"("ttl":0)"), 422, u"ttl"_s);
    row("ttl text", one(R"("ttl":"60")"), 422, u"ttl"_s);
    row("ttl huge", one(R"("ttl":1e300)"), 422, u"ttl"_s);
    row("ephemeral text", one(R"("ephemeral":"yes")"), 422, u"ephemeral"_s);
    row("data too large", one("\"data\":\"" + QByteArray(kMaxDataBytes, 'd') + "\""), 422, u"data"_s);
    row("unknown member", one(R"("tilte":"x")"), 422, u"tilte"_s);
}

void TestPublisher::refuses()
{
    QFETCH(const QByteArray, body);
    QFETCH(const int, status);
    QFETCH(const QString, field);
    const HttpResponse response = publish(body);
    QVERIFY2(response.status == status, response.body.constData());
    QCOMPARE(response.contentType, QByteArray("application/problem+json"));
    const QJsonObject problem = json(response);
    QVERIFY(!problem.value(u"detail"_s).toString().isEmpty());
    QVERIFY(!problem.value(u"code"_s).toString().isEmpty());
    if (status == 422) {
        QCOMPARE(problem.value(u"errors"_s).toArray().at(0).toObject().value(u"field"_s).toString(), field);
        QVERIFY(problem.value(u"detail"_s).toString().contains(field));
    }
    QVERIFY(m_store.appended.empty());
    QVERIFY(m_channel.deliveries.empty());
    QCOMPARE(m_publisher->published(), 0);
    QCOMPARE(publish(one()).status, 202); // and goes on serving
}

void TestPublisher::aKeyIsStoredWithWhatIsPublished()
{
    const QByteArray body = "[" + one() + "," + one(R"("ephemeral":true)") + "]";
    const HttpResponse response = publish(body, "k");
    QCOMPARE(response.status, 202);
    QCOMPARE(m_store.keys.size(), size_t(1));
    QCOMPARE(m_store.keys[0].user, u"backend"_s);
    QCOMPARE(m_store.keys[0].key, QByteArray("k"));
    const QJsonArray ids = json(response).value(u"ids"_s).toArray();
    QCOMPARE(m_store.keyedIds, QStringList({ QString(), ids.at(1).toString() })); // what a replay will answer
    QCOMPARE(ids.at(0).toString(), u"stored-1"_s);
    QCOMPARE(m_channel.deliveries.size(), size_t(2));
    QVERIFY(response.headers.empty());
    QCOMPARE(publish(one(R"("ephemeral":true)"), "e").status, 202); // its key is kept, though it is not
    QCOMPARE(m_store.keys.size(), size_t(2));
    QVERIFY(m_store.keys[0].digest != m_store.keys[1].digest);
    QCOMPARE(publish(body, "k").status, 202);
    QCOMPARE(m_store.keys[2].digest, m_store.keys[0].digest);
}

void TestPublisher::aReplayPublishesNothing()
{
    m_store.kind = KeyedOutcome::Kind::Replayed;
    const HttpResponse response = publish(one(), "k");
    QCOMPARE(response.status, 202);
    QCOMPARE(response.body.trimmed(), QByteArray(R"({"ids":["first","second"],"reached":0})"));
    QCOMPARE(response.headers.at(0), std::pair(QByteArray("Idempotent-Replayed"), QByteArray("true")));
    QVERIFY(m_channel.deliveries.empty());
    QCOMPARE(m_publisher->published(), 0);
}

void TestPublisher::aKeyOfAnotherBodyIsRefused()
{
    m_store.kind = KeyedOutcome::Kind::Refused;
    const HttpResponse response = publish(one(), "k");
    QCOMPARE(response.status, 422);
    QCOMPARE(json(response).value(u"code"_s).toString(), u"idempotency_key_reused"_s);
    QVERIFY(m_channel.deliveries.empty());
    QCOMPARE(m_publisher->published(), 0);
}

void TestPublisher::aStoreThatFailsIsNoReplay()
{
    m_store.isFailing = true;
    QCOMPARE(publish(one(), "k").status, 503);
    QVERIFY(m_channel.deliveries.empty());
}

void TestPublisher::takesWhatCameByAnotherWay()
{
    m_publisher->ingested(3, {});
    QCOMPARE(m_publisher->published(), 3);
    QVERIFY(m_channel.deliveries.empty());
    PublishRequest request;
    request.to = ToUsers{ { u"42"_s } };
    request.title = u"Hi"_s;
    request.level = u"info"_s;
    request.isEphemeral = true;
    m_publisher->ingested(0, { request, request });
    QCOMPARE(m_publisher->published(), 5);
    QVERIFY(m_store.appended.empty());
    QCOMPARE(m_channel.deliveries.size(), size_t(2));
    QVERIFY(m_channel.deliveries[0].isDroppable);
    QVERIFY(m_channel.deliveries[0].message != m_channel.deliveries[1].message); // each has an id of its own
}

void TestPublisher::whatComesAgainByAnotherWayIsPublishedOnce()
{
    PublishRequest request;
    request.to = ToUsers{ { u"42"_s } };
    request.title = u"Hi"_s;
    request.level = u"info"_s;
    QList<Result<bool>> said;
    const auto publishIt = [&] {
        m_publisher->publishOnce({ QString(), "5-0:digest", "digest" }, { request, request },
            [&](const Result<bool> &published) { said.append(published); });
        QCoreApplication::processEvents();
    };
    publishIt();
    QCOMPARE(m_store.keys.back().key, "5-0:digest");
    QCOMPARE(m_store.keyedIds, QStringList({ QString(), QString() }));
    QCOMPARE(m_channel.deliveries.size(), size_t(2));
    QCOMPARE(m_publisher->published(), 2);
    m_store.kind = KeyedOutcome::Kind::Replayed;
    publishIt();
    QCOMPARE(m_channel.deliveries.size(), size_t(2));
    QCOMPARE(m_publisher->published(), 2);
    m_store.isFailing = true;
    publishIt();
    QCOMPARE(said.size(), 3);
    QVERIFY(said[0] && *said[0]);
    QVERIFY(said[1] && !*said[1]);
    QVERIFY(!said[2]);
    m_store.isHolding = true;
    publishIt();
    m_publisher.reset();
    m_store.answers.back()();
    QCoreApplication::processEvents();
    QCOMPARE(said.size(), 3);
}

void TestPublisher::countsAndSurvivesItsEnd()
{
    QCOMPARE(publish("[" + one() + "," + one() + "," + one(R"("ephemeral":true)") + "]").status, 202);
    QCOMPARE(m_publisher->published(), 3);
    m_store.isHolding = true;
    bool isAnswered = false;
    m_publisher->publish(one(), {}, u"backend"_s, [&](const HttpResponse &) { isAnswered = true; });
    m_publisher.reset();
    m_store.answers.back()();
    QCoreApplication::processEvents();
    QVERIFY(!isAnswered);
}

QTEST_GUILESS_MAIN(TestPublisher)
#include "tst_publisher.moc"
