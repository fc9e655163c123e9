// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>
#include <thread>

#include <QtCore/QMessageAuthenticationCode>
#include <QtTest/QtTest>

#include "server/auth/jwtverifier.h"
#include "tests/support/cputime.h"
#include "tests/support/fakeclock.h"
#include "tests/support/tokenclaims.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

const QByteArray kSecret = "0123456789abcdef0123456789abcdef";
const QByteArray kOtherSecret = "another secret that is long enough";
const QByteArray kHeader = R"({"alg":"HS256","typ":"JWT"})";

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

} // namespace

class TestJwtVerifier final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void acceptsTokensOfPyJwt();
    void headers_data();
    void headers();
    void forms_data();
    void forms();
    void everyFlippedBitIsRefused();
    void keysById();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void aTestIsOneUnderTheOwnSecretAlone();
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
    // Of several without a name nobody knows which one is meant.
    const auto unnamed = verifier({ { { {}, kSecret }, { {}, kOtherSecret } }, {}, {} });
    QCOMPARE(
        reasonOf(unnamed->verify(makeToken(withClaims({}), newHeader, kSecret), m_clock.utc())), u"token_invalid"_s);
}

void TestJwtVerifier::saysWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("token");
    QTest::addColumn<QString>("detail");
    const auto row = [](const char *name, const QByteArray &token, const QString &detail) {
        QTest::newRow(name) << token << u"the token"_s + detail;
    };
    const QByteArray good = makeToken(withClaims({}));
    const QList<QByteArray> parts = good.split('.');
    const auto headed = [](const char *header) { return makeToken(withClaims({}), header); };
    const auto claiming = [](const char *claims) { return makeToken(withClaims(claims)); };
    row("not three parts", "token", u" is not a signed JWT: it does not have three parts with a dot between them"_s);
    row("five parts", "a.b.c.d.e", u" is not a signed JWT: it does not have three parts with a dot between them"_s);
    row("unsigned", parts[0] + '.' + parts[1] + '.', u" is not a signed JWT: its signature is empty"_s);
    row("padded", good + '=', u" is not a signed JWT: its signature is not base64url"_s);
    row("header no JSON", headed("HS256"), u" is not a signed JWT: its header is not a JSON object in base64url"_s);
    row("no claims", parts[0] + ".." + parts[2], u" is not a signed JWT: it has no claims"_s);
    row("too long", QByteArray(9000, 'A'), u" is longer than 8192 bytes"_s);
    row("crit", headed(R"({"alg":"HS256","crit":["exp"]})"), u"'s header has crit, which is not allowed"_s);
    row("typ", headed(R"({"alg":"HS256","typ":"rt+jwt"})"), u"'s typ \"rt+jwt\" is neither JWT nor at+jwt"_s);
    row("kid number", headed(R"({"alg":"HS256","kid":5})"), u"'s kid is not a string"_s);
    row("unknown kid", headed(R"({"alg":"HS256","kid":"2026"})"), u"'s kid \"2026\" is none of the keys"_s);
    row("unspeakable kid", headed(R"({"alg":"HS256","kid":"a\nb"})"), u"'s kid is none of the keys"_s);
    row("alg", headed(R"({"alg":"HS384"})"), u"'s alg \"HS384\" is not HS256"_s);
    row("none", headed(R"({"alg":"none"})"), u"'s alg \"none\" is not HS256"_s);
    row("no alg", headed(R"({"typ":"JWT"})"), u"'s alg is not HS256"_s);
    row("short signature", good.chopped(3), u"'s signature has 30 bytes, as no key of HS256 makes"_s);
    row("another secret", makeToken(withClaims({}), kHeader, "a third secret, as long as the others"),
        u"'s signature does not fit any key"_s);
    row("another secret, named", makeToken(withClaims({}), R"({"alg":"HS256","kid":"2025"})", kOtherSecret),
        u"'s signature does not fit the key \"2025\""_s);
    row("claims no object", makeToken("[1]"), u"'s claims are not a JSON object"_s);
    row("expired", makeToken(R"({"user_id":1,"exp":)" + QByteArray::number(kTokenNow - 12) + '}'),
        u" expired 12 s ago"_s);
    row("no user", makeToken(R"({"exp":)" + QByteArray::number(kTokenNow + 60) + '}'),
        u" does not say who the user is (user_id or sub)"_s);
    row("refresh", claiming(R"("token_type":"refresh")"), u" is not an access token (token_type \"refresh\")"_s);
    row("type of another kind", claiming(R"("token_type":[1])"), u" is not an access token (token_type)"_s);
}

void TestJwtVerifier::saysWhatIsWrong()
{
    QFETCH(QByteArray, token);
    const auto keyed = verifier({ { { u"2025"_s, kSecret }, { u"2024"_s, kOtherSecret } }, {}, {} });
    QTEST(detailOf(keyed->verify(token, m_clock.utc())), "detail");
}

void TestJwtVerifier::aTestIsOneUnderTheOwnSecretAlone()
{
    const auto isTest = [this](const TokenVerdict &verdict) {
        const Identity *identity = std::get_if<Identity>(&verdict);
        if (!identity)
            qFatal("the token is not good");
        return identity->isTest;
    };
    JwtKey own{ {}, kSecret };
    own.isOwn = true;
    const JwtKey issuers{ u"issuer"_s, kOtherSecret };
    const auto both = verifier({ { own, issuers }, {}, {} });
    const auto verdict = [&](const QByteArray &claims, const QByteArray &header, const QByteArray &secret) {
        return both->verify(makeToken(withClaims(claims), header, secret), m_clock.utc());
    };
    const QByteArray named = R"({"alg":"HS256","kid":"issuer"})";
    QVERIFY(isTest(verdict(R"("gatehouse_test":true)", kHeader, kSecret)));
    QVERIFY(!isTest(verdict(R"("gatehouse_test":true)", named, kOtherSecret)));
    QVERIFY(!isTest(verdict(R"("gatehouse_test":true)", kHeader, kOtherSecret)));
    for (const char *value : { "1", "\"true\"", "false", "null", "[true]" })
        QVERIFY(!isTest(verdict(QByteArray(R"("gatehouse_test":)") + value, kHeader, kSecret)));
    QVERIFY(!isTest(verdict({}, kHeader, kSecret)));
}

void TestJwtVerifier::needsAKey()
{
    QVERIFY(!m_verifier->isCostly()); // of secrets alone
    const auto none = JwtVerifier::create({});
    QVERIFY(!none.isOk());
    QCOMPARE(none.error().field, u"JWT_SECRET"_s);
}

void TestJwtVerifier::detailsNeverHoldTheToken()
{
    const QByteArray canary = "canary-3f9a";
    const QByteArray token = makeToken(R"({"user_id":"canary-3f9a"})");
    for (const QByteArray &bad :
        { canary, token, makeToken(withClaims({}), R"({"alg":")" + token + R"("})"), // a token where a name belongs
            makeToken(withClaims({}), R"({"alg":"HS512","kid":")" + token.first(40) + R"("})"),
            makeToken(withClaims({}), R"({"alg":"HS256","typ":"<canary-3f9a\u0007>"})"),
            makeToken(withClaims(R"("password":"canary-3f9a","token_type":"refresh")")),
            makeToken(withClaims(R"("user_id":"canary-3f9a\n")")),
            makeToken(withClaims(R"("groups":{"canary-3f9a":1})")) }) {
        const auto verdict = verify(bad);
        QVERIFY(std::holds_alternative<TokenRefusal>(verdict));
        QVERIFY(!detailOf(verdict).isEmpty());
        QVERIFY2(!detailOf(verdict).contains(QString::fromLatin1(canary)), qPrintable(detailOf(verdict)));
        QVERIFY2(!detailOf(verdict).contains("eyJ"_L1), qPrintable(detailOf(verdict)));
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
