// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/tlstrust.h"

#include <QtTest/QtTest>

#include "console/connection/authority.h"
#include "console/connection/httpadminclient.h"
#include "tests/support/fakeadminserver.h"
#include "tests/support/fakeclock.h"
#include "tests/support/testcertificates.h"
#include "tests/support/tlsfront.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

/// Private authorities: what is read from their files, and whom the console then trusts, over real TLS.
class TestTlsTrust : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAuthorities();
    void refusesWhatIsNoAuthority_data();
    void refusesWhatIsNoAuthority();
    void namesTheFileThatItCannotRead();
    void connectsWithAnAuthorityOfItsOwn();
    void saysWhatToDo_data();
    void saysWhatToDo();
    void trustIsOfOneServer();
    void trustCanBeTakenAway();
    void theStreamJudgesByItself();

private:
    FakeClock m_clock;
};

void TestTlsTrust::readsAuthorities()
{
    const Result<Authority> one = readAuthority("a comment\n" + testcertificates::kAuthority);
    QVERIFY(one.isOk());
    QCOMPARE(one->subject, u"Example Test CA, Example"_s);
    QCOMPARE(one->pem, testcertificates::kAuthority);
    QCOMPARE(QDateTime::fromMSecsSinceEpoch(one->expiresAt.time_since_epoch().count()).toUTC().date().year(), 2120);
    const Result<Authority> two = readAuthority(testcertificates::kAuthority + testcertificates::kAnotherAuthority);
    QVERIFY(two.isOk());
    QCOMPARE(two->subject, u"Example Test CA, Example; Another CA"_s);
    // What is secret in the file stays there.
    const Result<Authority> withKey = readAuthority(testcertificates::kKey + testcertificates::kAuthority);
    QVERIFY(withKey.isOk());
    QCOMPARE(withKey->pem, testcertificates::kAuthority);
}

void TestTlsTrust::refusesWhatIsNoAuthority_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("words");
    QTest::newRow("nothing") << QByteArray() << u"BEGIN CERTIFICATE"_s;
    QTest::newRow("words") << QByteArray("hello") << u"BEGIN CERTIFICATE"_s;
    QTest::newRow("a key") << testcertificates::kKey << u"private key"_s;
    QTest::newRow("cut off") << testcertificates::kAuthority.left(200) << u"BEGIN CERTIFICATE"_s;
    QTest::newRow("DER") << QSslCertificate(testcertificates::kAuthority).toDer() << u"BEGIN CERTIFICATE"_s;
    QTest::newRow("a request") << QByteArray("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n") << u"request"_s;
    QTest::newRow("large") << QByteArray(300 * 1024, 'x') << u"large"_s;
}

void TestTlsTrust::refusesWhatIsNoAuthority()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, words);
    const Result<Authority> authority = readAuthority(text);
    QVERIFY(!authority.isOk());
    QVERIFY2(authority.error().message.contains(words), qPrintable(authority.error().message));
    QCOMPARE(authority.error().field, u"authority"_s);
}

void TestTlsTrust::namesTheFileThatItCannotRead()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath(u"ca.pem"_s);
    QVERIFY(readAuthorityFile(path).error().message.contains(path));
    QVERIFY(readAuthorityFile(folder.path()).error().message.contains(folder.path()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("hello");
    file.flush();
    QVERIFY(readAuthorityFile(path).error().message.startsWith(u"ca.pem: "_s));
    file.resize(0);
    file.seek(0);
    file.write(testcertificates::kAuthority);
    file.close();
    QVERIFY(readAuthorityFile(path).isOk());
}

void TestTlsTrust::connectsWithAnAuthorityOfItsOwn()
{
    FakeAdminServer server;
    QVERIFY(server.start());
    const TlsFront front(server.port(), testcertificates::kHere, testcertificates::kKey);
    QVERIFY(front.isListening);
    HttpAdminClient client(m_clock, ReconnectPolicy([] { return 0.0; }));
    client.connectToServer(front.url(), u"good-token"_s);
    QTRY_COMPARE(client.status().state, ConnectionState::WaitingToRetry);
    QVERIFY2(client.status().cause.contains(u"Example Test CA"_s), qPrintable(client.status().cause));
    QCOMPARE(server.requests.size(), 0U); // the token went nowhere
    client.trust(front.url(), testcertificates::kAuthority);
    client.reconnect();
    // The stream too: it is live only with samples from it.
    QTRY_COMPARE(client.status().state, ConnectionState::Live);
    QCOMPARE(server.streamCount(), 1);
}

void TestTlsTrust::saysWhatToDo_data()
{
    QTest::addColumn<QByteArray>("certificate");
    QTest::addColumn<QByteArray>("authority");
    QTest::addColumn<QString>("words");
    QTest::newRow("unknown") << testcertificates::kHere << QByteArray() << u"“Authority”"_s;
    QTest::newRow("another authority") << testcertificates::kHere << testcertificates::kAnotherAuthority
                                       << u"“Example Test CA”"_s;
    QTest::newRow("another name") << testcertificates::kOther << testcertificates::kAuthority << u"other.example"_s;
    QTest::newRow("it ended") << testcertificates::kEnded << testcertificates::kAuthority << u"renewed"_s;
}

void TestTlsTrust::saysWhatToDo()
{
    QFETCH(QByteArray, certificate);
    QFETCH(QByteArray, authority);
    QFETCH(QString, words);
    FakeAdminServer server;
    QVERIFY(server.start());
    const TlsFront front(server.port(), certificate, testcertificates::kKey);
    HttpAdminClient client(m_clock, ReconnectPolicy([] { return 0.0; }));
    client.trust(front.url(), authority);
    std::optional<Problem> problem;
    client.testConnection(front.url(), u"good-token"_s, &client,
        [&problem](const ApiResult<ServerInfo> &result) { problem = result ? Problem() : result.problem(); });
    QTRY_VERIFY(problem);
    QCOMPARE(problem->code, u"tls"_s);
    QVERIFY2(problem->detail.contains(words), qPrintable(problem->detail));
    QCOMPARE(server.requests.size(), 0U);
}

void TestTlsTrust::trustIsOfOneServer()
{
    TlsTrust trust;
    const QUrl url(u"https://gate.example"_s);
    QVERIFY(trust.set(url, testcertificates::kAuthority));
    QVERIFY(!trust.set(url, testcertificates::kAuthority));
    const QSslCertificate authority(testcertificates::kAuthority, QSsl::Pem);
    const auto trusts = [&trust, &authority](const QString &server) {
        return trust.configuration(QUrl(server)).caCertificates().contains(authority);
    };
    QVERIFY(trusts(u"https://gate.example"_s));
    QVERIFY(trusts(u"https://gate.example:443/gate"_s));
    QVERIFY(trusts(u"wss://gate.example"_s));
    QVERIFY(!trusts(u"https://gate.example:8443"_s));
    QVERIFY(!trusts(u"https://other.example"_s));
    QVERIFY(!trusts(u"http://gate.example:443"_s));
    // What the system trusts is trusted as before.
    QVERIFY(trust.configuration(url).caCertificates().size() > QSslConfiguration::systemCaCertificates().size());
}

void TestTlsTrust::trustCanBeTakenAway()
{
    FakeAdminServer server;
    QVERIFY(server.start());
    const TlsFront front(server.port(), testcertificates::kHere, testcertificates::kKey);
    HttpAdminClient client(m_clock, ReconnectPolicy([] { return 0.0; }));
    client.trust(front.url(), testcertificates::kAuthority);
    client.connectToServer(front.url(), u"good-token"_s);
    QTRY_COMPARE(client.status().state, ConnectionState::Live);
    client.trust(front.url(), {});
    client.reconnect(); // not over a connection that is still open
    QTRY_COMPARE(client.status().state, ConnectionState::WaitingToRetry);
}

void TestTlsTrust::theStreamJudgesByItself()
{
    FakeAdminServer server;
    QVERIFY(server.start());
    const TlsFront front(server.port(), testcertificates::kHere, testcertificates::kKey);
    LiveStream stream(std::chrono::seconds(20));
    QSignalSpy lost(&stream, &LiveStream::lost);
    stream.open(front.url(), u"good-token"_s, QSslConfiguration::defaultConfiguration());
    QTRY_COMPARE(lost.count(), 1);
    QVERIFY2(lost[0][0].toString().contains(u"Example Test CA"_s), qPrintable(lost[0][0].toString()));
}

QTEST_GUILESS_MAIN(TestTlsTrust)
#include "tst_tlstrust.moc"
