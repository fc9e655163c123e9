// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QSet>
#include <QtTest/QtTest>

#include "server/config/settingdescriptor.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestSettingDescriptor final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void namesAndFlagsAreUnique();
    void everyLimitHasItsTwoRows();
    void coversTheDocumentedSettings();
    void secretsHaveNoFlag();
    void saysWhatAMistakeSpoils();
    void guessesMisspeltNames_data();
    void guessesMisspeltNames();
};

void TestSettingDescriptor::namesAndFlagsAreUnique()
{
    QSet<QString> names;
    QSet<QString> flags;
    for (const SettingDescriptor &row : settingDescriptors()) {
        QVERIFY2(!names.contains(row.name), qPrintable(row.name));
        names.insert(row.name);
        QVERIFY(!row.help.isEmpty() && row.help.endsWith(u'.'));
        QCOMPARE(findSetting(row.name), &row);
        if (row.flag.isEmpty())
            continue;
        QVERIFY2(!flags.contains(row.flag), qPrintable(row.flag));
        flags.insert(row.flag);
        QCOMPARE(findSettingByFlag(row.flag), &row);
    }
    QCOMPARE(findSetting(u"LISTEN")->flag, u"--listen"_s);
    QVERIFY(!findSetting(u"listen"));
    QVERIFY(!findSettingByFlag(u""));
}

void TestSettingDescriptor::everyLimitHasItsTwoRows()
{
    for (const LimitDescriptor &limit : limitDescriptors()) {
        const SettingDescriptor *value = findSetting(QString(limit.environmentName));
        QVERIFY(value);
        QCOMPARE(value->defaultValue, QString::number(limit.defaultValue));
        QCOMPARE(value->limit, limit.key);
        const SettingDescriptor *mode = findSetting(QString(limit.environmentName + "_MODE"_L1));
        QCOMPARE(mode != nullptr, limit.hasMode);
        if (!mode)
            continue;
        QCOMPARE(mode->defaultValue, u"enforce"_s);
        QCOMPARE(mode->limit, limit.key);
    }
}

void TestSettingDescriptor::coversTheDocumentedSettings()
{
    for (const char *name : { "LISTEN", "ADMIN_LISTEN", "STATE_DIR", "JWT_SECRET", "JWT_KEYS_FILE", "JWT_USER_CLAIM",
             "ALLOWED_HOSTS", "ALLOW_MISSING_ORIGIN", "SERVED_HOSTS", "ADMIN_USERS", "METRICS_PUBLIC",
             "TRUSTED_PROXIES", "PROXY_PROTOCOL", "TIME_ZONE", "WORKERS", "MEMORY_BUDGET", "LOG_LEVEL", "LOG_FORMAT",
             "REDIS_URL", "REDIS_TIMEOUT", "REDIS_AWAY", "INGEST_REDIS_URL", "NODE_NAME", "METRICS_RETENTION_DAYS",
             "DRAIN_SECONDS", "ALERT_WEBHOOK_URL", "DEBUG", "USE_PRODUCTION_WEBSOCKET_MIDDLEWARE",
             "MAX_CONNECTIONS_PER_IP", "MAX_RECONNECT_ATTEMPTS", "RECONNECT_WINDOW", "MAX_MESSAGES_PER_MINUTE",
             "MAX_CONNECTIONS_PER_IP_MODE", "MESSAGE_LIMIT_STRIKES" })
        QVERIFY2(findSetting(QString::fromLatin1(name)), name);
}

void TestSettingDescriptor::secretsHaveNoFlag()
{
    QVERIFY(findSetting(u"JWT_SECRET")->isSecret);
    QVERIFY(findSetting(u"REDIS_URL")->isSecret);
    for (const SettingDescriptor &row : settingDescriptors())
        QVERIFY2(!row.isSecret || row.flag.isEmpty(), qPrintable(row.name));
}

void TestSettingDescriptor::saysWhatAMistakeSpoils()
{
    QStringList state;
    QStringList limits;
    for (const SettingDescriptor &row : settingDescriptors()) {
        if (row.area == SettingArea::State)
            state.append(row.name);
        if (row.area == SettingArea::Limits && !row.limit)
            limits.append(row.name);
        QVERIFY2(!row.limit || row.area == SettingArea::Limits, qPrintable(row.name));
    }
    QCOMPARE(state, (QStringList{ u"STATE_DIR"_s, u"REDIS_URL"_s, u"INGEST_REDIS_URL"_s }));
    QCOMPARE(limits, (QStringList{ u"LIMITS_PROFILE"_s, u"IPV6_PREFIX"_s, u"EXEMPT_NETWORKS"_s }));
}

void TestSettingDescriptor::guessesMisspeltNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("guess");

    QTest::newRow("plural") << u"MAX_CONNECTION_PER_IP"_s << u"MAX_CONNECTIONS_PER_IP"_s;
    QTest::newRow("swapped") << u"ALLOWED_HSOTS"_s << u"ALLOWED_HOSTS"_s;
    QTest::newRow("lower case") << u"allowed_host"_s << u"ALLOWED_HOSTS"_s;
    QTest::newRow("flag") << u"max-connections-per-ips"_s << u"MAX_CONNECTIONS_PER_IP"_s;
    QTest::newRow("short, in lower case") << u"listen"_s << u"LISTEN"_s;
    QTest::newRow("too short to tell") << u"DEBUGS"_s << QString();
    QTest::newRow("something else") << u"DATABASE_URL"_s << QString();
    QTest::newRow("Django's key") << u"SECRET_KEY"_s << QString();
    QTest::newRow("long") << QString(4000, u'A') << QString();
}

void TestSettingDescriptor::guessesMisspeltNames()
{
    QFETCH(QString, name);
    QFETCH(QString, guess);
    const SettingDescriptor *closest = closestSetting(name);
    QCOMPARE(closest ? closest->name : QString(), guess);
}

QTEST_APPLESS_MAIN(TestSettingDescriptor)
#include "tst_settingdescriptor.moc"
