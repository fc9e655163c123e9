// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <thread>

#include <QtCore/QMessageAuthenticationCode>
#include <QtTest/QtTest>

#include "server/auth/jwtverifier.h"
#include "tests/support/cputime.h"
#include "tests/support/fakeclock.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const QByteArray kSecret = "0123456789abcdef0123456789abcdef";
const QByteArray kOtherSecret = "another secret that is long enough";
const QByteArray kHeader = R"({"alg":"HS256","typ":"JWT"})";
constexpr qint64 kNow = 1'762'776'000; // where FakeClock starts

QByteArray encode(const QByteArray &bytes)
{
    return bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

/// A token made without the code under test.
QByteArray makeToken(const QByteArray &payload, const QByteArray &header = kHeader, const QByteArray &secret = kSecret,
    QCryptographicHash::Algorithm hash = QCryptographicHash::Sha256)
{
    const QByteArray signedPart = encode(header) + '.' + encode(payload);
    return signedPart + '.' + encode(QMessageAuthenticationCode::hash(signedPart, secret, hash));
}

/// A payload with a valid exp and user, and more.
QByteArray withClaims(const QByteArray &more)
{
    return R"({"exp":)" + QByteArray::number(kNow + 3600) + R"(,"user_id":42)" + (more.isEmpty() ? "" : ",") + more
        + '}';
}

QString reasonOf(const TokenVerdict &verdict)
{
    if (std::holds_alternative<Identity>(verdict))
        return u"accepted"_s;
    return reasonDescriptor(std::get<TokenRefusal>(verdict).reason).code;
}

QString detailOf(const TokenVerdict &verdict)
{
    return std::holds_alternative<Identity>(verdict) ? QString() : std::get<TokenRefusal>(verdict).detail;
}

} // namespace

class TestJwtVerifier final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void acceptsTokensOfPyJwt();
    void headers_data();
    void headers();
    void times_data();
    void times();
    void leewayAtItsEdge();
    void leewayOfTheSettings();
    void issuerAndAudience_data();
    void issuerAndAudience();
    void claims_data();
    void claims();
    void users_data();
    void users();
    void userClaimOverride();
    void roles_data();
    void roles();
    void groups();
    void groupsThatCannotBeTakenAreNamed_data();
    void groupsThatCannotBeTakenAreNamed();
    void whyThereIsNoUser_data();
    void whyThereIsNoUser();
    void forms_data();
    void forms();
    void everyFlippedBitIsRefused();
    void keysById();
    void needsAKey();
    void detailsNeverHoldTheToken();
    void isSafeFromManyThreads();
    void fingerprints();

private:
    TokenVerdict verify(const QByteArray &token) const { return m_verifier->verify(token, m_clock.utc()); }
    static std::unique_ptr<JwtVerifier> verifier(JwtRules rules)
    {
        return std::move(JwtVerifier::create(std::move(rules))).value();
    }

    FakeClock m_clock;
    std::unique_ptr<JwtVerifier> m_verifier;
};

void TestJwtVerifier::init()
{
    m_verifier = verifier({ { { {}, kSecret } }, {}, { u"7"_s } });
}

/// Vectors made with PyJWT 2.6.0, the library beneath simplejwt.
void TestJwtVerifier::acceptsTokensOfPyJwt()
{
    const auto verdict = verify(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        "eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxNzYyNzc5NjAwLCJpYXQiOjE3NjI3NzYwMDAsImp0aSI6"
        "IjBjM2ZkZDRmOGQwYTRiMGFhOGVmMWUxYzRiMGQ2ZDJhIiwidXNlcl9pZCI6NDJ9.UxrqxPmh7Nma4Dzrh6XWJdG-GCo_y5v2fb9oFWGdJeA");
    QVERIFY2(std::holds_alternative<Identity>(verdict), qPrintable(detailOf(verdict)));
    const auto &identity = std::get<Identity>(verdict);
    QCOMPARE(identity.user, u"42"_s);
    QCOMPARE(identity.role, Role::None);
    QCOMPARE(identity.tokenId, u"0c3fdd4f8d0a4b0aa8ef1e1c4b0d6d2a"_s);
    QVERIFY(identity.expiresAt == m_clock.utc() + 1h);
    QVERIFY(identity.issuedAt == m_clock.utc());

    const auto keyed = verifier({ { { u"2025"_s, kSecret } }, {}, {} });
    const auto second = keyed->verify("eyJhbGciOiJIUzI1NiIsImtpZCI6IjIwMjUiLCJ0eXAiOiJKV1QifQ."
                                      "eyJzdWIiOiJhbGljZSIsImV4cCI6MTc2Mjc3OTYwMC41LCJyb2xlIjoib3BlcmF0b3Ii"
                                      "LCJncm91cHMiOlsic3RhZmYiXX0.VYKPCBwZO3zoJFfBAwU8KNhRfe_c1YI-yihzhqFs2BY",
        m_clock.utc());
    QVERIFY2(std::holds_alternative<Identity>(second), qPrintable(detailOf(second)));
    QCOMPARE(std::get<Identity>(second).user, u"alice"_s);
    QCOMPARE(std::get<Identity>(second).role, Role::Operator);
    QCOMPARE(std::get<Identity>(second).groups, QStringList{ u"staff"_s });
    QVERIFY(std::get<Identity>(second).expiresAt == m_clock.utc() + 1h + 500ms);
    QVERIFY(!std::get<Identity>(second).issuedAt);
}

void TestJwtVerifier::headers_data()
{
    QTest::addColumn<QByteArray>("header");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char *name, const char *header, const QString &reason = u"token_invalid"_s) {
        QTest::newRow(name) << QByteArray(header) << reason;
    };
    row("plain", R"({"alg":"HS256","typ":"JWT"})", u"accepted"_s);
    row("no typ", R"({"alg":"HS256"})", u"accepted"_s);
    row("lower-case typ", R"({"alg":"HS256","typ":"jwt"})", u"accepted"_s);
    row("access token typ", R"({"alg":"HS256","typ":"at+jwt"})", u"accepted"_s);
    row("long typ", R"({"alg":"HS256","typ":"application/at+jwt"})", u"accepted"_s);
    row("long typ in capitals", R"({"alg":"HS256","typ":"APPLICATION/JWT"})", u"accepted"_s);
    row("another media type", R"({"alg":"HS256","typ":"text/jwt"})");
    row("application twice", R"({"alg":"HS256","typ":"application/application/jwt"})");
    row("refresh token by typ", R"({"alg":"HS256","typ":"rt+jwt"})");
    row("other member", R"({"alg":"HS256","app":"x"})", u"accepted"_s);
    row("thumbprint", R"({"alg":"HS256","x5t":"dGh1bWJwcmludA"})", u"accepted"_s);
    row("thumbprint by SHA-256", R"({"alg":"HS256","x5t#S256":"dGh1bWJwcmludA"})", u"accepted"_s);
    row("nonce and cty", R"({"alg":"HS256","nonce":"x","cty":"JWT"})", u"accepted"_s);
    row("none", R"({"alg":"none"})");
    row("None", R"({"alg":"None"})");
    row("lower case", R"({"alg":"hs256"})");
    row("HS384", R"({"alg":"HS384"})");
    row("HS512", R"({"alg":"HS512"})");
    row("RS256", R"({"alg":"RS256"})");
    row("ES256", R"({"alg":"ES256"})");
    row("no alg", R"({"typ":"JWT"})");
    row("alg null", R"({"alg":null})");
    row("alg array", R"({"alg":["HS256"]})");
    row("alg twice", R"({"alg":"HS256","alg":"none"})");
    row("crit", R"({"alg":"HS256","crit":["exp"],"exp":1})");
    row("empty crit", R"({"alg":"HS256","crit":[]})");
    row("jku", R"({"alg":"HS256","jku":"https://evil.example/keys"})");
    row("jwk", R"({"alg":"HS256","jwk":{"kty":"oct","k":"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE"}})");
    row("x5u", R"({"alg":"HS256","x5u":"https://evil.example/cert"})");
    row("x5c", R"({"alg":"HS256","x5c":["AAAA"]})");
    row("b64", R"({"alg":"HS256","b64":false})");
    row("zip", R"({"alg":"HS256","zip":"DEF"})");
    row("other typ", R"({"alg":"HS256","typ":"secevent+jwt"})");
    row("typ number", R"({"alg":"HS256","typ":5})");
    row("kid of its issuer", R"({"alg":"HS256","kid":"Q2hvc2VuQnlJc3N1ZXI"})", u"accepted"_s);
    row("kid that is a URL", R"({"alg":"HS256","kid":"https://vault.example/keys/a/1"})", u"accepted"_s);
    row("kid that climbs", R"({"alg":"HS256","kid":"../../etc/passwd"})");
    row("kid number", R"({"alg":"HS256","kid":5})");
    row("array", R"(["HS256"])");
    row("no JSON", "HS256");
    row("empty object", "{}");
    QTest::newRow("huge kid") << QByteArray(R"({"alg":"HS256","kid":")" + QByteArray(10 * 1024, 'k') + R"("})")
                              << u"token_invalid"_s;
}

void TestJwtVerifier::headers()
{
    QFETCH(QByteArray, header);
    QFETCH(QString, reason);
    const auto verdict = verify(makeToken(withClaims({}), header));
    QVERIFY2(reasonOf(verdict) == reason, qPrintable(detailOf(verdict)));
}

void TestJwtVerifier::times_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char *name, const QByteArray &times, const QString &reason = u"token_invalid"_s) {
        const QByteArray comma = times.isEmpty() ? "" : ",";
        QTest::newRow(name) << QByteArray(R"({"user_id":42)" + comma + times + '}') << reason;
    };
    const auto at = [](qint64 offset) { return QByteArray::number(kNow + offset); };
    const QByteArray good = R"("exp":)" + at(60);
    row("exp ahead", good, u"accepted"_s);
    row("exp with a fraction", R"("exp":)" + at(60) + ".25", u"accepted"_s);
    row("exp past", R"("exp":)" + at(-60), u"token_expired"_s);
    row("exp 0", R"("exp":0)", u"token_expired"_s);
    row("exp missing", {});
    row("exp string", R"("exp":")" + at(60) + '"');
    row("exp null", R"("exp":null)");
    row("exp true", R"("exp":true)");
    row("exp negative", R"("exp":-1)");
    row("exp 1e400", R"("exp":1e400)");
    row("exp 1e300", R"("exp":1e300)");
    row("exp beyond year 9999", R"("exp":253402300800)");
    row("exp NaN", R"("exp":NaN)");
    row("exp Infinity", R"("exp":Infinity)");
    row("nbf now", good + R"(,"nbf":)" + at(0), u"accepted"_s);
    row("nbf past", good + R"(,"nbf":)" + at(-5), u"accepted"_s);
    row("nbf future", good + R"(,"nbf":)" + at(5));
    row("nbf string", good + R"(,"nbf":"0")");
    row("iat future", good + R"(,"iat":)" + at(5));
    row("iat null", good + R"(,"iat":null)");
    row("iat past", good + R"(,"iat":)" + at(-5), u"accepted"_s);
}

void TestJwtVerifier::times()
{
    QFETCH(QByteArray, payload);
    QFETCH(QString, reason);
    const auto verdict = verify(makeToken(payload));
    QVERIFY2(reasonOf(verdict) == reason, qPrintable(detailOf(verdict)));
}

void TestJwtVerifier::leewayAtItsEdge()
{
    const QByteArray expiring = makeToken(R"({"user_id":1,"exp":)" + QByteArray::number(kNow) + '}');
    const auto at = [&](const QByteArray &token, std::chrono::milliseconds offset) {
        return reasonOf(m_verifier->verify(token, m_clock.utc() + offset));
    };
    QCOMPARE(at(expiring, 999ms), u"accepted"_s);
    QCOMPARE(at(expiring, 1000ms), u"token_expired"_s);
    // What only the leeway lets in is over with it, not at once and not later; everything else is over with exp.
    const auto end = [&](std::chrono::milliseconds offset) {
        return std::get<Identity>(m_verifier->verify(expiring, m_clock.utc() + offset)).expiresAt;
    };
    QVERIFY(end(-1ms) == m_clock.utc());
    QVERIFY(end(0ms) == m_clock.utc() + 1s);
    QVERIFY(end(999ms) == m_clock.utc() + 1s);
    const QByteArray future
        = makeToken(withClaims(R"("nbf":)" + QByteArray::number(kNow) + R"(,"iat":)" + QByteArray::number(kNow)));
    QCOMPARE(at(future, -1000ms), u"accepted"_s);
    QCOMPARE(at(future, -1001ms), u"token_invalid"_s);
}

void TestJwtVerifier::leewayOfTheSettings()
{
    const QByteArray expiring = makeToken(R"({"user_id":1,"exp":)" + QByteArray::number(kNow) + '}');
    for (const std::chrono::seconds leeway : { 0s, 300s }) {
        JwtRules rules{ { { {}, kSecret } }, {}, {} };
        rules.leeway = leeway;
        const auto lenient = verifier(rules);
        QCOMPARE(reasonOf(lenient->verify(expiring, m_clock.utc() + leeway - 1ms)), u"accepted"_s);
        QCOMPARE(reasonOf(lenient->verify(expiring, m_clock.utc() + leeway)), u"token_expired"_s);
    }
}

void TestJwtVerifier::issuerAndAudience_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<QString>("detail");
    const QString issuer = u"the token's iss is not JWT_ISSUER"_s;
    const QString audience = u"the token's aud is not in JWT_AUDIENCE"_s;
    const QByteArray ours = R"("iss":"https://id.example/")";
    QTest::newRow("ours") << QByteArray(ours + R"(,"aud":"app")") << QString();
    QTest::newRow("the other audience") << QByteArray(ours + R"(,"aud":"mobile")") << QString();
    QTest::newRow("one of several") << QByteArray(ours + R"(,"aud":["other","app"])") << QString();
    QTest::newRow("no iss") << QByteArray(R"("aud":"app")") << issuer;
    QTest::newRow("another iss") << QByteArray(R"("iss":"https://id.example","aud":"app")") << issuer;
    QTest::newRow("iss in other case") << QByteArray(R"("iss":"https://ID.example/","aud":"app")") << issuer;
    QTest::newRow("iss a list") << QByteArray(R"("iss":["https://id.example/"],"aud":"app")") << issuer;
    QTest::newRow("no aud") << ours << audience;
    QTest::newRow("another aud") << QByteArray(ours + R"(,"aud":"other")") << audience;
    QTest::newRow("start of ours") << QByteArray(ours + R"(,"aud":"ap")") << audience;
    QTest::newRow("no aud of several") << QByteArray(ours + R"(,"aud":["other","apps"])") << audience;
    QTest::newRow("empty list") << QByteArray(ours + R"(,"aud":[])") << audience;
    QTest::newRow("list with a number") << QByteArray(ours + R"(,"aud":["app",5])") << audience;
    QTest::newRow("list in a list") << QByteArray(ours + R"(,"aud":[["app"]])") << audience;
    QTest::newRow("null") << QByteArray(ours + R"(,"aud":null)") << audience;
    QTest::newRow("object") << QByteArray(ours + R"(,"aud":{"app":1})") << audience;
    QTest::newRow("empty text") << QByteArray(ours + R"(,"aud":"")") << audience;
}

void TestJwtVerifier::issuerAndAudience()
{
    QFETCH(QByteArray, more);
    QFETCH(QString, detail);
    JwtRules rules{ { { {}, kSecret } }, {}, {} };
    rules.issuer = u"https://id.example/"_s;
    rules.audience = { u"app"_s, u"mobile"_s };
    QCOMPARE(detailOf(verifier(rules)->verify(makeToken(withClaims(more)), m_clock.utc())), detail);
    QCOMPARE(reasonOf(verify(makeToken(withClaims(more)))), u"accepted"_s); // not looked at unless configured
}

void TestJwtVerifier::claims_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no token_type") << QByteArray() << u"accepted"_s;
    QTest::newRow("access") << QByteArray(R"("token_type":"access")") << u"accepted"_s;
    QTest::newRow("refresh") << QByteArray(R"("token_type":"refresh")") << u"token_invalid"_s;
    QTest::newRow("sliding") << QByteArray(R"("token_type":"sliding")") << u"token_invalid"_s;
    QTest::newRow("token_type null") << QByteArray(R"("token_type":null)") << u"token_invalid"_s;
    QTest::newRow("token_type array") << QByteArray(R"("token_type":["access"])") << u"token_invalid"_s;
    QTest::newRow("Bearer") << QByteArray(R"("token_type":"Bearer")") << u"accepted"_s;
    QTest::newRow("type access") << QByteArray(R"("type":"access")") << u"accepted"_s;
    QTest::newRow("type refresh") << QByteArray(R"("type":"refresh")") << u"token_invalid"_s;
    QTest::newRow("type of something else") << QByteArray(R"("type":"member")") << u"accepted"_s;
    QTest::newRow("use access") << QByteArray(R"("token_use":"access")") << u"accepted"_s;
    QTest::newRow("use id") << QByteArray(R"("token_use":"id")") << u"token_invalid"_s;
    QTest::newRow("typ Bearer") << QByteArray(R"("typ":"Bearer")") << u"accepted"_s;
    QTest::newRow("typ Refresh") << QByteArray(R"("typ":"Refresh")") << u"token_invalid"_s;
    QTest::newRow("typ Offline") << QByteArray(R"("typ":"Offline")") << u"token_invalid"_s;
    QTest::newRow("typ ID") << QByteArray(R"("typ":"ID")") << u"token_invalid"_s;
    QTest::newRow("unknown claims") << QByteArray(R"("email":"a@example.com","nested":{"a":[1,2]})") << u"accepted"_s;
    QTest::newRow("other jti") << QByteArray(R"("jti":5)") << u"accepted"_s;
}

void TestJwtVerifier::claims()
{
    QFETCH(QByteArray, more);
    QFETCH(QString, reason);
    QCOMPARE(reasonOf(verify(makeToken(withClaims(more)))), reason);
}

void TestJwtVerifier::users_data()
{
    QTest::addColumn<QByteArray>("claims");
    QTest::addColumn<QString>("user"); // empty: refused
    QTest::newRow("number") << QByteArray(R"("user_id":42)") << u"42"_s;
    QTest::newRow("zero") << QByteArray(R"("user_id":0)") << u"0"_s;
    QTest::newRow("large number") << QByteArray(R"("user_id":9007199254740993)") << u"9007199254740993"_s;
    QTest::newRow("string") << QByteArray(R"("user_id":"alice")") << u"alice"_s;
    QTest::newRow("uuid") << QByteArray(R"("user_id":"7e3c5f0a-1111-4222-8333-444455556666")")
                          << u"7e3c5f0a-1111-4222-8333-444455556666"_s;
    QTest::newRow("sub") << QByteArray(R"("sub":"bob")") << u"bob"_s;
    QTest::newRow("user_id before sub") << QByteArray(R"("sub":"bob","user_id":42)") << u"42"_s;
    QTest::newRow("bad user_id hides sub") << QByteArray(R"("sub":"bob","user_id":null)") << QString();
    QTest::newRow("none") << QByteArray(R"("name":"bob")") << QString();
    QTest::newRow("empty") << QByteArray(R"("user_id":"")") << QString();
    QTest::newRow("fraction") << QByteArray(R"("user_id":4.5)") << QString();
    QTest::newRow("negative") << QByteArray(R"("user_id":-4)") << QString();
    QTest::newRow("boolean") << QByteArray(R"("user_id":true)") << QString();
    QTest::newRow("object") << QByteArray(R"("user_id":{"id":1})") << QString();
    QTest::newRow("control character") << QByteArray(R"("user_id":"a\nb")") << QString();
    QTest::newRow("NUL") << QByteArray(R"("user_id":"a\u0000b")") << QString();
    QTest::newRow("longest") << QByteArray(R"("sub":")" + QByteArray(255, 'x') + '"') << QString(255, u'x');
    QTest::newRow("too long") << QByteArray(R"("user_id":")" + QByteArray(256, 'x') + '"') << QString();
    QTest::newRow("64 bits with a sign") << QByteArray(R"("user_id":9223372036854775807)") << u"9223372036854775807"_s;
    QTest::newRow("one more") << QByteArray(R"("user_id":9223372036854775808)") << u"9223372036854775808"_s;
    QTest::newRow("64 bits") << QByteArray(R"("user_id":18446744073709551615)") << u"18446744073709551615"_s;
    QTest::newRow("30 digits") << QByteArray(R"("user_id" : 123456789012345678901234567890 )")
                               << u"123456789012345678901234567890"_s;
    QTest::newRow("large, nested before")
        << QByteArray(R"("a":{"user_id":1},"b":"\"user_id\":2","user_id":18446744073709551615)")
        << u"18446744073709551615"_s;
    QTest::newRow("large, by its escaped name")
        << QByteArray(R"("user\u005fid":18446744073709551615)") << u"18446744073709551615"_s;
    QTest::newRow("large and negative") << QByteArray(R"("user_id":-9223372036854775809)") << QString();
    QTest::newRow("large with an exponent") << QByteArray(R"("user_id":1e30)") << QString();
}

void TestJwtVerifier::users()
{
    QFETCH(QByteArray, claims);
    QFETCH(QString, user);
    const auto verdict = verify(makeToken(R"({"exp":)" + QByteArray::number(kNow + 60) + ',' + claims + '}'));
    if (user.isEmpty())
        QCOMPARE(reasonOf(verdict), u"token_invalid"_s);
    else
        QCOMPARE(std::get<Identity>(verdict).user, user);
}

void TestJwtVerifier::userClaimOverride()
{
    const auto custom = verifier({ { { {}, kSecret } }, u"uid"_s, {} });
    const auto good = custom->verify(makeToken(withClaims(R"("uid":"me","sub":"you")")), m_clock.utc());
    QCOMPARE(std::get<Identity>(good).user, u"me"_s);
    QCOMPARE(reasonOf(custom->verify(makeToken(withClaims(R"("sub":"you")")), m_clock.utc())), u"token_invalid"_s);
}

void TestJwtVerifier::roles_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<QString>("role");
    QTest::newRow("none") << QByteArray() << QString(roleName(Role::None));
    for (const char *role : { "viewer", "publisher", "operator", "admin" })
        QTest::newRow(role) << QByteArray(R"("role":")" + QByteArray(role) + '"') << QString::fromLatin1(role);
    QTest::newRow("staff") << QByteArray(R"("is_staff":true)") << u"admin"_s;
    QTest::newRow("staff beats role") << QByteArray(R"("is_staff":true,"role":"viewer")") << u"admin"_s;
    QTest::newRow("no staff") << QByteArray(R"("is_staff":false,"role":"viewer")") << u"viewer"_s;
    QTest::newRow("staff as text") << QByteArray(R"("is_staff":"true")") << QString(roleName(Role::None));
    QTest::newRow("staff as number") << QByteArray(R"("is_staff":1)") << QString(roleName(Role::None));
    QTest::newRow("foreign role") << QByteArray(R"("role":"editor")") << QString(roleName(Role::None));
    QTest::newRow("role array") << QByteArray(R"("role":["admin"])") << QString(roleName(Role::None));
    QTest::newRow("listed admin") << QByteArray(R"("user_id":7)") << u"admin"_s;
    QTest::newRow("listed admin as text") << QByteArray(R"("user_id":"7")") << u"admin"_s;
    QTest::newRow("like a listed admin") << QByteArray(R"("user_id":"07")") << QString(roleName(Role::None));
}

void TestJwtVerifier::roles()
{
    QFETCH(QByteArray, more);
    QFETCH(QString, role);
    const auto verdict = verify(makeToken(withClaims(more)));
    QVERIFY2(std::holds_alternative<Identity>(verdict), qPrintable(detailOf(verdict)));
    QCOMPARE(QString(roleName(std::get<Identity>(verdict).role)), role);
}

void TestJwtVerifier::groups()
{
    const auto groupsOf = [this](const QByteArray &json) {
        return std::get<Identity>(verify(makeToken(withClaims(R"("groups":)" + json)))).groups;
    };
    QCOMPARE(groupsOf(R"(["staff","night"])"), QStringList({ u"staff"_s, u"night"_s }));
    QCOMPARE(groupsOf(R"(["staff",5,"staff",7,5])"), QStringList({ u"staff"_s, u"5"_s, u"7"_s }));
    QCOMPARE(groupsOf(R"("staff")"), QStringList{ u"staff"_s });
    QCOMPARE(groupsOf("7"), QStringList{ u"7"_s });
    QCOMPARE(groupsOf('"' + QByteArray(255, 'x') + '"'), QStringList{ QString(255, u'x') });
    for (const char *none : { "[]", "null", R"("")" })
        QVERIFY(groupsOf(none).isEmpty());
    QByteArray many = "[";
    for (int i = 0; i < 200; ++i)
        many += (i ? ",\"" : "\"") + QByteArray::number(i) + '"';
    QCOMPARE(groupsOf(many + ']').size(), 200);
}

void TestJwtVerifier::groupsThatCannotBeTakenAreNamed_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("word");
    QByteArray many = "[0";
    for (int i = 1; i < 1001; ++i)
        many += ',' + QByteArray::number(i);
    const QString neither = u"neither a name nor a whole number"_s;
    QTest::newRow("too many") << QByteArray(many + ']') << u"more than 1000"_s;
    QTest::newRow("too long") << QByteArray('"' + QByteArray(256, 'x') + '"') << u"longer than 255"_s;
    QTest::newRow("null") << QByteArray(R"(["staff",null])") << neither;
    QTest::newRow("empty") << QByteArray(R"(["staff",""])") << neither;
    QTest::newRow("control character") << QByteArray(R"(["a\nb"])") << neither;
    QTest::newRow("fraction") << QByteArray("[1.5]") << neither;
    QTest::newRow("negative") << QByteArray("[-1]") << neither;
    QTest::newRow("list in a list") << QByteArray(R"([["staff"]])") << neither;
    QTest::newRow("object") << QByteArray(R"({"name":"staff"})") << neither;
    QTest::newRow("true") << QByteArray("true") << neither;
}

void TestJwtVerifier::groupsThatCannotBeTakenAreNamed()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, word);
    const auto verdict = verify(makeToken(withClaims(R"("groups":)" + json)));
    QCOMPARE(reasonOf(verdict), u"token_invalid"_s);
    QVERIFY2(
        detailOf(verdict).contains(word) && detailOf(verdict).contains(u"groups"_s), qPrintable(detailOf(verdict)));
}

void TestJwtVerifier::whyThereIsNoUser_data()
{
    QTest::addColumn<QByteArray>("claims");
    QTest::addColumn<QString>("word");
    QTest::newRow("none") << QByteArray(R"("name":"x")") << u"does not say who the user is (user_id or sub)"_s;
    QTest::newRow("too long") << QByteArray(R"("sub":")" + QByteArray(300, 'u') + '"')
                              << u"sub is longer than 255 characters"_s;
    QTest::newRow("control characters") << QByteArray(R"("user_id":"a\nb")") << u"user_id has control characters"_s;
    QTest::newRow("object") << QByteArray(R"("user_id":{})") << u"user_id is neither a name nor a whole number"_s;
    QTest::newRow("empty") << QByteArray(R"("user_id":"")") << u"user_id is neither a name nor a whole number"_s;
}

void TestJwtVerifier::whyThereIsNoUser()
{
    QFETCH(QByteArray, claims);
    QFETCH(QString, word);
    const auto verdict = verify(makeToken(R"({"exp":)" + QByteArray::number(kNow + 60) + ',' + claims + '}'));
    QVERIFY2(detailOf(verdict).contains(word), qPrintable(detailOf(verdict)));
}

void TestJwtVerifier::forms_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QString>("reason");
    const QByteArray good = makeToken(withClaims({}));
    const QList<QByteArray> parts = good.split('.');
    const auto row = [](const char *name, const QByteArray &token, const QString &reason = u"token_invalid"_s) {
        QTest::newRow(name) << token << reason;
    };
    row("good", good, u"accepted"_s);
    row("empty", {}, u"token_missing"_s);
    row("no dot", "token");
    row("dots alone", "..");
    row("two parts", parts[0] + '.' + parts[1]);
    row("four parts", good + ".AAAA");
    row("empty header", '.' + parts[1] + '.' + parts[2]);
    row("empty payload", parts[0] + ".." + parts[2]);
    row("empty signature", parts[0] + '.' + parts[1] + '.');
    row("truncated signature", good.chopped(1));
    row("long signature", good + 'A');
    row("padding", good + '=');
    row("padded header", parts[0] + "=." + parts[1] + '.' + parts[2]);
    row("blank before", ' ' + good);
    row("newline after", good + '\n');
    row("NUL inside", QByteArray(good).replace(10, 1, QByteArray(1, '\0')));
    row("standard base64", QByteArray(good).replace('-', '+').replace('_', '/') + '+');
    row("other secret", makeToken(withClaims({}), kHeader, kOtherSecret));
    row("HS512 called HS256", makeToken(withClaims({}), kHeader, kSecret, QCryptographicHash::Sha512));
    row("signed with a public key",
        makeToken(withClaims({}), kHeader, "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----\n"));
    row("unsigned none", encode(R"({"alg":"none"})") + '.' + parts[1] + '.');
    row("payload no object", makeToken("[1,2]"));
    row("payload no JSON", makeToken("hello"));
    row("payload not UTF-8", makeToken("{\"user_id\":\"\xff\xfe\",\"exp\":1762779600}"));
    row("1 MiB", QByteArray(1024 * 1024, 'A'));
    row("1 MiB with dots", QByteArray(512 * 1024, 'A') + '.' + QByteArray(512 * 1024, 'A') + ".AAAA");
    row("deep payload", makeToken(QByteArray(2500, '[') + QByteArray(2500, ']')));

    // The last of 43 characters carries two bits that must be 0: another character would decode to the same bytes.
    QByteArray nonCanonical = good;
    const QByteArray alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    nonCanonical.back() = alphabet[alphabet.indexOf(good.back()) + 1];
    row("non-canonical signature", nonCanonical);
}

void TestJwtVerifier::forms()
{
    QFETCH(QByteArray, token);
    QFETCH(QString, reason);
    const auto before = threadCpuTime();
    const auto verdict = verify(token);
    QVERIFY2(reasonOf(verdict) == reason, qPrintable(detailOf(verdict)));
    QVERIFY(threadCpuTime() - before < 1s);
}

void TestJwtVerifier::everyFlippedBitIsRefused()
{
    const QByteArray good = makeToken(withClaims(R"("role":"viewer")"));
    for (qsizetype i = 0; i < good.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            QByteArray changed = good;
            changed[i] = char(changed[i] ^ (1 << bit));
            QCOMPARE(reasonOf(verify(changed)), u"token_invalid"_s);
        }
    }
    for (qsizetype length = 1; length < good.size(); ++length)
        QCOMPARE(reasonOf(verify(good.first(length))), u"token_invalid"_s);
}

void TestJwtVerifier::keysById()
{
    const auto keyed = verifier({ { { u"old"_s, kSecret }, { u"new"_s, kOtherSecret } }, {}, {} });
    const auto reason = [&](const QByteArray &header, const QByteArray &secret) {
        return reasonOf(keyed->verify(makeToken(withClaims({}), header, secret), m_clock.utc()));
    };
    const QByteArray oldHeader = R"({"alg":"HS256","kid":"old"})";
    const QByteArray newHeader = R"({"alg":"HS256","kid":"new"})";
    QCOMPARE(reason(oldHeader, kSecret), u"accepted"_s);
    QCOMPARE(reason(newHeader, kOtherSecret), u"accepted"_s);
    QCOMPARE(reason(oldHeader, kOtherSecret), u"token_invalid"_s); // the named key alone counts
    QCOMPARE(reason(kHeader, kSecret), u"accepted"_s);             // no kid: any key
    QCOMPARE(reason(kHeader, kOtherSecret), u"accepted"_s);
    QCOMPARE(reason(R"({"alg":"HS256","kid":"newer"})", kSecret), u"token_invalid"_s);

    // A kid that no key has may be that of a key without a name, but not of one that has another.
    const auto mixed = verifier({ { { u"old"_s, kSecret }, { {}, kOtherSecret } }, {}, {} });
    const auto mixedReason = [&](const QByteArray &header, const QByteArray &secret) {
        return reasonOf(mixed->verify(makeToken(withClaims({}), header, secret), m_clock.utc()));
    };
    QCOMPARE(mixedReason(oldHeader, kSecret), u"accepted"_s);
    QCOMPARE(mixedReason(oldHeader, kOtherSecret), u"token_invalid"_s);
    QCOMPARE(mixedReason(newHeader, kOtherSecret), u"accepted"_s);
    QCOMPARE(mixedReason(newHeader, kSecret), u"token_invalid"_s);
}

void TestJwtVerifier::needsAKey()
{
    const auto none = JwtVerifier::create({});
    QVERIFY(!none.isOk());
    QCOMPARE(none.error().field, u"JWT_SECRET"_s);
}

void TestJwtVerifier::detailsNeverHoldTheToken()
{
    const QByteArray canary = "canary-3f9a";
    for (const QByteArray &token :
        { canary, makeToken(R"({"user_id":"canary-3f9a"})"), makeToken(withClaims({}), R"({"alg":"canary-3f9a"})"),
            makeToken(withClaims({}), R"({"alg":"HS512","kid":"canary-3f9a"})"),
            makeToken(withClaims({}), R"({"alg":"HS256","typ":"canary-3f9a"})"),
            makeToken(withClaims(R"("token_type":"canary-3f9a")")),
            makeToken(withClaims(R"("groups":{"canary-3f9a":1})")) }) {
        const auto verdict = verify(token);
        QVERIFY(std::holds_alternative<TokenRefusal>(verdict));
        QVERIFY(!detailOf(verdict).isEmpty());
        QVERIFY(!detailOf(verdict).contains(QString::fromLatin1(canary)));
    }
}

void TestJwtVerifier::isSafeFromManyThreads()
{
    const QByteArray good = makeToken(withClaims({}));
    const QByteArray bad = makeToken(withClaims({}), kHeader, kOtherSecret);
    std::atomic<int> wrong{ 0 };
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                wrong += reasonOf(verify(good)) != "accepted"_L1 || reasonOf(verify(bad)) != "token_invalid"_L1;
        });
    }
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(wrong.load(), 0);
}

void TestJwtVerifier::fingerprints()
{
    QVERIFY(tokenFingerprint({}).isEmpty());
    QCOMPARE(tokenFingerprint("abc"), u"ba7816bf8f01"_s);
    QVERIFY(tokenFingerprint("abd") != tokenFingerprint("abc"));
}

QTEST_APPLESS_MAIN(TestJwtVerifier)
#include "tst_jwtverifier.moc"
