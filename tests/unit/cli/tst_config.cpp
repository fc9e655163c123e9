// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QtTest>

#include "server/cli/configcommand.h"
#include "server/config/settingdescriptor.h"
#include "tests/support/clifixture.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestConfig final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tableHasEverySetting();
    void jsonHasEverySetting();
    void wrongSettings();
    void touchesNothing();
};

void TestConfig::tableHasEverySetting()
{
    CliFixture fixture;
    fixture.set(u"WORKERS", u"3"_s);
    fixture.set(u"JWT_SECRET", u"0123456789abcdef0123456789abcdef"_s);
    QCOMPARE(fixture.run(configCommand(), { u"--time-zone=Asia/Bangkok"_s }), int(kExitOk));
    QCOMPARE(fixture.out.size(), qsizetype(settingDescriptors().size()));
    const auto words = [&](const QString &name) {
        return fixture.out.filter(QRegularExpression(u'^' + name + u' ')).value(0).simplified();
    };
    QCOMPARE(words(u"WORKERS"_s), u"WORKERS 3 environment"_s);
    QCOMPARE(words(u"TIME_ZONE"_s), u"TIME_ZONE Asia/Bangkok command line"_s);
    QCOMPARE(words(u"JWT_SECRET"_s), u"JWT_SECRET ******** environment"_s);
    QCOMPARE(words(u"LISTEN"_s), u"LISTEN 127.0.0.1:8080 default"_s);
    QCOMPARE(fixture.err.size(), 1); // ALLOWED_HOSTS is empty
    QVERIFY(!fixture.out.join(u'\n').contains(u"0123456789abcdef"_s));
}

void TestConfig::jsonHasEverySetting()
{
    CliFixture fixture;
    QCOMPARE(fixture.run(configCommand(), { u"--json"_s, u"--allowed-hosts=*"_s }), int(kExitOk));
    const QJsonObject object = QJsonDocument::fromJson(fixture.out.join(u'\n').toUtf8()).object();
    const QJsonArray settings = object[u"settings"_s].toArray();
    QCOMPARE(settings.size(), qsizetype(settingDescriptors().size()));
    QCOMPARE(settings[0].toObject()[u"name"_s].toString(), u"LISTEN"_s);
    QCOMPARE(settings[0].toObject()[u"source"_s].toString(), u"default"_s);
    QVERIFY(object[u"warnings"_s].toArray().isEmpty());
    QVERIFY(fixture.err.isEmpty());
}

void TestConfig::wrongSettings()
{
    CliFixture fixture;
    fixture.set(u"WORKERS", u"many"_s);
    QCOMPARE(fixture.run(configCommand()), int(kExitUsage));
    QCOMPARE(fixture.err.size(), 1);
    QVERIFY(fixture.err.front().startsWith(u"gatehouse config: WORKERS: "_s));
    QVERIFY(fixture.out.isEmpty());
}

void TestConfig::touchesNothing()
{
    CliFixture fixture;
    QCOMPARE(fixture.run(configCommand()), int(kExitOk));
    QVERIFY(QDir(fixture.directory.path()).isEmpty());
}

QTEST_GUILESS_MAIN(TestConfig)
#include "tst_config.moc"
