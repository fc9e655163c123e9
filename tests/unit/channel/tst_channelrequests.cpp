// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/channel/channelrequests.h"
#include "server/guard/failedlogins.h"
#include "tests/support/channelfixture.h"
#include "tests/support/fakeclock.h"
#include "tests/support/guardground.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr char kPage[] = "https://app.example.com";
constexpr char kPreflight[] = "/ws/notifications/preflight/";

struct Fixture : GuardGround
{
    explicit Fixture(bool allowsMissing = false)
        : origins({ u"app.example.com"_s }, false, allowsMissing)
    {
    }
    [[nodiscard]] GuardEnvironment withTickets()
    {
        GuardEnvironment made = environmentOf(clock, origins, verifier);
        made.tickets = &tickets;
        return made;
    }

    FakeClock clock;
    OriginPolicy origins;
    FakeVerifier verifier;
    RecordingSink sink;
    WorkerCounters counters;
    FailedLogins failures;
    TicketBook tickets{ clock };
    GuardEnvironment environment = withTickets();
    RefusalRecorder recorder{ clock, counters, sink };
    GuardChain chain{ environment, recorder };
    AddressRate previews{ ChannelRequests::kPreviewsPerMinute };
    ChannelRequests requests{ environment, chain.guards(), failures, previews };
    LimitSnapshot snapshot;

    static HttpRequest request(const QByteArray &token = "ann", const QByteArray &origin = kPage)
    {
        HttpRequest made;
        made.method = "GET";
        made.path = kPreflight;
        made.client = IpAddress::fromIpv4(1);
        made.headers.emplace_back("host", "app.example.com");
        if (!origin.isEmpty())
            made.headers.emplace_back("origin", origin);
        if (!token.isEmpty())
            made.headers.emplace_back("authorization", "Bearer " + token);
        return made;
    }
    static HttpRequest ticketRequest(const QByteArray &token = "ann", const QByteArray &origin = kPage)
    {
        HttpRequest made = request(token, origin);
        made.method = "POST";
        made.path = "/api/ticket/";
        return made;
    }
    HttpResponse ask(const HttpRequest &request) const { return requests.answer(request, snapshot).response; }
};

QByteArray headerOf(const HttpResponse &response, const QByteArray &name)
{
    for (const auto &[key, value] : response.headers) {
        if (key == name)
            return value;
    }
    return {};
}

bool hasCors(const HttpResponse &response)
{
    return std::any_of(response.headers.begin(), response.headers.end(),
        [](const auto &header) { return header.first.startsWith("Access-Control"); });
}

QJsonObject bodyOf(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object();
}

} // namespace

class TestChannelRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatTheGuardsWouldSay()
    {
        const Fixture fixture;
        const HttpResponse response = fixture.ask(Fixture::request());
        QCOMPARE(response.status, 200);
        const QJsonObject body = bodyOf(response);
        QCOMPARE(body.value("admitted"_L1), QJsonValue(true));
        QCOMPARE(body.value("close_code"_L1), QJsonValue(QJsonValue::Null));
        const QJsonArray guards = body.value("guards"_L1).toArray();
        QCOMPARE(guards.size(), 10);
        QCOMPARE(guards[4].toObject(),
            (QJsonObject{
                { "guard"_L1, "address"_L1 }, { "pass"_L1, true }, { "limit"_L1, 5 }, { "observed"_L1, 1 } }));
        QVERIFY(fixture.sink.decisions().empty());
    }

    void refusesParametersThatMeanNothing()
    {
        const Fixture fixture;
        HttpRequest request = Fixture::request();
        request.query = { { "token", "ann" }, { "cursor", "x" }, { "refusal", "close" }, { "ticket", "y" } };
        QCOMPARE(fixture.ask(request).status, 200);
        for (const char *name : { "user", "Token", "origin" }) {
            request.query = { { name, "sesame" } };
            const HttpResponse response = fixture.ask(request);
            QCOMPARE(response.status, 400);
            QCOMPARE(bodyOf(response).value("errors"_L1)[0]["field"_L1].toString(), QString::fromLatin1(name));
            QVERIFY(!response.body.contains("sesame"));
            QVERIFY2(std::any_of(response.headers.begin(), response.headers.end(),
                         [](const auto &header) { return header.first == "Access-Control-Allow-Origin"; }),
                "the page that asked cannot read it");
        }
        request.query = { { "token", "ann" }, { "token", "bob" } };
        QCOMPARE(fixture.ask(request).status, 400);
        request = Fixture::ticketRequest();
        request.query = { { "expires_in", "3600" } };
        QCOMPARE(fixture.ask(request).status, 400);
        QVERIFY(fixture.sink.decisions().empty());
    }

    void tellsWhyNotAndHowLong()
    {
        Fixture fixture;
        fixture.snapshot.limits[LimitKey::MaxReconnectAttempts].value = 1;
        for (const char *token : { "ann", "" })
            (void)fixture.chain.judge({ IpAddress::fromIpv4(1), QByteArray(kPage), token }, fixture.snapshot);
        const QJsonObject body = bodyOf(fixture.ask(Fixture::request("")));
        QCOMPARE(body.value("admitted"_L1), QJsonValue(false));
        QCOMPARE(body.value("close_code"_L1).toInt(), 4130);
        const QJsonArray guards = body.value("guards"_L1).toArray();
        const QJsonObject reconnect = guards[5].toObject();
        QCOMPARE(reconnect.value("pass"_L1), QJsonValue(false));
        QCOMPARE(reconnect.value("code"_L1).toString(), u"too_many_reconnects"_s);
        QCOMPARE(reconnect.value("retry_after"_L1).toInt(), 60);
        QCOMPARE(guards[6].toObject().value("code"_L1).toString(), u"token_missing"_s);
        QCOMPARE(guards[7].toObject().value("pass"_L1), QJsonValue(QJsonValue::Null));
        QCOMPARE(bodyOf(fixture.ask(Fixture::request("ann"))).value("close_code"_L1).toInt(), 4130);
        QCOMPARE(bodyOf(fixture.ask(Fixture::request("bob"))).value("admitted"_L1), QJsonValue(true));
    }

    void takesTheTokenWhereTheChannelDoes_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("value");
        QTest::newRow("header") << QByteArray("authorization") << QByteArray() << QByteArray("bearer ann");
        QTest::newRow("subprotocol") << QByteArray("sec-websocket-protocol") << QByteArray()
                                     << QByteArray("gatehouse.v1, bearer.ann");
        QTest::newRow("query") << QByteArray() << QByteArray("token") << QByteArray("ann");
    }
    void takesTheTokenWhereTheChannelDoes()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, value);
        const Fixture fixture;
        HttpRequest request = Fixture::request({});
        if (!header.isEmpty())
            request.headers.emplace_back(header, value);
        if (!query.isEmpty())
            request.query.emplace_back(query, value);
        QCOMPARE(bodyOf(fixture.ask(request)).value("admitted"_L1), QJsonValue(true));
    }

    void takesTheFirstCredentialOfTheOrder()
    {
        HttpRequest request;
        request.headers
            = { { "authorization", "Bearer one" }, { "sec-websocket-protocol", "gatehouse.v1, bearer.two" } };
        request.query = { { "token", "four" }, { "ticket", "three" } };
        QCOMPARE(attemptOf(request).token, "one");
        request.headers.erase(request.headers.begin());
        QCOMPARE(attemptOf(request).token, "two");
        QCOMPARE(attemptOf(request).ticket, "");
        request.headers.clear();
        QCOMPARE(attemptOf(request).ticket, "three");
        QCOMPARE(attemptOf(request).token, "");
        request.query = { { "ticket", "" }, { "token", "four" } };
        QCOMPARE(attemptOf(request).token, "four");
        request.query.clear();
        QCOMPARE(attemptOf(request).token + attemptOf(request).ticket, "");
    }

    void anyUserGetsATicketButNoStranger()
    {
        Fixture fixture;
        const HttpResponse issued = fixture.ask(Fixture::ticketRequest());
        QCOMPARE(issued.status, 201);
        QCOMPARE(headerOf(issued, "Access-Control-Allow-Origin"), kPage);
        QCOMPARE(bodyOf(issued).value("expires_in"_L1).toInt(), 30);
        QCOMPARE(fixture.tickets.peek(bodyOf(issued).value("ticket"_L1).toString().toLatin1())->user, u"ann"_s);
        QCOMPARE(fixture.ask(Fixture::ticketRequest("ann", {})).status, 201); // a program sends no Origin
        QCOMPARE(fixture.ask(Fixture::ticketRequest("ann", "https://evil.example")).status, 403);
        QCOMPARE(fixture.ask(Fixture::ticketRequest("")).status, 401);
        for (int i = 0; i < FailedLogins::kMaxPerMinute; ++i)
            QCOMPARE(fixture.ask(Fixture::ticketRequest("bad")).status, 401);
        QCOMPARE(fixture.ask(Fixture::ticketRequest("bad")).status, 429);
        QCOMPARE(fixture.ask(Fixture::ticketRequest("ann")).status, 201); // a good one is let in all the same
        QCOMPARE(fixture.tickets.outstanding(), 3);
    }

    void boundsHowOftenAnAddressAsks()
    {
        Fixture fixture;
        for (int i = 0; i < ChannelRequests::kPreviewsPerMinute; ++i)
            QCOMPARE(fixture.ask(Fixture::request()).status, 200);
        const HttpResponse response = fixture.ask(Fixture::request());
        QCOMPARE(response.status, 429);
        QCOMPARE(bodyOf(response).value("code"_L1).toString(), u"too_many_requests"_s);
        QCOMPARE(headerOf(response, "Retry-After"), "60");
        QCOMPARE(headerOf(response, "Access-Control-Allow-Origin"), kPage); // the page reads that too
        QCOMPARE(fixture.ask(Fixture::ticketRequest()).status, 201);
        HttpRequest neighbour = Fixture::request();
        neighbour.client = IpAddress::fromIpv4(2);
        QCOMPARE(fixture.ask(neighbour).status, 200);
        AccessRule exemption;
        exemption.kind = AccessKind::Address;
        exemption.value = u"0.0.0.1"_s;
        fixture.chain.setAccess(
            std::make_shared<const AccessRules>(std::vector<AccessRule>(), std::vector{ exemption }));
        QCOMPARE(fixture.ask(Fixture::request()).status, 200);
        fixture.chain.setAccess(std::make_shared<const AccessRules>());
        QCOMPARE(fixture.ask(Fixture::request()).status, 429);
        fixture.clock.advance(1min);
        QCOMPARE(fixture.ask(Fixture::request()).status, 200);
    }

    void aUserHasSoManyTicketsAtATime()
    {
        Fixture fixture;
        for (int i = 0; i < TicketBook::kMaxPerUser; ++i)
            QCOMPARE(fixture.ask(Fixture::ticketRequest()).status, 201);
        const HttpResponse tooMany = fixture.ask(Fixture::ticketRequest());
        QCOMPARE(tooMany.status, 429);
        QCOMPARE(bodyOf(tooMany).value("code"_L1).toString(), u"too_many_tickets"_s);
        QCOMPARE(headerOf(tooMany, "Retry-After"), "30");
        QCOMPARE(headerOf(tooMany, "Access-Control-Allow-Origin"), kPage);
        QCOMPARE(fixture.ask(Fixture::ticketRequest("ben")).status, 201);
    }

    void looksAtATicketWithoutUsingIt()
    {
        Fixture fixture;
        const QByteArray ticket
            = bodyOf(fixture.ask(Fixture::ticketRequest())).value("ticket"_L1).toString().toLatin1();
        HttpRequest request = Fixture::request({});
        request.query.emplace_back("ticket", ticket);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(bodyOf(fixture.ask(request)).value("admitted"_L1), QJsonValue(true));
        QVERIFY(fixture.tickets.claim(ticket).identity()); // and nobody gives it back
        const QJsonArray guards = bodyOf(fixture.ask(request)).value("guards"_L1).toArray();
        QCOMPARE(guards[6].toObject().value("code"_L1).toString(), u"token_invalid"_s);
        QVERIFY(guards[6].toObject().value("detail"_L1).toString().contains(u"ticket"_s));
    }

    void listedPagesMayReadIt()
    {
        const Fixture fixture;
        for (const char *token : { "ann", "bad", "" }) {
            const HttpResponse response = fixture.ask(Fixture::request(token));
            QCOMPARE(headerOf(response, "Access-Control-Allow-Origin"), kPage);
            QCOMPARE(headerOf(response, "Vary"), "Origin");
            QVERIFY(headerOf(response, "Access-Control-Allow-Credentials").isEmpty());
        }
        HttpRequest options = Fixture::request({});
        options.method = "OPTIONS";
        const HttpResponse response = fixture.ask(options);
        QCOMPARE(response.status, 204);
        QCOMPARE(headerOf(response, "Access-Control-Allow-Origin"), kPage);
        QCOMPARE(headerOf(response, "Access-Control-Allow-Headers"), "Authorization");
        QCOMPARE(headerOf(response, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
        QCOMPARE(headerOf(response, "Vary"), "Origin");
    }

    void otherPagesLearnNothing_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("origin");
        for (const char *method : { "GET", "OPTIONS", "HEAD", "POST" }) {
            for (const char *origin : { "https://evil.example", "null", "https://app.example.com.evil.example", "" })
                QTest::addRow("%s %s", method, origin) << QByteArray(method) << QByteArray(origin);
        }
    }
    void otherPagesLearnNothing()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, origin);
        const Fixture fixture;
        QByteArray first;
        for (const char *token : { "ann", "bad", "" }) {
            HttpRequest request = Fixture::request(token, origin);
            request.method = method;
            const HttpResponse response = fixture.ask(request);
            QCOMPARE(response.status, 403);
            QCOMPARE(bodyOf(response).value("code"_L1).toString(), u"origin_not_allowed"_s);
            QVERIFY(!hasCors(response));
            first = first.isEmpty() ? response.body : first;
            QCOMPARE(response.body, first);
        }
        QCOMPARE(fixture.failures.rememberedAddresses(), 0U);
    }

    void aPageOfItsOwnHostSendsNoOrigin()
    {
        const Fixture fixture;
        HttpRequest request = Fixture::request("ann", {});
        request.headers.emplace_back("sec-fetch-site", "same-origin");
        const HttpResponse response = fixture.ask(request);
        QCOMPARE(bodyOf(response).value("admitted"_L1), QJsonValue(true));
        QVERIFY(!hasCors(response));
        request.headers[0].second = "evil.example"; // a name that leads here
        QCOMPARE(fixture.ask(request).status, 403);
        const Fixture lenient(true);
        QCOMPARE(lenient.ask(Fixture::request("ann", {})).status, 200);
    }

    void badTokensAreLimitedAndGoodOnesNot()
    {
        Fixture fixture;
        for (int i = 0; i < 10; ++i)
            QCOMPARE(fixture.ask(Fixture::request({})).status, 200); // guesses nothing
        for (int i = 0; i < FailedLogins::kMaxPerMinute; ++i)
            QCOMPARE(fixture.ask(Fixture::request("bad")).status, 200);
        const HttpResponse response = fixture.ask(Fixture::request("bad"));
        QCOMPARE(response.status, 429);
        QCOMPARE(headerOf(response, "Retry-After"), "60");
        QCOMPARE(headerOf(response, "Access-Control-Allow-Origin"), kPage);
        QCOMPARE(fixture.ask(Fixture::request()).status, 200);
        fixture.clock.advance(60s);
        QCOMPARE(fixture.ask(Fixture::request("bad")).status, 200);
    }

    void knowsItsPathsAndMethods()
    {
        const Fixture fixture;
        HttpRequest request = Fixture::request();
        request.path = "/ws/notifications/preflight";
        QCOMPARE(fixture.ask(request).status, 200);
        request.method = "HEAD";
        QCOMPARE(fixture.ask(request).status, 200);
        request.method = "PUT";
        QCOMPARE(fixture.ask(request).status, 405);
        QCOMPARE(headerOf(fixture.ask(request), "Allow"), "GET, HEAD, OPTIONS");
        for (const char *path :
            { "/ws/notifications/preflight/x", "/ws/notifications/", "/ws/notifications/preflight//", "/" }) {
            request.path = path;
            QCOMPARE(fixture.ask(request).status, 404);
        }
    }
};

QTEST_GUILESS_MAIN(TestChannelRequests)
#include "tst_channelrequests.moc"
