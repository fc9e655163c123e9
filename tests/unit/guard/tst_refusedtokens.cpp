// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/auth/tokenverifier.h"
#include "server/guard/refusedtokens.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

const IpAddress kClient = IpAddress::fromIpv4(0xc0000207);

Problem problem(int status, const QString &code)
{
    return { status, code, u"A title"_s, u"the token expired 12 s ago"_s };
}

} // namespace

class TestRefusedTokens final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhoWhatAndWhy();
    void noTokenIsNoWarning();
    void aFloodLeavesFewLines();
    void oneAddressLeavesRoomForOthers();

private:
    FakeClock m_clock;
};

void TestRefusedTokens::tellsWhoWhatAndWhy()
{
    RecordingLog log;
    RefusedTokens refused(m_clock, log);
    Problem tooMany = problem(429, u"too_many_failures"_s);
    tooMany.retryAfterSeconds = 60;
    refused.tell("secret-token", kClient, "/api/admin/v1/limits", problem(401, u"token_expired"_s));
    refused.tell("secret-token", IpAddress::parse("2001:db8::1").value(), "/metrics", tooMany);
    const auto lines = log.lines("api_refused"_L1);
    QCOMPARE(lines.size(), size_t(2));
    const QJsonObject &fields = lines[0].fields;
    QVERIFY(lines[0].level == LogLevel::Warning);
    QCOMPARE(fields.value("status"_L1).toInt(), 401);
    QCOMPARE(fields.value("reason"_L1).toString(), u"token_expired"_s);
    QCOMPARE(fields.value("address"_L1).toString(), u"192.0.2.7"_s);
    QCOMPARE(fields.value("path"_L1).toString(), u"/api/admin/v1/limits"_s);
    QCOMPARE(fields.value("token"_L1).toString(), tokenFingerprint("secret-token"));
    QCOMPARE(fields.value("detail"_L1).toString(), u"the token expired 12 s ago"_s);
    QVERIFY(!fields.contains("retry_after"_L1));
    QCOMPARE(lines[1].fields.value("address"_L1).toString(), u"2001:db8::/64"_s);
    QCOMPARE(lines[1].fields.value("retry_after"_L1).toInt(), 60);
    QVERIFY(!log.text().contains("secret-token"));
}

void TestRefusedTokens::noTokenIsNoWarning()
{
    RecordingLog log;
    RefusedTokens refused(m_clock, log);
    refused.tell({}, kClient, QByteArray(5000, 'x'), problem(401, u"token_missing"_s));
    QVERIFY(log.lines()[0].level == LogLevel::Info);
    QVERIFY(!log.lines()[0].fields.contains("token"_L1));
    QCOMPARE(log.lines()[0].fields.value("path"_L1).toString().size(), 200);
}

void TestRefusedTokens::aFloodLeavesFewLines()
{
    RecordingLog log;
    RefusedTokens refused(m_clock, log);
    const int most = RefusedTokens::kBounds.perSecond;
    for (int i = 0; i < 1000; ++i)
        refused.tell("guess", kClient, "/metrics", problem(401, u"token_invalid"_s));
    QCOMPARE(log.lines().size(), size_t(most));
    refused.tellWhatWasLeftOut();
    refused.tellWhatWasLeftOut();
    QCOMPARE(log.lines("api_refusals_not_logged"_L1).size(), size_t(1));
    QCOMPARE(log.lines("api_refusals_not_logged"_L1)[0].fields.value("count"_L1).toInt(), 1000 - most);
    m_clock.advance(1s);
    refused.tell("guess", kClient, "/metrics", problem(401, u"token_invalid"_s));
    QCOMPARE(log.lines("api_refused"_L1).size(), size_t(most + 1));
}

void TestRefusedTokens::oneAddressLeavesRoomForOthers()
{
    RecordingLog log;
    RefusedTokens refused(m_clock, log);
    for (int minute = 0; minute < 60 * 24; ++minute) {
        for (int i = 0; i < 20; ++i)
            refused.tell("guess", kClient, "/metrics", problem(401, u"token_invalid"_s));
        m_clock.advance(1min);
    }
    QVERIFY(qint64(log.lines("api_refused"_L1).size()) <= RefusedTokens::kBounds.perDay);
    refused.tell("old", IpAddress::fromIpv4(0xcb007107), "/metrics", problem(401, u"token_expired"_s));
    QCOMPARE(log.lines("api_refused"_L1).back().fields.value("address"_L1).toString(), u"203.0.113.7"_s);
}

QTEST_APPLESS_MAIN(TestRefusedTokens)
#include "tst_refusedtokens.moc"
