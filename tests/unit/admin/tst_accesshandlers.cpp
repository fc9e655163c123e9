// SPDX-License-Identifier: GPL-3.0-or-later
// Bans and exemptions by the admin API.
#include <QtTest/QTest>

#include "server/admin/accessrequest.h"
#include "shared/util/isotime.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kBans = "/api/admin/v1/bans";
const QByteArray kExemptions = "/api/admin/v1/exemptions";

} // namespace

class TestAccessHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void bansAndLifts()
    {
        AdminFixture fixture;
        const HttpResponse made = fixture.ask("POST", kBans, "operator",
            R"({"kind":"cidr","value":"203.0.113.9/24","reason":"spam","note":"t1","expires_in":"1h"})");
        QCOMPARE(made.status, 201);
        const QJsonObject ban = objectOf(made);
        QCOMPARE(ban["value"_L1].toString(), u"203.0.113.0/24"_s);
        QCOMPARE(ban["created_by"_L1].toString(), u"someone"_s);
        QCOMPARE(ban["expires_at"_L1].toString(), isoMillis(fixture.clock.utc() + 1h));
        QVERIFY(fixture.channel.access->isBanned(AddressKey::of(IpAddress::fromIpv4(0xcb007163))));
        QVERIFY(fixture.channel.addedAccess);
        QCOMPARE(fixture.ask("POST", kBans, "operator", R"({"kind":"cidr","value":"203.0.113.0/24"})").status, 200);

        const QJsonObject list = objectOf(fixture.ask("GET", kBans, "viewer"));
        QCOMPARE(list["total"_L1].toInt(), 1);
        QCOMPARE(list["bans"_L1][0]["id"_L1].toString(), ban["id"_L1].toString());
        QVERIFY(list["next_cursor"_L1].isNull());
        QCOMPARE(objectOf(fixture.ask("GET", kExemptions, "viewer"))["total"_L1].toInt(), 0);

        const QByteArray path = kBans + '/' + ban["id"_L1].toString().toLatin1();
        QCOMPARE(fixture.ask("DELETE", path, "operator", R"({"note":"a mistake"})").status, 204);
        QVERIFY(!fixture.channel.access->isBanned(AddressKey::of(IpAddress::fromIpv4(0xcb007163))));
        const HttpResponse again = fixture.ask("DELETE", path, "operator");
        QCOMPARE(again.status, 404);
        QCOMPARE(codeOf(again), u"not_found"_s);
    }

    void exempts()
    {
        AdminFixture fixture;
        const HttpResponse made
            = fixture.ask("POST", kExemptions, "operator", R"({"kind":"address","value":"2001:db8::7"})");
        QCOMPARE(made.status, 201);
        QCOMPARE(objectOf(made)["value"_L1].toString(), u"2001:db8::/64"_s);
        QVERIFY(fixture.channel.access->exemptionOf(AddressKey::of(IpAddress::parse("2001:db8::")->bucket())).isWhole);
        QVERIFY(!fixture.channel.addedAccess);
        const QByteArray path = kExemptions + '/' + objectOf(made)["id"_L1].toString().toLatin1();
        QCOMPARE(fixture.ask("DELETE", path, "operator").status, 204);
    }

    void needsTheRole_data()
    {
        QTest::addColumn<QByteArray>("role");
        QTest::addColumn<int>("read");
        QTest::addColumn<int>("write");
        QTest::newRow("nobody") << QByteArray() << 401 << 401;
        QTest::newRow("user") << QByteArray("user") << 403 << 403;
        QTest::newRow("publisher") << QByteArray("publisher") << 403 << 403;
        QTest::newRow("viewer") << QByteArray("viewer") << 200 << 403;
        QTest::newRow("operator") << QByteArray("operator") << 200 << 201;
        QTest::newRow("admin") << QByteArray("admin") << 200 << 201;
    }
    void needsTheRole()
    {
        QFETCH(QByteArray, role);
        QFETCH(int, read);
        QFETCH(int, write);
        for (const QByteArray &path : { kBans, kExemptions }) {
            AdminFixture fixture;
            QCOMPARE(fixture.ask("GET", path, role).status, read);
            const HttpResponse made = fixture.ask("POST", path, role, R"({"kind":"address","value":"192.0.2.1"})");
            QCOMPARE(made.status, write);
            const HttpResponse gone = fixture.ask("DELETE", path + "/x", role);
            QCOMPARE(gone.status, write == 201 ? 404 : write);
        }
    }

    void namesEveryBadMember_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QString>("fields");
        const auto row = [](const char *body, const char *fields) {
            QTest::newRow(body) << QByteArray(body) << QString::fromLatin1(fields);
        };
        row("{}", "kind");
        row(R"({"kind":"host","value":"x"})", "kind");
        row(R"({"kind":7,"value":"x"})", "kind");
        row(R"({"kind":"address"})", "value");
        row(R"({"kind":"address","value":5})", "value");
        row(R"({"kind":"address","value":"203.0.113"})", "value");
        row(R"({"kind":"cidr","value":"203.0.113.7"})", "value");
        row(R"({"kind":"cidr","value":"2001:db8::/96"})", "value");
        row(R"({"kind":"user","value":""})", "value");
        row(R"({"kind":"user","value":"a","expire_at":"2030-01-01T00:00:00Z"})", "expire_at");
        row(R"({"kind":"user","value":"a","expires_at":"tomorrow"})", "expires_at");
        row(R"({"kind":"user","value":"a","expires_at":"2001-01-01T00:00:00Z"})", "expires_at");
        row(R"({"kind":"user","value":"a","expires_at":17})", "expires_at");
        row(R"({"kind":"user","value":"a","expires_in":"soon"})", "expires_in");
        row(R"({"kind":"user","value":"a","expires_in":"0s"})", "expires_in");
        row(R"({"kind":"user","value":"a","expires_in":"1h","expires_at":"2090-01-01T00:00:00Z"})", "expires_in");
        row(R"({"kind":"user","value":"a","issued_before":"x"})", "issued_before");
        row(R"({"kind":"user","value":"a","issued_before":"2090-01-01T00:00:00Z"})", "issued_before");
        row(R"({"kind":"token_id","value":"a","issued_before":"now"})", "issued_before");
        row(R"({"kind":"user","value":"a","reason":5})", "reason");
        row(R"({"kind":"user","value":"a","note":5})", "note");
        row(R"({"kind":"user","value":"a","force":"yes"})", "force");
        row(R"({"kind":"x","lemons":1,"reason":[],"expires_in":"x","note":{}})", "lemons kind reason expires_in note");
    }
    void namesEveryBadMember()
    {
        QFETCH(QByteArray, body);
        QFETCH(QString, fields);
        AdminFixture fixture;
        const HttpResponse response = fixture.ask("POST", kBans, "operator", body);
        QCOMPARE(response.status, 422);
        QCOMPARE(codeOf(response), u"invalid_ban"_s);
        QStringList named;
        for (const QJsonValue &error : objectOf(response)["errors"_L1].toArray()) {
            named.append(error["field"_L1].toString());
            QVERIFY(!error["detail"_L1].toString().isEmpty());
        }
        QCOMPARE(named.join(u' '), fields);
        QCOMPARE(objectOf(fixture.ask("GET", kBans))["total"_L1].toInt(), 0);
    }

    void exemptionsAreOfAddressesOnly()
    {
        AdminFixture fixture;
        const HttpResponse response = fixture.ask("POST", kExemptions, "operator", R"({"kind":"user","value":"42"})");
        QCOMPARE(response.status, 422);
        QCOMPARE(codeOf(response), u"invalid_exemption"_s);
        QCOMPARE(fieldOf(response), u"kind"_s);
    }

    void textsAreBounded()
    {
        const UtcTime now = *parseIso(u"2026-01-01T00:00:00Z");
        QJsonObject body{ { "kind"_L1, "user"_L1 }, { "value"_L1, "a"_L1 }, { "reason"_L1, QString(200, u'x') } };
        QVERIFY(parseAccessRequest(AccessList::Bans, body, now).errors.empty());
        body["reason"_L1] = QString(201, u'x');
        QCOMPARE(parseAccessRequest(AccessList::Bans, body, now).errors.at(0).field, u"reason"_s);
    }

    void momentsAreWholeSecondsOnTheStrictSide()
    {
        const UtcTime now = *parseIso(u"2026-01-01T12:00:00.500Z");
        const auto before = [now](const QString &text) {
            const AccessRequest request = parseAccessRequest(AccessList::Bans,
                { { "kind"_L1, "user"_L1 }, { "value"_L1, "a"_L1 }, { "issued_before"_L1, text } }, now);
            return request.errors.empty() ? isoMillis(*request.rule.issuedBefore) : u"refused"_s;
        };
        QCOMPARE(before(u"now"_s), u"2026-01-01T12:00:01.000Z"_s);
        QCOMPARE(before(u"2026-01-01T11:00:00Z"_s), u"2026-01-01T11:00:00.000Z"_s);
        QCOMPARE(before(u"2026-01-01T11:00:00.001Z"_s), u"2026-01-01T11:00:01.000Z"_s);
        QCOMPARE(before(u"2026-01-01T12:01:00Z"_s), u"2026-01-01T12:01:00.000Z"_s); // a clock that is a little ahead
        QCOMPARE(before(u"2026-01-01T12:02:00Z"_s), u"refused"_s);
    }

    void nobodyBansTheLastAdministratorUnlessTheySaySo_data()
    {
        QTest::addColumn<QByteArray>("ban");
        QTest::newRow("user") << QByteArray(R"("kind":"user","value":"77")");
        QTest::newRow("for a while") << QByteArray(R"("kind":"user","value":"77","expires_in":"1h")");
        QTest::newRow("tokens") << QByteArray(R"("kind":"user","value":"77","issued_before":"now")");
    }
    void nobodyBansTheLastAdministratorUnlessTheySaySo()
    {
        QFETCH(QByteArray, ban);
        AdminFixture fixture;
        fixture.auth.roster().setConfigured({ u"77"_s, u"78"_s });
        QCOMPARE(fixture.ask("POST", kBans, "operator", R"({"kind":"user","value":"78"})").status, 201); // 77 is left
        const HttpResponse refused = fixture.ask("POST", kBans, "operator", '{' + ban + '}');
        QCOMPARE(refused.status, 409);
        QCOMPARE(codeOf(refused), u"would_ban_last_admin"_s);
        QCOMPARE(fieldOf(refused), u"value"_s);
        QVERIFY(refused.body.contains("force"));
        QCOMPARE(objectOf(fixture.ask("GET", kBans))["total"_L1].toInt(), 1);
        QCOMPARE(fixture.ask("POST", kBans, "operator", '{' + ban + R"(,"force":true})").status, 201);
    }

    void nobodyBansThemselvesUnlessTheySaySo_data()
    {
        QTest::addColumn<QByteArray>("ban");
        QTest::newRow("address") << QByteArray(R"("kind":"address","value":"10.0.0.1")");
        QTest::newRow("network") << QByteArray(R"("kind":"cidr","value":"10.0.0.0/8")");
        QTest::newRow("everybody") << QByteArray(R"("kind":"cidr","value":"0.0.0.0/0")");
        QTest::newRow("user") << QByteArray(R"("kind":"user","value":"someone")");
        QTest::newRow("tokens") << QByteArray(R"("kind":"user","value":"someone","issued_before":"now")");
        QTest::newRow("token") << QByteArray(R"("kind":"token_id","value":"operator")");
    }
    void nobodyBansThemselvesUnlessTheySaySo()
    {
        QFETCH(QByteArray, ban);
        AdminFixture fixture;
        const HttpResponse refused = fixture.ask("POST", kBans, "operator", '{' + ban + '}');
        QCOMPARE(refused.status, 409);
        QCOMPARE(codeOf(refused), u"would_ban_yourself"_s);
        QCOMPARE(fieldOf(refused), u"value"_s);
        QVERIFY(!fixture.channel.access);
        QCOMPARE(fixture.ask("POST", kBans, "operator", '{' + ban + R"(,"force":true})").status, 201);
        const HttpResponse next = fixture.ask("GET", kBans, "operator");
        if (ban.contains("10.0.0") || ban.contains("0.0.0.0")) { // of addresses: the API stays reachable
            QCOMPARE(next.status, 200);
        } else {
            QCOMPARE(next.status, 403);
            QCOMPARE(codeOf(next), ban.endsWith("\"someone\"") ? u"banned"_s : u"token_revoked"_s);
        }
    }

    void listsAreFilteredAndPaged()
    {
        AdminFixture fixture;
        for (int i = 0; i < 3; ++i)
            fixture.ask("POST", kBans, "operator",
                QByteArray(R"({"kind":"user","value":"u?"})").replace("?", QByteArray::number(i)));
        fixture.ask("POST", kBans, "operator", R"({"kind":"address","value":"192.0.2.1"})");
        QCOMPARE(objectOf(fixture.ask("GET", kBans + "?kind=user"))["total"_L1].toInt(), 3);
        QCOMPARE(objectOf(fixture.ask("GET", kBans + "?filter=U1"))["total"_L1].toInt(), 1);
        const QJsonObject first = objectOf(fixture.ask("GET", kBans + "?limit=3"));
        QCOMPARE(first["bans"_L1].toArray().size(), 3);
        QCOMPARE(first["total"_L1].toInt(), 4);
        const QJsonObject second
            = objectOf(fixture.ask("GET", kBans + "?cursor=" + first["next_cursor"_L1].toString().toLatin1()));
        QCOMPARE(second["bans"_L1].toArray().size(), 1);
        QCOMPARE(second["bans"_L1][0]["value"_L1].toString(), u"u0"_s);
        for (const char *bad : { "kind=host", "cursor=x", "limit=0", "limit=1001" }) {
            const HttpResponse response = fixture.ask("GET", kBans + '?' + bad);
            QCOMPARE(response.status, 400);
            QCOMPARE(fieldOf(response), QString::fromLatin1(bad).section(u'=', 0, 0));
        }
    }
};

QTEST_GUILESS_MAIN(TestAccessHandlers)
#include "tst_accesshandlers.moc"
