// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QUrl>
#include <QtTest/QtTest>

#include "server/cli/clisettings.h"
#include "server/guard/originpolicy.h"
#include "server/net/network.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestCliSettings final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void originIsAllowed_data();
    void originIsAllowed();
    void urls_data();
    void urls();
    void urlFromListen_data();
    void urlFromListen();
};

void TestCliSettings::originIsAllowed_data()
{
    QTest::addColumn<QStringList>("allowedHosts");
    QTest::addColumn<QString>("origin");
    QTest::newRow("host") << QStringList{ u"example.com"_s } << u"https://example.com"_s;
    QTest::newRow("subdomains") << QStringList{ u".example.com"_s } << u"https://example.com"_s;
    QTest::newRow("scheme") << QStringList{ u"http://example.com:81"_s } << u"http://example.com:81"_s;
    QTest::newRow("all") << QStringList{ u"*"_s } << u"http://127.0.0.1:8080"_s;
    QTest::newRow("own host listed") << QStringList{ u"example.com"_s, u"127.0.0.1"_s } << u"http://127.0.0.1:8080"_s;
    QTest::newRow("IPv6") << QStringList{ u"[::1]"_s } << u"https://[::1]"_s;
}

void TestCliSettings::originIsAllowed()
{
    QFETCH(QStringList, allowedHosts);
    QFETCH(QString, origin);
    Settings settings;
    settings.allowedHosts = allowedHosts;
    QCOMPARE(allowedOrigin(settings, QUrl(u"http://127.0.0.1:8080"_s)), origin);
    QVERIFY(OriginPolicy(allowedHosts, false, false).allows(origin.toUtf8()));
}

void TestCliSettings::urls_data()
{
    QTest::addColumn<QString>("given");
    QTest::addColumn<QString>("url"); // empty: refused
    QTest::newRow("http") << u"http://127.0.0.1:8080"_s << u"http://127.0.0.1:8080"_s;
    QTest::newRow("slash") << u"http://127.0.0.1:8080/"_s << u"http://127.0.0.1:8080"_s;
    QTest::newRow("ws") << u"ws://[::1]:81"_s << u"http://[::1]:81"_s;
    QTest::newRow("wss") << u"wss://example.com"_s << u"https://example.com"_s;
    QTest::newRow("https") << u"https://example.com"_s << u"https://example.com"_s;
    for (const char *text :
        { "127.0.0.1:8080", "ftp://example.com", "http://", "http://a/b/c", "http://a?token=x", "http://a b/" })
        QTest::newRow(text) << QString::fromLatin1(text) << QString();
}

void TestCliSettings::urls()
{
    QFETCH(QString, given);
    QFETCH(QString, url);
    const auto result = serverUrl(given, {});
    QCOMPARE(result ? result->toString() : QString(), url);
    if (!result)
        QVERIFY(result.error().message.startsWith(u"--url: "_s));
}

void TestCliSettings::urlFromListen_data()
{
    QTest::addColumn<QString>("listen");
    QTest::addColumn<QString>("url"); // empty: refused
    QTest::newRow("default") << u"127.0.0.1:8080"_s << u"http://127.0.0.1:8080"_s;
    QTest::newRow("IPv6") << u"[::1]:81"_s << u"http://[::1]:81"_s;
    QTest::newRow("any") << u":81"_s << u"http://127.0.0.1:81"_s;
    QTest::newRow("any IPv4") << u"0.0.0.0:81"_s << u"http://127.0.0.1:81"_s;
    QTest::newRow("port 0") << u"127.0.0.1:0"_s << QString();
    QTest::newRow("unix") << u"unix:/run/x"_s << QString();
}

void TestCliSettings::urlFromListen()
{
    QFETCH(QString, listen);
    QFETCH(QString, url);
    Settings settings;
    settings.listen = *parseListenAddress(listen);
    const auto result = serverUrl(std::nullopt, settings);
    QCOMPARE(result ? result->toString() : QString(), url);
}

QTEST_APPLESS_MAIN(TestCliSettings)
#include "tst_clisettings.moc"
