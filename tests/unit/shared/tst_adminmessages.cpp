// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/adminmessages.h"

#include <QtCore/QJsonArray>
#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

const UtcTime kNoon = fromEpochMillis(1'762'776'000'250);

Decision sampleDecision()
{
    Decision decision;
    decision.id = u"01ARYZ6S410000000000000000"_s;
    decision.at = kNoon;
    decision.reason = Reason::TooManyUserConnections;
    decision.address = u"2001:db8::/64"_s;
    decision.user = u"42"_s;
    decision.origin = u"https://example.com"_s;
    decision.tokenFingerprint = u"a1b2c3d4"_s;
    decision.limit = 20;
    decision.observed = 21;
    decision.retryAfterSeconds = 5;
    decision.isEnforced = false;
    decision.detail = u"the token expired 12 s ago"_s;
    return decision;
}

Alert sampleAlert()
{
    Alert alert;
    alert.id = u"01ARYZ6S410000000000000000"_s;
    alert.rule = u"errors"_s;
    alert.title = u"Errors"_s;
    alert.value = 12.5;
    alert.threshold = 10;
    alert.raisedAt = kNoon;
    return alert;
}

AlertRule sampleRule()
{
    return { u"errors"_s, u"Errors"_s, u"errors_per_minute"_s, u"Help."_s, 10, 5, 60s, false };
}

Overview sampleOverview()
{
    Overview overview;
    overview.server = { u"0.1.0"_s, kNoon - 1h, false, 4, u"admin"_s, u"42"_s, u"Asia/Bangkok"_s };
    overview.totals = { 1, 2, 3, 4, 5.5, 6 };
    overview.now.time = kNoon;
    overview.now[Metric::MessagesIn] = 9;
    LimitState limit;
    limit.key = u"max_connections_per_ip"_s;
    limit.minimum = 1;
    limit.maximum = 10;
    overview.limits = { 7, { limit } };
    overview.alerts = { sampleAlert() };
    overview.peakConnections = 10;
    overview.refusalsPerMinute = 11;
    overview.addressesNearLimit = 12;
    return overview;
}

} // namespace

class TestAdminMessages final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decisionRoundTrips();
    void decisionOfEachReasonRoundTrips();
    void decisionWithoutNumbersHasNulls();
    void refusesBrokenDecisions_data();
    void refusesBrokenDecisions();
    void connectionRoundTrips();
    void connectionReadsAnything();
    void ruleRoundTrips();
    void refusesBrokenRules_data();
    void refusesBrokenRules();
    void ruleIsEnabledUnlessItSaysOtherwise();
    void alertRoundTrips();
    void alertStates();
    void refusesBrokenAlerts_data();
    void refusesBrokenAlerts();
    void serverInfoRoundTrips();
    void overviewRoundTrips();
    void overviewSkipsBrokenAlerts();
    void refusesBrokenOverviews_data();
    void refusesBrokenOverviews();
};

void TestAdminMessages::decisionRoundTrips()
{
    const QJsonObject object = sampleDecision().toJson();
    const std::optional<Decision> read = Decision::fromJson(object);
    QVERIFY(read);
    QCOMPARE(read->toJson(), object);
    QCOMPARE(read->reason, Reason::TooManyUserConnections);
    QVERIFY(!read->isEnforced);
    QCOMPARE(object.value("action"_L1).toString(), u"observed"_s);
    QCOMPARE(object.value("reason"_L1).toString(), u"too_many_connections"_s);
    QCOMPARE(object.value("guard"_L1).toString(), u"user"_s);
}

void TestAdminMessages::decisionOfEachReasonRoundTrips()
{
    for (const ReasonDescriptor &row : reasonDescriptors()) {
        Decision decision = sampleDecision();
        decision.reason = row.reason;
        decision.isEnforced = true;
        const std::optional<Decision> read = Decision::fromJson(decision.toJson());
        QVERIFY(read);
        QCOMPARE(read->reason, row.reason);
        QVERIFY(read->isEnforced);
    }
}

void TestAdminMessages::decisionWithoutNumbersHasNulls()
{
    Decision decision;
    decision.at = kNoon;
    const QJsonObject object = decision.toJson();
    for (const QLatin1StringView name : { "limit"_L1, "observed"_L1, "retry_after"_L1 })
        QVERIFY(object.value(name).isNull());
    const std::optional<Decision> read = Decision::fromJson(object);
    QVERIFY(read);
    QVERIFY(!read->limit && !read->observed && !read->retryAfterSeconds);
}

void TestAdminMessages::refusesBrokenDecisions_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("time") << u"at"_s << QJsonValue(u"noon"_s);
    QTest::newRow("no time") << u"at"_s << QJsonValue();
    QTest::newRow("reason") << u"reason"_s << QJsonValue(u"mood"_s);
    QTest::newRow("guard") << u"guard"_s << QJsonValue(u"token"_s);
    QTest::newRow("reason as number") << u"reason"_s << QJsonValue(7);
}

void TestAdminMessages::refusesBrokenDecisions()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = sampleDecision().toJson();
    object.insert(member, value);
    QVERIFY(!Decision::fromJson(object));
    QVERIFY(!Decision::fromJson({}));
}

void TestAdminMessages::connectionRoundTrips()
{
    ConnectionInfo info{ u"id"_s, u"42"_s, u"192.0.2.1"_s, u"https://example.com"_s, u"curl"_s, kNoon, 1, 2, 3, 4, 5,
        u"node-1"_s };
    const ConnectionInfo read = ConnectionInfo::fromJson(info.toJson());
    QCOMPARE(read.toJson(), info.toJson());
    QCOMPARE(read.messagesLastMinute, 3);
    QCOMPARE(read.worker, 5);
    QCOMPARE(read.node, u"node-1"_s);
    info.node.clear();
    QVERIFY(!info.toJson().contains("node"_L1)); // without a cluster
    QVERIFY(read.connectedAt == kNoon);
}

void TestAdminMessages::connectionReadsAnything()
{
    const ConnectionInfo read = ConnectionInfo::fromJson({ { "id"_L1, 5 }, { "worker"_L1, "x"_L1 } });
    QVERIFY(read.id.isEmpty());
    QCOMPARE(read.worker, 0);
}

void TestAdminMessages::ruleRoundTrips()
{
    const Result<AlertRule> read = AlertRule::fromJson(sampleRule().toJson());
    QVERIFY(read);
    QCOMPARE(read->toJson(), sampleRule().toJson());
    QVERIFY(read->holdFor == 60s);
    QVERIFY(!read->isEnabled);
}

void TestAdminMessages::refusesBrokenRules_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<QString>("field");
    for (const QString &member : { u"raise_above"_s, u"clear_below"_s, u"for_seconds"_s }) {
        for (const QJsonValue &value :
            { QJsonValue(), QJsonValue(u"5"_s), QJsonValue(-1), QJsonValue(1.1e9), QJsonValue(true) })
            QTest::addRow("%s %d", qPrintable(member), int(value.type()) * 100 + value.toInt())
                << member << value << member;
    }
    QTest::newRow("part of a second") << u"for_seconds"_s << QJsonValue(1.5) << u"for_seconds"_s;
    QTest::newRow("crossed thresholds") << u"clear_below"_s << QJsonValue(11) << u"clear_below"_s;
    QTest::newRow("enabled as text") << u"enabled"_s << QJsonValue(u"yes"_s) << u"enabled"_s;
    QTest::newRow("no key") << u"key"_s << QJsonValue() << u"key"_s;
    QTest::newRow("empty key") << u"key"_s << QJsonValue(u""_s) << u"key"_s;
    QTest::newRow("key as number") << u"key"_s << QJsonValue(5) << u"key"_s;
}

void TestAdminMessages::refusesBrokenRules()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = sampleRule().toJson();
    object.insert(member, value);
    const Result<AlertRule> read = AlertRule::fromJson(object);
    QVERIFY(!read);
    QTEST(read.error().field, "field");
    QVERIFY2(read.error().message.contains(read.error().field), qPrintable(read.error().message));
}

void TestAdminMessages::ruleIsEnabledUnlessItSaysOtherwise()
{
    QJsonObject object = sampleRule().toJson();
    object.remove("enabled"_L1);
    const Result<AlertRule> read = AlertRule::fromJson(object);
    QVERIFY(read);
    QVERIFY(read->isEnabled);
}

void TestAdminMessages::alertRoundTrips()
{
    Alert alert = sampleAlert();
    QCOMPARE(Alert::fromJson(alert.toJson()).value().toJson(), alert.toJson());
    alert.clearedAt = kNoon + 5min;
    alert.acknowledgedAt = kNoon + 1min;
    alert.acknowledgedBy = u"42"_s;
    const std::optional<Alert> read = Alert::fromJson(alert.toJson());
    QVERIFY(read);
    QCOMPARE(read->toJson(), alert.toJson());
    QVERIFY(!read->isActive());
}

void TestAdminMessages::alertStates()
{
    Alert alert = sampleAlert();
    QVERIFY(alert.isActive());
    QCOMPARE(alert.toJson().value("state"_L1).toString(), u"raised"_s);
    QVERIFY(alert.toJson().value("cleared_at"_L1).isNull());
    alert.clearedAt = kNoon;
    QCOMPARE(alert.toJson().value("state"_L1).toString(), u"cleared"_s);
}

void TestAdminMessages::refusesBrokenAlerts_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("no id") << u"id"_s << QJsonValue();
    QTest::newRow("empty id") << u"id"_s << QJsonValue(u""_s);
    QTest::newRow("no time") << u"raised_at"_s << QJsonValue();
    QTest::newRow("bad time") << u"raised_at"_s << QJsonValue(u"noon"_s);
}

void TestAdminMessages::refusesBrokenAlerts()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = sampleAlert().toJson();
    object.insert(member, value);
    QVERIFY(!Alert::fromJson(object));
}

void TestAdminMessages::serverInfoRoundTrips()
{
    ServerInfo info{ u"0.1.0"_s, kNoon, false, 8, u"viewer"_s, u"7"_s };
    QVERIFY(!info.toJson().contains("not_forwarded"_L1));
    QVERIFY(!ServerInfo::fromJson(info.toJson()).notForwarded);
    info.notForwarded = { 3, u"10.0.0.1"_s, u"missing"_s, kNoon };
    const ServerInfo read = ServerInfo::fromJson(info.toJson());
    QCOMPARE(read.toJson(), info.toJson());
    QVERIFY(!read.isGuarding);
    QVERIFY(ServerInfo::fromJson({}).isGuarding);
    QCOMPARE(ServerInfo::fromJson({}).workers, 1);
}

void TestAdminMessages::overviewRoundTrips()
{
    const Overview overview = sampleOverview();
    const Result<Overview> read = Overview::fromJson(overview.toJson());
    QVERIFY2(read.isOk(), read ? "" : qPrintable(read.error().message));
    QCOMPARE(read->toJson(), overview.toJson());
    QCOMPARE(read->now[Metric::MessagesIn], 9.0);
    QCOMPARE(read->alerts.size(), size_t(1));
    QCOMPARE(read->peakConnections, 10);
    QCOMPARE(read->refusalsPerMinute, 11);
    QCOMPARE(read->addressesNearLimit, 12);
}

void TestAdminMessages::overviewSkipsBrokenAlerts()
{
    QJsonObject object = sampleOverview().toJson();
    object.insert("alerts"_L1, QJsonArray{ QJsonObject(), 5, sampleAlert().toJson() });
    const Result<Overview> read = Overview::fromJson(object);
    QVERIFY(read);
    QCOMPARE(read->alerts.size(), size_t(1));
}

void TestAdminMessages::refusesBrokenOverviews_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("no frame") << u"now"_s << QJsonValue();
    QTest::newRow("frame without time") << u"now"_s << QJsonValue(QJsonObject{ { "values"_L1, QJsonArray{ 1 } } });
    QTest::newRow("no limits") << u"limits"_s << QJsonValue();
    QTest::newRow("limits without revision") << u"limits"_s << QJsonValue(QJsonObject{ { "limits"_L1, QJsonArray() } });
}

void TestAdminMessages::refusesBrokenOverviews()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = sampleOverview().toJson();
    object.insert(member, value);
    const Result<Overview> read = Overview::fromJson(object);
    QVERIFY(!read);
    QVERIFY(!read.error().message.isEmpty());
}

QTEST_APPLESS_MAIN(TestAdminMessages)
#include "tst_adminmessages.moc"
