// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/limitsdocument.h"

#include <QtCore/QJsonArray>
#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

LimitState sampleState()
{
    LimitState state;
    state.key = u"max_reconnect_attempts"_s;
    state.title = u"Connects per address and hour"_s;
    state.value = 12;
    state.mode = LimitMode::Observe;
    state.defaultValue = 10;
    state.minimum = 1;
    state.maximum = 1'000'000;
    state.unit = u"attempts"_s;
    state.windowSeconds = 3600;
    state.help = u"Help."_s;
    state.changedAt = fromEpochMillis(1'762'776'000'123);
    state.changedBy = u"42"_s;
    return state;
}

Revision sampleRevision()
{
    return { 7, fromEpochMillis(1'762'776'000'000), u"42"_s, u"192.0.2.1"_s, u"api"_s, u"launch day"_s,
        { { u"max_connections_per_ip"_s, { 5, LimitMode::Enforce }, { 10, LimitMode::Observe } } } };
}

} // namespace

class TestLimitsDocument final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesTheDocumentedMembers();
    void absentValuesAreNull();
    void roundTrips();
    void titleFallsBackToTheKey();
    void refusesBrokenDocuments_data();
    void refusesBrokenDocuments();
    void revisionRoundTrips();
    void refusesBrokenRevisions_data();
    void refusesBrokenRevisions();
    void changesAreThoseThatDiffer();
};

void TestLimitsDocument::writesTheDocumentedMembers()
{
    const LimitsDocument document{ 7, { sampleState() } };
    const QJsonObject limit = document.toJson().value("limits"_L1).toArray().at(0).toObject();
    const QJsonObject expected{
        { "key"_L1, "max_reconnect_attempts"_L1 },
        { "title"_L1, "Connects per address and hour"_L1 },
        { "value"_L1, 12 },
        { "mode"_L1, "observe"_L1 },
        { "default"_L1, 10 },
        { "min"_L1, 1 },
        { "max"_L1, 1'000'000 },
        { "unit"_L1, "attempts"_L1 },
        { "window_seconds"_L1, 3600 },
        { "live"_L1, true },
        { "help"_L1, "Help."_L1 },
        { "changed_at"_L1, "2025-11-10T12:00:00.123Z"_L1 },
        { "changed_by"_L1, "42"_L1 },
    };
    QCOMPARE(limit, expected);
    QCOMPARE(document.toJson().value("revision"_L1).toInteger(), 7);
}

void TestLimitsDocument::absentValuesAreNull()
{
    LimitState state = sampleState();
    state.windowSeconds.reset();
    state.changedAt.reset();
    const QJsonObject limit = LimitsDocument{ 0, { state } }.toJson().value("limits"_L1).toArray().at(0).toObject();
    QVERIFY(limit.value("window_seconds"_L1).isNull());
    QVERIFY(limit.value("changed_at"_L1).isNull());
}

void TestLimitsDocument::roundTrips()
{
    LimitState plain = sampleState();
    plain.key = u"max_connections"_s;
    plain.windowSeconds.reset();
    plain.changedAt.reset();
    plain.changedBy.clear();
    plain.isLive = false;
    const LimitsDocument document{ 9, { sampleState(), plain } };
    const Result<LimitsDocument> read = LimitsDocument::fromJson(document.toJson());
    QVERIFY(read);
    QCOMPARE(read->toJson(), document.toJson());
    QCOMPARE(read->limits[0].windowSeconds, std::optional<qint64>(3600));
    QVERIFY(!read->limits[1].windowSeconds);
    QVERIFY(!read->limits[1].isLive);
}

void TestLimitsDocument::titleFallsBackToTheKey()
{
    const QJsonObject object{ { "revision"_L1, 1 },
        { "limits"_L1, QJsonArray{ QJsonObject{ { "key"_L1, "max_x"_L1 }, { "min"_L1, 1 }, { "max"_L1, 2 } } } } };
    const Result<LimitsDocument> read = LimitsDocument::fromJson(object);
    QVERIFY(read);
    QCOMPARE(read->limits[0].title, u"max_x"_s);
}

void TestLimitsDocument::refusesBrokenDocuments_data()
{
    QTest::addColumn<QJsonObject>("object");
    const QJsonArray none;
    QTest::newRow("empty") << QJsonObject();
    QTest::newRow("no revision") << QJsonObject{ { "limits"_L1, none } };
    QTest::newRow("revision as text") << QJsonObject{ { "revision"_L1, "7"_L1 }, { "limits"_L1, none } };
    QTest::newRow("no limits") << QJsonObject{ { "revision"_L1, 7 } };
    QTest::newRow("limits as object") << QJsonObject{ { "revision"_L1, 7 }, { "limits"_L1, QJsonObject() } };
    QTest::newRow("limit without key") << QJsonObject{ { "revision"_L1, 7 },
        { "limits"_L1, QJsonArray{ QJsonObject{ { "min"_L1, 1 }, { "max"_L1, 2 } } } } };
    QTest::newRow("bounds crossed") << QJsonObject{ { "revision"_L1, 7 },
        { "limits"_L1, QJsonArray{ QJsonObject{ { "key"_L1, "x"_L1 }, { "min"_L1, 3 }, { "max"_L1, 2 } } } } };
    QTest::newRow("limit as number") << QJsonObject{ { "revision"_L1, 7 }, { "limits"_L1, QJsonArray{ 5 } } };
}

void TestLimitsDocument::refusesBrokenDocuments()
{
    QFETCH(QJsonObject, object);
    const Result<LimitsDocument> read = LimitsDocument::fromJson(object);
    QVERIFY(!read);
    QVERIFY(!read.error().message.isEmpty());
}

void TestLimitsDocument::revisionRoundTrips()
{
    const Revision revision = sampleRevision();
    const Result<Revision> read = Revision::fromJson(revision.toJson());
    QVERIFY(read);
    QCOMPARE(read->toJson(), revision.toJson());
    QCOMPARE(read->changes.size(), size_t(1));
    QCOMPARE(read->changes[0].after, (LimitValue{ 10, LimitMode::Observe }));
}

void TestLimitsDocument::refusesBrokenRevisions_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("revision as text") << u"revision"_s << QJsonValue(u"7"_s);
    QTest::newRow("revision null") << u"revision"_s << QJsonValue();
    QTest::newRow("time without zone") << u"at"_s << QJsonValue(u"2025-11-10T12:00:00"_s);
    QTest::newRow("time as number") << u"at"_s << QJsonValue(5);
}

void TestLimitsDocument::refusesBrokenRevisions()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = sampleRevision().toJson();
    object.insert(member, value);
    QVERIFY(!Revision::fromJson(object));
}

void TestLimitsDocument::changesAreThoseThatDiffer()
{
    const LimitSet before;
    QVERIFY(limitChanges(before, before).empty());
    LimitSet after;
    after.revision = 3;
    QVERIFY(limitChanges(before, after).empty());
    after[LimitKey::MaxConnectionsPerIp].value = 9;
    after[LimitKey::MaxConnections].mode = LimitMode::Off;
    const std::vector<LimitChange> changes = limitChanges(before, after);
    QCOMPARE(changes.size(), size_t(2));
    QCOMPARE(changes[0].key, u"max_connections_per_ip"_s);
    QCOMPARE(changes[0].before.value, 5);
    QCOMPARE(changes[0].after.value, 9);
    QCOMPARE(changes[1].key, u"max_connections"_s);
    QCOMPARE(changes[1].after.mode, LimitMode::Off);
}

QTEST_APPLESS_MAIN(TestLimitsDocument)
#include "tst_limitsdocument.moc"
