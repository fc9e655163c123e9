// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/access/accessrules.h"
#include "shared/util/isotime.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

AccessRule rule(AccessKind kind, const QString &value, const QString &issuedBefore = {})
{
    AccessRule rule;
    rule.id = u"x"_s;
    rule.kind = kind;
    rule.value = value;
    rule.issuedBefore = parseIso(issuedBefore);
    return rule;
}

AddressKey bucket(const char *text)
{
    return AddressKey::of(IpAddress::parse(text)->bucket());
}

TokenMark token(const QString &id, const QString &issuedAt = {})
{
    return { id, parseIso(issuedAt) };
}

} // namespace

class TestAccessRules : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutRulesNobodyIsRefused()
    {
        const AccessRules rules;
        QVERIFY(!rules.isBanned(bucket("10.0.0.1")));
        QVERIFY(!rules.exemptionOf(bucket("10.0.0.1")).isWhole);
        QVERIFY(rules.acceptsEveryToken());
        QVERIFY(!rules.judgeToken(u"42"_s, token({})));
    }

    void noRuleIsAboutLessThanABucket()
    {
        const std::vector bans{ rule(AccessKind::Address, u"2001:db8:5:abcd::/64"_s),
            rule(AccessKind::Cidr, u"2001:db8:7::/52"_s), rule(AccessKind::Address, u"203.0.113.7"_s) };
        const AccessRules rules(bans, {}, 56);
        const auto isBanned = [&rules](const char *address) {
            return rules.isBanned(AddressKey::of(IpAddress::parse(address)->bucket(56)));
        };
        QVERIFY(isBanned("2001:db8:5:abcd::1"));
        QVERIFY(isBanned("2001:db8:5:ab00::1")); // counts as the same
        QVERIFY(!isBanned("2001:db8:5:ac00::1"));
        QVERIFY(isBanned("2001:db8:7:fff::1"));
        QVERIFY(!isBanned("2001:db8:7:1000::1"));
        QVERIFY(isBanned("203.0.113.7"));
        QVERIFY(!isBanned("203.0.113.8"));
        const AddressNetwork network = networkOf(bans[0], 56).value();
        QVERIFY(NetworkSet({ network }).contains(AddressKey::of(IpAddress::parse("2001:db8:5:abcd::1")->bucket(56))));
    }

    void theNarrowestExemptionCounts()
    {
        const auto exempt = [](const QString &value, std::optional<qint64> limit) {
            AccessRule made = rule(value.contains(u'/') ? AccessKind::Cidr : AccessKind::Address, value);
            made.limit = limit;
            return made;
        };
        const AccessRules rules({},
            { exempt(u"10.0.0.0/8"_s, {}), exempt(u"10.1.0.0/16"_s, 200), exempt(u"10.1.2.3"_s, {}),
                exempt(u"10.1.2.4"_s, 3), exempt(u"2001:db8::/32"_s, 7), exempt(u"2001:db8:1:2::/64"_s, 9) });
        const auto own
            = [&rules](const char *address) { return rules.exemptionOf(bucket(address)).ownLimit.value_or(0); };
        QVERIFY(rules.exemptionOf(bucket("10.2.0.1")).isWhole);
        QCOMPARE(own("10.2.0.1"), 0);
        QVERIFY(!rules.exemptionOf(bucket("10.1.0.1")).isWhole);
        QCOMPARE(own("10.1.0.1"), 200);
        QVERIFY(rules.exemptionOf(bucket("10.1.2.3")).isWhole);
        QCOMPARE(own("10.1.2.4"), 3);
        QCOMPARE(own("2001:db8:1:1::1"), 7);
        QCOMPARE(own("2001:db8:1:2::1"), 9);
        QVERIFY(!rules.exemptionOf(bucket("11.0.0.1")).isWhole);
        QCOMPARE(own("11.0.0.1"), 0);
    }

    void bansAndExemptsAddresses()
    {
        const AccessRules rules(
            { rule(AccessKind::Address, u"203.0.113.7"_s), rule(AccessKind::Address, u"2001:db8:0:1::/64"_s),
                rule(AccessKind::Cidr, u"198.51.100.0/24"_s) },
            { rule(AccessKind::Cidr, u"192.0.2.0/24"_s), rule(AccessKind::Address, u"192.0.3.1"_s) });
        QVERIFY(rules.isBanned(bucket("203.0.113.7")));
        QVERIFY(!rules.isBanned(bucket("203.0.113.8")));
        QVERIFY(rules.isBanned(bucket("2001:db8:0:1:ffff::9")));
        QVERIFY(!rules.isBanned(bucket("2001:db8:0:2::9")));
        QVERIFY(rules.isBanned(bucket("198.51.100.255")));
        QVERIFY(!rules.isBanned(bucket("192.0.2.1")));
        QVERIFY(rules.exemptionOf(bucket("192.0.2.1")).isWhole);
        QVERIFY(rules.exemptionOf(bucket("192.0.3.1")).isWhole);
        QVERIFY(!rules.exemptionOf(bucket("203.0.113.7")).isWhole);
        QVERIFY(rules.acceptsEveryToken());
    }

    void refusesTokens_data()
    {
        QTest::addColumn<QString>("user");
        QTest::addColumn<QString>("tokenId");
        QTest::addColumn<QString>("issuedAt");
        QTest::addColumn<int>("reason"); // -1: accepted
        const int accepted = -1;
        const int banned = int(Reason::UserBanned);
        const int revoked = int(Reason::TokenRevoked);
        QTest::newRow("anybody") << u"cat"_s << u"t1"_s << u"2026-01-01T00:00:00Z"_s << accepted;
        QTest::newRow("banned user") << u"ann"_s << u"t1"_s << u"2026-01-01T00:00:00Z"_s << banned;
        QTest::newRow("another case") << u"Ann"_s << u"t1"_s << u"2026-01-01T00:00:00Z"_s << accepted;
        QTest::newRow("revoked token") << u"cat"_s << u"stolen"_s << u"2026-01-01T00:00:00Z"_s << revoked;
        QTest::newRow("revoked token of nobody's time") << u"cat"_s << u"stolen"_s << QString() << revoked;
        QTest::newRow("no jti") << u"cat"_s << QString() << u"2026-01-01T00:00:00Z"_s << accepted;
        QTest::newRow("older") << u"ben"_s << u"t1"_s << u"2026-01-01T11:59:59Z"_s << revoked;
        QTest::newRow("older by less than a second") << u"ben"_s << u"t1"_s << u"2026-01-01T11:59:59.999Z"_s << revoked;
        QTest::newRow("from the very moment") << u"ben"_s << u"t1"_s << u"2026-01-01T12:00:00Z"_s << accepted;
        QTest::newRow("newer") << u"ben"_s << u"t1"_s << u"2026-01-01T12:00:01Z"_s << accepted;
        QTest::newRow("without iat it is older") << u"ben"_s << u"t1"_s << QString() << revoked;
        QTest::newRow("older, of another user") << u"cat"_s << u"t1"_s << u"2025-01-01T00:00:00Z"_s << accepted;
    }
    void refusesTokens()
    {
        QFETCH(QString, user);
        QFETCH(QString, tokenId);
        QFETCH(QString, issuedAt);
        QFETCH(int, reason);
        const AccessRules rules({ rule(AccessKind::User, u"ann"_s), rule(AccessKind::TokenId, u"stolen"_s),
                                    rule(AccessKind::User, u"ben"_s, u"2026-01-01T12:00:00Z"_s) },
            {});
        const std::optional<Reason> verdict = rules.judgeToken(user, token(tokenId, issuedAt));
        QCOMPARE(verdict ? int(*verdict) : -1, reason);
        QVERIFY(!rules.acceptsEveryToken());
    }

    void aTokenWithoutIdIsNoRevokedOne()
    {
        // Whatever an empty id hashes to: the mark of no id is none.
        QVERIFY(!token({}).hasId());
        QVERIFY(token(u"a"_s).hasId());
        QVERIFY(token(u"a"_s).id != token(u"b"_s).id);
        QCOMPARE(token(u"a"_s).id, token(u"a"_s).id);
    }

    void values_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("given");
        QTest::addColumn<QString>("kept"); // empty: refused
        const auto row = [](AccessKind kind, const char *given, const char *kept) {
            QTest::addRow("%s \"%s\"", accessKindName(kind).data(), given)
                << int(kind) << QString::fromUtf8(given) << QString::fromUtf8(kept);
        };
        row(AccessKind::Address, "203.0.113.7", "203.0.113.7");
        row(AccessKind::Address, "::ffff:203.0.113.7", "203.0.113.7");
        row(AccessKind::Address, "2001:DB8:0:1:2:3:4:5", "2001:db8:0:1::/64");
        row(AccessKind::Address, "2001:db8:0:1::/64", "2001:db8:0:1::/64");
        row(AccessKind::Address, "2001:db8:5:ab00::/56", "2001:db8:5:ab00::/56");
        row(AccessKind::Address, "2001:DB8:5:abcd::1/56", "2001:db8:5:ab00::/56");
        row(AccessKind::Address, "2001:db8:5::/48", "2001:db8:5::/48");
        row(AccessKind::Address, "2001:db8::/47", "");
        row(AccessKind::Address, "2001:db8::/65", "");
        row(AccessKind::Address, "2001:db8::/+56", "");
        row(AccessKind::Address, "2001:db8::/", "");
        row(AccessKind::Address, "203.0.113.7/32", "");
        row(AccessKind::Address, "203.0.113.7/64", "");
        row(AccessKind::Address, "::ffff:203.0.113.7/64", "");
        row(AccessKind::Address, "::/64", "");
        row(AccessKind::Address, "203.0.113", "");
        row(AccessKind::Address, "::", "");
        row(AccessKind::Address, "unix", "");
        row(AccessKind::Address, "", "");
        row(AccessKind::Cidr, "10.1.2.3/8", "10.0.0.0/8");
        row(AccessKind::Cidr, "10.1.2.3/32", "10.1.2.3/32");
        row(AccessKind::Cidr, "0.0.0.0/0", "0.0.0.0/0");
        row(AccessKind::Cidr, "::ffff:10.0.0.0/104", "10.0.0.0/8");
        row(AccessKind::Cidr, "2001:db8:1::/32", "2001:db8::/32");
        row(AccessKind::Cidr, "2001:db8:1:2::/64", "2001:db8:1:2::/64");
        row(AccessKind::Cidr, "2001:db8:1:2::/65", "");
        row(AccessKind::Cidr, "2001:db8::1/128", "");
        row(AccessKind::Cidr, "::ffff:10.0.0.0/90", "");
        row(AccessKind::Cidr, "10.1.2.3", "");
        row(AccessKind::Cidr, "10.0.0.0/33", "");
        row(AccessKind::Cidr, "10.0.0.0/-1", "");
        row(AccessKind::Cidr, "10.0.0.0/", "");
        row(AccessKind::Cidr, "unix", "");
        row(AccessKind::User, "42", "42");
        row(AccessKind::User, "สมชาย", "สมชาย");
        row(AccessKind::User, "", "");
        row(AccessKind::User, "a\nb", "");
        row(AccessKind::TokenId, "d7f0", "d7f0");
        row(AccessKind::TokenId, "", "");
    }
    void values()
    {
        QFETCH(int, kind);
        QFETCH(QString, given);
        QFETCH(QString, kept);
        const Result<QString> value = canonicalAccessValue(AccessKind(kind), given);
        QCOMPARE(value.isOk(), !kept.isEmpty());
        if (!value) {
            QVERIFY(!value.error().message.isEmpty());
            return;
        }
        QCOMPARE(*value, kept);
        QCOMPARE(*canonicalAccessValue(AccessKind(kind), kept), kept); // what is answered may be sent again
        QCOMPARE(networkOf(rule(AccessKind(kind), kept)).has_value(), kind <= int(AccessKind::Cidr));
    }

    void namesOfAnotherLengthAreRefused()
    {
        QVERIFY(canonicalAccessValue(AccessKind::User, QString(255, u'x')));
        QVERIFY(!canonicalAccessValue(AccessKind::User, QString(256, u'x')));
    }
};

QTEST_APPLESS_MAIN(TestAccessRules)
#include "tst_accessrules.moc"
