// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtTest/QTest>

#include "server/admin/router.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

HttpRequest requestOf(const QByteArray &method, const QByteArray &path, const QByteArray &token = {})
{
    HttpRequest request;
    request.method = method;
    request.path = path;
    request.client = IpAddress::fromIpv4(0xc0000207);
    request.headers.emplace_back("host", "gatehouse.example:8443");
    if (!token.isEmpty())
        request.headers.emplace_back("authorization", "Bearer " + token);
    return request;
}

} // namespace

class TestRouter : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;
    RoleVerifier m_verifier;
    Takes m_takes;       ///< of the routes that are made
    QStringList m_calls; ///< "<route> <who> <parameters>" of every handler that ran

    Route route(const QByteArray &method, QLatin1StringView pattern, std::optional<Role> needed = std::nullopt)
    {
        return { method, pattern, needed, m_takes,
            [this, method, pattern](const AdminRequest &request, const Responder &respond) {
                QStringList parameters;
                for (auto entry = request.parameters.begin(); entry != request.parameters.end(); ++entry)
                    parameters.append(entry.key() + u'=' + entry.value());
                parameters.sort();
                m_calls.append(QString::fromLatin1(method) + u' ' + pattern + u" as "_s + request.who.user + u" with "_s
                    + parameters.join(u','));
                respond(HttpResponse::noContent());
            } };
    }
    HttpResponse ask(Router &router, const HttpRequest &request)
    {
        std::vector<HttpResponse> answers;
        AdminFixture::carryOut(
            router.judge(request), request, [&answers](const HttpResponse &response) { answers.push_back(response); });
        if (answers.size() != 1)
            qFatal("answered %zu times", answers.size());
        return answers.front();
    }

private Q_SLOTS:
    void init()
    {
        m_calls.clear();
        m_takes = {};
    }

    void refusesByNameWhatTheRouteDoesNotTake_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("named"); // null: the handler runs; empty: not checked
        const auto row = [](const char *name, const QByteArray &query, const QByteArray &body, const QString &named) {
            QTest::newRow(name) << query << body << named;
        };
        row("nothing", {}, {}, {});
        row("what is taken", "limit=5&cursor=x", R"({"note":"why","value":1})", {});
        row("empty items", "&&limit=5&", "", {});
        row("unknown parameter", "dry_run=true", {}, u"dry_run"_s);
        row("unknown after known", "limit=5&Limit=5", {}, u"Limit"_s);
        row("parameter twice", "limit=5&limit=6", {}, u"limit"_s);
        row("the same twice", "limit=5&limit=5", {}, u"limit"_s);
        row("without a name", "=5", {}, u""_s);
        row("unknown member", {}, R"({"note":"why","dry_run":true})", u"dry_run"_s);
        row("member of another case", {}, R"({"Note":"why"})", u"Note"_s);
        row("a parameter as a member", {}, R"({"limit":5})", u"limit"_s);
        row("no JSON", {}, "x", u""_s);
        row("no object", {}, "[]", u""_s);
        row("member twice", {}, R"({"note":"a","note":"b"})", u""_s);
        row("a secret without a name", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ1c2VyX2lkIjoiNDIifQ.c2ln=", {},
            u"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpX"_s);
    }
    void refusesByNameWhatTheRouteDoesNotTake()
    {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, body);
        QFETCH(QString, named);
        m_takes = { .query = { "limit"_L1, "cursor"_L1 }, .members = { "note"_L1, "value"_L1 } };
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("PATCH", "/items/"_L1, Role::Operator) });
        HttpRequest request = requestOf("PATCH", "/items", "operator");
        request.query = query.isEmpty() ? decltype(request.query)() : AdminFixture::queryOf(query);
        request.body = body;
        const HttpResponse response = ask(router, request);
        if (named.isNull()) {
            QCOMPARE(response.status, 204);
            QCOMPARE(m_calls.size(), 1);
            return;
        }
        QCOMPARE(response.status, 400);
        QVERIFY2(m_calls.isEmpty(), "the handler ran");
        const QJsonObject problem = QJsonDocument::fromJson(response.body).object();
        QCOMPARE(problem["code"_L1].toString(), u"bad_request"_s);
        if (!named.isEmpty())
            QCOMPARE(problem["errors"_L1][0]["field"_L1].toString(), named);
    }

    void asksForTheTokenBeforeItNamesAnything()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("GET", "/items/"_L1, Role::Viewer) });
        HttpRequest request = requestOf("GET", "/items");
        request.query = { { "x", "1" } };
        QCOMPARE(ask(router, request).status, 401);
    }

    void leavesProbesAndHandlersTheirOwn()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        m_takes = { .isForProbes = true };
        router.add({ route("GET", "/healthz"_L1) });
        m_takes = { .body = Takes::Body::ByHandler };
        router.add({ route("POST", "/items"_L1) });
        HttpRequest request = requestOf("GET", "/healthz");
        request.query = { { "probe", "1" }, { "probe", "2" } };
        QCOMPARE(ask(router, request).status, 204);
        request = requestOf("POST", "/items");
        request.body = "[1]";
        QCOMPARE(ask(router, request).status, 204);
        request.query = { { "probe", "1" } };
        QCOMPARE(ask(router, request).status, 400);
    }

    void fitsPaths_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QString>("call"); // empty: 404
        const auto row
            = [](const QByteArray &path, const QString &call) { QTest::newRow(path.constData()) << path << call; };
        row("/items", u"GET /items/ as  with "_s);
        row("/items/", u"GET /items/ as  with "_s);
        row("/items//", {});
        row("//items", {});
        row("/Items", {});
        row("/item", {});
        row("/itemsx", {});
        row("items", {});
        row("", {});
        row("/", {});
        row("/%69tems", {}); // a path has one spelling
        row("/items/7", u"GET /items/{id} as  with id=7"_s);
        row("/items/7/", u"GET /items/{id} as  with id=7"_s);
        row("/items/top", u"GET /items/top as  with "_s); // the fixed name stands before the variable one in the table
        row("/items/%2e%2e", u"GET /items/{id} as  with id=.."_s);
        row("/items/a%2Fb", u"GET /items/{id} as  with id=a/b"_s); // an escaped slash parts nothing
        row("/items/%E0%B8%81", u"GET /items/{id} as  with id=ก"_s);
        row("/items/7/parts/8", u"GET /items/{id}/parts/{part} as  with id=7,part=8"_s);
        row("/items/7/parts", {});
        row("/items/7/parts/8/9", {});
    }
    void fitsPaths()
    {
        QFETCH(QByteArray, path);
        QFETCH(QString, call);
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("GET", "/items/"_L1), route("GET", "/items/top"_L1), route("GET", "/items/{id}"_L1) });
        router.add({ route("GET", "/items/{id}/parts/{part}"_L1) });
        QCOMPARE(router.routes().size(), 4U);
        const HttpResponse response = ask(router, requestOf("GET", path));
        QCOMPARE(response.status, call.isEmpty() ? 404 : 204);
        QCOMPARE(m_calls.join(u'|'), call);
        if (call.isEmpty())
            QCOMPARE(response.contentType, "application/problem+json");
    }

    void picksTheMethod_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QString>("call"); // empty: 405
        QTest::newRow("GET") << QByteArray("GET") << u"GET /items/ as  with "_s;
        QTest::newRow("HEAD is answered by GET") << QByteArray("HEAD") << u"GET /items/ as  with "_s;
        QTest::newRow("POST") << QByteArray("POST") << u"POST /items/ as  with "_s;
        for (const char *method : { "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "BREW" })
            QTest::newRow(method) << QByteArray(method) << QString();
    }
    void picksTheMethod()
    {
        QFETCH(QByteArray, method);
        QFETCH(QString, call);
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("GET", "/items/"_L1), route("POST", "/items/"_L1), route("PUT", "/other"_L1) });
        const HttpResponse response = ask(router, requestOf(method, "/items"));
        QCOMPARE(m_calls.join(u'|'), call);
        if (call.isEmpty()) {
            QCOMPARE(response.status, 405);
            QCOMPARE(headerOf(response, "Allow"), "GET, POST");
            QCOMPARE(codeOf(response), u"method_not_allowed"_s);
        }
    }

    void repeatsNoMoreOfAMethodThanNeeded()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("GET", "/items/"_L1) });
        const HttpResponse response = ask(router, requestOf(QByteArray(5000, 'X'), "/items"));
        QCOMPARE(response.status, 405);
        QVERIFY(response.body.size() < 500);
    }

    void judgesOnManyThreadsAndRunsNothingThere()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("POST", "/items/"_L1, Role::Publisher), route("GET", "/items/"_L1, Role::Viewer) });
        std::atomic<int> passed{ 0 };
        std::atomic<int> refused{ 0 };
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&, i] {
                const HttpRequest good = requestOf("POST", "/items/", "publisher");
                HttpRequest bad = requestOf("POST", "/items/", "garbage");
                bad.client = IpAddress::fromIpv4(quint32(i));
                for (int j = 0; j < 200; ++j) {
                    passed += std::holds_alternative<std::shared_ptr<AdmittedRequest>>(router.judge(good)) ? 1 : 0;
                    refused += std::holds_alternative<HttpResponse>(router.judge(bad)) ? 1 : 0;
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(passed.load(), 800);
        QCOMPARE(refused.load(), 800);
        QVERIFY(m_calls.isEmpty());
    }

    void aBanOnTheWayToTheHandlerHolds()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("POST", "/items/"_L1, Role::Publisher), route("GET", "/open"_L1) });
        const HttpRequest request = requestOf("POST", "/items/", "publisher");
        const RequestVerdict verdict = router.judge(request);
        AccessRule ban;
        ban.kind = AccessKind::User;
        ban.value = u"someone"_s;
        auth.setAccess(std::make_shared<const AccessRules>(std::vector{ ban }, std::vector<AccessRule>()));
        std::vector<HttpResponse> answers;
        AdminFixture::carryOut(
            verdict, request, [&answers](const HttpResponse &response) { answers.push_back(response); });
        QCOMPARE(answers.size(), 1U);
        QCOMPARE(answers.front().status, 403);
        QCOMPARE(codeOf(answers.front()), u"banned"_s);
        QVERIFY(m_calls.isEmpty());
        QCOMPARE(ask(router, requestOf("GET", "/open")).status, 204); // open to everybody: nobody is judged
    }

    void asksForTheRole_data()
    {
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("code");
        QTest::newRow("none") << QByteArray() << 401 << u"token_missing"_s;
        QTest::newRow("bad") << QByteArray("garbage") << 401 << u"token_invalid"_s;
        QTest::newRow("no role") << QByteArray("user") << 403 << u"role_too_weak"_s;
        QTest::newRow("viewer") << QByteArray("viewer") << 403 << u"role_too_weak"_s;
        QTest::newRow("publisher") << QByteArray("publisher") << 403 << u"role_too_weak"_s;
        QTest::newRow("operator") << QByteArray("operator") << 204 << QString();
        QTest::newRow("admin") << QByteArray("admin") << 204 << QString();
    }
    void asksForTheRole()
    {
        QFETCH(QByteArray, token);
        QFETCH(int, status);
        QFETCH(QString, code);
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("POST", "/items/"_L1, Role::Operator) });
        const HttpResponse response = ask(router, requestOf("POST", "/items", token));
        QCOMPARE(response.status, status);
        QCOMPARE(codeOf(response), code);
        QCOMPARE(m_calls.size(), status == 204 ? 1 : 0);
        QVERIFY(!response.body.contains("garbage"));
        if (status == 204)
            QVERIFY(m_calls.front().contains(u" as someone with"));
    }

    void aPublicRouteLooksAtNoToken()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("GET", "/healthz"_L1) });
        for (int i = 0; i < 20; ++i)
            QCOMPARE(ask(router, requestOf("GET", "/healthz", "garbage")).status, 204);
        QCOMPARE(auth.rememberedAddresses(), 0U);
        QVERIFY(m_calls.front().contains(u" as  with")); // who was not asked
    }

    void judgesTheOriginBeforeTheToken_data()
    {
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<bool>("isAdmitted");
        QTest::newRow("same") << QByteArray("https://gatehouse.example:8443") << true;
        QTest::newRow("another case") << QByteArray("HTTPS://GateHouse.Example:8443") << true;
        QTest::newRow("plain http") << QByteArray("http://gatehouse.example:8443") << true; // a proxy may end TLS
        QTest::newRow("another port") << QByteArray("https://gatehouse.example:9000") << false;
        QTest::newRow("no port") << QByteArray("https://gatehouse.example") << false;
        QTest::newRow("suffix") << QByteArray("https://gatehouse.example:8443.evil.org") << false;
        QTest::newRow("prefix") << QByteArray("https://evil-gatehouse.example:8443") << false;
        QTest::newRow("user info") << QByteArray("https://gatehouse.example:8443@evil.org") << false;
        QTest::newRow("null") << QByteArray("null") << false;
        QTest::newRow("empty") << QByteArray("") << false;
        QTest::newRow("no scheme") << QByteArray("gatehouse.example:8443") << false;
        QTest::newRow("only a scheme") << QByteArray("https://") << false;
        QTest::newRow("path") << QByteArray("https://gatehouse.example:8443/") << false;
    }
    void judgesTheOriginBeforeTheToken()
    {
        QFETCH(QByteArray, origin);
        QFETCH(bool, isAdmitted);
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route("GET", "/items/"_L1, Role::Viewer) });
        HttpRequest request = requestOf("GET", "/items", isAdmitted ? "viewer" : "garbage");
        request.headers.emplace_back("origin", origin);
        const HttpResponse response = ask(router, request);
        QCOMPARE(response.status, isAdmitted ? 204 : 403);
        QCOMPARE(auth.rememberedAddresses(), 0U); // a foreign page's token is not even looked at
        if (!isAdmitted)
            QCOMPARE(codeOf(response), u"origin_not_allowed"_s);
    }

    void sameHostNeedsAHost()
    {
        QVERIFY(!isSameHost("https://", ""));
        QVERIFY(!isSameHost("https://a", ""));
        QVERIFY(!isSameHost("", "a"));
        QVERIFY(!isSameHost("://a", "a"));
        QVERIFY(isSameHost("https://a", "A"));
        QVERIFY(isSameHost("https://[::1]:8080", "[::1]:8080"));
    }

    void saysWhetherABodyIsNeeded_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<bool>("isPublic");
        QTest::addColumn<bool>("needsBody");
        for (const char *method : { "POST", "PUT", "PATCH", "DELETE" }) {
            QTest::addRow("%s", method) << QByteArray(method) << false << true;
            QTest::addRow("%s by anybody", method) << QByteArray(method) << true << false;
        }
        QTest::addRow("GET") << QByteArray("GET") << false << false;
    }
    void saysWhetherABodyIsNeeded()
    {
        QFETCH(const QByteArray, method);
        QFETCH(const bool, isPublic);
        QFETCH(const bool, needsBody);
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        router.add({ route(method, "/items/"_L1, isPublic ? std::nullopt : std::optional(Role::Viewer)) });
        const RequestVerdict verdict = router.judge(requestOf(method, "/items", "viewer"));
        const auto *admitted = std::get_if<std::shared_ptr<AdmittedRequest>>(&verdict);
        QVERIFY(admitted);
        QCOMPARE((*admitted)->isByToken(), !isPublic);
        QCOMPARE((*admitted)->needsBody(), needsBody);
        QVERIFY(m_calls.isEmpty()); // judging is not doing
    }

    void refusesAParameterBeforeABodyIsRead()
    {
        AdminFixture fixture;
        HttpRequest request = requestOf("PATCH", "/api/admin/v1/limits", "admin");
        request.query.emplace_back("dry_run", "true");
        const RequestVerdict verdict = fixture.api->judge(request);
        const HttpResponse *refusal = std::get_if<HttpResponse>(&verdict);
        QVERIFY(refusal);
        QCOMPARE(refusal->status, 400);
        QVERIFY2(refusal->body.contains("dry_run"), refusal->body.constData());
    }

    void knowsWhoAsksAndFromWhere()
    {
        AdminAuth auth(m_verifier, m_clock);
        Router router(auth, m_clock);
        Actor actor;
        router.add(
            { { "GET", "/items/"_L1, Role::Viewer, {}, [&actor](const AdminRequest &request, const Responder &respond) {
                   actor = request.actor();
                   respond(HttpResponse::noContent());
               } } });
        ask(router, requestOf("GET", "/items", "viewer"));
        QCOMPARE(actor.user, u"someone"_s);
        QCOMPARE(actor.address, u"192.0.2.7"_s);
    }
};

QTEST_GUILESS_MAIN(TestRouter)
#include "tst_router.moc"
