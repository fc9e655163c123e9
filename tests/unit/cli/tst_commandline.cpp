// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/config/settingdescriptor.h"
#include "tests/support/clifixture.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestCommandLine final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsTheCommand();
    void helpAndVersion();
    void usageListsEverySetting();
    void mistakesAreNamed_data();
    void mistakesAreNamed();
    void wrongOptionsNeverRun();

private:
    std::vector<Command> commands()
    {
        const auto record = [this](const CliContext &, const Options &options) {
            m_rest = options.rest();
            ++m_runs;
            return 7;
        };
        return { { u"first"_s, u"Does one thing."_s, { { u"--loud"_s, {}, u"Says more."_s } }, false, record },
            { u"second"_s, u"Does another."_s, {}, true, record } };
    }
    int run(CliFixture &fixture, const QStringList &arguments)
    {
        return CommandLine(fixture.context, commands()).run(arguments);
    }

    QStringList m_rest;
    int m_runs = 0;
};

void TestCommandLine::runsTheCommand()
{
    CliFixture fixture;
    QCOMPARE(run(fixture, { u"second"_s, u"--listen"_s, u":1"_s }), 7);
    QCOMPARE(m_rest, QStringList({ u"--listen"_s, u":1"_s }));
    QVERIFY(fixture.out.isEmpty() && fixture.err.isEmpty());
}

void TestCommandLine::helpAndVersion()
{
    CliFixture fixture;
    for (const QStringList &arguments : { QStringList{ u"--help"_s }, { u"-h"_s }, { u"help"_s } }) {
        fixture.out.clear();
        QCOMPARE(run(fixture, arguments), int(kExitOk));
        QVERIFY(fixture.out.filter(u"second"_s).size() == 1);
    }
    for (const QStringList &arguments : { QStringList{ u"first"_s, u"--help"_s }, { u"help"_s, u"first"_s } }) {
        fixture.out.clear();
        QCOMPARE(run(fixture, arguments), int(kExitOk));
        QVERIFY(fixture.out.filter(u"--loud"_s).size() == 1);
        QVERIFY(fixture.out.filter(u"--listen"_s).isEmpty());
    }
    fixture.out.clear();
    QCOMPARE(run(fixture, { u"--version"_s }), int(kExitOk));
    QCOMPARE(fixture.out.size(), 1);
    QVERIFY(fixture.out.front().startsWith(u"gatehouse "_s));
    QVERIFY(fixture.err.isEmpty());
}

void TestCommandLine::usageListsEverySetting()
{
    CliFixture fixture;
    const auto all = commands();
    const QString usage = CommandLine(fixture.context, all).usage(all[1]);
    for (const SettingDescriptor &setting : settingDescriptors())
        QVERIFY2(usage.contains(setting.flag.isEmpty() ? setting.name : setting.flag), qPrintable(setting.name));
    QVERIFY(!usage.contains(u"--jwt-secret"_s));
}

void TestCommandLine::mistakesAreNamed_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("words");
    QTest::newRow("nothing") << QStringList() << u"Usage: gatehouse COMMAND"_s;
    QTest::newRow("unknown command") << QStringList{ u"dance"_s } << u"no command \"dance\""_s;
    QTest::newRow("help for an unknown command") << QStringList{ u"help"_s, u"dance"_s } << u"no command \"dance\""_s;
    QTest::newRow("unknown option") << QStringList{ u"--nonsense"_s } << u"\"--nonsense\""_s;
    QTest::newRow("stray argument") << QStringList{ u"first"_s, u"extra"_s }
                                    << u"gatehouse first: unexpected argument \"extra\""_s;
    QTest::newRow("setting not taken") << QStringList{ u"first"_s, u"--debug"_s }
                                       << u"unexpected argument \"--debug\""_s;
}

void TestCommandLine::mistakesAreNamed()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, words);
    CliFixture fixture;
    QCOMPARE(run(fixture, arguments), int(kExitUsage));
    QVERIFY2(fixture.err.join(u'\n').contains(words), qPrintable(fixture.err.join(u'\n')));
    QVERIFY(fixture.out.isEmpty());
}

void TestCommandLine::wrongOptionsNeverRun()
{
    CliFixture fixture;
    m_runs = 0;
    QCOMPARE(run(fixture, { u"first"_s, u"--loud=yes"_s }), int(kExitUsage));
    QCOMPARE(fixture.err, QStringList{ u"gatehouse first: --loud takes no value"_s });
    QCOMPARE(m_runs, 0);
}

QTEST_APPLESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
