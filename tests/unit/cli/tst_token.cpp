// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/auth/jwtverifier.h"
#include "server/cli/tokencommand.h"
#include "server/config/statedirectory.h"
#include "tests/support/clifixture.h"
#include "tests/support/testkeys.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const QByteArray kSecret = "0123456789abcdef0123456789abcdef";

} // namespace

class TestToken final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void printsTheTokenAlone();
    void usesTheServersSecret();
    void aMissingSecretIsNamedAndNotMade();
    void usesTheFirstKeyOfAFile();
    void publicKeysCannotSign();
    void signsWithAPrivateKey();
    void mistakesAreNamed_data();
    void mistakesAreNamed();
    void stateThatIsNotThere();

private:
    static void write(const CliFixture &fixture, const QString &name, const QByteArray &content)
    {
        QFile file(fixture.directory.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    static TokenVerdict verify(const CliFixture &fixture, const QByteArray &secret)
    {
        const auto verifier = JwtVerifier::create({ { { {}, secret } }, {}, {} });
        return (*verifier)->verify(fixture.out.value(0).toLatin1(), fixture.clock.utc());
    }
};

void TestToken::printsTheTokenAlone()
{
    CliFixture fixture;
    fixture.set(u"JWT_SECRET", QString::fromLatin1(kSecret));
    QCOMPARE(
        fixture.run(tokenCommand(),
            { u"--user"_s, u"42"_s, u"--role"_s, u"admin"_s, u"--expires"_s, u"2h"_s, u"--group=a"_s, u"--group=b"_s }),
        int(kExitOk));
    QCOMPARE(fixture.out.size(), 1);
    QVERIFY(fixture.err.isEmpty());
    const auto verdict = verify(fixture, kSecret);
    QVERIFY(std::holds_alternative<Identity>(verdict));
    const auto &identity = std::get<Identity>(verdict);
    QCOMPARE(identity.user, u"42"_s);
    QCOMPARE(identity.role, Role::Admin);
    QCOMPARE(identity.groups, QStringList({ u"a"_s, u"b"_s }));
    QVERIFY(identity.expiresAt == fixture.clock.utc() + 2h);
}

void TestToken::usesTheServersSecret()
{
    CliFixture fixture;
    QVERIFY(QDir(fixture.directory.path()).mkdir(u"state"_s));
    QVERIFY(makeSecretUnlessThere(fixture.directory.filePath(u"state"_s)).isOk());
    QCOMPARE(fixture.run(tokenCommand(), { u"--user=42"_s, u"--state-dir=state"_s }), int(kExitOk));
    QFile file(fixture.directory.filePath(u"state/jwt_secret"_s));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray secret = file.readAll().trimmed();
    QVERIFY(std::holds_alternative<Identity>(verify(fixture, secret)));
    QVERIFY(!fixture.out.join(u' ').contains(QString::fromLatin1(secret)));
}

void TestToken::aMissingSecretIsNamedAndNotMade()
{
    CliFixture fixture;
    QCOMPARE(fixture.run(tokenCommand(), { u"--user=42"_s, u"--state-dir=state"_s }), int(kExitUsage));
    QCOMPARE(fixture.err.size(), 1);
    QVERIFY2(fixture.err[0].startsWith(u"gatehouse token: JWT_SECRET is not set, and there is no "_s),
        qPrintable(fixture.err[0]));
    QVERIFY(fixture.err[0].contains(fixture.directory.filePath(u"state/jwt_secret"_s)));
    QVERIFY(!QFile::exists(fixture.directory.filePath(u"state"_s)));
}

void TestToken::usesTheFirstKeyOfAFile()
{
    CliFixture fixture;
    QFile file(fixture.directory.filePath(u"keys.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(R"({"kty":"oct","kid":"2025","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"})");
    file.close();
    fixture.set(u"JWT_KEYS_FILE", u"keys.json"_s);
    QCOMPARE(fixture.run(tokenCommand(), { u"--user=42"_s }), int(kExitOk));
    const auto other = JwtVerifier::create({ { { u"2024"_s, kSecret } }, {}, {} });
    QVERIFY(std::holds_alternative<TokenRefusal>(
        (*other)->verify(fixture.out.value(0).toLatin1(), fixture.clock.utc()))); // it names its key
    const auto verifier = JwtVerifier::create({ { { u"2025"_s, kSecret } }, {}, {} });
    QVERIFY(
        std::holds_alternative<Identity>((*verifier)->verify(fixture.out.value(0).toLatin1(), fixture.clock.utc())));
}

void TestToken::publicKeysCannotSign()
{
    CliFixture fixture;
    write(fixture, u"public.pem"_s, testkeys::kRsaPem);
    fixture.set(u"JWT_KEYS_FILE", u"public.pem"_s);
    QCOMPARE(fixture.run(tokenCommand(), { u"--user=42"_s }), int(kExitUsage));
    QVERIFY(fixture.out.isEmpty());
    QVERIFY2(fixture.err.join(u' ').contains(u"only public keys"_s), qPrintable(fixture.err.join(u' ')));
}

void TestToken::signsWithAPrivateKey()
{
    CliFixture fixture;
    write(fixture, u"public.pem"_s, "kid: 2025\n" + testkeys::kRsaPem);
    write(fixture, u"private.pem"_s, testkeys::kRsaPrivatePem);
    fixture.set(u"JWT_KEYS_FILE", u"public.pem"_s);
    const QStringList arguments{ u"--user=42"_s, u"--key=private.pem"_s, u"--kid=2025"_s };
    QCOMPARE(fixture.run(tokenCommand(), arguments), int(kExitOk));
    const auto keys = parseJwtKeys("kid: 2025\n" + testkeys::kRsaPem, u"keys"_s, {}, fixture.clock.utc());
    const auto verifier = JwtVerifier::create({ keys->keys, {}, {} });
    QVERIFY(
        std::holds_alternative<Identity>((*verifier)->verify(fixture.out.value(0).toLatin1(), fixture.clock.utc())));

    const auto failsWith = [&](const QStringList &wrong, const QString &words) {
        fixture.err.clear();
        return fixture.run(tokenCommand(), wrong) == kExitUsage && fixture.err.join(u' ').contains(words);
    };
    QVERIFY(failsWith({ u"--user=42"_s, u"--key=public.pem"_s }, u"public.pem holds no private key"_s));
    QVERIFY(failsWith({ u"--user=42"_s, u"--key=missing.pem"_s }, u"missing.pem cannot be read"_s));
    QVERIFY(failsWith(arguments + QStringList{ u"--algorithm=ES256"_s }, u"is no key for ES256"_s));
    QVERIFY(failsWith(arguments + QStringList{ u"--algorithm=none"_s }, u"--algorithm: \"none\" is not known"_s));
    QVERIFY(failsWith({ u"--user=42"_s, u"--kid=2025"_s }, u"--kid and --algorithm are for --key only"_s));
}

void TestToken::mistakesAreNamed_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("words");
    QTest::newRow("no user") << QStringList() << u"--user ID is missing"_s;
    QTest::newRow("empty user") << QStringList{ u"--user"_s, QString() } << u"--user is empty"_s;
    QTest::newRow("blank user") << QStringList{ u"--user= "_s } << u"--user: must be"_s;
    QTest::newRow("user with a newline") << QStringList{ u"--user=a\nb"_s } << u"--user: must be"_s;
    QTest::newRow("long user") << QStringList{ QString(u"--user="_s + QString(256, u'x')) } << u"--user: must be"_s;
    QTest::newRow("role") << QStringList{ u"--user=1"_s, u"--role=boss"_s } << u"--role: \"boss\""_s;
    QTest::newRow("expiry") << QStringList{ u"--user=1"_s, u"--expires=soon"_s } << u"--expires: \"soon\""_s;
    QTest::newRow("expired at once") << QStringList{ u"--user=1"_s, u"--expires=0"_s } << u"--expires: must be"_s;
    QTest::newRow("negative expiry") << QStringList{ u"--user=1"_s, u"--expires=-1h"_s } << u"--expires: \"-1h\""_s;
    QTest::newRow("group") << QStringList{ u"--user=1"_s, u"--group=a\tb"_s } << u"--group: must be"_s;
    QTest::newRow("unknown") << QStringList{ u"--user=1"_s, u"--nonsense"_s } << u"unknown option --nonsense"_s;
    QTest::newRow("secret") << QStringList{ u"--user=1"_s, u"--jwt-secret=abc"_s } << u"--jwt-secret is not offered"_s;
    QTest::newRow("bad setting") << QStringList{ u"--user=1"_s, u"--workers=0"_s } << u"--workers (WORKERS): "_s;
}

void TestToken::mistakesAreNamed()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, words);
    CliFixture fixture;
    QCOMPARE(fixture.run(tokenCommand(), arguments), int(kExitUsage));
    QVERIFY2(fixture.err.join(u'\n').contains(words), qPrintable(fixture.err.join(u'\n')));
    QVERIFY(fixture.out.isEmpty());
}

void TestToken::stateThatIsNotThere()
{
    CliFixture fixture;
    QCOMPARE(fixture.run(tokenCommand(), { u"--user=1"_s, u"--state-dir=/proc/none"_s }), int(kExitUsage));
    QCOMPARE(fixture.err.size(), 1);
    QVERIFY(fixture.err.front().contains(u"/proc/none"_s));
    QVERIFY(fixture.out.isEmpty());
}

QTEST_GUILESS_MAIN(TestToken)
#include "tst_token.moc"
