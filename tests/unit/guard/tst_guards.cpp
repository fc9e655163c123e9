// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/guards.h"
#include "tests/support/fakeclock.h"
#include "tests/support/fakeguards.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture
{
    FakeClock clock;
    OriginPolicy origins{ { u"app.example"_s }, false, false };
    OriginPolicy hosts{ { u"push.example"_s }, false, false };
    FakeVerifier verifier;
    std::atomic<bool> isDraining{ false };
    TicketBook tickets{ clock };
    Guards guards{ GuardEnvironment{ .clock = &clock,
        .originPolicy = &origins,
        .tokenVerifier = &verifier,
        .isDraining = &isDraining,
        .servedHosts = &hosts,
        .tickets = &tickets } };
};

AccessRule rule(AccessKind kind, const QString &value)
{
    AccessRule made;
    made.kind = kind;
    made.value = value;
    return made;
}

QString textOf(const Guards::MaybeFinding &finding)
{
    return finding ? QString(reasonDescriptor(finding->reason).code) + u": "_s + finding->text() : u"ok"_s;
}

} // namespace

class TestGuards : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findWhatSpeaksAgainstAnAttempt()
    {
        Fixture fixture;
        QCOMPARE(textOf(fixture.guards.judgeServer()), u"ok"_s);
        fixture.isDraining = true;
        QCOMPARE(textOf(fixture.guards.judgeServer()), u"draining: the server is shutting down"_s);

        UpgradeAttempt attempt{ IpAddress::fromIpv4(1), "https://app.example", {}, "push.example:443" };
        QCOMPARE(textOf(fixture.guards.judgeHost(attempt)), u"ok"_s);
        QCOMPARE(textOf(fixture.guards.judgeOrigin(attempt)), u"ok"_s);
        attempt.host = "other.example";
        attempt.origin = "https://evil.example";
        QCOMPARE(textOf(fixture.guards.judgeHost(attempt)), u"wrong_host: this Host is not in SERVED_HOSTS"_s);
        QCOMPARE(
            textOf(fixture.guards.judgeOrigin(attempt)), u"origin_not_allowed: this Origin is not in ALLOWED_HOSTS"_s);
        attempt.origin.reset();
        QCOMPARE(textOf(fixture.guards.judgeOrigin(attempt)), u"origin_not_allowed: the Origin header is missing"_s);
    }

    void findBansAndRevocations()
    {
        Fixture fixture;
        const Identity ann{ u"ann"_s };
        QVERIFY(!fixture.guards.judgeIdentity(ann));
        fixture.guards.setAccess(std::make_shared<const AccessRules>(
            std::vector{ rule(AccessKind::User, u"ann"_s), rule(AccessKind::TokenId, u"t1"_s),
                rule(AccessKind::Address, u"0.0.0.7"_s) },
            std::vector<AccessRule>{}));
        QCOMPARE(textOf(fixture.guards.judgeAddress(AddressKey::of(IpAddress::fromIpv4(7)))),
            u"banned: this address is banned"_s);
        QCOMPARE(textOf(fixture.guards.judgeAddress(AddressKey::of(IpAddress::fromIpv4(8)))), u"ok"_s);
        QCOMPARE(textOf(fixture.guards.judgeIdentity(ann)), u"banned: this user is banned"_s);
        Identity ben{ u"ben"_s };
        ben.tokenId = u"t1"_s;
        QCOMPARE(textOf(fixture.guards.judgeIdentity(ben)), u"token_revoked: the token has been revoked"_s);
    }

    void aTicketIsOnlyLookedAt()
    {
        Fixture fixture;
        UpgradeAttempt attempt{ IpAddress::fromIpv4(1), {}, {} };
        attempt.ticket = std::get<QByteArray>(fixture.tickets.issue({ u"dan"_s }));
        const auto isGood = [&] { return std::holds_alternative<Identity>(fixture.guards.preview(attempt)); };
        QVERIFY(isGood());
        QVERIFY(isGood());
        (void)fixture.tickets.claim(attempt.ticket);
        QVERIFY(!isGood());
        Identity old{ u"dan"_s };
        old.expiresAt = fixture.clock.utc();
        QCOMPARE(std::get<TokenRefusal>(fixture.guards.verdictOf(old)).reason, Reason::TokenExpired);
        QCOMPARE(std::get<TokenRefusal>(fixture.guards.verdictOf(std::nullopt)).reason, Reason::TokenInvalid);
    }
};

QTEST_GUILESS_MAIN(TestGuards)
#include "tst_guards.moc"
