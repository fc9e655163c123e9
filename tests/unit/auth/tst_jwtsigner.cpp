// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QMessageAuthenticationCode>
#include <QtTest/QtTest>

#include "server/auth/jwtsigner.h"
#include "server/auth/jwtverifier.h"
#include "server/config/keysettings.h"
#include "server/config/settings.h"
#include "tests/support/fakeclock.h"
#include "tests/support/testkeys.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const QByteArray kSecret = "0123456789abcdef0123456789abcdef";

QJsonObject part(const QByteArray &token, int index)
{
    return QJsonDocument::fromJson(QByteArray::fromBase64(token.split('.').value(index), QByteArray::Base64UrlEncoding))
        .object();
}

} // namespace

class TestJwtSigner final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void looksLikeSimpleJwt();
    void signatureIsHmacSha256();
    void optionalClaims();
    void keyIdAndUserClaim();
    void tokensAreAccepted();
    void everyTokenHasAnOwnId();
    void saysIssuerAndAudience();
    void signsWithPrivateKeys();
    void publicKeysSignNothing();
    void badPrivateKeysAreNamed();

private:
    FakeClock m_clock;
};

void TestJwtSigner::looksLikeSimpleJwt()
{
    const auto token = JwtSigner({ {}, kSecret }, {}).sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc() + 900ms);
    QVERIFY(token.isOk());
    QCOMPARE(part(*token, 0), QJsonObject({ { u"alg"_s, u"HS256"_s }, { u"typ"_s, u"JWT"_s } }));
    const QJsonObject claims = part(*token, 1);
    QCOMPARE(claims.keys(), QStringList({ u"exp"_s, u"iat"_s, u"jti"_s, u"token_type"_s, u"user_id"_s }));
    QCOMPARE(claims[u"token_type"_s].toString(), u"access"_s);
    QCOMPARE(claims[u"iat"_s].toInteger(), 1'762'776'000);
    QCOMPARE(claims[u"exp"_s].toInteger(), 1'762'779'600);
    QCOMPARE(claims[u"user_id"_s].toString(), u"42"_s);
    QCOMPARE(claims[u"jti"_s].toString().size(), 32);
}

void TestJwtSigner::signatureIsHmacSha256()
{
    const QByteArray token = *JwtSigner({ {}, kSecret }, {}).sign({ u"42"_s, Role::Admin, {}, 1h }, m_clock.utc());
    const qsizetype dot = token.lastIndexOf('.');
    const QByteArray expected = QMessageAuthenticationCode::hash(token.first(dot), kSecret, QCryptographicHash::Sha256)
                                    .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    QCOMPARE(token.mid(dot + 1), expected);
}

void TestJwtSigner::optionalClaims()
{
    const QByteArray token = *JwtSigner({ {}, kSecret }, {})
                                  .sign({ u"วันดี"_s, Role::Operator, { u"staff"_s, u"night"_s }, 30s }, m_clock.utc());
    const QJsonObject claims = part(token, 1);
    QCOMPARE(claims[u"role"_s].toString(), u"operator"_s);
    QCOMPARE(claims[u"groups"_s].toVariant().toStringList(), QStringList({ u"staff"_s, u"night"_s }));
    QCOMPARE(claims[u"user_id"_s].toString(), u"วันดี"_s);
}

void TestJwtSigner::keyIdAndUserClaim()
{
    const QByteArray token
        = *JwtSigner({ u"2025"_s, kSecret }, { u"uid"_s }).sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc());
    QCOMPARE(part(token, 0)[u"kid"_s].toString(), u"2025"_s);
    QCOMPARE(part(token, 1)[u"uid"_s].toString(), u"42"_s);
    QVERIFY(!part(token, 1).contains(u"user_id"_s));
}

void TestJwtSigner::tokensAreAccepted()
{
    for (const QString &userClaim : { QString(), u"uid"_s }) {
        const JwtKey key{ u"2025"_s, kSecret };
        const QByteArray token
            = *JwtSigner(key, { userClaim }).sign({ u"42"_s, Role::Viewer, { u"staff"_s }, 1h }, m_clock.utc());
        const auto verifier = std::move(JwtVerifier::create({ { key }, userClaim, {} })).value();
        const auto verdict = verifier->verify(token, m_clock.utc());
        QVERIFY(std::holds_alternative<Identity>(verdict));
        const auto &identity = std::get<Identity>(verdict);
        QCOMPARE(identity.user, u"42"_s);
        QCOMPARE(identity.role, Role::Viewer);
        QCOMPARE(identity.groups, QStringList{ u"staff"_s });
        QVERIFY(identity.expiresAt == m_clock.utc() + 1h);
        QVERIFY(std::holds_alternative<TokenRefusal>(verifier->verify(token, m_clock.utc() + 1h + 1s)));
    }
}

void TestJwtSigner::everyTokenHasAnOwnId()
{
    const JwtSigner signer({ {}, kSecret }, {});
    const TokenRequest request{ u"42"_s, Role::None, {}, 1h };
    QVERIFY(*signer.sign(request, m_clock.utc()) != *signer.sign(request, m_clock.utc()));
}

void TestJwtSigner::saysIssuerAndAudience()
{
    Settings settings;
    settings.jwtKeys = { { {}, kSecret } };
    settings.jwtIssuer = u"https://id.example"_s;
    settings.jwtAudience = { u"app"_s, u"mobile"_s };
    const QByteArray token = *jwtSignerOf(settings)->sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc());
    QCOMPARE(part(token, 1)[u"iss"_s].toString(), u"https://id.example"_s);
    QCOMPARE(part(token, 1)[u"aud"_s].toString(), u"app"_s);
    const auto verifier = JwtVerifier::create(jwtRulesOf(settings));
    QVERIFY(std::holds_alternative<Identity>((*verifier)->verify(token, m_clock.utc())));
}

void TestJwtSigner::signsWithPrivateKeys()
{
    using enum JwtAlgorithm;
    const std::vector<std::tuple<QByteArray, QByteArray, JwtAlgorithm>> pairs{ { testkeys::kRsaPrivatePem,
                                                                                   testkeys::kRsaPem, Rs256 },
        { testkeys::kRsaPrivatePem, testkeys::kRsaPem, Rs512 }, { testkeys::kRsaPrivatePem, testkeys::kRsaPem, Ps256 },
        { testkeys::kP256PrivatePem, testkeys::kP256Pem, Es256 },
        { testkeys::kP384PrivatePem, testkeys::kP384Pem, Es384 } };
    for (const auto &[privatePem, publicPem, algorithm] : pairs) {
        const auto signer = JwtSigner::fromPrivateKey(privatePem, u"k"_s, algorithm, {});
        QVERIFY2(signer.isOk(), signer ? "" : qPrintable(signer.error().message));
        const QByteArray token = *signer->sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc());
        QCOMPARE(part(token, 0)[u"alg"_s].toString(), QString(jwtAlgorithm(algorithm).name));
        QCOMPARE(part(token, 0)[u"kid"_s].toString(), u"k"_s);
        const auto keys = parseJwtKeys("kid: k\n" + publicPem, u"keys"_s, algorithm, m_clock.utc());
        const auto verifier = JwtVerifier::create({ keys->keys, {}, {} });
        QVERIFY(std::holds_alternative<Identity>((*verifier)->verify(token, m_clock.utc())));
    }
}

void TestJwtSigner::publicKeysSignNothing()
{
    Settings settings;
    settings.jwtKeys = parseJwtKeys(testkeys::kRsaPem, u"keys"_s, {}, m_clock.utc())->keys;
    const auto none = jwtSignerOf(settings);
    QVERIFY(!none.isOk());
    QVERIFY2(none.error().message.contains(u"only public keys"_s), qPrintable(none.error().message));
    QVERIFY(!JwtSigner(settings.jwtKeys[0], {}).sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc()).isOk());
    settings.jwtKeys.push_back({ {}, kSecret }); // beside them the secret signs
    QCOMPARE(part(*jwtSignerOf(settings)->sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc()), 0)[u"alg"_s].toString(),
        u"HS256"_s);
}

void TestJwtSigner::badPrivateKeysAreNamed()
{
    const auto why = [](const QByteArray &pem, std::optional<JwtAlgorithm> algorithm = {}) {
        const auto signer = JwtSigner::fromPrivateKey(pem, {}, algorithm, {});
        return signer ? QString() : signer.error().message;
    };
    QVERIFY(why(testkeys::kRsaPem).contains(u"holds no private key"_s));
    QVERIFY(why("hello").contains(u"holds no private key"_s));
    QCOMPARE(why(testkeys::kRsaPrivatePem, JwtAlgorithm::Es256), u"is no key for ES256"_s);
    QCOMPARE(why(testkeys::kP256PrivatePem, JwtAlgorithm::Hs256), u"is no key for HS256"_s);
}

QTEST_APPLESS_MAIN(TestJwtSigner)
#include "tst_jwtsigner.moc"
