// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/cluster/monitoring/noderequests.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

/// Two nodes, and what they say to each other, which arrives when the test lets it.
struct Fixture
{
    FakeClock clock;
    RecordingLog log;
    QByteArrayList toSecond;
    QByteArrayList toFirst;
    ClusterPubSub firstWords{ u"run-a"_s,
        [this](const QByteArray &, const QByteArray &payload) { toSecond.append(payload); }, clock, log };
    ClusterPubSub secondWords{ u"run-b"_s,
        [this](const QByteArray &, const QByteArray &payload) { toFirst.append(payload); }, clock, log };
    NodeRequests first{ firstWords, clock };
    std::vector<PeerRequest> asked; ///< of the second
    HttpResponse answer = HttpResponse::json({ { "n"_L1, 7 } });
    std::vector<std::optional<HttpResponse>> answers;

    Fixture()
    {
        nodeanswers::listen(secondWords, [this](const PeerRequest &request, const Responder &respond) {
            asked.push_back(request);
            respond(answer);
        });
    }
    static PeerRequest request()
    {
        PeerRequest request;
        request.http.method = "GET";
        request.http.path = "/api/admin/v1/connections";
        request.http.query = { { "filter", "ä&b" }, { "limit", "5" } };
        request.http.client = *IpAddress::parse("192.0.2.7");
        request.who = { u"olga"_s, Role::Operator };
        return request;
    }
    void ask()
    {
        NodeInfo node;
        node.name = u"two"_s;
        node.run = u"run-b"_s;
        first.ask(
            node, request(), [this](const std::optional<HttpResponse> &response) { answers.push_back(response); });
    }
    void carry()
    {
        for (const QByteArray &payload : std::exchange(toSecond, {}))
            secondWords.received(ClusterPubSub::kSignal, payload);
        QCoreApplication::processEvents();
        for (const QByteArray &payload : std::exchange(toFirst, {}))
            firstWords.received(ClusterPubSub::kSignal, payload);
        QCoreApplication::processEvents();
    }
};

} // namespace

class TestNodeRequests final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void carriesTheRequestAndTheAnswer()
    {
        Fixture f;
        f.ask();
        f.carry();
        QCOMPARE(f.asked.size(), 1U);
        const PeerRequest &got = f.asked.front();
        QCOMPARE(got.http.method, "GET");
        QCOMPARE(got.http.path, "/api/admin/v1/connections");
        QCOMPARE(got.http.query, Fixture::request().http.query);
        QCOMPARE(got.http.client.toString(), u"192.0.2.7"_s);
        QCOMPARE(got.who.user, u"olga"_s);
        QCOMPARE(got.who.role, Role::Operator);
        QCOMPARE(f.answers.size(), 1U);
        QCOMPARE(f.answers[0]->status, 200);
        QCOMPARE(f.answers[0]->body, f.answer.body);
        f.clock.advance(NodeRequests::kPatience);
        f.first.checkDeadlines();
        QCOMPARE(f.answers.size(), 1U);
    }

    void carriesEveryKindOfAnswer_data()
    {
        QTest::addColumn<HttpResponse>("answer");
        QTest::newRow("nothing") << HttpResponse::noContent();
        QTest::newRow("text") << HttpResponse::text("day,ü\r\n", "text/csv; charset=utf-8");
        QTest::newRow("problem") << HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"there is none"_s });
    }

    void carriesEveryKindOfAnswer()
    {
        QFETCH(const HttpResponse, answer);
        Fixture f;
        f.answer = answer;
        f.ask();
        f.carry();
        QCOMPARE(f.answers.size(), 1U);
        QCOMPARE(f.answers[0]->status, answer.status);
        QCOMPARE(f.answers[0]->contentType, answer.contentType);
        QCOMPARE(QJsonDocument::fromJson(f.answers[0]->body), QJsonDocument::fromJson(answer.body));
        if (answer.contentType.startsWith("text/"))
            QCOMPARE(f.answers[0]->body, answer.body);
    }

    void anAnswerThatIsTooLargeIsAnError()
    {
        Fixture f;
        f.answer = HttpResponse::json({ { "x"_L1, QString(ClusterPubSub::kMostBytes, u'x') } });
        f.ask();
        f.carry();
        QCOMPARE(f.answers[0]->status, 503);
        QVERIFY(f.answers[0]->body.contains("answer_too_large"));
        QCOMPARE(f.firstWords.refused(), 0);
    }

    void whoDoesNotAnswerIsGivenUp()
    {
        Fixture f;
        f.ask();
        f.clock.advance(NodeRequests::kPatience - 1ms);
        f.first.checkDeadlines();
        QCOMPARE(f.answers.size(), 0U);
        f.clock.advance(1ms);
        f.first.checkDeadlines();
        QCOMPARE(f.answers.size(), 1U);
        QVERIFY(!f.answers[0]);
        f.carry(); // too late
        QCOMPARE(f.answers.size(), 1U);
    }

    void onlyWhoWasAskedAnswers()
    {
        Fixture f;
        f.ask();
        const auto say = [&f](const QByteArray &payload) {
            f.firstWords.received(ClusterPubSub::kSignal, payload);
            QCoreApplication::processEvents();
        };
        say(R"({"type":"answer","from":"run-c","id":1,"status":200,"body":{}})");
        say(R"({"type":"answer","from":"run-b","id":2,"status":200,"body":{}})");
        say(R"({"type":"answer","from":"run-b","id":1,"status":99,"body":{}})");
        say(R"({"type":"answer","from":"run-b","id":1,"status":100000,"body":{}})");
        say(R"({"type":"answer","from":"run-b"})");
        QCOMPARE(f.answers.size(), 0U);
        say(R"({"type":"answer","from":"run-b","id":1,"status":200,"body":{"n":1}})");
        QCOMPARE(f.answers.size(), 1U);
    }

    void whatIsNoRequestIsNotAnswered_data()
    {
        QTest::addColumn<QByteArray>("member");
        QTest::addColumn<QJsonValue>("value");
        QTest::newRow("role") << QByteArray("role") << QJsonValue(u"emperor"_s);
        QTest::newRow("no role") << QByteArray("role") << QJsonValue();
        QTest::newRow("user") << QByteArray("user") << QJsonValue(u""_s);
        QTest::newRow("address") << QByteArray("address") << QJsonValue(u"nowhere"_s);
        QTest::newRow("path") << QByteArray("path") << QJsonValue(u"connections"_s);
        QJsonArray many;
        for (int i = 0; i < 100; ++i)
            many.append(QJsonArray{ u"n"_s, u"v"_s });
        QTest::newRow("query") << QByteArray("query") << QJsonValue(many);
    }

    void whatIsNoRequestIsNotAnswered()
    {
        QFETCH(const QByteArray, member);
        QFETCH(const QJsonValue, value);
        Fixture f;
        f.ask();
        QJsonObject signal = QJsonDocument::fromJson(f.toSecond.takeFirst()).object();
        signal.insert(QString::fromLatin1(member), value);
        f.toSecond.append(QJsonDocument(signal).toJson(QJsonDocument::Compact));
        f.carry();
        QCOMPARE(f.asked.size(), 0U);
        QCOMPARE(f.answers.size(), 0U);
    }

    void waitsForABoundedNumber()
    {
        Fixture f;
        for (size_t i = 0; i < NodeRequests::kMostWaiting; ++i)
            f.ask();
        QCOMPARE(f.answers.size(), 0U);
        f.ask();
        QCOMPARE(f.answers.size(), 1U);
        QVERIFY(!f.answers[0]);
    }
};

QTEST_GUILESS_MAIN(TestNodeRequests)
#include "tst_noderequests.moc"
