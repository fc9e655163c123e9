// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/httpadminclient.h"

#include <QtTest/QtTest>

#include "console/connection/calllog.h"
#include "shared/util/isotime.h"
#include "tests/support/fakeadminserver.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The connection: states, retries, the live stream. The typed calls are in tst_httpadmincalls.
class TestHttpAdminClient : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void connectsAndSubscribes();
    void fillsTheLastHourAndDayAtFirst();
    void deliversFrames();
    void deliversWhatHappens();
    void livesThroughMessagesItCannotRead_data();
    void livesThroughMessagesItCannotRead();
    void aRefusedTokenEndsTheTrying_data();
    void aRefusedTokenEndsTheTrying();
    void retriesAfterAFailure_data();
    void retriesAfterAFailure();
    void aRefusedStreamIsRetried();
    void aStreamThatBeginsWronglyIsRetried();
    void waitsAsLongAsTheServerAsks();
    void aDroppedStreamIsReopenedAndTheGapFilled();
    void namesWhyTheServerClosed_data();
    void namesWhyTheServerClosed();
    void survivesARestartOfTheServer();
    void silenceIsStaleThenLost();
    void aLateFrameEndsStaleness();
    void retriesAtOnceWhenAsked();
    void disconnectsForGood();
    void anotherServerBeginsAnew();
    void recordsNoToken();

private:
    void connectLive();
    [[nodiscard]] ConnectionState state() const { return m_client->status().state; }
    /// The first wait for a retry since it connected. It may be over: most last 250 ms of real time.
    [[nodiscard]] std::optional<ConnectionStatus> firstWait() const;
    [[nodiscard]] bool logHas(const QString &text) const;

    FakeClock m_clock;
    std::unique_ptr<FakeAdminServer> m_server;
    std::unique_ptr<HttpAdminClient> m_client;
    std::vector<ConnectionStatus> m_statuses; ///< since it connected
};

void TestHttpAdminClient::init()
{
    m_server = std::make_unique<FakeAdminServer>();
    QVERIFY(m_server->start());
    // Without jitter's upper half: the first retry is after 250 ms.
    m_client = std::make_unique<HttpAdminClient>(m_clock, ReconnectPolicy([] { return 0.0; }));
    m_statuses.clear();
    connect(m_client.get(), &AdminClient::stateChanged, this,
        [this](const ConnectionStatus &status) { m_statuses.push_back(status); });
}

void TestHttpAdminClient::cleanup()
{
    m_client.reset();
    m_server.reset();
}

void TestHttpAdminClient::connectLive()
{
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_COMPARE(state(), ConnectionState::Live);
    m_statuses.clear();
}

std::optional<ConnectionStatus> TestHttpAdminClient::firstWait() const
{
    const auto wait = std::find_if(m_statuses.begin(), m_statuses.end(),
        [](const ConnectionStatus &status) { return status.state == ConnectionState::WaitingToRetry; });
    return wait == m_statuses.end() ? std::nullopt : std::optional(*wait);
}

bool TestHttpAdminClient::logHas(const QString &text) const
{
    const CallLog &log = *m_client->callLog();
    for (int row = 0; row < log.rowCount(); ++row) {
        const CallRecord &call = log.at(row);
        if (call.error.contains(text) || call.path.contains(text) || call.curl.contains(text))
            return true;
    }
    return false;
}

void TestHttpAdminClient::connectsAndSubscribes()
{
    QSignalSpy states(m_client.get(), &AdminClient::stateChanged);
    QSignalSpy overviews(m_client.get(), &AdminClient::overviewReceived);
    QVERIFY(!m_client->sampleAge());
    connectLive();
    QCOMPARE(states.count(), 2);
    QCOMPARE(states[0][0].value<ConnectionStatus>().state, ConnectionState::Connecting);
    QCOMPARE(overviews.count(), 1);
    QCOMPARE(overviews[0][0].value<Overview>().peakConnections, 12);
    QCOMPARE(m_client->serverInfo()->version, u"9.9.9"_s);
    QCOMPARE(m_client->url(), m_server->url());
    QVERIFY(m_client->status().cause.isEmpty());
    m_clock.advance(1500ms);
    QCOMPARE(*m_client->sampleAge(), 1500ms);
    QCOMPARE(m_server->streamMessages.size(), 1u);
    const QJsonObject subscribe = m_server->streamMessages[0];
    QCOMPARE(subscribe.value("type"_L1).toString(), u"subscribe"_s);
    QCOMPARE(subscribe.value("topics"_L1).toArray().size(), 5);
}

void TestHttpAdminClient::fillsTheLastHourAndDayAtFirst()
{
    QSignalSpy histories(m_client.get(), &AdminClient::historyReceived);
    connectLive();
    QTRY_COMPARE(histories.count(), 2);
    const auto requests = m_server->requestsFor(paths::kHistory);
    QCOMPARE(requests.size(), 2u);
    const QUrlQuery hour(QString::fromUtf8(requests[0].target.split('?').last()));
    const UtcTime to = *parseIso(hour.queryItemValue(u"to"_s));
    QCOMPARE(to - *parseIso(hour.queryItemValue(u"from"_s)), std::chrono::milliseconds(1h));
    QVERIFY(to >= m_server->now);
    QCOMPARE(hour.queryItemValue(u"points"_s), u"3600"_s);
    QVERIFY(hour.queryItemValue(u"metrics"_s).startsWith(u"active_connections,handshakes,"));
    const QUrlQuery day(QString::fromUtf8(requests[1].target.split('?').last()));
    QCOMPARE(to - *parseIso(day.queryItemValue(u"from"_s)), std::chrono::milliseconds(24h));
    QCOMPARE(day.queryItemValue(u"to"_s), hour.queryItemValue(u"from"_s));
}

void TestHttpAdminClient::deliversFrames()
{
    QSignalSpy frames(m_client.get(), &AdminClient::frameReceived);
    connectLive();
    m_clock.advance(3s);
    m_server->sendFrame(m_server->now + 1s, 42);
    QTRY_COMPARE(frames.count(), 1);
    const LiveSample sample = frames[0][0].value<LiveSample>();
    QCOMPARE(sample.frame.time, m_server->now + 1s);
    QCOMPARE(sample.frame[Metric::ActiveConnections], 42.0);
    QCOMPARE(sample.totals.connectionsToday, 70);
    QCOMPARE(sample.peakConnections, 12);
    QCOMPARE(sample.refusalsPerMinute, 3);
    QCOMPARE(sample.addressesNearLimit, 2);
    QCOMPARE(sample.lostFrames, 4);
    QCOMPARE(*m_client->sampleAge(), 0ms);
}

void TestHttpAdminClient::deliversWhatHappens()
{
    QSignalSpy decisions(m_client.get(), &AdminClient::decisionsReceived);
    QSignalSpy connections(m_client.get(), &AdminClient::connectionsChanged);
    QSignalSpy alerts(m_client.get(), &AdminClient::alertChanged);
    QSignalSpy limits(m_client.get(), &AdminClient::limitsChanged);
    QSignalSpy switches(m_client.get(), &AdminClient::switchChanged);
    connectLive();
    Decision decision;
    decision.id = u"D1"_s;
    decision.at = m_server->now;
    QJsonObject unknown = decision.toJson();
    unknown.insert("reason"_L1, "from_the_future"_L1);
    m_server->send({ { "type"_L1, "decisions"_L1 }, { "decisions"_L1, QJsonArray{ decision.toJson(), unknown } },
        { "skipped"_L1, 5 } });
    m_server->send({ { "type"_L1, "connections"_L1 }, { "active"_L1, 17 } });
    Alert alert;
    alert.id = u"A1"_s;
    alert.raisedAt = m_server->now;
    m_server->send({ { "type"_L1, "alert"_L1 }, { "alert"_L1, alert.toJson() } });
    Revision revision;
    revision.revision = 8;
    revision.at = m_server->now;
    LimitsDocument document;
    document.revision = 8;
    m_server->send(
        { { "type"_L1, "limits"_L1 }, { "document"_L1, document.toJson() }, { "revision"_L1, revision.toJson() } });
    m_server->send({ { "type"_L1, "switch"_L1 }, { "enabled"_L1, false } });
    QTRY_COMPARE(switches.count(), 1);
    QCOMPARE(switches[0][0].toBool(), false);
    QCOMPARE(decisions.count(), 1);
    QCOMPARE(decisions[0][0].value<std::vector<Decision>>().size(), 1u);
    QCOMPARE(decisions[0][1].toLongLong(), 6); // the one of an unknown kind is counted
    QCOMPARE(connections[0][0].toLongLong(), 17);
    QCOMPARE(alerts[0][0].value<Alert>().id, u"A1"_s);
    QCOMPARE(limits[0][0].value<LimitsDocument>().revision, 8);
    QCOMPARE(limits[0][1].value<Revision>().revision, 8);
}

void TestHttpAdminClient::livesThroughMessagesItCannotRead_data()
{
    QTest::addColumn<QString>("message");
    QTest::newRow("not JSON") << u"{\"type\":\"metrics\",\"frame\""_s;
    QTest::newRow("empty") << QString();
    QTest::newRow("no type") << u"{}"_s;
    QTest::newRow("an array") << u"[1,2]"_s;
    QTest::newRow("an unknown type") << u"{\"type\":\"weather\"}"_s;
    QTest::newRow("a frame without time") << u"{\"type\":\"metrics\",\"frame\":{}}"_s;
    QTest::newRow("an alert without id") << u"{\"type\":\"alert\",\"alert\":{}}"_s;
    QTest::newRow("limits without document") << u"{\"type\":\"limits\"}"_s;
    QTest::newRow("limits without revision") << u"{\"type\":\"limits\",\"document\":{\"revision\":1,\"limits\":[]}}"_s;
    QTest::newRow("an error") << u"{\"type\":\"error\",\"code\":\"unknown_topic\",\"detail\":\"no topic weather\"}"_s;
}

void TestHttpAdminClient::livesThroughMessagesItCannotRead()
{
    QFETCH(QString, message);
    QSignalSpy frames(m_client.get(), &AdminClient::frameReceived);
    connectLive();
    m_server->sendText(message);
    m_server->sendFrame(m_server->now + 1s, 1);
    QTRY_COMPARE(frames.count(), 1);
    QCOMPARE(state(), ConnectionState::Live);
    bool isRecorded = false;
    for (int row = 0; row < m_client->callLog()->rowCount(); ++row) {
        const CallRecord &call = m_client->callLog()->at(row);
        isRecorded |= call.method == "WS"_L1 && !call.error.isEmpty();
    }
    QVERIFY(isRecorded);
}

void TestHttpAdminClient::aRefusedTokenEndsTheTrying_data()
{
    QTest::addColumn<int>("status");
    QTest::newRow("unknown") << 401;
    QTest::newRow("no administrator") << 403;
}

void TestHttpAdminClient::aRefusedTokenEndsTheTrying()
{
    QFETCH(int, status);
    Problem problem;
    problem.status = status;
    problem.code = u"forbidden"_s;
    problem.detail = u"because the test says so"_s;
    m_server->setProblem("GET", paths::kOverview, problem);
    m_client->connectToServer(m_server->url(), status == 401 ? u"bad-token"_s : u"good-token"_s);
    QTRY_COMPARE(state(), ConnectionState::AuthFailed);
    QVERIFY(
        m_client->status().cause.contains(status == 401 ? u"the signature is wrong"_s : u"because the test says so"_s));
    QVERIFY(!m_client->status().nextRetryAt);
    QCOMPARE(m_server->requests.size(), 1u);
    m_client->retryNow();
    QTRY_COMPARE(m_server->requests.size(), 2u);
    QTRY_COMPARE(state(), ConnectionState::AuthFailed);
}

void TestHttpAdminClient::retriesAfterAFailure_data()
{
    QTest::addColumn<FakeAdminServer::Answer>("answer");
    QTest::addColumn<QString>("cause");
    const auto row = [](const char *name, const FakeAdminServer::Answer &answer, const QString &cause) {
        QTest::newRow(name) << answer << cause;
    };
    row("failing",
        { 500, R"({"code":"internal","title":"Failed","detail":"disk full"})", "application/problem+json", {}, false,
            false },
        u"disk full"_s);
    row("failing without a word", { 502, "<html>Bad gateway</html>", "text/html", {}, false, false }, u"502"_s);
    row("truncated JSON", { 200, R"({"server":{"version")", "application/json", {}, false, false }, u"not the JSON"_s);
    row("cut off", { 200, R"({"server":)", "application/json", {}, true, false }, u"without a whole answer"_s);
    row("a web page", { 200, "<html>Welcome</html>", "text/html", {}, false, false }, u"not the JSON"_s);
    row("another JSON", { 200, "{}", "application/json", {}, false, false }, u"cannot be read"_s);
    row("an array", { 200, "[]", "application/json", {}, false, false }, u"not the JSON"_s);
    row("redirected", { 302, {}, "text/html", "Location: http://elsewhere.example/\r\n", false, false },
        u"elsewhere.example"_s);
}

void TestHttpAdminClient::retriesAfterAFailure()
{
    QFETCH(FakeAdminServer::Answer, answer);
    QFETCH(QString, cause);
    m_server->set("GET", paths::kOverview, answer);
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_VERIFY(firstWait());
    QVERIFY2(firstWait()->cause.contains(cause), qPrintable(firstWait()->cause));
    QCOMPARE(*firstWait()->nextRetryAt, m_clock.utc() + 250ms);
    m_server->setJson("GET", paths::kOverview, m_server->overview().toJson());
    QTRY_COMPARE(state(), ConnectionState::Live);
    QVERIFY(m_client->status().cause.isEmpty());
}

void TestHttpAdminClient::aRefusedStreamIsRetried()
{
    m_server->refusesStreams = true;
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_VERIFY(firstWait());
    QVERIFY(firstWait()->cause.contains(u"live stream"_s));
    m_server->refusesStreams = false;
    QTRY_COMPARE(state(), ConnectionState::Live);
}

void TestHttpAdminClient::aStreamThatBeginsWronglyIsRetried()
{
    m_server->saysHello = false;
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_COMPARE(m_server->streamCount(), 1);
    QCOMPARE(state(), ConnectionState::Connecting);
    m_server->saysHello = true; // to the next
    m_server->sendText(u"{\"type\":\"hello\"}"_s);
    QTRY_VERIFY(firstWait());
    QTRY_COMPARE(state(), ConnectionState::Live);
}

void TestHttpAdminClient::waitsAsLongAsTheServerAsks()
{
    Problem problem;
    problem.status = 429;
    problem.code = u"too_many_requests"_s;
    problem.detail = u"too many failed logins"_s;
    problem.retryAfterSeconds = 42;
    m_server->setProblem("GET", paths::kOverview, problem);
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_COMPARE(state(), ConnectionState::WaitingToRetry);
    QCOMPARE(*m_client->status().nextRetryAt, m_clock.utc() + 42s);
}

void TestHttpAdminClient::aDroppedStreamIsReopenedAndTheGapFilled()
{
    QSignalSpy frames(m_client.get(), &AdminClient::frameReceived);
    QSignalSpy histories(m_client.get(), &AdminClient::historyReceived);
    connectLive();
    m_server->sendFrame(m_server->now + 5s, 1);
    QTRY_COMPARE(frames.count(), 1);
    QTRY_COMPARE(histories.count(), 2);
    const UtcTime lastSeen = m_server->now + 5s;
    m_server->now += 65s;
    m_server->setJson("GET", paths::kOverview, m_server->overview().toJson());
    m_server->dropStreams();
    QTRY_VERIFY(firstWait());
    QVERIFY(!firstWait()->cause.isEmpty());
    QVERIFY(m_client->sampleAge()); // the age goes on, the data stays
    QTRY_COMPARE(state(), ConnectionState::Live);
    QTRY_COMPARE(histories.count(), 3);
    const QUrlQuery query(QString::fromUtf8(m_server->requestsFor(paths::kHistory).back().target.split('?').last()));
    QCOMPARE(*parseIso(query.queryItemValue(u"from"_s)), lastSeen);
    QVERIFY(*parseIso(query.queryItemValue(u"to"_s)) >= m_server->now);
    QCOMPARE(query.queryItemValue(u"points"_s), u"62"_s);
}

void TestHttpAdminClient::namesWhyTheServerClosed_data()
{
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("cause");
    QTest::newRow("restart") << 1012 << u"restarting"_s;
    QTest::newRow("going away") << 1001 << u"shutting down"_s;
    QTest::newRow("token expired") << 4001 << u"token has expired"_s;
    QTest::newRow("too slow") << 4132 << u"too slow"_s;
    QTest::newRow("kicked") << 4133 << u"administrator"_s;
    QTest::newRow("try later") << 1013 << u"too busy"_s;
    QTest::newRow("normal") << 1000 << u"lost"_s;
}

void TestHttpAdminClient::namesWhyTheServerClosed()
{
    QFETCH(int, code);
    QFETCH(QString, cause);
    connectLive();
    m_server->closeStreams(QWebSocketProtocol::CloseCode(code));
    QTRY_VERIFY(firstWait());
    QVERIFY2(firstWait()->cause.contains(cause), qPrintable(firstWait()->cause));
}

void TestHttpAdminClient::survivesARestartOfTheServer()
{
    connectLive();
    const quint16 port = m_server->port();
    m_server->stop();
    QTRY_VERIFY(firstWait());
    QTRY_VERIFY(std::any_of(m_statuses.begin(), m_statuses.end(),
        [](const ConnectionStatus &status) { return status.cause.contains(u"connection refused"_s); }));
    QVERIFY(m_server->start(port));
    QTRY_COMPARE(state(), ConnectionState::Live);
}

void TestHttpAdminClient::silenceIsStaleThenLost()
{
    connectLive();
    m_clock.advance(HttpAdminClient::kStaleAfter - 1ms);
    QVERIFY(!QTest::qWaitFor(
        [this] { return state() != ConnectionState::Live; }, 250)); // it looks at the age, with nothing to see
    m_clock.advance(1ms);
    QTRY_COMPARE(state(), ConnectionState::Stale);
    QVERIFY(m_client->status().cause.contains(u"no data"_s));
    m_clock.advance(HttpAdminClient::kDeadAfter);
    QTRY_VERIFY(firstWait());
    QTRY_COMPARE(state(), ConnectionState::Live);
}

void TestHttpAdminClient::aLateFrameEndsStaleness()
{
    connectLive();
    m_clock.advance(5s);
    QTRY_COMPARE(state(), ConnectionState::Stale);
    m_server->sendFrame(m_server->now + 5s, 1);
    QTRY_COMPARE(state(), ConnectionState::Live);
    QVERIFY(m_client->status().cause.isEmpty());
}

void TestHttpAdminClient::retriesAtOnceWhenAsked()
{
    Problem problem;
    problem.status = 503;
    problem.code = u"draining"_s;
    problem.retryAfterSeconds = 3600;
    m_server->setProblem("GET", paths::kOverview, problem);
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_COMPARE(state(), ConnectionState::WaitingToRetry);
    m_server->setJson("GET", paths::kOverview, m_server->overview().toJson());
    m_client->retryNow();
    QTRY_COMPARE(state(), ConnectionState::Live);
    m_client->retryNow(); // nothing to retry
    QCOMPARE(state(), ConnectionState::Live);
}

void TestHttpAdminClient::disconnectsForGood()
{
    connectLive();
    QSignalSpy frames(m_client.get(), &AdminClient::frameReceived);
    m_server->sendFrame(m_server->now + 1s, 1);
    m_client->disconnectFromServer();
    QCOMPARE(state(), ConnectionState::Disconnected);
    QTRY_COMPARE(m_server->streamCount(), 0);
    QCOMPARE(frames.count(), 0);
    m_client->retryNow();
    QCOMPARE(state(), ConnectionState::Disconnected);
    // Also in the middle of an attempt.
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    m_client->disconnectFromServer();
    QCOMPARE(state(), ConnectionState::Disconnected);
}

void TestHttpAdminClient::anotherServerBeginsAnew()
{
    connectLive();
    FakeAdminServer other;
    QVERIFY(other.start());
    m_client->connectToServer(other.url(), u"good-token"_s);
    QVERIFY(!m_client->sampleAge());
    QVERIFY(!m_client->serverInfo());
    QTRY_COMPARE(state(), ConnectionState::Live);
    QTRY_COMPARE(m_server->streamCount(), 0);
    QCOMPARE(other.streamCount(), 1);
    QTRY_COMPARE(other.requestsFor(paths::kHistory).size(), 2u);
}

void TestHttpAdminClient::recordsNoToken()
{
    QSignalSpy histories(m_client.get(), &AdminClient::historyReceived);
    connectLive();
    QTRY_COMPARE(histories.count(), 2);
    m_server->closeStreams();
    QTRY_VERIFY(firstWait());
    QVERIFY(m_client->callLog()->rowCount() >= 4);
    QVERIFY(logHas(u"$TOKEN"_s));
    QVERIFY(logHas(paths::kAdminStream));
    QVERIFY(!logHas(u"good-token"_s));
}

QTEST_GUILESS_MAIN(TestHttpAdminClient)
#include "tst_httpadminclient.moc"
