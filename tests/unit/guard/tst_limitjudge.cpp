// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/limitjudge.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Outcome = LimitJudgement::Outcome;

Q_DECLARE_METATYPE(gatehouse::LimitRule)

namespace {

LimitSnapshot snapshot(qint64 connections, qint64 attempts, qint64 ofUser, LimitMode mode = LimitMode::Enforce)
{
    LimitSnapshot result;
    result.limits[LimitKey::MaxConnectionsPerIp] = { connections, mode };
    result.limits[LimitKey::MaxReconnectAttempts] = { attempts, mode };
    result.limits[LimitKey::MaxConnectionsPerUser] = { ofUser, mode };
    return result;
}

} // namespace

class TestLimitJudge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void compares_data()
    {
        QTest::addColumn<LimitRule>("rule");
        QTest::addColumn<qint64>("observed");
        QTest::addColumn<int>("outcome");
        const auto row = [](const char *name, const LimitRule &rule, qint64 observed, Outcome outcome) {
            QTest::newRow(name) << rule << observed << int(outcome);
        };
        row("below", { 5, LimitMode::Enforce, true }, 4, Outcome::Passes);
        row("the last that fits", { 5, LimitMode::Enforce, true }, 5, Outcome::Passes);
        row("one too many", { 5, LimitMode::Enforce, true }, 6, Outcome::Refused);
        row("far over, as after a limit was lowered", { 5, LimitMode::Enforce, true }, 60, Outcome::Refused);
        row("observes, and fits", { 5, LimitMode::Observe, true }, 5, Outcome::Passes);
        row("observes", { 5, LimitMode::Observe, true }, 6, Outcome::Observed);
        row("off", { 5, LimitMode::Off, true }, 6, Outcome::NotJudged);
        row("enforced, but the switch is off", { 5, LimitMode::Enforce, false }, 6, Outcome::NotJudged);
        row("observes, but the switch is off", { 5, LimitMode::Observe, false }, 6, Outcome::NotJudged);
    }

    void compares()
    {
        QFETCH(LimitRule, rule);
        QFETCH(qint64, observed);
        QFETCH(int, outcome);
        const LimitJudgement judgement = judgeLimit(Reason::TooManyReconnects, rule, observed, 90s);
        QCOMPARE(int(judgement.outcome), outcome);
        QCOMPARE(judgement.isExceeded(), outcome == int(Outcome::Observed) || outcome == int(Outcome::Refused));
        if (!judgement.isExceeded())
            return;
        const Finding finding = judgement.finding();
        QCOMPARE(finding.reason, Reason::TooManyReconnects);
        QCOMPARE(finding.limit, std::optional(rule.value));
        QCOMPARE(finding.observed, std::optional(observed));
        QCOMPARE(finding.exactWait, 90s);
        QCOMPARE(finding.isEnforced, outcome == int(Outcome::Refused));
    }

    void theRuleIsThatOfTheReasonsLimit()
    {
        LimitSnapshot rules;
        qint64 value = 100;
        for (const LimitDescriptor &limit : limitDescriptors())
            rules.limits[limit.key] = { ++value, LimitMode::Observe };
        rules.isGuarding = false;
        for (const ReasonDescriptor &reason : reasonDescriptors()) {
            if (!reason.limit)
                continue;
            const LimitRule rule = LimitRule::of(reason.reason, rules);
            QCOMPARE(rule.value, rules.limits[*reason.limit].value);
            QCOMPARE(rule.mode, LimitMode::Observe);
            QVERIFY(!rule.isGuarding && !rule.isJudged());
        }
    }

    void aShareIsNeverLessThanOne()
    {
        const LimitRule rule{ 5, LimitMode::Observe, false };
        QCOMPARE(rule.dividedAmong(0).value, 5);
        QCOMPARE(rule.dividedAmong(1).value, 5);
        QCOMPARE(rule.dividedAmong(2).value, 2);
        QCOMPARE(rule.dividedAmong(9).value, 1);
        QCOMPARE(rule.dividedAmong(2).mode, LimitMode::Observe);
        QVERIFY(!rule.dividedAmong(2).isGuarding);
    }

    void looksAtTheCountOfTheReason()
    {
        LimitCounts counts;
        counts.set(Counted::ConnectionsOfAddress, 11);
        counts.set(Counted::AttemptsOfClient, 12, 5s);
        counts.set(Counted::ConnectionsOfUser, 13);
        counts.set(Counted::ConnectionsInAll, 14);
        const auto observed = [&counts](Reason reason) { return judgeLimit(reason, LimitRule{ 1 }, counts); };
        QCOMPARE(observed(Reason::TooManyConnections).observed, 11);
        QCOMPARE(observed(Reason::TooManyConnections).exactWait, 0s); // that is not how long somebody stays
        QCOMPARE(observed(Reason::TooManyReconnects).observed, 12);
        QCOMPARE(observed(Reason::TooManyReconnects).exactWait, 5s);
        QCOMPARE(observed(Reason::TooManyUserConnections).observed, 13);
        QCOMPARE(observed(Reason::ServerFull).observed, 14);
        QCOMPARE(judgeLimit(Reason::TooManyConnections, LimitRule{ 1 }, LimitCounts{}).outcome, Outcome::NotJudged);
        QCOMPARE(observed(Reason::RateLimited).outcome, Outcome::NotJudged); // nobody counts messages of an attempt
    }

    void sharedLimitsEndWithTheFirstThatRefuses()
    {
        LimitCounts counts;
        counts.set(Counted::ConnectionsOfAddress, 6);
        counts.set(Counted::AttemptsOfClient, 11, 90s);
        counts.set(Counted::ConnectionsOfUser, 21);
        Findings findings = judgePeerLimits(snapshot(5, 10, 20), counts);
        QCOMPARE(findings.size(), 1U);
        QCOMPARE(findings[0].reason, Reason::TooManyConnections);

        LimitSnapshot mixed = snapshot(5, 10, 20);
        mixed.limits[LimitKey::MaxConnectionsPerIp].mode = LimitMode::Observe;
        findings = judgePeerLimits(mixed, counts);
        QCOMPARE(findings.size(), 2U);
        QVERIFY(!findings[0].isEnforced);
        QCOMPARE(findings[1].reason, Reason::TooManyReconnects);
        QCOMPARE(findings[1].exactWait, 90s);

        findings = judgePeerLimits(snapshot(5, 10, 20, LimitMode::Observe), counts);
        QCOMPARE(findings.size(), 3U);
        QVERIFY(!doRefuse(findings));
        QVERIFY(judgePeerLimits(snapshot(6, 11, 21), counts).empty());

        findings = judgePeerLimits(snapshot(6, 11, 21), counts, 3); // a number of the address's own
        QCOMPARE(findings.size(), 1U);
        QCOMPARE(findings[0].limit, std::optional<qint64>(3));
        QVERIFY(judgePeerLimits(snapshot(1, 11, 21), counts, 200).empty());
        findings = judgePeerLimits(snapshot(12, 22, 41), counts, {}, 2); // the share of one of two
        QCOMPARE(findings.size(), 1U);
        QCOMPARE(findings[0].reason, Reason::TooManyUserConnections);
        QCOMPARE(findings[0].limit, std::optional<qint64>(20));
    }

    void onlyTheLimitsOfOneNodeAreNotShared()
    {
        for (const Reason reason : kPeerReasons)
            QVERIFY(isJudgedByPeers(reason));
        QVERIFY(!isJudgedByPeers(Reason::ServerFull));
        QVERIFY(!isJudgedByPeers(Reason::RateLimited));
    }
};

QTEST_APPLESS_MAIN(TestLimitJudge)
#include "tst_limitjudge.moc"
