// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/access/accessstore.h"
#include "tests/support/anycontrol.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

AccessRule rule(AccessKind kind, const QString &value)
{
    AccessRule rule;
    rule.kind = kind;
    rule.value = value;
    return rule;
}

AddressKey key(const char *address)
{
    return AddressKey::of(IpAddress::parse(address)->bucket());
}

/// The store on a state file, with workers that remember what they were given.
struct Fixture
{
    using Outcome = Result<AccessStore::Outcome>;

    FakeClock clock;
    QObject anchor;
    std::unique_ptr<AnyControl> control = makeControl({ &AccessStore::createTables }, clock);
    StoreFixture &state = control->state;
    RecordingLog lines;
    std::unique_ptr<AccessStore> access;
    AccessRulesPtr applied;
    AccessRulesPtr added;
    int timesApplied = 0;
    ExemptNetworks configured; ///< by settings

    Fixture() { open(); }
    explicit Fixture(ExemptNetworks networks)
        : configured(std::move(networks))
    {
        open();
    }

    void open()
    {
        access = std::make_unique<AccessStore>(state.store(), control->log(), clock, lines, anchor);
        if (const Status loaded = access->load(configured); !loaded)
            qFatal("%s", qPrintable(loaded.error().message));
        access->setApply([this](AccessRulesPtr rules, AccessRulesPtr fresh, std::function<void()> done) {
            applied = std::move(rules);
            added = std::move(fresh);
            ++timesApplied;
            done();
        });
        control->start();
        timesApplied = 0; // a node takes the cluster's state when it joins
    }
    void restart()
    {
        access.reset();
        control->restart();
        open();
    }

    Outcome put(const AccessRule &what, AccessList list = AccessList::Bans)
    {
        return awaitCallback<Outcome>([&](auto done) { access->put(list, what, { u"root"_s, u"127.0.0.1"_s }, done); });
    }
    void add(const AccessRule &what, AccessList list = AccessList::Bans)
    {
        if (const Outcome outcome = put(what, list); !outcome)
            qFatal("%s", qPrintable(outcome.error().message));
    }
    Outcome remove(const QString &id, AccessList list = AccessList::Bans)
    {
        return awaitCallback<Outcome>([&](auto done) {
            access->remove(list, id, { u"root"_s, u"127.0.0.1"_s }, u"enough"_s, done);
        });
    }
    AccessPage page(const AccessFilter &filter = {}, const QString &cursor = {}, int limit = 100,
        AccessList list = AccessList::Bans)
    {
        return *awaitCallback<Result<AccessPage>>([&](auto done) { access->list(list, filter, cursor, limit, done); });
    }
    std::vector<AccessRule> exemptions() { return page({}, {}, 100, AccessList::Exemptions).rules; }
    static bool bans(const AccessRulesPtr &rules, const QString &user)
    {
        return rules->judgeToken(user, TokenMark()) == Reason::UserBanned;
    }
};

QStringList valuesOf(const AccessPage &page)
{
    QStringList values;
    for (const AccessRule &rule : page.rules)
        values.append(rule.value);
    return values;
}

} // namespace

class TestAccessStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatSettingsExemptIsInTheListLikeOthers()
    {
        Fixture fixture({ { u"10.0.0.0/8"_s, std::nullopt }, { u"203.0.113.7"_s, 200 } });
        // In force before anything else has happened.
        QVERIFY(fixture.access->rules()->exemptionOf(key("10.1.2.3")).isWhole);
        QCOMPARE(fixture.access->rules()->exemptionOf(key("203.0.113.7")).ownLimit, std::optional<qint64>(200));
        QTRY_COMPARE(fixture.exemptions().size(), 2U);
        const AccessRule first = fixture.exemptions().at(0);
        QCOMPARE(first.createdBy, u"EXEMPT_NETWORKS"_s);
        QVERIFY(isUlid(first.id));
        QVERIFY(fixture.access->rules()->exemptionOf(key("10.1.2.3")).isWhole);
        // What an operator changes stays, until the setting is another.
        QVERIFY(fixture.remove(first.id, AccessList::Exemptions));
        fixture.restart();
        fixture.add(rule(AccessKind::User, u"after"_s)); // behind whatever the settings ask for
        QCOMPARE(fixture.exemptions().size(), 1U);
        fixture.configured = { { u"10.0.0.0/8"_s, 7 } };
        fixture.restart();
        QTRY_COMPARE(fixture.exemptions().size(), 1U); // the other is named no more
        QTRY_COMPARE(fixture.exemptions().at(0).limit, std::optional<qint64>(7));
        QVERIFY(!fixture.access->rules()->exemptionOf(key("203.0.113.7")).ownLimit);
        fixture.configured.clear();
        fixture.restart();
        QTRY_VERIFY(fixture.exemptions().empty());
    }

    void whatAnOperatorMadeIsNotTheSettingsToLift()
    {
        Fixture fixture;
        AccessRule office = rule(AccessKind::Cidr, u"10.0.0.0/8"_s);
        office.limit = 50;
        QVERIFY(fixture.put(office, AccessList::Exemptions));
        fixture.configured = { { u"10.0.0.0/8"_s, 50 } };
        fixture.restart();
        fixture.add(rule(AccessKind::User, u"after"_s)); // behind whatever the settings ask for
        QCOMPARE(fixture.exemptions().size(), 1U);
        QCOMPARE(fixture.exemptions().at(0).createdBy, u"root"_s);
        fixture.configured.clear();
        fixture.restart();
        fixture.add(rule(AccessKind::User, u"after"_s)); // behind whatever the settings ask for
        QCOMPARE(fixture.exemptions().size(), 1U);
        QCOMPARE(fixture.access->rules()->exemptionOf(key("10.9.9.9")).ownLimit, std::optional<qint64>(50));
    }

    void oneThatEndsIsNotWhatSettingsSay()
    {
        Fixture fixture;
        AccessRule office = rule(AccessKind::Cidr, u"10.0.0.0/8"_s);
        office.expiresAt = fixture.clock.utc() + 1h;
        QVERIFY(fixture.put(office, AccessList::Exemptions));
        fixture.configured = { { u"10.0.0.0/8"_s, std::nullopt } };
        fixture.restart();
        QTRY_VERIFY(fixture.exemptions().size() == 1 && !fixture.exemptions().at(0).expiresAt);
        fixture.clock.advance(2h);
        fixture.access->upkeep();
        QVERIFY(fixture.access->rules()->exemptionOf(key("10.1.2.3")).isWhole);
    }

    void whatCannotBeAppendedIsTriedAgain()
    {
        Fixture fixture({ { u"203.0.113.7"_s, 200 } });
        QTRY_COMPARE(fixture.exemptions().size(), 1U);
        fixture.configured = { { u"10.0.0.0/8"_s, std::nullopt } };
        if (isOfCluster()) // there what is proposed is in the log that all have in common, or nobody has joined
            return;
        for (const char *what : { "INSERT", "DELETE" })
            QVERIFY(fixture.state.execute("CREATE TRIGGER no_"_ba + what + " BEFORE " + what
                + " ON access_rule BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"));
        fixture.restart();
        const AccessRule asked = rule(AccessKind::User, u"after"_s);
        QVERIFY(!fixture.put(asked));                                           // behind whatever the settings ask for
        QVERIFY(fixture.access->rules()->exemptionOf(key("10.1.2.3")).isWhole); // in force all the same
        QCOMPARE(fixture.exemptions().at(0).value, u"203.0.113.7"_s);
        QVERIFY(fixture.state.execute("DROP TRIGGER no_INSERT; DROP TRIGGER no_DELETE"));
        QTRY_VERIFY((fixture.access->upkeep(), fixture.exemptions().size() == 1));
        QTRY_COMPARE(fixture.exemptions().at(0).value, u"10.0.0.0/8"_s); // the other has been lifted
    }

    void initTestCase_data() { addControlKinds(); }

    void isInForceWhenItIsAnswered()
    {
        Fixture fixture;
        AccessRule ban = rule(AccessKind::User, u"ann"_s);
        ban.reason = u"spam"_s;
        ban.note = u"ticket 1"_s;
        const auto outcome = fixture.put(ban);
        QVERIFY(outcome);
        QVERIFY(outcome->isNew);
        QVERIFY(isUlid(outcome->rule.id));
        QCOMPARE(outcome->rule.createdBy, u"root"_s);
        QVERIFY(outcome->rule.createdAt == fixture.clock.utc());
        QVERIFY(Fixture::bans(fixture.applied, u"ann"_s));
        QVERIFY(Fixture::bans(fixture.added, u"ann"_s));
        QCOMPARE(fixture.page().rules, std::vector{ outcome->rule });

        const auto lifted = fixture.remove(outcome->rule.id);
        QVERIFY(lifted);
        QCOMPARE(lifted->rule.value, u"ann"_s);
        QVERIFY(!Fixture::bans(fixture.applied, u"ann"_s));
        QVERIFY(!fixture.added); // nothing is to be closed
        QVERIFY(fixture.page().rules.empty());
        QCOMPARE(fixture.remove(outcome->rule.id).error().field, accesserrors::kNoSuchRule);
    }

    void aSecondBanIsNotAnExemption()
    {
        Fixture fixture;
        const QString id = fixture.put(rule(AccessKind::Address, u"10.0.0.1"_s), AccessList::Exemptions)->rule.id;
        QVERIFY(!fixture.added);
        QVERIFY(fixture.applied->exemptionOf(AddressKey::of(IpAddress::fromIpv4(0x0a000001))).isWhole);
        QVERIFY(!fixture.applied->isBanned(AddressKey::of(IpAddress::fromIpv4(0x0a000001))));
        QCOMPARE(fixture.remove(id).error().field, accesserrors::kNoSuchRule); // it is of the other list
        QVERIFY(fixture.page().rules.empty());
        QCOMPARE(valuesOf(fixture.page({}, {}, 100, AccessList::Exemptions)), QStringList{ u"10.0.0.1"_s });
        QVERIFY(fixture.put(rule(AccessKind::Address, u"10.0.0.1"_s))->isNew);
        QVERIFY(fixture.remove(id, AccessList::Exemptions));
        QVERIFY(fixture.applied->isBanned(AddressKey::of(IpAddress::fromIpv4(0x0a000001))));
    }

    void oneAboutTheSameThingIsReplaced()
    {
        Fixture fixture;
        AccessRule ban = rule(AccessKind::User, u"ann"_s);
        ban.issuedBefore = fixture.clock.utc();
        const AccessRule first = fixture.put(ban)->rule;
        QVERIFY(fixture.put(rule(AccessKind::User, u"ann"_s))->isNew); // that the user is banned is another thing
        fixture.clock.advance(1h);
        ban.reason = u"again"_s;
        ban.issuedBefore = *ban.issuedBefore - 24h;
        const auto second = fixture.put(ban);
        QVERIFY(!second->isNew);
        QCOMPARE(second->rule.id, first.id);
        QVERIFY(second->rule.createdAt == first.createdAt);
        QCOMPARE(second->rule.reason, u"again"_s);
        QVERIFY(second->rule.issuedBefore == first.issuedBefore); // tokens that were revoked stay so
        ban.issuedBefore = *first.issuedBefore + 30min;
        QVERIFY(fixture.put(ban)->rule.issuedBefore == ban.issuedBefore);
        QCOMPARE(fixture.page().total, 2);
    }

    void survivesARestart()
    {
        Fixture fixture;
        AccessRule ban = rule(AccessKind::TokenId, u"stolen"_s);
        ban.expiresAt = fixture.clock.utc() + 1h;
        const AccessRule kept = fixture.put(ban)->rule;
        fixture.add(rule(AccessKind::Cidr, u"10.0.0.0/8"_s), AccessList::Exemptions);
        fixture.restart();
        QCOMPARE(fixture.access->rules()->judgeToken(u"x"_s, TokenMark(u"stolen"_s, {})), Reason::TokenRevoked);
        QVERIFY(fixture.access->rules()->exemptionOf(AddressKey::of(IpAddress::fromIpv4(0x0a000001))).isWhole);
        QCOMPARE(fixture.page().rules, std::vector{ kept });
        QVERIFY(!fixture.put(ban)->isNew);
    }

    void nothingExpiresUntilTheTimeIsKnown()
    {
        Fixture fixture;
        bool isKnown = false;
        fixture.access->setTimeKnown([&isKnown] { return isKnown; });
        AccessRule brief = rule(AccessKind::User, u"brief"_s);
        brief.expiresAt = fixture.clock.utc() + 1min;
        fixture.add(brief);
        fixture.clock.jumpUtc(1h); // a clock that is wrong, and not yet known to be
        fixture.access->upkeep();
        QVERIFY(fixture.access->rules()->judgeToken(u"brief"_s, {}));
        fixture.clock.jumpUtc(-1h);
        isKnown = true;
        fixture.access->upkeep();
        QVERIFY(fixture.access->rules()->judgeToken(u"brief"_s, {}));
        fixture.clock.advance(1min);
        fixture.access->upkeep();
        QVERIFY(!fixture.access->rules()->judgeToken(u"brief"_s, {}));
    }

    void whatExpiresIsTakenOut()
    {
        Fixture fixture;
        AccessRule ban = rule(AccessKind::User, u"ann"_s);
        ban.expiresAt = fixture.clock.utc() + 10s;
        fixture.add(ban);
        fixture.add(rule(AccessKind::User, u"ben"_s));
        const int before = fixture.timesApplied;
        fixture.clock.advance(9s);
        fixture.access->upkeep();
        QCoreApplication::processEvents();
        QCOMPARE(fixture.timesApplied, before);
        fixture.clock.advance(1s);
        fixture.access->upkeep();
        QTRY_COMPARE(fixture.timesApplied, before + 1);
        QVERIFY(!Fixture::bans(fixture.applied, u"ann"_s));
        QVERIFY(Fixture::bans(fixture.applied, u"ben"_s));
        QVERIFY(!fixture.added);
        QCOMPARE(valuesOf(fixture.page()), QStringList{ u"ben"_s });
        QVERIFY(fixture.put(ban)->isNew); // it expires at once, but it is not the old one
        fixture.access->upkeep();
        QTRY_COMPARE(fixture.timesApplied, before + 3);
        QCOMPARE(fixture.state.query("SELECT COUNT(*) FROM audit WHERE action = 'ban.lift'"), 0);
    }

    void aLongerExpiryReplacesTheShorter()
    {
        Fixture fixture;
        AccessRule ban = rule(AccessKind::User, u"ann"_s);
        ban.expiresAt = fixture.clock.utc() + 10s;
        fixture.add(ban);
        ban.expiresAt = fixture.clock.utc() + 1h;
        fixture.add(ban);
        fixture.clock.advance(1min);
        fixture.access->upkeep();
        fixture.add(rule(AccessKind::User, u"ben"_s)); // what was asked for before is done before
        QVERIFY(Fixture::bans(fixture.applied, u"ann"_s));
    }

    void changesAreAudited()
    {
        Fixture fixture;
        AccessRule ban = rule(AccessKind::User, u"ann"_s);
        ban.reason = u"spam"_s;
        ban.note = u"first"_s;
        const QString id = fixture.put(ban)->rule.id;
        ban.note = u"second"_s;
        fixture.add(ban);
        QVERIFY(fixture.remove(id));
        QVERIFY(!fixture.remove(id)); // changes nothing, so it is no entry
        AuditLog audit(fixture.state.store(), fixture.control->log(), fixture.anchor);
        const auto page = *awaitCallback<Result<AuditPage>>([&](auto done) { audit.list({}, {}, 10, done); });
        QCOMPARE(page.entries.size(), 3U);
        const AuditEntry &lift = page.entries[0];
        QCOMPARE(lift.action, u"ban.lift"_s);
        QCOMPARE(lift.note, u"enough"_s);
        QCOMPARE(lift.target, id);
        QCOMPARE(lift.before["note"_L1].toString(), u"second"_s);
        QVERIFY(lift.after.isNull());
        QCOMPARE(page.entries[1].action, u"ban.change"_s);
        QCOMPARE(page.entries[1].before["note"_L1].toString(), u"first"_s);
        QCOMPARE(page.entries[1].after["reason"_L1].toString(), u"spam"_s);
        QCOMPARE(page.entries[2].action, u"ban.add"_s);
        QVERIFY(page.entries[2].before.isNull());
        QCOMPARE(page.entries[2].actor.user, u"root"_s);
    }

    void filtersAndPages()
    {
        Fixture fixture;
        for (int i = 0; i < 7; ++i) {
            AccessRule ban = rule(i % 2 ? AccessKind::User : AccessKind::TokenId, u"value-%1"_s.arg(i));
            ban.reason = i < 3 ? u"Spam"_s : u"100% theft"_s;
            fixture.add(ban);
        }
        AccessPage page = fixture.page({}, {}, 3);
        QCOMPARE(valuesOf(page), (QStringList{ u"value-6"_s, u"value-5"_s, u"value-4"_s }));
        QCOMPARE(page.total, 7);
        fixture.add(rule(AccessKind::User, u"later"_s)); // does not disturb who is reading
        page = fixture.page({}, page.nextCursor, 3);
        QCOMPARE(valuesOf(page), (QStringList{ u"value-3"_s, u"value-2"_s, u"value-1"_s }));
        page = fixture.page({}, page.nextCursor, 3);
        QCOMPARE(valuesOf(page), QStringList{ u"value-0"_s });
        QVERIFY(page.nextCursor.isEmpty());
        QCOMPARE(fixture.page({}, {}, 8).nextCursor, QString());
        QCOMPARE(valuesOf(fixture.page({ AccessKind::User, u"spam"_s })), QStringList{ u"value-1"_s });
        QCOMPARE(fixture.page({ {}, u"%"_s }).total, 4);    // no wildcard
        QCOMPARE(fixture.page({ {}, u"ROOT"_s }).total, 8); // who made it
        QCOMPARE(fixture.page({ {}, u"nobody"_s }).total, 0);
    }

    void nothingHoldsThatIsNotStored()
    {
        Fixture fixture;
        const QString id = fixture.put(rule(AccessKind::User, u"ann"_s))->rule.id;
        const int before = fixture.timesApplied;
        QVERIFY(
            fixture.state.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'full'); END"));
        if (isOfCluster()) { // it is stored in the log that all have in common, and here when that is possible
            QVERIFY(fixture.put(rule(AccessKind::User, u"ben"_s))->isNew);
            QVERIFY(Fixture::bans(fixture.applied, u"ben"_s));
            QCOMPARE(valuesOf(fixture.page()), QStringList{ u"ann"_s });
            QVERIFY(fixture.state.execute("DROP TRIGGER full"));
            QTRY_COMPARE(valuesOf(fixture.page()), (QStringList{ u"ben"_s, u"ann"_s }));
            return;
        }
        QCOMPARE(fixture.put(rule(AccessKind::User, u"ben"_s)).error().field, controlerrors::kStoreFailed);
        QCOMPARE(fixture.remove(id).error().field, controlerrors::kStoreFailed);
        QCOMPARE(fixture.timesApplied, before);
        QCOMPARE(valuesOf(fixture.page()), QStringList{ u"ann"_s });
        QVERIFY(fixture.state.execute("DROP TRIGGER full"));
        QVERIFY(fixture.put(rule(AccessKind::User, u"ben"_s))->isNew);
        QVERIFY(Fixture::bans(fixture.applied, u"ann"_s));
        QVERIFY(fixture.remove(id));
        QVERIFY(!Fixture::bans(fixture.applied, u"ann"_s));
    }

    void whatIsAskedForTogetherIsDoneInOrder()
    {
        Fixture fixture;
        std::vector<Fixture::Outcome> outcomes;
        const auto keep = [&outcomes](const Fixture::Outcome &outcome) { outcomes.push_back(outcome); };
        for (int i = 0; i < 3; ++i)
            fixture.access->put(AccessList::Bans, rule(AccessKind::User, u"ann"_s), { u"root"_s, {} }, keep);
        fixture.access->remove(AccessList::Bans, u"01J00000000000000000000000"_s, { u"root"_s, {} }, {}, keep);
        QTRY_COMPARE(outcomes.size(), 4U);
        QVERIFY(outcomes[0]->isNew);
        QVERIFY(!outcomes[1]->isNew && !outcomes[2]->isNew);
        QCOMPARE(outcomes[2]->rule.id, outcomes[0]->rule.id);
        QVERIFY(!outcomes[3]);
        QCOMPARE(fixture.timesApplied, 1); // and at once
        QCOMPARE(fixture.page().total, 1);
    }

    void theLedgerIsBounded()
    {
        AccessLedger ledger;
        AccessRule ban = rule(AccessKind::User, {});
        for (size_t i = 0; i < AccessLedger::kMaxRules; ++i) {
            QVERIFY(!ledger.isFull(AccessList::Bans));
            ban.id = ban.value = QString::number(i);
            ledger.put(AccessList::Bans, ban);
        }
        QVERIFY(ledger.isFull(AccessList::Bans));
        QVERIFY(!ledger.isFull(AccessList::Exemptions));
        ledger.remove(AccessList::Bans, u"5"_s);
        QVERIFY(!ledger.isFull(AccessList::Bans));
        QVERIFY(!ledger.find(AccessList::Bans, u"5"_s));
        QVERIFY(ledger.findAlike(AccessList::Bans, ban));
    }
};

QTEST_GUILESS_MAIN(TestAccessStore)
#include "tst_accessstore.moc"
