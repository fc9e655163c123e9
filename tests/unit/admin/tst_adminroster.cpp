// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/admin/adminroster.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

AccessRule ban(AccessKind kind, const QString &value, std::optional<UtcTime> issuedBefore = std::nullopt)
{
    AccessRule rule;
    rule.kind = kind;
    rule.value = value;
    rule.issuedBefore = issuedBefore;
    return rule;
}

AccessRule banOf(const QString &user)
{
    return ban(AccessKind::User, user);
}

} // namespace

class TestAdminRoster : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;
    const AccessRules m_none;

    /// Somebody who is an administrator by the token `id`, or by ADMIN_USERS alone.
    Identity admin(const QString &user, const QString &id, Role ownRole = Role::Admin) const
    {
        return { user, Role::Admin, ownRole, {}, m_clock.utc() + 1h, id, m_clock.utc() };
    }
    bool isLast(const AdminRoster &roster, const AccessRule &rule, const AccessRules &inForce) const
    {
        return roster.isLastTakenBy(rule, inForce, m_clock.utc());
    }

private Q_SLOTS:
    void knowsNobodyAtFirst()
    {
        const AdminRoster roster;
        QVERIFY(!isLast(roster, banOf(u"77"_s), m_none));
        QVERIFY(!roster.isLastLeftOutOf({}, m_none, m_clock.utc()));
    }

    void theLastOfAdminUsersIsTaken()
    {
        AdminRoster roster;
        roster.setConfigured({ u"77"_s, u"78"_s });
        QVERIFY(!isLast(roster, banOf(u"77"_s), m_none));
        QVERIFY(!isLast(roster, banOf(u"5"_s), m_none));
        const AccessRules without78({ banOf(u"78"_s) }, {});
        QVERIFY(isLast(roster, banOf(u"77"_s), without78));
        QVERIFY(!isLast(roster, banOf(u"78"_s), without78)); // who is out already is not taken
        QVERIFY(!isLast(roster, banOf(u"5"_s), without78));
        roster.saw(admin(u"root"_s, u"r"_s)); // their tokens end, ADMIN_USERS stays
        QVERIFY(isLast(roster, banOf(u"77"_s), without78));
    }

    void aRevocationTakesWhoeverHasOlderTokens()
    {
        AdminRoster roster;
        roster.setConfigured({ u"77"_s });
        const UtcTime yesterday = m_clock.utc() - 24h;
        QVERIFY(isLast(roster, ban(AccessKind::User, u"77"_s, m_clock.utc() + 1s), m_none));
        QVERIFY(!isLast(roster, ban(AccessKind::User, u"77"_s, yesterday), m_none));
        roster.saw({ u"77"_s, Role::Admin, Role::None, {}, m_clock.utc() + 1h, u"old"_s, yesterday - 1h });
        QVERIFY(isLast(roster, ban(AccessKind::User, u"77"_s, yesterday), m_none)); // the only token that is known
        roster.saw(admin(u"77"_s, u"new"_s, Role::None));
        QVERIFY(!isLast(roster, ban(AccessKind::User, u"77"_s, yesterday), m_none));
        // One that is in force already keeps nobody out for good.
        const AccessRules revoked({ ban(AccessKind::User, u"77"_s, m_clock.utc() + 1s) }, {});
        QVERIFY(isLast(roster, banOf(u"77"_s), revoked));
    }

    void aTokenOfAdminUsersMayBeTaken()
    {
        AdminRoster roster;
        roster.setConfigured({ u"77"_s });
        roster.saw(admin(u"77"_s, u"leaked"_s, Role::None));
        QVERIFY(!isLast(roster, ban(AccessKind::TokenId, u"leaked"_s), m_none));
    }

    void whoSignsTokensSaysWhoElseIsAnAdministrator()
    {
        AdminRoster roster;
        roster.saw(admin(u"root"_s, u"r1"_s));
        QVERIFY(!isLast(roster, banOf(u"root"_s), m_none));
        QVERIFY(!isLast(roster, ban(AccessKind::TokenId, u"r1"_s), m_none));
    }

    void otherRolesAreNoAdministrators()
    {
        AdminRoster roster;
        roster.setConfigured({ u"77"_s });
        for (const Role role : { Role::None, Role::Viewer, Role::Publisher, Role::Operator })
            roster.saw({ u"x"_s, role, role, {}, {}, u"t"_s, m_clock.utc() });
        QVERIFY(roster.isLastLeftOutOf({}, m_none, m_clock.utc()));
    }

    void adminUsersIsNotEmptiedByMistake()
    {
        AdminRoster roster;
        roster.setConfigured({ u"77"_s });
        const UtcTime now = m_clock.utc();
        QVERIFY(roster.isLastLeftOutOf({}, m_none, now));
        QVERIFY(!roster.isLastLeftOutOf({ u"78"_s }, m_none, now));
        QVERIFY(roster.isLastLeftOutOf({ u"78"_s }, AccessRules({ banOf(u"78"_s) }, {}), now));
        QVERIFY(!roster.isLastLeftOutOf({}, AccessRules({ banOf(u"77"_s) }, {}), now)); // nobody was in before either
        roster.saw(admin(u"root"_s, u"r"_s));
        QVERIFY(!roster.isLastLeftOutOf({}, m_none, now));
        roster.saw(admin(u"77"_s, u"s"_s, Role::None)); // is one only by the list that is emptied
        QVERIFY(roster.isLastLeftOutOf({}, AccessRules({ banOf(u"root"_s) }, {}), now));
    }

    void remembersNoMoreThanItsBound()
    {
        AdminRoster roster;
        for (size_t i = 0; i <= AdminRoster::kMaxSeen; ++i)
            roster.saw(admin(QString::number(i), u"t%1"_s.arg(i)));
        std::vector<AccessRule> bans;
        for (size_t i = 1; i <= AdminRoster::kMaxSeen; ++i)
            bans.push_back(banOf(QString::number(i)));
        roster.setConfigured({ u"77"_s });
        QVERIFY(roster.isLastLeftOutOf({}, AccessRules(bans, {}), m_clock.utc())); // the first has given way
        bans.pop_back();
        QVERIFY(!roster.isLastLeftOutOf({}, AccessRules(bans, {}), m_clock.utc()));
    }

    void whoseTokenHasExpiredIsNotCountedOn()
    {
        AdminRoster roster;
        roster.setConfigured({ u"77"_s });
        roster.saw(admin(u"root"_s, u"r"_s));
        QVERIFY(!roster.isLastLeftOutOf({}, m_none, m_clock.utc()));
        m_clock.advance(2h);
        QVERIFY(roster.isLastLeftOutOf({}, m_none, m_clock.utc()));
    }
};

QTEST_GUILESS_MAIN(TestAdminRoster)
#include "tst_adminroster.moc"
