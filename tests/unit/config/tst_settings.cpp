// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include <sys/stat.h>

#include "server/config/settingdescriptor.h"
#include "server/config/settingsloader.h"
#include "tests/support/testkeys.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const QString kSecret = u"0123456789abcdef0123456789abcdef"_s;

} // namespace

/// The loader as a whole: layers, names in errors, the switch, masks. Each test has an own working directory and HOME.
class TestSettings final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void defaultsAreTheDocumentedOnes();
    void layersComeInOrder();
    void flags_data();
    void flags();
    void badInputIsNamed_data();
    void badInputIsNamed();
    void envFileErrorsNameTheLine();
    void envFileMayBeNamed();
    void theInstalledFileIsTheLastResort();
    void theServerSaysThatItMadeASecret();
    void misspeltNamesAreWarnedOf();
    void switchFollowsTheTable_data();
    void switchFollowsTheTable();
    void emptyAllowedHosts();
    void limitsAndModes();
    void secretsAreMasked();
    void accessToUnixSockets();
    void redisAndNodeName();
    void readingTouchesNothing();
    void keysFile();
    void algorithmsOfKeys();
    void secretsThatAreNone();
    void keysFileMustBeAFile();
    void purposeOfTokens();
    void badKeysFileIsNamed_data();
    void badKeysFileIsNamed();
    void stateDirectoryProblemsAreNamed();

private:
    Result<LoadedSettings> load(const QStringList &arguments = {})
    {
        Result<LoadedSettings> loaded = readSettings(arguments, m_environment, m_directory->path(), m_installedFile);
        const Status prepared = loaded ? prepareState(*loaded) : ok();
        return prepared ? loaded : prepared.error();
    }
    void writeFile(const QString &name, const QByteArray &content)
    {
        QFile file(m_directory->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    static SettingRow row(const LoadedSettings &loaded, const QString &name)
    {
        const auto found
            = std::find_if(loaded.rows.begin(), loaded.rows.end(), [&](const SettingRow &r) { return r.name == name; });
        return found == loaded.rows.end() ? SettingRow{} : *found;
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    QProcessEnvironment m_environment;
    QString m_installedFile; ///< none
};

void TestSettings::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_environment = {};
    m_installedFile.clear();
    m_environment.insert(u"HOME"_s, m_directory->filePath(u"home"_s));
}

void TestSettings::defaultsAreTheDocumentedOnes()
{
    const auto loaded = load();
    QVERIFY2(loaded.isOk(), loaded ? "" : qPrintable(loaded.error().message));
    const Settings &settings = loaded->settings;
    QCOMPARE(settings.listen.address.toString(), u"127.0.0.1"_s);
    QCOMPARE(settings.listen.port, quint16(8080));
    QCOMPARE(settings.drainWindow, std::chrono::seconds(20));
    QVERIFY(!settings.adminListen);
    QCOMPARE(settings.stateDir, m_directory->filePath(u"home/.local/state/gatehouse"_s));
    QCOMPARE(settings.jwtKeys.size(), size_t(1));
    QCOMPARE(settings.jwtSecret, settings.jwtKeys.front().secret);
    QCOMPARE(settings.jwtSecret.size(), 43);
    QVERIFY(settings.allowedHosts.isEmpty() && settings.adminUsers.isEmpty() && settings.trustedProxies.empty());
    QVERIFY(!settings.allowsMissingOrigin && !settings.isDebug && !settings.hasPublicMetrics);
    QVERIFY(settings.isGuarding);
    QCOMPARE(settings.timeZone, QByteArray("UTC"));
    QVERIFY(settings.workers >= 1 && settings.workers <= 8);
    QCOMPARE(settings.logLevel, LogLevel::Info);
    QCOMPARE(settings.logFormat, LogFormat::Text);
    QCOMPARE(settings.metricsRetentionDays, 30);
    QVERIFY(settings.limits.hasSameValues(LimitSet()));
    QVERIFY(settings.configuredLimits.empty());
    QCOMPARE(loaded->rows.size(), settingDescriptors().size());
    for (const SettingRow &r : loaded->rows)
        QCOMPARE(r.source, u"default"_s);
}

void TestSettings::layersComeInOrder()
{
    writeFile(u".env"_s, "# guide\nLISTEN=127.0.0.1:1\nWORKERS=1\nLOG_LEVEL=debug\nDATABASE_URL=postgres://u:p@db/x\n");
    m_environment.insert(u"LISTEN"_s, u"127.0.0.1:2"_s);
    m_environment.insert(u"WORKERS"_s, u"2"_s);
    const auto loaded = load({ u"--listen"_s, u"127.0.0.1:3"_s });
    QVERIFY2(loaded.isOk(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->settings.listen.port, quint16(3));
    QCOMPARE(loaded->settings.workers, 2);
    QCOMPARE(loaded->settings.logLevel, LogLevel::Debug);
    QCOMPARE(row(*loaded, u"LISTEN"_s).source, u"command line"_s);
    QCOMPARE(row(*loaded, u"WORKERS"_s).source, u"environment"_s);
    QCOMPARE(row(*loaded, u"LOG_LEVEL"_s).source, QString(m_directory->filePath(u".env"_s) + u":4"_s));
    QCOMPARE(row(*loaded, u"TIME_ZONE"_s).source, u"default"_s);
}

void TestSettings::flags_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::newRow("apart") << QStringList{ u"--time-zone"_s, u"Asia/Bangkok"_s } << u"TIME_ZONE"_s << u"Asia/Bangkok"_s;
    QTest::newRow("joined") << QStringList{ u"--time-zone=Asia/Bangkok"_s } << u"TIME_ZONE"_s << u"Asia/Bangkok"_s;
    QTest::newRow("bare boolean") << QStringList{ u"--debug"_s } << u"DEBUG"_s << u"true"_s;
    QTest::newRow("boolean") << QStringList{ u"--allow-missing-origin=off"_s } << u"ALLOW_MISSING_ORIGIN"_s << u"off"_s;
    QTest::newRow("empty") << QStringList{ u"--allowed-hosts="_s } << u"ALLOWED_HOSTS"_s << QString();
    QTest::newRow("limit") << QStringList{ u"--max-connections-per-ip=9"_s } << u"MAX_CONNECTIONS_PER_IP"_s << u"9"_s;
    QTest::newRow("mode") << QStringList{ u"--max-connections-per-ip-mode"_s, u"observe"_s }
                          << u"MAX_CONNECTIONS_PER_IP_MODE"_s << u"observe"_s;
}

void TestSettings::flags()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, name);
    QFETCH(QString, value);
    const auto loaded = load(arguments);
    QVERIFY2(loaded.isOk(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(row(*loaded, name).value, value);
    QCOMPARE(row(*loaded, name).source, u"command line"_s);
}

void TestSettings::badInputIsNamed_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("variable"); // NAME=value in the environment, may be empty
    QTest::addColumn<QString>("words");

    const auto variable = [](const char *name, const char *assignment, const QString &words) {
        QTest::newRow(name) << QStringList() << QString::fromLatin1(assignment) << words;
    };
    variable("boolean", "DEBUG=maybe", u"DEBUG: \"maybe\""_s);
    variable("switch", "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE=2", u"USE_PRODUCTION_WEBSOCKET_MIDDLEWARE: \"2\""_s);
    variable("empty boolean", "DEBUG=", u"DEBUG: is empty"_s);
    variable("limit 0", "MAX_CONNECTIONS_PER_IP=0", u"MAX_CONNECTIONS_PER_IP: must be"_s);
    variable("limit negative", "MAX_RECONNECT_ATTEMPTS=-5", u"MAX_RECONNECT_ATTEMPTS: must be"_s);
    variable("limit huge", "MAX_MESSAGES_PER_MINUTE=1000001", u"MAX_MESSAGES_PER_MINUTE: must be"_s);
    variable("limit beyond 64 bits", "MAX_CONNECTIONS=99999999999999999999", u"MAX_CONNECTIONS: must be"_s);
    variable("limit no number", "MESSAGE_LIMIT_STRIKES=many", u"MESSAGE_LIMIT_STRIKES: must be"_s);
    variable("limit absent", "MAX_CONNECTIONS_PER_IP=", u"MAX_CONNECTIONS_PER_IP: is empty"_s);
    variable("limit mode", "MAX_CONNECTIONS_PER_IP_MODE=on", u"MAX_CONNECTIONS_PER_IP_MODE: \"on\""_s);
    variable("listen", "LISTEN=8080", u"LISTEN: \"8080\""_s);
    variable("admin listen", "ADMIN_LISTEN=127.0.0.1", u"ADMIN_LISTEN: "_s);
    variable("mode", "LISTEN_MODE=660x", u"LISTEN_MODE: \"660x\" is not a mode in octal"_s);
    variable("mode in decimal", "LISTEN_MODE=438", u"LISTEN_MODE: \"438\" is not a mode in octal"_s);
    variable("mode that shuts out the owner", "ADMIN_LISTEN_MODE=0066", u"ADMIN_LISTEN_MODE: \"0066\""_s);
    variable("mode as chmod has it", "LISTEN_MODE=g+w", u"LISTEN_MODE: \"g+w\""_s);
    variable("mode with a sticky bit", "LISTEN_MODE=1660", u"LISTEN_MODE: \"1660\""_s);
    variable("empty mode", "LISTEN_MODE=", u"LISTEN_MODE: is empty"_s);
    variable("group", "LISTEN_GROUP=no-such-group", u"LISTEN_GROUP: \"no-such-group\" is not a group of this"_s);
    variable("admin group", "ADMIN_LISTEN_GROUP=9x", u"ADMIN_LISTEN_GROUP: \"9x\" is not a group"_s);
    variable("short secret", "JWT_SECRET=tooshort", u"JWT_SECRET: is 8 bytes long"_s);
    variable("empty secret", "JWT_SECRET=", u"JWT_SECRET: is empty"_s);
    variable("hosts", "ALLOWED_HOSTS=a b", u"ALLOWED_HOSTS: \"a b\""_s);
    variable("proxy protocol", "PROXY_PROTOCOL=v2", u"PROXY_PROTOCOL: \"v2\""_s);
    variable("proxy protocol without proxies", "PROXY_PROTOCOL=true", u"PROXY_PROTOCOL: is true and TRUSTED_PROXIES"_s);
    variable("proxies", "TRUSTED_PROXIES=10.0.0.0/99", u"TRUSTED_PROXIES: \"10.0.0.0/99\""_s);
    variable("time zone", "TIME_ZONE=Nowhere", u"TIME_ZONE: \"Nowhere\""_s);
    variable("workers", "WORKERS=65", u"WORKERS: must be a whole number from 1 to 64"_s);
    variable("log level", "LOG_LEVEL=loud", u"LOG_LEVEL: \"loud\""_s);
    variable("log format", "LOG_FORMAT=xml", u"LOG_FORMAT: \"xml\""_s);
    variable("retention", "METRICS_RETENTION_DAYS=0", u"METRICS_RETENTION_DAYS: must be"_s);
    for (const char *text :
        { "63M", "0", "-1", "1025G", "512MB", "5T", "M", "1.5G", "512 M", "much", "9999999999999999999" })
        variable(text, QByteArray("MEMORY_BUDGET=").append(text).constData(),
            u"MEMORY_BUDGET: must be a size from 64M to 1024G, as 512M or 2G, or none, not \"%1\""_s.arg(
                QString::fromLatin1(text)));
    variable("no budget at all", "MEMORY_BUDGET=", u"MEMORY_BUDGET: is empty"_s);
    variable("drain", "DRAIN_SECONDS=601", u"DRAIN_SECONDS: must be a whole number from 0 to 600"_s);
    variable("webhook", "ALERT_WEBHOOK_URL=nothing", u"ALERT_WEBHOOK_URL: is not"_s);
    variable("Redis", "REDIS_URL=http://localhost", u"REDIS_URL: must begin with redis://"_s);
    variable("Redis port", "REDIS_URL=redis://localhost:0", u"REDIS_URL: the port is not a number"_s);
    variable("Redis' time", "REDIS_TIMEOUT=9", u"REDIS_TIMEOUT: must be a whole number from 10 to 5000"_s);
    variable("too much of it", "REDIS_TIMEOUT=5001", u"REDIS_TIMEOUT: must be a whole number from 10 to 5000"_s);
    variable("with a unit", "REDIS_TIMEOUT=500ms", u"REDIS_TIMEOUT: must be a whole number from 10 to 5000"_s);
    variable("no time", "REDIS_TIMEOUT=", u"REDIS_TIMEOUT: is empty"_s);
    variable("Redis away", "REDIS_AWAY=half", u"REDIS_AWAY: \"half\" is not full or share"_s);
    variable("ingest", "INGEST_REDIS_URL=localhost", u"INGEST_REDIS_URL: must begin with redis://"_s);
    variable("node name", "NODE_NAME=a b", u"NODE_NAME: \"a b\" is not a name"_s);
    variable("keys file", "JWT_KEYS_FILE=/does/not/exist", u"JWT_KEYS_FILE: /does/not/exist: cannot be read"_s);
    variable("state directory", "STATE_DIR=/proc/none", u"STATE_DIR /proc/none: cannot be created"_s);

    const auto arguments = [](const char *name, const QStringList &list, const QString &words) {
        QTest::newRow(name) << list << QString() << words;
    };
    arguments("unknown flag", { u"--frobnicate"_s }, u"unknown option --frobnicate"_s);
    arguments(
        "misspelt flag", { u"--allowed-host=x"_s }, u"unknown option --allowed-host; did you mean --allowed-hosts?"_s);
    arguments("stray argument", { u"false"_s }, u"unexpected argument \"false\""_s);
    arguments("single dash", { u"-listen"_s }, u"unknown option -listen"_s);
    arguments("no value", { u"--listen"_s }, u"--listen needs a value"_s);
    arguments("flag for a value", { u"--listen"_s, u"--debug"_s }, u"--listen needs a value"_s);
    arguments("twice", { u"--workers=1"_s, u"--workers=2"_s }, u"--workers is given twice"_s);
    arguments("secret as flag", { u"--jwt-secret"_s, kSecret }, u"--jwt-secret is not offered"_s);
    arguments("Redis as flag", { u"--redis-url=redis://:qwzj@localhost"_s }, u"--redis-url is not offered"_s);
    arguments("bad flag value", { u"--max-connections-per-ip"_s, u"0"_s },
        u"--max-connections-per-ip (MAX_CONNECTIONS_PER_IP): must be"_s);
    arguments("bad boolean", { u"--debug=maybe"_s }, u"--debug (DEBUG): \"maybe\""_s);
    arguments("no env file", { u"--env-file"_s, u"absent.env"_s }, u"absent.env: cannot be read"_s);
    arguments("env file is a directory", { u"--env-file=/"_s }, u"it is a directory"_s);
    arguments("env file empty", { u"--env-file="_s }, u"--env-file needs"_s);
}

void TestSettings::badInputIsNamed()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, variable);
    QFETCH(QString, words);
    if (!variable.isEmpty())
        m_environment.insert(variable.section(u'=', 0, 0), variable.section(u'=', 1));
    const auto loaded = load(arguments);
    QVERIFY(!loaded.isOk());
    QVERIFY2(loaded.error().message.contains(words), qPrintable(loaded.error().message));
    QVERIFY(!loaded.error().message.contains(u'\n'));
    QVERIFY(!loaded.error().message.contains(kSecret));
    QVERIFY(!QDir(m_directory->filePath(u"home"_s)).exists()); // refused before anything is made
}

void TestSettings::envFileErrorsNameTheLine()
{
    const QString path = m_directory->filePath(u".env"_s);
    writeFile(u".env"_s, "A=1\nMAX_CONNECTIONS_PER_IP=0\n");
    QVERIFY(load().error().message.startsWith(QString(path + u":2: MAX_CONNECTIONS_PER_IP: must be"_s)));
    writeFile(u".env"_s, "A=1\n\nLISTEN is no assignment\n");
    QVERIFY(load().error().message.startsWith(QString(path + u":3: "_s)));
    writeFile(u".env"_s, QByteArray(1024 * 1024 + 1, '#'));
    QVERIFY(load().error().message.contains(u"larger than 1 MiB"_s));
}

void TestSettings::envFileMayBeNamed()
{
    writeFile(u".env"_s, "WORKERS=3\n");
    writeFile(u"other.env"_s, "LOG_LEVEL=error\n");
    const auto loaded = load({ u"--env-file"_s, u"other.env"_s });
    QVERIFY(loaded.isOk());
    QCOMPARE(loaded->settings.logLevel, LogLevel::Error);
    QCOMPARE(row(*loaded, u"WORKERS"_s).source, u"default"_s); // .env is not read as well
}

void TestSettings::theInstalledFileIsTheLastResort()
{
    m_installedFile = m_directory->filePath(u"installed.env"_s);
    QVERIFY(load()->envFile.isEmpty()); // it is not there
    writeFile(u"installed.env"_s, "WORKERS=5\n");
    auto loaded = load();
    QCOMPARE(loaded->settings.workers, 5);
    QCOMPARE(row(*loaded, u"WORKERS"_s).source, QString(m_installedFile + u":1"_s));
    QCOMPARE(loaded->envFile, m_installedFile);
    writeFile(u"other.env"_s, "LOG_LEVEL=error\n");
    loaded = load({ u"--env-file=other.env"_s });
    QCOMPARE(row(*loaded, u"WORKERS"_s).source, u"default"_s);
    writeFile(u".env"_s, "LOG_LEVEL=error\n");
    loaded = load();
    QCOMPARE(row(*loaded, u"WORKERS"_s).source, u"default"_s);
    QCOMPARE(loaded->envFile, m_directory->filePath(u".env"_s));
}

void TestSettings::theServerSaysThatItMadeASecret()
{
    QVERIFY(load()->hasMadeSecret);
    QVERIFY(!load()->hasMadeSecret);
    m_environment.insert(u"JWT_SECRET"_s, kSecret);
    m_environment.insert(u"STATE_DIR"_s, m_directory->filePath(u"other"_s));
    QVERIFY(!load()->hasMadeSecret);
    QVERIFY(!QFile::exists(m_directory->filePath(u"other/jwt_secret"_s)));
}

void TestSettings::misspeltNamesAreWarnedOf()
{
    writeFile(u".env"_s, "MAX_CONNECTION_PER_IP=9\nALLOWED_HOSTS=${HOST}x\nWORKERS=1\nWORKERS=2\nSECRET_KEY=x\n");
    auto loaded = load();
    QVERIFY(!loaded.isOk()); // ${HOST}x is no host pattern
    writeFile(u".env"_s,
        "MAX_CONNECTION_PER_IP=9\nADMIN_USERS=${USER}\nALLOWED_HOSTS=*\nWORKERS=1\nWORKERS=2\nSECRET_KEY=x\n");
    loaded = load();
    QVERIFY(loaded.isOk());
    QCOMPARE(loaded->settings.workers, 2);
    QCOMPARE(loaded->warnings.size(), 3);
    QVERIFY(loaded->warnings[0].contains(
        u":1: MAX_CONNECTION_PER_IP is not a setting and is ignored; did you mean MAX_CONNECTIONS_PER_IP"_s));
    QVERIFY(loaded->warnings[1].contains(u":2: ADMIN_USERS holds ${…}"_s));
    QVERIFY(loaded->warnings[2].contains(u":5: WORKERS is set again"_s));
}

void TestSettings::switchFollowsTheTable_data()
{
    QTest::addColumn<QString>("middleware");
    QTest::addColumn<QString>("debug");
    QTest::addColumn<bool>("isOn");
    QTest::newRow("both unset") << QString() << QString() << true;
    QTest::newRow("debug") << QString() << u"true"_s << false;
    QTest::newRow("debug off") << QString() << u"no"_s << true;
    QTest::newRow("on in debug") << u"YES"_s << u"1"_s << true;
    QTest::newRow("rollback") << u"false"_s << QString() << false;
    QTest::newRow("rollback wins") << u"off"_s << u"false"_s << false;
}

void TestSettings::switchFollowsTheTable()
{
    QFETCH(QString, middleware);
    QFETCH(QString, debug);
    QFETCH(bool, isOn);
    QByteArray env;
    if (!middleware.isEmpty())
        env += "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE=" + middleware.toLatin1() + '\n';
    if (!debug.isEmpty())
        env += "DEBUG=" + debug.toLatin1() + '\n';
    writeFile(u".env"_s, env);
    const auto loaded = load();
    QVERIFY(loaded.isOk());
    QCOMPARE(loaded->settings.isGuarding, isOn);
    QCOMPARE(loaded->warnings.filter(u"rate limits and monitoring are off"_s).size(), isOn ? 0 : 1);
}

void TestSettings::emptyAllowedHosts()
{
    QCOMPARE(load()->warnings.filter(u"ALLOWED_HOSTS"_s).size(), 1);
    const auto debug = load({ u"--debug"_s });
    QCOMPARE(debug->settings.allowedHosts, QStringList({ u"localhost"_s, u"127.0.0.1"_s, u"[::1]"_s }));
    QVERIFY(debug->warnings.filter(u"ALLOWED_HOSTS"_s).isEmpty());
    QCOMPARE(row(*debug, u"ALLOWED_HOSTS"_s).value, u"localhost,127.0.0.1,[::1]"_s); // as it is in force
    QVERIFY(row(*load(), u"ALLOWED_HOSTS"_s).value.isEmpty());
    const auto given = load({ u"--debug"_s, u"--allowed-hosts=example.com"_s });
    QCOMPARE(given->settings.allowedHosts, QStringList{ u"example.com"_s });
}

void TestSettings::limitsAndModes()
{
    m_environment.insert(u"MAX_CONNECTIONS_PER_IP"_s, u"10"_s);
    m_environment.insert(u"MAX_MESSAGES_PER_MINUTE_MODE"_s, u"Observe"_s);
    const auto loaded = load();
    QVERIFY(loaded.isOk());
    QCOMPARE(loaded->settings.limits[LimitKey::MaxConnectionsPerIp].value, 10);
    QCOMPARE(loaded->settings.limits[LimitKey::MaxMessagesPerMinute].value, 60);
    QCOMPARE(loaded->settings.limits[LimitKey::MaxMessagesPerMinute].mode, LimitMode::Observe);
    QCOMPARE(loaded->settings.configuredLimits,
        std::vector<LimitKey>({ LimitKey::MaxConnectionsPerIp, LimitKey::MaxMessagesPerMinute }));
}

void TestSettings::secretsAreMasked()
{
    m_environment.insert(u"JWT_SECRET"_s, kSecret);
    m_environment.insert(u"ALERT_WEBHOOK_URL"_s, u"https://user:pass@hooks.example.com:8443/services/KEY?token=KEY"_s);
    const auto loaded = load();
    QVERIFY(loaded.isOk());
    QCOMPARE(loaded->settings.jwtSecret, kSecret.toLatin1());
    QCOMPARE(row(*loaded, u"JWT_SECRET"_s).value, u"********"_s);
    QCOMPARE(row(*loaded, u"ALERT_WEBHOOK_URL"_s).value, u"https://hooks.example.com:8443/…"_s);
    for (const SettingRow &r : loaded->rows)
        QVERIFY2(!r.value.contains(kSecret) && !r.value.contains(u"KEY"_s) && !r.value.contains(u"pass"_s),
            qPrintable(r.name));
    QVERIFY(!QFile::exists(loaded->settings.stateDir + u"/jwt_secret"_s)); // none is made when one is given
    m_environment.remove(u"JWT_SECRET"_s);
    QCOMPARE(row(*load(), u"JWT_SECRET"_s).value, u"in the state directory"_s);
}

void TestSettings::accessToUnixSockets()
{
    m_environment.insert(u"LISTEN"_s, u"unix:/run/a"_s);
    m_environment.insert(u"ADMIN_LISTEN"_s, u"unix:/run/b"_s);
    auto loaded = load();
    QVERIFY(loaded.isOk());
    QCOMPARE(loaded->settings.listen.access.mode, 0666);
    QCOMPARE(loaded->settings.adminListen->access.mode, 0660);
    QCOMPARE(row(*loaded, u"LISTEN_MODE"_s).value, u"0666"_s);
    m_environment.insert(u"LISTEN_GROUP"_s, u"root"_s);
    m_environment.insert(u"ADMIN_LISTEN_GROUP"_s, u"0"_s);
    loaded = load();
    QCOMPARE(loaded->settings.listen.access.mode, 0660); // for that group alone
    QCOMPARE(loaded->settings.listen.access.group, u"root"_s);
    QCOMPARE(row(*loaded, u"LISTEN_MODE"_s).value, u"0660"_s);
    QCOMPARE(loaded->settings.adminListen->access.group, u"0"_s);
    m_environment.insert(u"LISTEN_MODE"_s, u"0666"_s);
    m_environment.insert(u"ADMIN_LISTEN_MODE"_s, u"600"_s);
    loaded = load();
    QCOMPARE(loaded->settings.listen.access.mode, 0666);
    QCOMPARE(loaded->settings.adminListen->access.mode, 0600);
    QVERIFY(loaded->warnings.filter(u"has no effect"_s).isEmpty());
    m_environment.insert(u"LISTEN"_s, u"127.0.0.1:0"_s);
    m_environment.remove(u"ADMIN_LISTEN"_s);
    QCOMPARE(load()->warnings.filter(u"has no effect"_s).size(), 4);
}

void TestSettings::redisAndNodeName()
{
    QVERIFY(!load()->settings.redis); // by default a server alone
    QCOMPARE(load()->settings.nodeName, QString());
    m_environment.insert(u"REDIS_URL"_s, u" rediss://staff:qwzj@redis.example.com:6380/3 "_s);
    m_environment.insert(u"NODE_NAME"_s, u"eu-1.example.com:8080"_s);
    const auto loaded = load();
    QVERIFY2(loaded.isOk(), loaded ? "" : qPrintable(loaded.error().message));
    QVERIFY(loaded->settings.redis);
    QCOMPARE(loaded->settings.redis->redacted(), u"rediss://redis.example.com:6380/3"_s);
    QCOMPARE(loaded->settings.redis->password, u"qwzj"_s);
    QCOMPARE(loaded->settings.nodeName, u"eu-1.example.com:8080"_s);
    QCOMPARE(row(*loaded, u"REDIS_URL"_s).value, u"********"_s);
    QCOMPARE(loaded->settings.admission.timeout, 500ms);
    QVERIFY(!loaded->settings.admission.dividesLimits);
    m_environment.insert(u"REDIS_TIMEOUT"_s, u"10"_s);
    m_environment.insert(u"REDIS_AWAY"_s, u"Share"_s);
    QCOMPARE(load()->settings.admission.timeout, 10ms);
    QVERIFY(load()->settings.admission.dividesLimits);

    m_environment.insert(u"NODE_NAME"_s, QString(64, u'n'));
    QVERIFY(load().isOk());
    m_environment.insert(u"NODE_NAME"_s, QString(65, u'n'));
    QVERIFY(!load().isOk());
    m_environment.remove(u"NODE_NAME"_s);
    m_environment.insert(u"REDIS_URL"_s, u"redis://qwzj"_s + u"@localhost"_s);
    const auto refused = load();
    QVERIFY(!refused);
    QCOMPARE(refused.error().field, u"REDIS_URL"_s);
    QVERIFY(!refused.error().message.contains(u"qwzj"_s));
}

void TestSettings::readingTouchesNothing()
{
    const auto loaded = readSettings({}, m_environment, m_directory->path(), {});
    QVERIFY(loaded.isOk());
    QVERIFY(loaded->settings.jwtKeys.empty());
    QVERIFY(QDir(m_directory->path()).isEmpty());
}

void TestSettings::keysFile()
{
    const QByteArray k = QByteArray(32, 'k').toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    writeFile(u"keys.json"_s, R"({"keys":[{"kty":"oct","alg":"HS256","kid":"2025","k":")" + k + R"("}]})");
    m_environment.insert(u"JWT_KEYS_FILE"_s, u"keys.json"_s);
    auto loaded = load();
    QVERIFY2(loaded.isOk(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->settings.jwtKeys.size(), size_t(1));
    QCOMPARE(loaded->settings.jwtKeys[0].id, u"2025"_s);
    QCOMPARE(loaded->settings.jwtSecret, QByteArray(32, 'k'));
    m_environment.insert(u"JWT_SECRET"_s, kSecret);
    loaded = load();
    QCOMPARE(loaded->settings.jwtKeys.size(), size_t(2));
    QCOMPARE(loaded->settings.jwtSecret, kSecret.toLatin1()); // the given secret signs
}

void TestSettings::badKeysFileIsNamed_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("words");
    QTest::newRow("PEM") << QByteArray("-----BEGIN PUBLIC KEY-----\n") << u"block 1 is not whole"_s;
    QTest::newRow("no keys") << QByteArray(R"({"keys":[]})") << u"holds no key"_s;
    QTest::newRow("keys of a wrong type") << QByteArray(R"({"keys":5})") << u"holds no key"_s;
    QTest::newRow("RSA") << QByteArray(R"({"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]})") << u"key 1: is"_s;
    QTest::newRow("private") << testkeys::kRsaPrivatePem << u"block 1 is a private key"_s;
    QTest::newRow("expired") << testkeys::kExpiredCertificatePem << u"block 1 is a certificate that expired"_s;
    QTest::newRow("too large") << QByteArray(300 * 1024, ' ') << u"is larger than 256 KiB"_s;
    QTest::newRow("other algorithm") << QByteArray(R"({"keys":[{"kty":"oct","alg":"HS512","k":"QUFB"}]})")
                                     << u"HS512 needs at least 64"_s;
    QTest::newRow("short") << QByteArray(R"({"kty":"oct","alg":"HS256","k":"c2hvcnQ"})")
                           << u"HS256 needs at least 32"_s;
    QTest::newRow("no k") << QByteArray(R"({"kty":"oct","alg":"HS256"})") << u"key 1: its k"_s;
    QTest::newRow("kid of a wrong type") << QByteArray(R"({"kty":"oct","kid":5,"k":"QUFB"})") << u"key 1: its kid"_s;
    QTest::newRow("for encryption") << QByteArray(R"({"kty":"oct","use":"enc","k":"QUFB"})")
                                    << u"key 1: is passed over: its use"_s;
}

void TestSettings::algorithmsOfKeys()
{
    writeFile(u"key.pem"_s, testkeys::kRsaPem);
    const auto only = load({ u"--jwt-keys-file=key.pem"_s, u"--jwt-algorithm=PS256"_s });
    QVERIFY2(only.isOk(), only ? "" : qPrintable(only.error().message));
    QCOMPARE(only->settings.jwtKeys.size(), size_t(1)); // no secret is made where keys are configured
    QCOMPARE(only->settings.jwtKeys[0].algorithm, JwtAlgorithm::Ps256);
    QVERIFY(only->settings.jwtSecret.isEmpty());
    QVERIFY(!QFile::exists(only->settings.stateDir + u"/jwt_secret"_s));
    QCOMPARE(row(*only, u"JWT_ALGORITHM"_s).value, u"PS256"_s);

    m_environment.insert(u"JWT_SECRET"_s, QString(kSecret + kSecret));
    m_environment.insert(u"JWT_ALGORITHM"_s, u"HS384"_s);
    const auto both = load({ u"--jwt-keys-file=key.pem"_s });
    QVERIFY2(both.isOk(), both ? "" : qPrintable(both.error().message));
    QCOMPARE(both->settings.jwtKeys[0].algorithm, JwtAlgorithm::Hs384);
    QCOMPARE(both->settings.jwtKeys[1].algorithm, JwtAlgorithm::Rs256);
    m_environment.insert(u"JWT_ALGORITHM"_s, u"ES256"_s);
    QVERIFY(load().error().message.contains(u"JWT_ALGORITHM: no key is for ES256"_s));
    m_environment.remove(u"JWT_SECRET"_s);
    QVERIFY(load().error().message.contains(u"no key is for ES256"_s));
    for (const QString &name : { u"none"_s, u"hs256"_s, u"ES512"_s, u"HS256,RS256"_s }) {
        m_environment.insert(u"JWT_ALGORITHM"_s, name);
        QVERIFY(load().error().message.contains(u"JWT_ALGORITHM"_s));
    }
}

void TestSettings::secretsThatAreNone()
{
    m_environment.insert(u"JWT_SECRET"_s, QString::fromLatin1(testkeys::kRsaPem));
    const auto pem = load();
    QVERIFY(!pem.isOk());
    QVERIFY2(pem.error().message.contains(u"JWT_SECRET"_s) && pem.error().message.contains(u"is a PEM text"_s),
        qPrintable(pem.error().message));
    m_environment.insert(u"JWT_SECRET"_s, kSecret);
    m_environment.insert(u"JWT_ALGORITHM"_s, u"HS512"_s);
    QVERIFY(load().error().message.contains(u"HS512 needs at least 64"_s));
}

void TestSettings::keysFileMustBeAFile()
{
    const QString folder = m_directory->filePath(u"keys"_s);
    QVERIFY(QDir().mkdir(folder));
    QVERIFY(load({ u"--jwt-keys-file=keys"_s }).error().message.contains(u"is not a regular file"_s));
    const QByteArray pipe = QFile::encodeName(m_directory->filePath(u"pipe"_s));
    QCOMPARE(::mkfifo(pipe.constData(), 0600), 0);
    QVERIFY(load({ u"--jwt-keys-file=pipe"_s }).error().message.contains(u"is not a regular file"_s));
    QVERIFY(load({ u"--jwt-keys-file=missing"_s }).error().message.contains(u"cannot be read"_s));
}

void TestSettings::purposeOfTokens()
{
    m_environment.insert(u"JWT_ISSUER"_s, u"https://id.example/"_s);
    m_environment.insert(u"JWT_AUDIENCE"_s, u"app, mobile"_s);
    m_environment.insert(u"JWT_LEEWAY"_s, u"300"_s);
    const auto loaded = load();
    QVERIFY2(loaded.isOk(), loaded ? "" : qPrintable(loaded.error().message));
    QCOMPARE(loaded->settings.jwtIssuer, u"https://id.example/"_s);
    QCOMPARE(loaded->settings.jwtAudience, QStringList({ u"app"_s, u"mobile"_s }));
    QVERIFY(loaded->settings.jwtLeeway == std::chrono::seconds(300));
    for (const QString &leeway : { u"-1"_s, u"301"_s, u"1s"_s, u""_s }) {
        m_environment.insert(u"JWT_LEEWAY"_s, leeway);
        QVERIFY(load().error().message.contains(u"JWT_LEEWAY"_s));
    }
    m_environment = {};
    m_environment.insert(u"HOME"_s, m_directory->filePath(u"home"_s));
    QVERIFY(load()->settings.jwtLeeway == std::chrono::seconds(1));
}

void TestSettings::badKeysFileIsNamed()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, words);
    writeFile(u"keys.json"_s, content);
    const auto loaded = load({ u"--jwt-keys-file=keys.json"_s });
    QVERIFY(!loaded.isOk());
    QVERIFY2(
        loaded.error().message.contains(m_directory->filePath(u"keys.json"_s)), qPrintable(loaded.error().message));
    QVERIFY2(loaded.error().message.contains(words), qPrintable(loaded.error().message));
}

void TestSettings::stateDirectoryProblemsAreNamed()
{
    writeFile(u"file"_s, "x");
    QVERIFY(load({ u"--state-dir=file"_s }).error().message.contains(u"is not a directory"_s));
    const auto relative = load({ u"--state-dir=here"_s });
    QVERIFY(relative.isOk());
    QCOMPARE(relative->settings.stateDir, m_directory->filePath(u"here"_s));
    const auto home = load({ u"--state-dir=~/mine"_s });
    QCOMPARE(home->settings.stateDir, m_directory->filePath(u"home/mine"_s));
    m_environment.remove(u"HOME"_s);
    QVERIFY(load().error().message.contains(u"STATE_DIR"_s));
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
