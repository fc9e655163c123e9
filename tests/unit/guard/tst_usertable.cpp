// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtTest/QTest>

#include "server/guard/usertable.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

LimitSnapshot snapshot(const LimitValue &perUser, const LimitValue &inAll)
{
    LimitSnapshot result;
    result.limits[LimitKey::MaxConnectionsPerUser] = perUser;
    result.limits[LimitKey::MaxConnections] = inAll;
    return result;
}

} // namespace

class TestUserTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsUsersAndAll()
    {
        UserTable users;
        const LimitSnapshot rules = snapshot({ 2 }, { 3 });
        std::vector<UserSlot> slots;
        const auto admit = [&](const QString &user) {
            UserTable::Admission admission = users.admit(user, rules);
            slots.push_back(std::move(admission.slot));
            return admission.findings.empty() ? std::optional<Reason>() : admission.findings.back().reason;
        };
        QVERIFY(!admit(u"a"_s));
        QVERIFY(!admit(u"a"_s));
        QCOMPARE(admit(u"a"_s), std::optional(Reason::TooManyUserConnections));
        QVERIFY(!admit(u"b"_s));
        QCOMPARE(admit(u"c"_s), std::optional(Reason::ServerFull));
        QCOMPARE(users.openOf(u"a"_s), 2);
        QCOMPARE(users.openOf(u"c"_s), 0);
        slots.clear();
        QCOMPARE(users.openInAll(), 0);
        QCOMPARE(users.openOf(u"a"_s), 0);
    }

    void saysHowManyThereWouldBe()
    {
        UserTable users;
        std::vector<UserSlot> slots;
        for (int i = 0; i < 7; ++i)
            slots.push_back(users.admit(u"a"_s, snapshot({ 10 }, { 10 })).slot);
        // The limit has been lowered since.
        const Findings findings = users.admit(u"a"_s, snapshot({ 2 }, { 10 })).findings;
        QCOMPARE(findings.size(), 1U);
        QCOMPARE(findings[0].limit, std::optional<qint64>(2));
        QCOMPARE(findings[0].observed, std::optional<qint64>(8));
        QVERIFY(findings[0].isEnforced);
    }

    void observingLimitsReportAndPass()
    {
        UserTable users;
        const UserSlot first = users.admit(u"a"_s, snapshot({ 1 }, { 1 })).slot;
        const UserTable::Admission both
            = users.admit(u"a"_s, snapshot({ 1, LimitMode::Observe }, { 1, LimitMode::Observe }));
        QCOMPARE(both.findings.size(), 2U);
        QCOMPARE(both.findings[0].reason, Reason::ServerFull);
        QCOMPARE(both.findings[1].reason, Reason::TooManyUserConnections);
        QVERIFY(!doRefuse(both.findings));
        QCOMPARE(users.openInAll(), 2);
        // What is observed is told also if the other refuses.
        const Findings mixed = users.admit(u"a"_s, snapshot({ 1, LimitMode::Observe }, { 1 })).findings;
        QCOMPARE(mixed.size(), 2U);
        QVERIFY(!mixed[0].isEnforced);
        QCOMPARE(mixed[1].reason, Reason::ServerFull);
        QCOMPARE(users.openInAll(), 2);
    }

    void theSwitchTurnsTheLimitsOffButNotTheCount()
    {
        UserTable users;
        LimitSnapshot rules = snapshot({ 1 }, { 1 });
        rules.isGuarding = false;
        std::vector<UserSlot> slots;
        for (int i = 0; i < 3; ++i) {
            UserTable::Admission admission = users.admit(u"a"_s, rules);
            QVERIFY(admission.findings.empty());
            slots.push_back(std::move(admission.slot));
        }
        QCOMPARE(users.openOf(u"a"_s), 3);
    }

    void isExactAcrossThreads()
    {
        UserTable users;
        const LimitSnapshot rules = snapshot({ 3 }, { 5 });
        std::atomic<int> most{ 0 };
        std::vector<std::thread> threads;
        std::atomic<int> open{ 0 };
        for (int thread = 0; thread < 4; ++thread) {
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 5'000; ++i) {
                    const UserTable::Admission admission = users.admit(QString::number((thread + i) % 3), rules);
                    if (doRefuse(admission.findings))
                        continue;
                    const int now = ++open;
                    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) { }
                    --open;
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QVERIFY(most <= 5);
        QCOMPARE(users.openInAll(), 0);
    }
};

QTEST_APPLESS_MAIN(TestUserTable)
#include "tst_usertable.moc"
