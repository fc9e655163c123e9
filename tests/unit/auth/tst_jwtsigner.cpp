// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QMessageAuthenticationCode>
#include <QtTest/QtTest>

#include "server/auth/jwtsigner.h"
#include "server/auth/jwtverifier.h"
#include "tests/support/fakeclock.h"

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
        = *JwtSigner({ u"2025"_s, kSecret }, u"uid"_s).sign({ u"42"_s, Role::None, {}, 1h }, m_clock.utc());
    QCOMPARE(part(token, 0)[u"kid"_s].toString(), u"2025"_s);
    QCOMPARE(part(token, 1)[u"uid"_s].toString(), u"42"_s);
    QVERIFY(!part(token, 1).contains(u"user_id"_s));
}

void TestJwtSigner::tokensAreAccepted()
{
    for (const QString &userClaim : { QString(), u"uid"_s }) {
        const JwtKey key{ u"2025"_s, kSecret };
        const QByteArray token
            = *JwtSigner(key, userClaim).sign({ u"42"_s, Role::Viewer, { u"staff"_s }, 1h }, m_clock.utc());
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

QTEST_APPLESS_MAIN(TestJwtSigner)
#include "tst_jwtsigner.moc"
