// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/bench/modes.h"
#include "server/cli/benchcommand.h"
#include "server/cli/benchoptions.h"
#include "tests/support/clifixture.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

class TestBench final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEveryOption();
    void defaultsOfTheModes();
    void plainContract();
    void mistakesAreNamed_data();
    void mistakesAreNamed();
    void foreignServersNeedAWord();
    void usageNamesModesAndOptions();
    void nobodyListens();
    void tokenIsNeverQuoted();

private:
    static Result<bench::BenchPlan> plan(
        bench::ModeKey mode, const QStringList &arguments, const Settings &settings = {})
    {
        return readBenchPlan(mode, *Options::parse(arguments, benchOptions()), settings);
    }
};

void TestBench::readsEveryOption()
{
    Settings settings;
    settings.allowedHosts = { u"app.example.com"_s };
    const auto read = plan(bench::ModeKey::Slow,
        { u"--url=http://127.0.0.1:7"_s, u"--connections=20"_s, u"--in-flight=3"_s, u"--duration=2m"_s, u"--rounds=9"_s,
            u"--source-addresses=4"_s, u"--ephemeral"_s, u"--body-bytes=100"_s, u"--slow=19"_s, u"--path=/ws"_s,
            u"--publish-path=/p"_s, u"--publish-url=http://127.0.0.1:8"_s, u"--no-greeting"_s },
        settings);
    QVERIFY2(read.isOk(), read ? "" : qPrintable(read.error().message));
    QCOMPARE(read->target.text, u"http://127.0.0.1:7"_s);
    QCOMPARE(read->origin, QByteArray("https://app.example.com"));
    QCOMPARE(read->connections, 20);
    QCOMPARE(read->inFlight, 3);
    QVERIFY(read->duration == 2min);
    QCOMPARE(read->rounds, 9);
    QCOMPARE(read->sourceAddresses, 4);
    QVERIFY(read->isEphemeral);
    QCOMPARE(read->bodyBytes, 100);
    QCOMPARE(read->slowConnections, 19);
    QCOMPARE(read->channelPath, QByteArray("/ws"));
    QCOMPARE(read->publishPath, QByteArray("/p"));
    QCOMPARE(read->publishTarget.text, u"http://127.0.0.1:8"_s);
    QVERIFY(!read->expectsGreeting);
}

void TestBench::defaultsOfTheModes()
{
    for (const bench::ModeDescriptor &mode : bench::modeDescriptors()) {
        const auto read = plan(mode.key, { u"--url=http://127.0.0.1:7"_s, u"--origin=null"_s });
        QVERIFY2(read.isOk(), read ? "" : qPrintable(read.error().message));
        QCOMPARE(read->mode, mode.key);
        QCOMPARE(read->connections, mode.defaultConnections);
        QCOMPARE(read->inFlight, mode.defaultInFlight);
        QCOMPARE(read->rounds, 3);
        QVERIFY(read->duration == 5s);
        QCOMPARE(read->channelPath, QByteArray("/ws/notifications/"));
        QCOMPARE(read->publishPath, QByteArray("/api/notifications/"));
        QCOMPARE(read->publishTarget.text, read->target.text);
        QCOMPARE(read->origin, QByteArray("null"));
        QVERIFY(read->expectsGreeting);
    }
}

void TestBench::plainContract()
{
    const auto read
        = plan(bench::ModeKey::Fanout, { u"--contract=plain"_s, u"--url=ws://127.0.0.1:7"_s, u"--body-bytes=50000"_s });
    QVERIFY2(read.isOk(), read ? "" : qPrintable(read.error().message));
    QCOMPARE(read->contract, bench::Contract::Plain);
    QCOMPARE(read->channelPath, QByteArray("/"));
    QVERIFY(read->publishPath.isEmpty() && read->origin.isEmpty());
}

void TestBench::mistakesAreNamed_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("words");
    const QString url = u"--url=http://127.0.0.1:7"_s;
    const auto row = [&url](const char *name, const QStringList &arguments, const QString &words) {
        QTest::newRow(name) << QStringList(arguments + QStringList{ url }) << words;
    };
    row("no mode", {}, u"\"--nothing\""_s);
    row("unknown mode", { u"dance"_s }, u"\"dance\" is not a mode"_s);
    row("settings before the mode", { u"--debug"_s, u"echo"_s }, u"\"--debug\" is not a mode"_s);
    row("no connections", { u"echo"_s, u"--connections=0"_s }, u"--connections: "_s);
    row("words for a number", { u"echo"_s, u"--connections=many"_s }, u"--connections: "_s);
    row("negative", { u"echo"_s, u"--in-flight=-1"_s }, u"--in-flight: "_s);
    row("too many rounds", { u"echo"_s, u"--rounds=1001"_s }, u"--rounds: "_s);
    row("more than a process may open", { u"echo"_s, u"--connections=1000000"_s },
        u"--connections: 1000000 are more"_s);
    row("no time", { u"echo"_s, u"--duration=0s"_s }, u"--duration: "_s);
    row("no duration", { u"echo"_s, u"--duration=soon"_s }, u"--duration: \"soon\""_s);
    row("not for this mode", { u"echo"_s, u"--slow=1"_s }, u"--slow: the mode echo"_s);
    row("all slow", { u"slow"_s, u"--connections=5"_s, u"--slow=5"_s }, u"--slow: "_s);
    row("short body", { u"fanout"_s, u"--body-bytes=23"_s }, u"--body-bytes: "_s);
    row("long body", { u"fanout"_s, u"--body-bytes=4001"_s }, u"--body-bytes: "_s);
    row("kind of refusal", { u"refusals"_s, u"--refused-by=me"_s }, u"--refused-by: \"me\""_s);
    row("contract", { u"echo"_s, u"--contract=rest"_s }, u"--contract: \"rest\""_s);
    row("contract of refusals", { u"refusals"_s, u"--contract=plain"_s }, u"--contract: "_s);
    row("settings for others", { u"echo"_s, u"--contract=plain"_s, u"--debug"_s }, u"\"--debug\""_s);
    row("path", { u"echo"_s, u"--path=ws"_s }, u"--path: must be"_s);
    row("path in two lines", { u"echo"_s, u"--path=/a\r\nb"_s }, u"--path: must be"_s);
    row("origin in two lines", { u"echo"_s, u"--origin=a\r\nb"_s }, u"--origin: "_s);
    row("process", { u"echo"_s, u"--pid=0"_s }, u"--pid: "_s);
    row("no process", { u"echo"_s, u"--pid=4194304"_s }, u"--pid: there is no process 4194304"_s);
    row("source addresses", { u"echo"_s, u"--source-addresses=60001"_s }, u"--source-addresses: "_s);
    row("publishes elsewhere by nothing", { u"fanout"_s, u"--contract=plain"_s, u"--publish-url=http://127.0.0.1:8"_s },
        u"--publish-url: needs --publish-path"_s);
    row("publishes at a stranger's", { u"fanout"_s, u"--publish-url=http://192.0.2.1:80"_s },
        u"--publish-url: 192.0.2.1 is not"_s);
    row("publishes in another mode", { u"echo"_s, u"--publish-url=http://127.0.0.1:8"_s },
        u"--publish-url: the mode echo"_s);
    row("no token file", { u"echo"_s, u"--token-file=nowhere"_s }, u"--token-file: nowhere cannot be read"_s);
    row("stray argument", { u"echo"_s, u"extra"_s }, u"\"extra\""_s);
    row("twice", { u"echo"_s, url }, u"--url is given twice"_s);
    QTest::newRow("TLS") << QStringList{ u"echo"_s, u"--url=https://127.0.0.1"_s } << u"--url: "_s;
    QTest::newRow("no url for others") << QStringList{ u"echo"_s, u"--contract=plain"_s } << u"--url: is missing"_s;
    QTest::newRow("sources over IPv6") << QStringList{ u"echo"_s, u"--source-addresses=2"_s, u"--url=http://[::1]:7"_s }
                                       << u"--source-addresses: needs"_s;
}

void TestBench::mistakesAreNamed()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, words);
    if (arguments.size() == 1 && arguments[0].startsWith(u"--url"))
        arguments.prepend(u"--nothing"_s);
    CliFixture fixture;
    QCOMPARE(fixture.run(benchCommand(), arguments), int(kExitUsage));
    QCOMPARE(fixture.err.size(), 1);
    QVERIFY2(fixture.err.front().startsWith(u"gatehouse bench: "_s), qPrintable(fixture.err.front()));
    QVERIFY2(fixture.err.front().contains(words), qPrintable(fixture.err.front()));
    QVERIFY(fixture.out.isEmpty());
}

void TestBench::foreignServersNeedAWord()
{
    CliFixture fixture;
    for (const QString &url : { u"http://192.0.2.1:80"_s, u"http://[2001:db8::1]:80"_s, u"http://0.0.0.0:80"_s }) {
        QCOMPARE(fixture.run(benchCommand(), { u"echo"_s, u"--url"_s, url }), int(kExitUsage));
        QVERIFY2(fixture.err.front().contains(u"--yes-i-own-this-server"_s), qPrintable(fixture.err.front()));
    }
    QVERIFY(plan(bench::ModeKey::Echo, { u"--url=http://192.0.2.1"_s, u"--yes-i-own-this-server"_s }).isOk());
}

void TestBench::usageNamesModesAndOptions()
{
    CliFixture fixture;
    QCOMPARE(fixture.run(benchCommand(), { u"--help"_s }), int(kExitOk));
    const QString usage = fixture.out.join(u'\n');
    QVERIFY(usage.startsWith(u"Usage: gatehouse bench MODE [OPTION…]"_s));
    for (const bench::ModeDescriptor &mode : bench::modeDescriptors())
        QVERIFY2(usage.contains(u"\n  %1 "_s.arg(mode.name)), mode.name.data());
    for (const OptionDescriptor &option : benchOptions())
        QVERIFY2(usage.contains(u"\n  %1"_s.arg(option.flag)), qPrintable(option.flag));
}

void TestBench::nobodyListens()
{
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", QString(40, u'x'));
    for (const bench::ModeDescriptor &mode : bench::modeDescriptors()) {
        QStringList arguments{ mode.name, u"--url=http://127.0.0.1:1"_s };
        if (mode.usesConnections)
            arguments.append(u"--connections=2"_s);
        QCOMPARE(fixture.run(benchCommand(), arguments), int(kExitFailed));
        QVERIFY2(fixture.err.back().contains(u"Connection refused"_s), qPrintable(fixture.err.back()));
    }
}

void TestBench::tokenIsNeverQuoted()
{
    CliFixture fixture;
    QFile file(fixture.directory.filePath(u"token"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("secret.to.ken\n");
    file.close();
    QCOMPARE(fixture.run(benchCommand(), { u"echo"_s, u"--url=http://127.0.0.1:1"_s, u"--token-file=token"_s }),
        int(kExitFailed));
    QVERIFY(!fixture.err.join(u'\n').contains(u"secret.to.ken"_s));
    QVERIFY(!fixture.out.join(u'\n').contains(u"secret.to.ken"_s));
}

QTEST_GUILESS_MAIN(TestBench)
#include "tst_bench.moc"
