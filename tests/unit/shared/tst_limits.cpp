// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/limits/limitset.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QSet>
#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

QJsonObject parse(const QByteArray &json)
{
    return QJsonDocument::fromJson(json).object();
}

QStringList fieldsOf(const std::vector<Error> &errors)
{
    QStringList fields;
    for (const Error &error : errors)
        fields.append(error.field);
    fields.sort();
    return fields;
}

} // namespace

class TestLimits final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsAreInTheOrderOfTheEnumeration();
    void rowsAreSound_data();
    void rowsAreSound();
    void namesAreUnique();
    void defaultsAreTheGuides();
    void findLimitKnowsOnlyApiNames();
    void modeNamesRoundTrip();
    void modesAreReadInAnyCase_data();
    void modesAreReadInAnyCase();
    void checkValueAtTheBounds();
    void setStartsWithTheDefaults();
    void setRoundTrips();
    void setSurvivesAnotherVersionsState_data();
    void setSurvivesAnotherVersionsState();
    void readsGoodEdits_data();
    void readsGoodEdits();
    void namesEachBadField_data();
    void namesEachBadField();
    void oneBadFieldLeavesNoEdits();
    void appliesEditsOnly();
};

void TestLimits::rowsAreInTheOrderOfTheEnumeration()
{
    for (size_t i = 0; i < kLimitCount; ++i)
        QCOMPARE(size_t(limitDescriptors()[i].key), i);
}

void TestLimits::rowsAreSound_data()
{
    QTest::addColumn<int>("index");
    for (const LimitDescriptor &row : limitDescriptors())
        QTest::addRow("%s", row.name.data()) << int(row.key);
}

void TestLimits::rowsAreSound()
{
    QFETCH(int, index);
    const LimitDescriptor &row = limitDescriptor(LimitKey(index));
    QCOMPARE(QString(row.environmentName), QString(row.name).toUpper());
    QVERIFY(row.minimum >= 1);
    QVERIFY(row.maximum > row.minimum);
    QVERIFY(row.defaultValue >= row.minimum && row.defaultValue <= row.maximum);
    QVERIFY(!row.title.isEmpty());
    QVERIFY(!row.unit.isEmpty());
    QVERIFY(QString(row.help).endsWith(u'.'));
    QVERIFY(!row.window || row.window->count() > 0);
    QCOMPARE(findLimit(QString(row.name)), &row);
}

void TestLimits::namesAreUnique()
{
    QSet<QString> names;
    QSet<QString> titles;
    for (const LimitDescriptor &row : limitDescriptors()) {
        names.insert(row.name);
        titles.insert(row.title);
    }
    QCOMPARE(names.size(), qsizetype(kLimitCount));
    QCOMPARE(titles.size(), qsizetype(kLimitCount));
}

void TestLimits::defaultsAreTheGuides()
{
    using namespace std::chrono_literals;
    const LimitDescriptor &connections = limitDescriptor(LimitKey::MaxConnectionsPerIp);
    QCOMPARE(connections.defaultValue, 5);
    QCOMPARE(connections.maximum, 1'000'000);
    QVERIFY(!connections.window);
    const LimitDescriptor &reconnects = limitDescriptor(LimitKey::MaxReconnectAttempts);
    QCOMPARE(reconnects.defaultValue, 10);
    QVERIFY(!reconnects.window);
    LimitSet limits;
    QVERIFY(limits.windowOf(LimitKey::MaxReconnectAttempts) == 60s);
    limits[LimitKey::ReconnectWindow].value = 3'600;
    QVERIFY(limits.windowOf(LimitKey::MaxReconnectAttempts) == 1h);
    QVERIFY(limits.windowOf(LimitKey::MaxMessagesPerMinute) == 60s);
    QVERIFY(!limits.windowOf(LimitKey::MaxConnectionsPerIp));
    QVERIFY(!limits.windowOf(LimitKey::ReconnectWindow));
    const LimitDescriptor &messages = limitDescriptor(LimitKey::MaxMessagesPerMinute);
    QCOMPARE(messages.defaultValue, 60);
    QVERIFY(messages.window == 60s);
}

void TestLimits::findLimitKnowsOnlyApiNames()
{
    QVERIFY(!findLimit(u""));
    QVERIFY(!findLimit(u"MAX_CONNECTIONS_PER_IP"));
    QVERIFY(!findLimit(u"max_connections_per_ip "));
    QVERIFY(!findLimit(u"max_connections_per_ip_mode"));
}

void TestLimits::modeNamesRoundTrip()
{
    for (const LimitMode mode : { LimitMode::Enforce, LimitMode::Observe, LimitMode::Off })
        QCOMPARE(parseLimitMode(QString(limitModeName(mode))).value(), mode);
}

void TestLimits::modesAreReadInAnyCase_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("mode"); // -1: refused
    QTest::newRow("capital") << u"Enforce"_s << int(LimitMode::Enforce);
    QTest::newRow("upper") << u"OBSERVE"_s << int(LimitMode::Observe);
    QTest::newRow("lower") << u"off"_s << int(LimitMode::Off);
    for (const char *text : { "", "on", "true", "enforced", " off", "0" })
        QTest::newRow(text) << QString::fromLatin1(text) << -1;
}

void TestLimits::modesAreReadInAnyCase()
{
    QFETCH(QString, text);
    const std::optional<LimitMode> mode = parseLimitMode(text);
    QTEST(mode ? int(*mode) : -1, "mode");
}

void TestLimits::checkValueAtTheBounds()
{
    for (const LimitDescriptor &row : limitDescriptors()) {
        QVERIFY(!checkLimitValue(row, row.minimum));
        QVERIFY(!checkLimitValue(row, row.maximum));
        for (const qint64 bad : { row.minimum - 1, row.maximum + 1, qint64(0), std::numeric_limits<qint64>::min() }) {
            const std::optional<Error> error = checkLimitValue(row, bad);
            QVERIFY(error);
            QCOMPARE(error->field, QString(row.name));
            QVERIFY(error->message.contains(row.name));
            QVERIFY(error->message.contains(QString::number(bad)));
            QVERIFY(error->message.contains(QString::number(row.maximum)));
        }
    }
}

void TestLimits::setStartsWithTheDefaults()
{
    const LimitSet set;
    QCOMPARE(set.revision, 0);
    for (const LimitDescriptor &row : limitDescriptors()) {
        QCOMPARE(set[row.key].value, row.defaultValue);
        QCOMPARE(set[row.key].mode, LimitMode::Enforce);
    }
}

void TestLimits::setRoundTrips()
{
    LimitSet set;
    set[LimitKey::MaxConnectionsPerIp] = { 17, LimitMode::Observe };
    set[LimitKey::MaxMessageBytes] = { 4096, LimitMode::Off };
    set.revision = 9;
    const LimitSet read = LimitSet::fromJson(set.toJson());
    QVERIFY(read.hasSameValues(set));
    QVERIFY(!read.hasSameValues(LimitSet()));
    LimitSet later = set;
    later.revision = 10;
    QVERIFY(later.hasSameValues(set));
}

void TestLimits::setSurvivesAnotherVersionsState_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<qint64>("value");
    QTest::addColumn<int>("mode");
    const int enforce = int(LimitMode::Enforce);
    QTest::newRow("empty") << QByteArray("{}") << qint64(5) << enforce;
    QTest::newRow("unknown name") << QByteArray(R"({"max_lemons": {"value": 3}})") << qint64(5) << enforce;
    QTest::newRow("value only") << QByteArray(R"({"max_connections_per_ip": {"value": 8}})") << qint64(8) << enforce;
    QTest::newRow("mode only") << QByteArray(R"({"max_connections_per_ip": {"mode": "off"}})") << qint64(5)
                               << int(LimitMode::Off);
    QTest::newRow("below") << QByteArray(R"({"max_connections_per_ip": {"value": -3}})") << qint64(1) << enforce;
    QTest::newRow("above") << QByteArray(R"({"max_connections_per_ip": {"value": 5000000}})") << qint64(1'000'000)
                           << enforce;
    QTest::newRow("not a number") << QByteArray(R"({"max_connections_per_ip": {"value": "8"}})") << qint64(5)
                                  << enforce;
    QTest::newRow("unknown mode") << QByteArray(R"({"max_connections_per_ip": {"value": 8, "mode": "maybe"}})")
                                  << qint64(8) << enforce;
    QTest::newRow("not an object") << QByteArray(R"({"max_connections_per_ip": 8})") << qint64(5) << enforce;
}

void TestLimits::setSurvivesAnotherVersionsState()
{
    QFETCH(QByteArray, json);
    const LimitValue value = LimitSet::fromJson(parse(json))[LimitKey::MaxConnectionsPerIp];
    QTEST(value.value, "value");
    QTEST(int(value.mode), "mode");
}

void TestLimits::readsGoodEdits_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<int>("key");
    QTest::addColumn<qint64>("value"); // 0: unchanged
    QTest::addColumn<int>("mode");     // -1: unchanged
    const int connections = int(LimitKey::MaxConnectionsPerIp);
    QTest::newRow("bare number") << QByteArray(R"({"max_connections_per_ip": 10})") << connections << qint64(10) << -1;
    QTest::newRow("whole with point") << QByteArray(R"({"max_connections_per_ip": 10.0})") << connections << qint64(10)
                                      << -1;
    QTest::newRow("exponent") << QByteArray(R"({"max_connections_per_ip": 1e3})") << connections << qint64(1000) << -1;
    QTest::newRow("smallest") << QByteArray(R"({"max_connections_per_ip": 1})") << connections << qint64(1) << -1;
    QTest::newRow("largest") << QByteArray(R"({"max_connections_per_ip": 1000000})") << connections << qint64(1'000'000)
                             << -1;
    QTest::newRow("object with value") << QByteArray(R"({"max_messages_per_minute": {"value": 120}})")
                                       << int(LimitKey::MaxMessagesPerMinute) << qint64(120) << -1;
    QTest::newRow("object with mode") << QByteArray(R"({"max_messages_per_minute": {"mode": "off"}})")
                                      << int(LimitKey::MaxMessagesPerMinute) << qint64(0) << int(LimitMode::Off);
    QTest::newRow("object with both") << QByteArray(R"({"max_message_bytes": {"value": 2048, "mode": "Observe"}})")
                                      << int(LimitKey::MaxMessageBytes) << qint64(2048) << int(LimitMode::Observe);
    QTest::newRow("window") << QByteArray(R"({"reconnect_window": 3600})") << int(LimitKey::ReconnectWindow)
                            << qint64(3'600) << -1;
    QTest::newRow("window as it was given") << QByteArray(R"({"reconnect_window": {"value": 1, "mode": "enforce"}})")
                                            << int(LimitKey::ReconnectWindow) << qint64(1) << -1;
}

void TestLimits::readsGoodEdits()
{
    QFETCH(QByteArray, json);
    const LimitEdits result = parseLimitEdits(parse(json));
    QCOMPARE(result.errors.size(), size_t(0));
    QCOMPARE(result.edits.size(), size_t(1));
    QTEST(int(result.edits[0].key), "key");
    QTEST(result.edits[0].value.value_or(0), "value");
    QTEST(result.edits[0].mode ? int(*result.edits[0].mode) : -1, "mode");
}

void TestLimits::namesEachBadField_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QStringList>("fields");
    const QStringList connections{ u"max_connections_per_ip"_s };
    for (const char *value : { "0", "3601", "\"60s\"", "0.5" })
        QTest::addRow("window %s", value)
            << QByteArray("{\"reconnect_window\": ") + value + "}" << QStringList{ u"reconnect_window"_s };
    for (const char *mode : { "off", "observe", "no" })
        QTest::addRow("window's mode %s", mode) << QByteArray(R"({"reconnect_window": {"value": 60, "mode": ")") + mode
                + R"("}})" << QStringList{ u"reconnect_window.mode"_s };
    for (const char *value : { "0", "-1", "1000001", "5.5", "\"5\"", "true", "null", "[5]", "1e300", "-1e300", "9.1e15",
             "9223372036854775807", "\"\"" })
        QTest::newRow(value) << QByteArray("{\"max_connections_per_ip\": ") + value + "}" << connections;
    QTest::newRow("object: zero") << QByteArray(R"({"max_connections_per_ip": {"value": 0}})") << connections;
    QTest::newRow("object: text") << QByteArray(R"({"max_connections_per_ip": {"value": "7"}})") << connections;
    QTest::newRow("object: nothing") << QByteArray(R"({"max_connections_per_ip": {}})") << connections;
    QTest::newRow("object: bad mode") << QByteArray(R"({"max_connections_per_ip": {"mode": "maybe"}})")
                                      << QStringList{ u"max_connections_per_ip.mode"_s };
    QTest::newRow("object: mode of another type") << QByteArray(R"({"max_connections_per_ip": {"mode": true}})")
                                                  << QStringList{ u"max_connections_per_ip.mode"_s };
    QTest::newRow("object: null mode") << QByteArray(R"({"max_connections_per_ip": {"value": 7, "mode": null}})")
                                       << QStringList{ u"max_connections_per_ip.mode"_s };
    QTest::newRow("object: unknown member") << QByteArray(R"({"max_connections_per_ip": {"value": 7, "default": 7}})")
                                            << QStringList{ u"max_connections_per_ip.default"_s };
    QTest::newRow("unknown limit") << QByteArray(R"({"max_lemons": 5})") << QStringList{ u"max_lemons"_s };
    QTest::newRow("environment name") << QByteArray(R"({"MAX_CONNECTIONS_PER_IP": 5})")
                                      << QStringList{ u"MAX_CONNECTIONS_PER_IP"_s };
    QTest::newRow("all of them") << QByteArray(
        R"({"max_lemons": 5, "max_connections_per_ip": 0, "max_message_bytes": {"value": 1, "mode": "x"}, "max_connections": 9})")
                                 << QStringList{ u"max_connections_per_ip"_s, u"max_lemons"_s, u"max_message_bytes"_s,
                                        u"max_message_bytes.mode"_s };
}

void TestLimits::namesEachBadField()
{
    QFETCH(QByteArray, json);
    QVERIFY(!parse(json).isEmpty());
    const LimitEdits result = parseLimitEdits(parse(json));
    QTEST(fieldsOf(result.errors), "fields");
    for (const Error &error : result.errors)
        QVERIFY2(error.message.contains(error.field.section(u'.', 0, 0)), qPrintable(error.message));
}

void TestLimits::oneBadFieldLeavesNoEdits()
{
    const LimitEdits result = parseLimitEdits(parse(R"({"max_connections_per_ip": 10, "max_connections": 0})"));
    QCOMPARE(result.errors.size(), size_t(1));
    QVERIFY(result.edits.empty());
    const LimitEdits nothing = parseLimitEdits({});
    QVERIFY(nothing.errors.empty());
    QVERIFY(nothing.edits.empty());
}

void TestLimits::appliesEditsOnly()
{
    LimitSet base;
    base.revision = 4;
    base[LimitKey::MaxConnections] = { 77, LimitMode::Observe };
    const LimitSet set = applyEdits(base,
        { { LimitKey::MaxConnectionsPerIp, 10, std::nullopt },
            { LimitKey::MaxMessageBytes, std::nullopt, LimitMode::Off } });
    QCOMPARE(set.revision, 4);
    QCOMPARE(set[LimitKey::MaxConnectionsPerIp], (LimitValue{ 10, LimitMode::Enforce }));
    QCOMPARE(set[LimitKey::MaxMessageBytes], (LimitValue{ 65'536, LimitMode::Off }));
    QCOMPARE(set[LimitKey::MaxConnections], (LimitValue{ 77, LimitMode::Observe }));
    QVERIFY(applyEdits(base, {}).hasSameValues(base));
}

QTEST_APPLESS_MAIN(TestLimits)
#include "tst_limits.moc"
