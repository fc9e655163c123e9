// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/config/settingvalues.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestSettingValues final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void booleans_data();
    void booleans();
    void numbers_data();
    void numbers();
    void memoryBudgets_data();
    void memoryBudgets();
    void allowedHosts_data();
    void allowedHosts();
    void servedHosts_data();
    void servedHosts();
    void timeZones_data();
    void timeZones();
    void everyZoneOfTheMachine();
    void linksAreWhatTheyLinkTo();
    void logNames();
    void webhooks_data();
    void webhooks();
    void switchTable_data();
    void switchTable();
};

void TestSettingValues::booleans_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("value"); // -1: refused
    for (const char *text : { "true", "1", "yes", "on", "TRUE", "Yes", "oN" })
        QTest::newRow(text) << QString::fromLatin1(text) << 1;
    for (const char *text : { "false", "0", "no", "off", "FALSE", "Off" })
        QTest::newRow(text) << QString::fromLatin1(text) << 0;
    for (const char *text : { "", "2", "t", "y", "enabled", "truee", " true", "01" })
        QTest::newRow(text) << QString::fromLatin1(text) << -1;
}

void TestSettingValues::booleans()
{
    QFETCH(QString, text);
    QFETCH(int, value);
    const auto result = parseBoolean(text);
    QCOMPARE(result.isOk(), value >= 0);
    if (result)
        QCOMPARE(*result, value == 1);
    else
        QVERIFY(result.error().message.contains(text));
}

void TestSettingValues::numbers_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("value"); // 0: refused
    QTest::newRow("minimum") << u"1"_s << qint64(1);
    QTest::newRow("maximum") << u"1000000"_s << qint64(1'000'000);
    QTest::newRow("leading zeros") << u"007"_s << qint64(7);
    for (const char *text : { "", "0", "-1", "1000001", "1e3", "5.0", "0x10", "+5", " 5", "5 ", "1,000", "1_000",
             "five", "-", "٥", "99999999999999999999999999" })
        QTest::newRow(text) << QString::fromUtf8(text) << qint64(0);
}

void TestSettingValues::numbers()
{
    QFETCH(QString, text);
    QFETCH(qint64, value);
    const auto result = parseNumber(text, 1, 1'000'000);
    QCOMPARE(result ? *result : 0, value);
    if (!result)
        QVERIFY(result.error().message.startsWith(u"must be a whole number from 1 to 1000000"_s));
}

void TestSettingValues::memoryBudgets_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("bytes");
    QTest::newRow("bytes") << u"67108864"_s << qint64(67'108'864);
    QTest::newRow("KiB") << u"65536K"_s << qint64(67'108'864);
    QTest::newRow("MiB") << u"512M"_s << qint64(536'870'912);
    QTest::newRow("GiB") << u"2g"_s << qint64(2'147'483'648);
    QTest::newRow("most") << u"1024G"_s << (qint64(1) << 40);
    QTest::newRow("none") << u"None"_s << qint64(0);
    for (const char *text : { "", "K", "63M", "67108863", "1025G", "1048577M", "-512M", "512MiB", "512k k", "٥12M" })
        QTest::newRow(text) << QString::fromUtf8(text) << qint64(-1);
}

void TestSettingValues::memoryBudgets()
{
    QFETCH(QString, text);
    QFETCH(qint64, bytes);
    const auto result = parseMemoryBudget(text);
    QCOMPARE(result ? *result : -1, bytes);
    if (!result)
        QVERIFY(result.error().message.endsWith(u"not \"%1\""_s.arg(text)));
}

void TestSettingValues::allowedHosts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isGood");
    QTest::addColumn<QStringList>("patterns");

    QTest::newRow("none") << QString() << true << QStringList();
    QTest::newRow("list") << u" Your-Domain.com, www.your-domain.com ,,"_s << true
                          << QStringList{ u"your-domain.com"_s, u"www.your-domain.com"_s };
    QTest::newRow("subdomains") << u".example.com"_s << true << QStringList{ u".example.com"_s };
    QTest::newRow("all") << u"*"_s << true << QStringList{ u"*"_s };
    QTest::newRow("scheme") << u"https://Example.com"_s << true << QStringList{ u"https://example.com"_s };
    QTest::newRow("scheme and port") << u"https://example.com:8443/"_s << true
                                     << QStringList{ u"https://example.com:8443"_s };
    QTest::newRow("IPv6") << u"[::1]"_s << true << QStringList{ u"[::1]"_s };
    QTest::newRow("IPv4") << u"127.0.0.1"_s << true << QStringList{ u"127.0.0.1"_s };
    QTest::newRow("Python list") << u"['your-domain.com']"_s << false << QStringList();
    QTest::newRow("port without scheme") << u"example.com:8443"_s << false << QStringList();
    QTest::newRow("path") << u"https://example.com/app"_s << false << QStringList();
    QTest::newRow("blank inside") << u"example.com www.example.com"_s << false << QStringList();
    QTest::newRow("inner star") << u"*.example.com"_s << false << QStringList();
    QTest::newRow("scheme alone") << u"https://"_s << false << QStringList();
}

void TestSettingValues::allowedHosts()
{
    QFETCH(QString, text);
    QFETCH(bool, isGood);
    QFETCH(QStringList, patterns);
    const auto result = parseAllowedHosts(text);
    QCOMPARE(result.isOk(), isGood);
    if (isGood)
        QCOMPARE(*result, patterns);
}

void TestSettingValues::servedHosts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isGood");
    QTest::addColumn<QStringList>("patterns");
    QTest::newRow("empty") << u""_s << true << QStringList();
    QTest::newRow("names") << u"Push.example.com, .example.org"_s << true
                           << QStringList{ u"push.example.com"_s, u".example.org"_s };
    QTest::newRow("addresses") << u"127.0.0.1,[::1]"_s << true << QStringList{ u"127.0.0.1"_s, u"[::1]"_s };
    QTest::newRow("any") << u"*"_s << true << QStringList{ u"*"_s };
    QTest::newRow("scheme") << u"https://example.com"_s << false << QStringList();
    QTest::newRow("port") << u"example.com:8080"_s << false << QStringList();
    QTest::newRow("path") << u"example.com/ws"_s << false << QStringList();
    QTest::newRow("blank within") << u"exa mple.com"_s << false << QStringList();
}

void TestSettingValues::servedHosts()
{
    QFETCH(QString, text);
    QFETCH(bool, isGood);
    QFETCH(QStringList, patterns);
    const auto result = parseServedHosts(text);
    QCOMPARE(result.isOk(), isGood);
    if (isGood)
        QCOMPARE(*result, patterns);
}

void TestSettingValues::timeZones_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("words"); // of the error; empty: it is good
    for (const char *name : { "UTC", "Asia/Bangkok", "Etc/UTC", "GMT", "Asia/Calcutta", "Asia/Saigon", "US/Pacific",
             "Europe/Kiev", "Singapore", "Etc/GMT-7", "EST5EDT", "America/Argentina/Buenos_Aires", "GMT+0", "Zulu" })
        QTest::newRow(name) << QString::fromLatin1(name) << QString();
    for (const char *name : { "UTC+7", "UTC+07:00", "GMT-7", "ICT-7", "EST5EDT,M3.2.0,M11.1.0", "<+07>-7" })
        QTest::newRow(name) << QString::fromLatin1(name) << u"is a POSIX rule"_s;
    for (const char *name :
        { "", "Mars/Olympus", "../etc/passwd", "/usr/share/zoneinfo/UTC", "Asia", "Asia/", "bangkok", "asia/bangkok",
            "right/UTC", "tzdata.zi", "zone.tab", "leapseconds", ":UTC", "Asia//Bangkok", "Asia/Bangkok\n", "+07:00" })
        QTest::newRow(name) << QString::fromLatin1(name) << u"is not a time zone"_s;
}

void TestSettingValues::timeZones()
{
    QFETCH(QString, name);
    QFETCH(QString, words);
    const auto zone = parseTimeZone(name);
    QCOMPARE(zone.isOk(), words.isEmpty());
    if (zone) {
        QCOMPARE(*zone, name.toLatin1());
        return;
    }
    QVERIFY2(zone.error().message.contains(words), qPrintable(zone.error().message));
    QVERIFY(zone.error().message.startsWith(u'"' + name + u'"'));
}

/// Qt's own list leaves out the links.
void TestSettingValues::everyZoneOfTheMachine()
{
    const QDir database(u"/usr/share/zoneinfo"_s);
    int zones = 0;
    for (QDirIterator it(database.path(), QDir::Files, QDirIterator::Subdirectories); it.hasNext();) {
        const QString name = database.relativeFilePath(it.next());
        QFile file(it.filePath());
        const bool isZone = file.open(QIODevice::ReadOnly) && file.read(4) == "TZif" && !name.startsWith("right/"_L1);
        QVERIFY2(parseTimeZone(name).isOk() == isZone, qPrintable(name));
        zones += isZone ? 1 : 0;
    }
    QVERIFY(zones > 400);
}

/// A name that is taken is the zone that it names.
void TestSettingValues::linksAreWhatTheyLinkTo()
{
    const auto instant = QDateTime::fromString(u"2026-07-01T00:00:00Z"_s, Qt::ISODate);
    const auto offset = [&instant](const char *name) {
        return QTimeZone(*parseTimeZone(QString::fromLatin1(name))).offsetFromUtc(instant);
    };
    QCOMPARE(offset("Asia/Calcutta"), 19800);
    QCOMPARE(offset("Etc/GMT-7"), 25200);
    QCOMPARE(offset("US/Pacific"), -25200);
    QCOMPARE(offset("EST5EDT"), -14400);
    QCOMPARE(offset("GMT"), 0);
}

void TestSettingValues::logNames()
{
    for (const LogLevel level : { LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error })
        QCOMPARE(*parseLogLevel(QString(logLevelName(level)).toUpper()), level);
    QVERIFY(!parseLogLevel(u"warn").isOk());
    QCOMPARE(*parseLogFormat(u"JSON"), LogFormat::Json);
    QCOMPARE(*parseLogFormat(u"text"), LogFormat::Text);
    QCOMPARE(*parseLogFormat(u"journal"), LogFormat::Journal);
    QVERIFY(!parseLogFormat(u"xml").isOk());
}

void TestSettingValues::webhooks_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("none") << QString() << true;
    QTest::newRow("https") << u"https://hooks.example.com/services/T0/B0/key"_s << true;
    QTest::newRow("port") << u"http://127.0.0.1:9000/"_s << true;
    for (const char *text :
        { "ftp://example.com/", "hooks.example.com", "http://", "file:///etc/passwd", "https://exa mple.com/" })
        QTest::newRow(text) << QString::fromLatin1(text) << false;
}

void TestSettingValues::webhooks()
{
    QFETCH(QString, text);
    QFETCH(bool, isGood);
    const auto result = parseWebhookUrl(text);
    QCOMPARE(result.isOk(), isGood);
    if (!isGood)
        QVERIFY(!result.error().message.contains(text)); // it may hold a secret
}

void TestSettingValues::switchTable_data()
{
    QTest::addColumn<int>("middleware"); // -1: unset
    QTest::addColumn<bool>("isDebug");
    QTest::addColumn<bool>("isOn");
    QTest::newRow("true, debug") << 1 << true << true;
    QTest::newRow("true, no debug") << 1 << false << true;
    QTest::newRow("unset, no debug") << -1 << false << true;
    QTest::newRow("unset, debug") << -1 << true << false;
    QTest::newRow("false, debug") << 0 << true << false;
    QTest::newRow("false, no debug") << 0 << false << false;
}

void TestSettingValues::switchTable()
{
    QFETCH(int, middleware);
    QFETCH(bool, isDebug);
    QFETCH(bool, isOn);
    const auto value = middleware < 0 ? std::nullopt : std::optional<bool>(middleware == 1);
    QCOMPARE(guardsByDefault(value, isDebug), isOn);
}

QTEST_APPLESS_MAIN(TestSettingValues)
#include "tst_settingvalues.moc"
