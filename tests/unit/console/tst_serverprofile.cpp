// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/serverprofile.h"

#include <QtTest/QtTest>

#include "tests/support/testcertificates.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestServerProfile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesJson();
    void productionIsReadOnlyAtFirst();
    void productionNeverConnectsAtTheStart();
    void keepsWhatAnotherVersionAdded();
    void everyNewProfileHasItsOwnId();
    void namesWhatIsWrong_data();
    void namesWhatIsWrong();
    void readsWhatPeopleType_data();
    void readsWhatPeopleType();
    void refusesWhatIsNoAddress_data();
    void refusesWhatIsNoAddress();
};

void TestServerProfile::survivesJson()
{
    ServerProfile profile = ServerProfile::create(u"Bangkok"_s, QUrl(u"https://gate.example.org"_s));
    profile.color = QColor(u"#ff8800"_s);
    profile.environment = Environment::Staging;
    profile.storesToken = false;
    profile.connectsAtStart = true;
    profile.authority = testcertificates::kAuthority;
    const Result<ServerProfile> back = ServerProfile::fromJson(profile.toJson());
    QVERIFY(back.isOk());
    QCOMPARE(*back, profile);
    QVERIFY(!profile.toJson().contains("token"_L1));
}

void TestServerProfile::productionIsReadOnlyAtFirst()
{
    ServerProfile profile = ServerProfile::create(u"x"_s, QUrl(u"https://x.example"_s));
    QVERIFY(!profile.isReadOnlyAtFirst());
    profile.environment = Environment::Production;
    QVERIFY(profile.isReadOnlyAtFirst());
    QCOMPARE(environmentTitle(profile.environment), u"Production"_s);
}

void TestServerProfile::productionNeverConnectsAtTheStart()
{
    ServerProfile profile = ServerProfile::create(u"x"_s, QUrl(u"https://x.example"_s));
    profile.environment = Environment::Production;
    profile.connectsAtStart = true;
    QVERIFY(!ServerProfile::fromJson(profile.toJson())->connectsAtStart);
}

void TestServerProfile::keepsWhatAnotherVersionAdded()
{
    QJsonObject object = ServerProfile::create(u"x"_s, QUrl(u"https://x.example"_s)).toJson();
    object.insert("group"_L1, u"Bangkok"_s);
    const Result<ServerProfile> profile = ServerProfile::fromJson(object);
    QVERIFY(profile.isOk());
    QCOMPARE(profile->unknown, (QJsonObject{ { u"group"_s, u"Bangkok"_s } }));
    QCOMPARE(profile->toJson(), object);
}

void TestServerProfile::everyNewProfileHasItsOwnId()
{
    const QUrl url(u"http://localhost"_s);
    QVERIFY(ServerProfile::create(u"a"_s, url).id != ServerProfile::create(u"a"_s, url).id);
}

void TestServerProfile::namesWhatIsWrong_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("id") << u"id"_s << QJsonValue(u"7"_s);
    QTest::newRow("no id") << u"id"_s << QJsonValue();
    QTest::newRow("name") << u"name"_s << QJsonValue(u"  "_s);
    QTest::newRow("url") << u"url"_s << QJsonValue(u"ftp://x"_s);
    QTest::newRow("color") << u"color"_s << QJsonValue(u"reddish"_s);
    QTest::newRow("environment") << u"environment"_s << QJsonValue(u"moon"_s);
    QTest::newRow("authority") << u"authority"_s << QJsonValue(u"nobody"_s);
    for (const char *secret : { "token", "access_token", "Password", "jwtSecret", "api_key" })
        QTest::newRow(secret) << QString::fromLatin1(secret) << QJsonValue(u"x"_s);
}

void TestServerProfile::namesWhatIsWrong()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = ServerProfile::create(u"x"_s, QUrl(u"http://localhost"_s)).toJson();
    object.insert(member, value);
    const Result<ServerProfile> profile = ServerProfile::fromJson(object);
    QVERIFY(!profile.isOk());
    QCOMPARE(profile.error().field, member);
    QVERIFY(!profile.error().message.isEmpty());
}

void TestServerProfile::readsWhatPeopleType_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("url");
    QTest::newRow("whole") << u"https://gate.example.org:8443"_s << u"https://gate.example.org:8443"_s;
    QTest::newRow("spaces") << u"  http://10.0.0.1:8080 "_s << u"http://10.0.0.1:8080"_s;
    QTest::newRow("loopback name") << u"localhost:8080"_s << u"http://localhost:8080"_s;
    QTest::newRow("loopback address") << u"127.0.0.1:8080"_s << u"http://127.0.0.1:8080"_s;
    QTest::newRow("loopback IPv6") << u"[::1]:8080"_s << u"http://[::1]:8080"_s;
    QTest::newRow("another host is https") << u"gate.example.org"_s << u"https://gate.example.org"_s;
    QTest::newRow("slashes at the end") << u"https://gate.example.org//"_s << u"https://gate.example.org"_s;
    QTest::newRow("behind a prefix") << u"https://example.org/gate/"_s << u"https://example.org/gate"_s;
}

void TestServerProfile::readsWhatPeopleType()
{
    QFETCH(QString, typed);
    QFETCH(QString, url);
    const Result<QUrl> read = parseServerUrl(typed);
    QVERIFY2(read.isOk(), qPrintable(read.isOk() ? QString() : read.error().message));
    QCOMPARE(read->toString(), url);
}

void TestServerProfile::refusesWhatIsNoAddress_data()
{
    QTest::addColumn<QString>("typed");
    QTest::newRow("empty") << QString();
    QTest::newRow("blank") << u"   "_s;
    QTest::newRow("another scheme") << u"ws://gate.example.org"_s;
    QTest::newRow("a file") << u"file:///etc/passwd"_s;
    QTest::newRow("a password in it") << u"https://me:secret@gate.example.org"_s;
    QTest::newRow("a query") << u"https://gate.example.org/?token=x"_s;
    QTest::newRow("a bad port") << u"https://gate.example.org:99999"_s;
    QTest::newRow("words") << u"my server please"_s;
}

void TestServerProfile::refusesWhatIsNoAddress()
{
    QFETCH(QString, typed);
    const Result<QUrl> read = parseServerUrl(typed);
    QVERIFY(!read.isOk());
    QVERIFY(!read.error().message.isEmpty());
}

QTEST_GUILESS_MAIN(TestServerProfile)
#include "tst_serverprofile.moc"
