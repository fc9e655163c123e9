// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/auth/jwtkey.h"
#include "tests/support/fakeclock.h"
#include "tests/support/testkeys.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace gatehouse::testkeys;

namespace {

QByteArray octKey(const QByteArray &kid, char fill, int bytes = 32)
{
    const QByteArray k
        = QByteArray(bytes, fill).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    return R"({"kty":"oct","alg":"HS256","kid":")" + kid + R"(","k":")" + k + R"("})";
}

QByteArray derOf(const QByteArray &pem)
{
    const QByteArrayList lines = pem.trimmed().split('\n');
    return QByteArray::fromBase64(lines.mid(1, lines.size() - 2).join());
}

QByteArray setOf(const QByteArrayList &keys)
{
    return R"({"keys":[)" + keys.join(',') + "]}";
}

/// The JWK with more members.
QByteArray with(const QByteArray &jwk, const QByteArray &members)
{
    return jwk.chopped(1) + ',' + members + '}';
}

Result<JwtKeys> read(const QByteArray &content, std::optional<JwtAlgorithm> preferred = {})
{
    return parseJwtKeys(content, u"keys"_s, preferred, FakeClock().utc());
}

} // namespace

class TestJwtKey final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsASet();
    void readsASingleKey();
    void readsPublicJwks();
    void readsPem();
    void algorithmsAreBound();
    void otherKeysArePassedOver_data();
    void otherKeysArePassedOver();
    void refusesWhatIsWrong_data();
    void refusesWhatIsWrong();
    void certificatesHaveTheirTime();
    void aCertificateThatHasEndedIsNotInTheNextOnesWay();
    void refusesTooManyKeys();
    void namesTheKeyAtFault();
    void errorsHoldNoKeyMaterial();
};

void TestJwtKey::readsASet()
{
    const auto keys = read(setOf({ octKey("old", 'a'), octKey("new", 'b', 64) }));
    QVERIFY2(keys.isOk(), keys ? "" : qPrintable(keys.error().message));
    QCOMPARE(keys->keys.size(), size_t(2));
    QCOMPARE(keys->keys[0].id, u"old"_s);
    QCOMPARE(keys->keys[0].secret, QByteArray(32, 'a'));
    QCOMPARE(keys->keys[1].secret, QByteArray(64, 'b'));
}

void TestJwtKey::readsASingleKey()
{
    const auto keys = read(R"({"kty":"oct","k":"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"})");
    QVERIFY(keys.isOk());
    QCOMPARE(keys->keys.size(), size_t(1));
    QVERIFY(keys->keys.front().id.isEmpty());
    QCOMPARE(keys->keys.front().secret, QByteArray(32, 'a'));
}

void TestJwtKey::readsPublicJwks()
{
    const auto keys = read(setOf({ with(kRsaJwk, R"("kid":"r","use":"sig","alg":"PS256")"), kP256Jwk,
        with(kP384Jwk, R"("key_ops":["verify"])") }));
    QVERIFY2(keys.isOk(), keys ? "" : qPrintable(keys.error().message));
    QCOMPARE(keys->keys.size(), size_t(3));
    QCOMPARE(keys->keys[0].id, u"r"_s);
    QCOMPARE(keys->keys[0].algorithm, JwtAlgorithm::Ps256);
    QCOMPARE(keys->keys[1].algorithm, JwtAlgorithm::Es256);
    QCOMPARE(keys->keys[2].algorithm, JwtAlgorithm::Es384);
    QVERIFY(keys->warnings.isEmpty());
}

void TestJwtKey::readsPem()
{
    const auto keys
        = read("Ours:\nkid: one\n" + kRsaPem + "\nkid: two\r\n" + kP256Pem + kP384Pem + kRsaPkcs1Pem + kCertificatePem);
    QVERIFY2(keys.isOk(), keys ? "" : qPrintable(keys.error().message));
    QCOMPARE(keys->keys.size(), size_t(5));
    QCOMPARE(keys->keys[0].id, u"one"_s);
    QCOMPARE(keys->keys[1].id, u"two"_s);
    QVERIFY(keys->keys[2].id.isEmpty());
    const auto jwk = read(kRsaJwk);
    for (const size_t rsa : { size_t(0), size_t(3), size_t(4) }) { // the same key in each form
        QCOMPARE(keys->keys[rsa].publicKey.modulusOrX, jwk->keys[0].publicKey.modulusOrX);
        QCOMPARE(keys->keys[rsa].publicKey.exponentOrY, QByteArray("\1\0\1", 3));
        QVERIFY(!keys->keys[rsa].isSecret() && keys->keys[rsa].secret.isEmpty());
    }
}

void TestJwtKey::algorithmsAreBound()
{
    using enum JwtAlgorithm;
    const QByteArray all = setOf({ octKey("", 'a', 64).replace(R"("alg":"HS256",)", ""), kRsaJwk, kP256Jwk, kP384Jwk });
    const auto algorithms = [&all](std::optional<JwtAlgorithm> preferred) {
        std::vector<JwtAlgorithm> found;
        const Result<JwtKeys> keys = read(all, preferred);
        for (const JwtKey &key : keys->keys)
            found.push_back(key.algorithm);
        return found;
    };
    QCOMPARE(algorithms({}), std::vector({ Hs256, Rs256, Es256, Es384 }));
    QCOMPARE(algorithms(Hs512), std::vector({ Hs512, Rs256, Es256, Es384 }));
    QCOMPARE(algorithms(Ps256), std::vector({ Hs256, Ps256, Es256, Es384 }));
    QCOMPARE(algorithms(Es384), std::vector({ Hs256, Rs256, Es256, Es384 }));
    QCOMPARE(read(with(kRsaJwk, R"("alg":"RS384")"), Rs512)->keys[0].algorithm, Rs384); // the key's own word counts
    QCOMPARE(read(kRsaPem, Rs512)->keys[0].algorithm, Rs512);
}

void TestJwtKey::otherKeysArePassedOver_data()
{
    QTest::addColumn<QByteArray>("jwk");
    QTest::addColumn<QString>("why");
    QTest::newRow("encryption") << with(kRsaJwk, R"("use":"enc")") << u"its use is not"_s;
    QTest::newRow("signing only") << with(kP256Jwk, R"("key_ops":["sign"])") << u"its key_ops"_s;
    QTest::newRow("no operations") << with(kP256Jwk, R"("key_ops":[])") << u"its key_ops"_s;
    QTest::newRow("another type") << QByteArray(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})") << u"its kty"_s;
    QTest::newRow("another curve") << QByteArray(R"({"kty":"EC","crv":"P-521","x":"AAAA","y":"AAAA"})") << u"its kty"_s;
    QTest::newRow("another algorithm") << with(kRsaJwk, R"("alg":"RSA-OAEP")") << u"its alg"_s;
}

void TestJwtKey::otherKeysArePassedOver()
{
    QFETCH(QByteArray, jwk);
    QFETCH(QString, why);
    const auto keys = read(setOf({ jwk, kP384Jwk }));
    QVERIFY2(keys.isOk(), keys ? "" : qPrintable(keys.error().message));
    QCOMPARE(keys->keys.size(), size_t(1));
    QCOMPARE(keys->warnings.size(), 1);
    QVERIFY2(keys->warnings[0].startsWith(u"keys: key 1: is passed over: "_s + why), qPrintable(keys->warnings[0]));
    const auto alone = read(jwk);
    QVERIFY(!alone.isOk());
    QVERIFY2(alone.error().message.contains(why), qPrintable(alone.error().message));
}

void TestJwtKey::refusesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("words");
    const auto row = [](const char *name, const QByteArray &content, const QString &words) {
        QTest::newRow(name) << content << words;
    };
    row("private RSA JWK", with(kRsaJwk, R"("d":"AQAB")"), u"key 1: is a private key"_s);
    row("private EC JWK", with(kP256Jwk, R"("d":"AQAB")"), u"key 1: is a private key"_s);
    row("private JWK for others", with(kRsaJwk, R"("use":"enc","d":"AQAB")"), u"key 1: is a private key"_s);
    row("RSA as a secret", with(kRsaJwk, R"("alg":"HS256")"), u"key 1: its alg does not fit its kty"_s);
    row("secret as RSA", octKey("a", 'a').replace("HS256", "RS256"), u"key 1: its alg does not fit its kty"_s);
    row("EC as RSA", with(kP256Jwk, R"("alg":"RS256")"), u"key 1: its alg does not fit its kty"_s);
    row("other curve's algorithm", with(kP256Jwk, R"("alg":"ES384")"), u"key 1: its alg does not fit its kty"_s);
    row("alg null", with(kRsaJwk, R"("alg":null)"), u"key 1: its alg is not a string"_s);
    row("use of a wrong type", with(kRsaJwk, R"("use":1)"), u"key 1: its use is not a string"_s);
    row("key_ops of a wrong type", with(kRsaJwk, R"("key_ops":"verify")"), u"key 1: its key_ops is not a list"_s);
    row("secret too short for HS512", octKey("a", 'a', 63).replace("HS256", "HS512"), u"HS512 needs at least 64"_s);
    row("RSA without n", R"({"kty":"RSA","e":"AQAB"})", u"key 1: its n is not base64url"_s);
    row("short RSA", R"({"kty":"RSA","n":"u_8","e":"AQAB"})", u"key 1: is"_s);
    row("even exponent", QByteArray(kRsaJwk).replace("AQAB", "AQAC"), u"key 1: is not a sound RSA key"_s);
    row("exponent 1", QByteArray(kRsaJwk).replace("AQAB", "AQ"), u"key 1: is not a sound RSA key"_s);
    row("point off the curve",
        R"({"kty":"EC","crv":"P-256","x":")" + QByteArray(43, 'A') + R"(","y":")" + QByteArray(43, 'A') + R"("})",
        u"key 1: is not a point of its curve"_s);
    row("short coordinate", R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})", u"does not have 32 bytes"_s);
    row("public key as a secret",
        R"({"kty":"oct","k":")" + kRsaPem.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
            + R"("})",
        u"key 1: its secret is a PEM text"_s);
    row("kid twice", setOf({ octKey("same", 'a'), with(kRsaJwk, R"("kid":"same")") }),
        u"the kid \"same\" appears twice"_s);
    row("kid twice in PEM", "kid: a\n" + kRsaPem + "kid: a\n" + kP256Pem, u"the kid \"a\" appears twice"_s);
    row("long kid", octKey(QByteArray(129, 'k'), 'a'), u"a kid is longer than 128 characters"_s);
    row("private PEM", kRsaPem + kP256PrivatePem, u"block 2 is a private key"_s);
    row("weak RSA", kRsaPem + kWeakRsaPem, u"block 2 is a 1024-bit RSA key"_s);
    row("P-521", kP521Pem, u"block 1 is an EC key of a curve"_s);
    row("expired certificate", kExpiredCertificatePem, u"keys: block 1 is a certificate that expired on 2021-01-01"_s);
    row("expired certificates", kExpiredCertificatePem + kExpiredCertificatePem,
        u"keys: block 1 is a certificate that expired on 2021-01-01"_s);
    row("expired certificate beside a bad key", kExpiredCertificatePem + kWeakRsaPem,
        u"block 2 is a 1024-bit RSA key"_s);
    row("garbled certificate", QByteArray(kCertificatePem).replace(200, 8, "AAAAAAAA"),
        u"block 1 is a certificate that"_s);
    row("cut certificate", kCertificatePem.first(400), u"block 1 is not whole"_s);
    row("no base64", "-----BEGIN PUBLIC KEY-----\n?\n-----END PUBLIC KEY-----\n", u"block 1 is not whole"_s);
    row("other block", "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
        u"block 1 is neither a public key nor a certificate"_s);
    row("trailing bytes",
        "-----BEGIN PUBLIC KEY-----\n" + derOf(kP256Pem).append("more").toBase64() + "\n-----END PUBLIC KEY-----\n",
        u"block 1 is a public key that cannot be read"_s);
    row("member twice", with(kRsaJwk, R"("e":"AQAC")"), u"has \"e\" twice in one object"_s);
    row("neither", "hello", u"keys: is not a JWK set"_s);
    row("empty", "", u"keys: is not a JWK set"_s);
}

void TestJwtKey::refusesWhatIsWrong()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, words);
    const auto keys = read(content);
    QVERIFY(!keys.isOk());
    QVERIFY2(keys.error().message.contains(words), qPrintable(keys.error().message));
    QVERIFY(keys.error().message.startsWith(u"keys: "_s));
    QVERIFY(!keys.error().message.contains(u'\n'));
}

void TestJwtKey::certificatesHaveTheirTime()
{
    const auto at = [](int year) {
        const QDateTime time(QDate(year, 6, 1), QTime(0, 0), Qt::UTC);
        return parseJwtKeys(
            kExpiredCertificatePem, u"keys"_s, {}, UtcTime(std::chrono::milliseconds(time.toMSecsSinceEpoch())));
    };
    QVERIFY(at(2020).isOk());
    QVERIFY(at(2020)->warnings.isEmpty());
    QVERIFY(at(2019).error().message.contains(u"not valid before 2020-01-01"_s));
    const QDateTime late(QDate(2020, 12, 25), QTime(0, 0), Qt::UTC);
    const auto soon = parseJwtKeys(
        kExpiredCertificatePem, u"keys"_s, {}, UtcTime(std::chrono::milliseconds(late.toMSecsSinceEpoch())));
    QVERIFY(soon.isOk());
    QVERIFY(soon->warnings.value(0).startsWith(u"keys: block 1 is a certificate that expires on 2021-01-01"_s));
    QVERIFY(soon->keys.at(0).validUntil.has_value());
}

void TestJwtKey::aCertificateThatHasEndedIsNotInTheNextOnesWay()
{
    const QByteArray kid = "kid: a\n";
    const QByteArray endedFirst = kid + kExpiredCertificatePem + kid + kCertificatePem;
    const QByteArray endedLast = kid + kCertificatePem + kExpiredCertificatePem;
    for (const auto &[pem, block] : { std::pair(endedFirst, u"1"_s), std::pair(endedLast, u"2"_s) }) {
        const auto keys = read(pem);
        QVERIFY2(keys.isOk(), keys ? "" : qPrintable(keys.error().message));
        QCOMPARE(keys->keys.size(), size_t(1));
        QCOMPARE(keys->keys[0].id, u"a"_s);
        QCOMPARE(keys->warnings.size(), 1);
        QCOMPARE(keys->warnings[0],
            u"keys: block %1 is a certificate that expired on 2021-01-01T00:00:00Z; it is passed over"_s.arg(block));
    }
    const QDateTime early(QDate(2019, 6, 1), QTime(0, 0), Qt::UTC);
    const auto notYet = parseJwtKeys(kExpiredCertificatePem + kP256Pem, u"keys"_s, {},
        UtcTime(std::chrono::milliseconds(early.toMSecsSinceEpoch())));
    QVERIFY(notYet.isOk());
    QCOMPARE(notYet->keys.size(), size_t(1));
    QVERIFY(notYet->warnings.value(0).contains(u"is not valid before 2020-01-01T00:00:00Z; it is passed over"_s));
}

void TestJwtKey::refusesTooManyKeys()
{
    QByteArrayList set;
    for (int i = 0; i < 17; ++i)
        set += octKey(QByteArray::number(i), 'a');
    QVERIFY(read(setOf(set)).error().message.contains(u"more than 16"_s));
    QVERIFY(read(kRsaPem.repeated(17)).error().message.contains(u"more than 16"_s));
    QVERIFY(read(kRsaPem.repeated(16)).isOk());
}

void TestJwtKey::namesTheKeyAtFault()
{
    const auto keys = read(setOf({ octKey("good", 'a'), octKey("short", 'b', 31) }));
    QVERIFY(!keys.isOk());
    QCOMPARE(keys.error().message, u"keys: key 2: its secret is 31 bytes long; HS256 needs at least 32"_s);
    for (const QByteArray &json : { QByteArray("null"), QByteArray("[]"), QByteArray("{\"keys\":[5]}"),
             QByteArray("{\"keys\":[null]}"), QByteArray("{\"keys\":[]}") })
        QVERIFY(read(json).error().message.startsWith(u"keys: "_s));
}

void TestJwtKey::errorsHoldNoKeyMaterial()
{
    const auto keys = read(R"({"kty":"oct","alg":"RS256","k":"c2VjcmV0LW1hdGVyaWFs"})");
    QVERIFY(!keys.isOk());
    QVERIFY(!keys.error().message.contains(u"c2VjcmV0"_s));
    const auto pem = read(kRsaPrivatePem);
    QVERIFY(!pem.isOk());
    for (const QByteArray &line : kRsaPrivatePem.split('\n').mid(1, 3))
        QVERIFY(!pem.error().message.contains(QString::fromLatin1(line)));
}

QTEST_APPLESS_MAIN(TestJwtKey)
#include "tst_jwtkey.moc"
