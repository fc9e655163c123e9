// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QMessageAuthenticationCode>
#include <QtTest/QtTest>

#include "server/auth/jwtverifier.h"
#include "tests/support/fakeclock.h"
#include "tests/support/testkeys.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

QByteArray encode(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QByteArray decode(const QByteArray &text)
{
    return QByteArray::fromBase64(text, QByteArray::Base64UrlEncoding);
}

QByteArray withSignature(const QByteArray &token, const QByteArray &signature)
{
    return token.first(token.lastIndexOf('.') + 1) + encode(signature);
}

QByteArray derOf(const QByteArray &pem)
{
    const QByteArrayList lines = pem.trimmed().split('\n');
    return QByteArray::fromBase64(lines.mid(1, lines.size() - 2).join());
}

/// An ECDSA signature as OpenSSL writes it, of the raw r and s.
QByteArray asDer(const QByteArray &raw)
{
    const auto integer = [](const QByteArray &number) {
        const QByteArray value = (number[0] & '\x80' ? QByteArray(1, '\0') : QByteArray()) + number;
        return QByteArray("\x02" + QByteArray(1, char(value.size())) + value);
    };
    const QByteArray numbers = integer(raw.first(raw.size() / 2)) + integer(raw.mid(raw.size() / 2));
    return QByteArray("\x30" + QByteArray(1, char(numbers.size())) + numbers);
}

QString outcome(const TokenVerdict &verdict)
{
    if (std::holds_alternative<Identity>(verdict))
        return u"accepted"_s;
    return std::get<TokenRefusal>(verdict).detail;
}

const QString kWrongSignature = u"the token's signature does not fit any key"_s;
const QString kWrongLength = u"the token's signature has %1 bytes, as no key of %2 makes"_s;

QString wrongAlgorithm(const QString &named, const QString &allowed)
{
    return named.isEmpty() ? u"the token's alg is not %1"_s.arg(allowed)
                           : u"the token's alg \"%1\" is not %2"_s.arg(named, allowed);
}

} // namespace

/// Each algorithm, with tokens that other programs signed.
class TestJwtAlgorithms final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachIsAcceptedFromItsKeyAlone_data();
    void eachIsAcceptedFromItsKeyAlone();
    void everyFlippedBitIsRefused_data();
    void everyFlippedBitIsRefused();
    void publicKeysAreNoSecrets();
    void signatureForms();
    void rotation();
    void tokensOfAnotherKeyAreRefused();

private:
    static JwtKey keyFor(JwtAlgorithm algorithm, const QByteArray &pem, const QString &id = {})
    {
        if (jwtAlgorithm(algorithm).keyType == JwtKeyType::Secret)
            return { id, testkeys::kSharedSecret, algorithm };
        const auto read = parseJwtKeys("kid: " + id.toUtf8() + '\n' + pem, u"test.pem"_s, algorithm, UtcTime(1h));
        return read.value().keys.front();
    }
    QString judge(std::vector<JwtKey> keys, const QByteArray &token) const
    {
        const auto verifier = JwtVerifier::create({ std::move(keys), {}, {} });
        return outcome((*verifier)->verify(token, m_clock.utc()));
    }
    static void addRows()
    {
        using enum JwtAlgorithm;
        QTest::addColumn<JwtAlgorithm>("algorithm");
        QTest::addColumn<QByteArray>("pem");
        QTest::addColumn<QByteArray>("token");
        QTest::newRow("HS256") << Hs256 << QByteArray() << testkeys::kHs256Token;
        QTest::newRow("HS384") << Hs384 << QByteArray() << testkeys::kHs384Token;
        QTest::newRow("HS512") << Hs512 << QByteArray() << testkeys::kHs512Token;
        QTest::newRow("RS256") << Rs256 << testkeys::kRsaPem << testkeys::kRs256Token;
        QTest::newRow("RS384") << Rs384 << testkeys::kRsaPem << testkeys::kRs384Token;
        QTest::newRow("RS512") << Rs512 << testkeys::kRsaPem << testkeys::kRs512Token;
        QTest::newRow("PS256") << Ps256 << testkeys::kRsaPem << testkeys::kPs256Token;
        QTest::newRow("ES256") << Es256 << testkeys::kP256Pem << testkeys::kEs256Token;
        QTest::newRow("ES384") << Es384 << testkeys::kP384Pem << testkeys::kEs384Token;
    }

    FakeClock m_clock;
};

void TestJwtAlgorithms::eachIsAcceptedFromItsKeyAlone_data()
{
    addRows();
}

void TestJwtAlgorithms::eachIsAcceptedFromItsKeyAlone()
{
    QFETCH(JwtAlgorithm, algorithm);
    QFETCH(QByteArray, pem);
    QFETCH(QByteArray, token);
    QCOMPARE(judge({ keyFor(algorithm, pem) }, token), u"accepted"_s);
    // The same key, bound to another algorithm: a token does not choose.
    for (int other = 0; other <= int(JwtAlgorithm::Es384); ++other) {
        const auto name = JwtAlgorithm(other);
        if (name != algorithm && jwtAlgorithm(name).keyType == jwtAlgorithm(algorithm).keyType)
            QCOMPARE(judge({ keyFor(name, pem) }, token),
                wrongAlgorithm(jwtAlgorithm(algorithm).name, jwtAlgorithm(name).name));
    }
}

void TestJwtAlgorithms::everyFlippedBitIsRefused_data()
{
    addRows();
}

void TestJwtAlgorithms::everyFlippedBitIsRefused()
{
    QFETCH(JwtAlgorithm, algorithm);
    QFETCH(QByteArray, pem);
    QFETCH(QByteArray, token);
    const auto verifier = JwtVerifier::create({ { keyFor(algorithm, pem) }, {}, {} });
    const auto isRefused = [&](const QByteArray &changed) {
        return std::holds_alternative<TokenRefusal>((*verifier)->verify(changed, m_clock.utc()));
    };
    for (qsizetype i = 0; i < token.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            QByteArray changed = token;
            changed[i] = char(changed[i] ^ (1 << bit));
            QVERIFY2(isRefused(changed), changed.constData());
        }
        QVERIFY(isRefused(token.first(i)));
    }
    QVERIFY(isRefused(token + '='));
    QVERIFY(isRefused(token + 'A'));
    QVERIFY(isRefused(token + token));
}

/// RFC 8725, section 2.1: what everybody knows must not work as a secret.
void TestJwtAlgorithms::publicKeysAreNoSecrets()
{
    using enum JwtAlgorithm;
    const std::vector<JwtKey> keys{ keyFor(Rs256, testkeys::kRsaPem), keyFor(Es256, testkeys::kP256Pem) };
    const QByteArray payload = testkeys::kHs256Token.split('.')[1];
    const auto forge = [&payload](const QByteArray &algorithm, const QByteArray &secret) -> QByteArray {
        const QByteArray text = encode(R"({"alg":")" + algorithm + R"(","typ":"JWT"})") + '.' + payload;
        return text + '.' + encode(QMessageAuthenticationCode::hash(text, secret, QCryptographicHash::Sha256));
    };
    const QByteArray der = derOf(testkeys::kRsaPem);
    for (const QByteArray &secret : { testkeys::kRsaPem, testkeys::kRsaPem.trimmed(), testkeys::kP256Pem, der,
             keys[0].publicKey.modulusOrX, QByteArray() }) {
        QCOMPARE(judge(keys, forge("HS256", secret)), wrongAlgorithm(u"HS256"_s, u"RS256 or ES256"_s));
        QCOMPARE(judge(keys, forge("RS256", secret)), kWrongLength.arg(32).arg(u"RS256"_s));
        QCOMPARE(judge(keys, forge("ES256", secret)), kWrongLength.arg(32).arg(u"ES256"_s));
    }
    for (const char *name : { "none", "None", "nOnE", "NONE", "" }) {
        const QByteArray none(name);
        QCOMPARE(judge(keys, forge(none, {})), wrongAlgorithm(QString::fromLatin1(none), u"RS256 or ES256"_s));
        const QByteArray unsignedToken = encode(R"({"alg":")" + none + R"("})") + '.' + payload + '.';
        QCOMPARE(judge(keys, unsignedToken), u"the token is not a signed JWT: its signature is empty"_s);
    }
}

void TestJwtAlgorithms::signatureForms()
{
    using enum JwtAlgorithm;
    const std::vector<JwtKey> p256{ keyFor(Es256, testkeys::kP256Pem) };
    const QByteArray raw = decode(testkeys::kEs256Token.split('.')[2]);
    QCOMPARE(raw.size(), 64);
    QCOMPARE(judge(p256, withSignature(testkeys::kEs256Token, asDer(raw))),
        kWrongLength.arg(asDer(raw).size()).arg(u"ES256"_s));
    QCOMPARE(judge(p256, withSignature(testkeys::kEs256Token, QByteArray(64, '\0'))), kWrongSignature);
    QCOMPARE(judge(p256, withSignature(testkeys::kEs256Token, QByteArray(64, '\xff'))), kWrongSignature);
    QCOMPARE(judge(p256, withSignature(testkeys::kEs256Token, raw.first(63))), kWrongLength.arg(63).arg(u"ES256"_s));
    QCOMPARE(judge(p256, withSignature(testkeys::kEs256Token, '\0' + raw)), kWrongLength.arg(65).arg(u"ES256"_s));
    QCOMPARE(judge(p256, withSignature(testkeys::kEs256Token, raw.mid(32) + raw.first(32))), kWrongSignature);

    const std::vector<JwtKey> rsa{ keyFor(Rs256, testkeys::kRsaPem) };
    const QByteArray signature = decode(testkeys::kRs256Token.split('.')[2]);
    QCOMPARE(judge(rsa, withSignature(testkeys::kRs256Token, '\0' + signature)), kWrongLength.arg(257).arg(u"RS256"_s));
    QCOMPARE(judge(rsa, withSignature(testkeys::kRs256Token, QByteArray(256, '\0'))), kWrongSignature);
    QCOMPARE(judge(rsa, withSignature(testkeys::kRs256Token, QByteArray(256, '\xff'))), kWrongSignature);
    QCOMPARE(judge(rsa, withSignature(testkeys::kRs256Token, QByteArray(255, '\0') + '\1')), kWrongSignature);
}

void TestJwtAlgorithms::rotation()
{
    using enum JwtAlgorithm;
    const JwtKey old = keyFor(Rs256, testkeys::kRsaPem);
    const JwtKey next = keyFor(Rs256, testkeys::kOtherRsaPem);
    QCOMPARE(judge({ next, old }, testkeys::kRs256Token), u"accepted"_s);
    QCOMPARE(judge({ next }, testkeys::kRs256Token), kWrongSignature);
    // All kinds at once, as while one moves from a shared secret to key pairs.
    const std::vector<JwtKey> all{ keyFor(Hs256, {}), keyFor(Es384, testkeys::kP384Pem), old,
        keyFor(Es256, testkeys::kP256Pem) };
    for (const QByteArray &token :
        { testkeys::kHs256Token, testkeys::kRs256Token, testkeys::kEs256Token, testkeys::kEs384Token })
        QCOMPARE(judge(all, token), u"accepted"_s);
    QCOMPARE(judge(all, testkeys::kPs256Token), wrongAlgorithm(u"PS256"_s, u"HS256 or ES384 or RS256 or ES256"_s));
}

void TestJwtAlgorithms::tokensOfAnotherKeyAreRefused()
{
    using enum JwtAlgorithm;
    QCOMPARE(judge({ keyFor(Rs256, testkeys::kOtherRsaPem) }, testkeys::kRs256Token), kWrongSignature);
    QCOMPARE(
        judge({ keyFor(Es256, testkeys::kP256Pem) }, testkeys::kEs384Token), wrongAlgorithm(u"ES384"_s, u"ES256"_s));
    QCOMPARE(
        judge({ keyFor(Rs256, testkeys::kRsaPem) }, testkeys::kHs256Token), wrongAlgorithm(u"HS256"_s, u"RS256"_s));
}

QTEST_APPLESS_MAIN(TestJwtAlgorithms)
#include "tst_jwtalgorithms.moc"
