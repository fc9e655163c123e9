// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/notices.h"

#include <QtTest/QTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kNow{ 1'800'000'000'000ms };

NoticeSituation calmSituation()
{
    NoticeSituation situation;
    situation.serverName = u"web-1"_s;
    situation.status.state = ConnectionState::Live;
    situation.isFirst = false;
    situation.mayTurnGuardsOn = true;
    situation.localNow = kNow;
    situation.serverNow = kNow;
    return situation;
}

/// Everything at once.
NoticeSituation worstSituation()
{
    NoticeSituation situation = calmSituation();
    situation.status = { ConnectionState::WaitingToRetry, u"connection refused."_s, kNow + 9s };
    situation.isGuarding = false;
    situation.guardsOff = GuardsOffSpan{ { kNow - 5min, UtcTime::max() }, u"root"_s };
    situation.tokenEndsAt = kNow + 9min;
    Alert alert;
    alert.rule = u"errors"_s;
    alert.raisedAt = kNow;
    situation.raised = { alert };
    return situation;
}

Notice worstOf(const NoticeSituation &situation)
{
    return noticesOf(situation).front();
}

} // namespace

class TestNotices : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbersAreGroupedAsInTheTiles()
    {
        NoticeSituation situation = calmSituation();
        situation.refusalsPerMinute = 63'502;
        const QString text = worstOf(situation).text();
        QVERIFY2(text.contains(QLocale().toString(63'502)), qPrintable(text));
        QVERIFY(!text.contains(u"63502"_s));
    }

    void theWorstIsFirst()
    {
        NoticeSituation situation = worstSituation();
        QCOMPARE(noticesOf(situation).size(), 1U); // beside a lost connection nothing is known
        QCOMPARE(worstOf(situation).kind, NoticeKind::Lost);
        situation.status = { ConnectionState::Live, {}, {} };
        std::vector<NoticeKind> kinds;
        for (const Notice &notice : noticesOf(situation))
            kinds.push_back(notice.kind);
        QCOMPARE(kinds, (std::vector{ NoticeKind::GuardsOff, NoticeKind::TokenEnds, NoticeKind::AlertRaised }));
        situation.isGuarding = true;
        QCOMPARE(worstOf(situation).kind, NoticeKind::TokenEnds);
        situation.tokenEndsAt.reset();
        QCOMPARE(worstOf(situation).kind, NoticeKind::AlertRaised);
        situation.raised.clear();
        QCOMPARE(worstOf(situation).kind, NoticeKind::Calm);
        QCOMPARE(noticesOf(situation).size(), 1U);
    }

    void whatIsLostSaysWhyAndWhen_data()
    {
        QTest::addColumn<ConnectionState>("state");
        QTest::addColumn<bool>("isFirst");
        QTest::addColumn<NoticeSeverity>("severity");
        QTest::addColumn<NoticeAction>("action");
        QTest::newRow("not yet") << ConnectionState::Disconnected << true << NoticeSeverity::Calm
                                 << NoticeAction::Connect;
        QTest::newRow("left") << ConnectionState::Disconnected << false << NoticeSeverity::Bad << NoticeAction::Connect;
        QTest::newRow("first try") << ConnectionState::Connecting << true << NoticeSeverity::Warning
                                   << NoticeAction::None;
        QTest::newRow("again") << ConnectionState::Connecting << false << NoticeSeverity::Warning << NoticeAction::None;
        QTest::newRow("stale") << ConnectionState::Stale << false << NoticeSeverity::Warning << NoticeAction::Reconnect;
        QTest::newRow("lost") << ConnectionState::WaitingToRetry << false << NoticeSeverity::Bad
                              << NoticeAction::Reconnect;
        QTest::newRow("denied") << ConnectionState::AuthFailed << false << NoticeSeverity::Bad
                                << NoticeAction::NewToken;
    }
    void whatIsLostSaysWhyAndWhen()
    {
        QFETCH(ConnectionState, state);
        QFETCH(bool, isFirst);
        QFETCH(NoticeSeverity, severity);
        QFETCH(NoticeAction, action);
        NoticeSituation situation = worstSituation();
        situation.status.state = state;
        situation.isFirst = isFirst;
        const Notice notice = worstOf(situation);
        QCOMPARE(notice.kind, NoticeKind::Lost);
        QCOMPARE(notice.severity, severity);
        QCOMPARE(notice.action, action);
        QVERIFY(notice.facts.contains(u"connection refused"_s));
        QCOMPARE(notice.text().contains(u"from before"_s), !isFirst);
        QCOMPARE(notice.text().contains(u"next try in 9"_s), state == ConnectionState::WaitingToRetry);
        QCOMPARE(notice.brief, connectionStateTitle(state));
    }

    void theCountdownEndsAtNought()
    {
        NoticeSituation situation = worstSituation();
        situation.localNow = kNow + 20s;
        QVERIFY(worstOf(situation).title.contains(u"in 0"_s));
    }

    void whoTurnedTheGuardsOff()
    {
        NoticeSituation situation = worstSituation();
        situation.status = { ConnectionState::Live, {}, {} };
        QVERIFY(worstOf(situation).text().contains(u"by root, since"_s));
        QVERIFY(worstOf(situation).isAllowed);
        situation.guardsOff->by.clear();
        QVERIFY(worstOf(situation).text().contains(u"at least"_s));
        situation.mayTurnGuardsOn = false;
        QVERIFY(!worstOf(situation).isAllowed);
    }

    void aTokenThatEndsSoon_data()
    {
        QTest::addColumn<int>("secondsLeft");
        QTest::addColumn<QString>("text"); // empty: nothing is said
        QTest::newRow("far") << 601 << QString();
        QTest::newRow("ten minutes") << 600 << u"in 10 minute"_s;
        QTest::newRow("one second") << 1 << u"in 1 minute"_s;
        QTest::newRow("over") << 0 << u"has ended"_s;
        QTest::newRow("long ago") << -600 << u"has ended"_s;
    }
    void aTokenThatEndsSoon()
    {
        QFETCH(int, secondsLeft);
        QFETCH(QString, text);
        NoticeSituation situation = calmSituation();
        situation.tokenEndsAt = kNow + std::chrono::seconds(secondsLeft);
        const Notice notice = worstOf(situation);
        QCOMPARE(notice.kind == NoticeKind::TokenEnds, !text.isEmpty());
        QVERIFY2(notice.title.contains(text), qPrintable(notice.title));
        QCOMPARE(notice.action, text.isEmpty() ? NoticeAction::None : NoticeAction::NewToken);
    }

    void whoseAlertNobodyHasSeenGoesFirst()
    {
        NoticeSituation situation = calmSituation();
        Alert seen;
        seen.rule = u"errors"_s;
        seen.detail = u"seen"_s;
        seen.acknowledgedAt = kNow;
        seen.acknowledgedBy = u"malee"_s;
        situation.raised = { seen };
        QVERIFY(worstOf(situation).text().contains(u"acknowledged by malee"_s));
        Alert fresh = seen;
        fresh.detail = u"fresh"_s;
        fresh.acknowledgedAt.reset();
        situation.raised.push_back(fresh);
        QVERIFY(worstOf(situation).title.contains(u"fresh"_s));
        QVERIFY(!worstOf(situation).text().contains(u"malee"_s));
        QVERIFY(worstOf(situation).text().contains(u"and 1 more"_s));
    }

    void theTitleOfTheWindow()
    {
        QCOMPARE(windowTitleOf({}, {}), u"Gatehouse"_s);
        QCOMPARE(windowTitleOf(u"web-1"_s, worstOf(calmSituation())), u"web-1 – Gatehouse"_s);
        QCOMPARE(windowTitleOf(u"web-1"_s, worstOf(worstSituation())), u"web-1 (Connection lost) – Gatehouse"_s);
    }
};

QTEST_GUILESS_MAIN(TestNotices)
#include "tst_notices.moc"
