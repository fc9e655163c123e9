// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/auth/jwtclaims.h"
#include "tests/support/fakeclock.h"
#include "tests/support/tokenclaims.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

class TestJwtClaims final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void times_data();
    void times();
    void saysHowFarATimeIsOff_data();
    void saysHowFarATimeIsOff();
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

private:
    TokenVerdict judge(const QByteArray &claims) const { return judgeClaims(claims, m_rules, m_clock.utc()); }

    FakeClock m_clock;
    const JwtRules m_rules{ {}, {}, { u"7"_s } };
};

void TestJwtClaims::times_data()
{
    QTest::addColumn<QByteArray>("payload");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char *name, const QByteArray &times, const QString &reason = u"token_invalid"_s) {
        const QByteArray comma = times.isEmpty() ? "" : ",";
        QTest::newRow(name) << QByteArray(R"({"user_id":42)" + comma + times + '}') << reason;
    };
    const auto at = [](qint64 offset) { return QByteArray::number(kTokenNow + offset); };
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

void TestJwtClaims::times()
{
    QFETCH(QByteArray, payload);
    QFETCH(QString, reason);
    const auto verdict = judge(payload);
    QVERIFY2(reasonOf(verdict) == reason, qPrintable(detailOf(verdict)));
}

void TestJwtClaims::saysHowFarATimeIsOff_data()
{
    QTest::addColumn<QByteArray>("times");
    QTest::addColumn<QString>("detail");
    const auto at = [](qint64 offset) { return QByteArray::number(kTokenNow + offset); };
    const QByteArray good = R"("exp":)" + at(60);
    QTest::newRow("expired") << QByteArray(R"("exp":)" + at(-12)) << u"the token expired 12 s ago"_s;
    QTest::newRow("expired long ago") << QByteArray(R"("exp":)" + at(-86'400 * 40)) << u"the token expired 40 d ago"_s;
    QTest::newRow("no exp") << QByteArray(R"("iat":1)") << u"the token has no exp"_s;
    QTest::newRow("exp text") << QByteArray(R"("exp":"soon")") << u"the token's exp is not a date"_s;
    QTest::newRow("iat") << QByteArray(good + R"(,"iat":)" + at(30))
                         << u"the token's iat is 30 s in the future; JWT_LEEWAY is 1 s"_s;
    QTest::newRow("nbf") << QByteArray(good + R"(,"nbf":)" + at(600))
                         << u"the token's nbf is 10 min in the future; JWT_LEEWAY is 1 s"_s;
    QTest::newRow("iat text") << QByteArray(good + R"(,"iat":"now")") << u"the token's iat is not a date"_s;
}

void TestJwtClaims::saysHowFarATimeIsOff()
{
    QFETCH(QByteArray, times);
    QTEST(detailOf(judge(R"({"user_id":1,)" + times + '}')), "detail");
}

void TestJwtClaims::leewayAtItsEdge()
{
    const QByteArray expiring = R"({"user_id":1,"exp":)" + QByteArray::number(kTokenNow) + '}';
    const auto at = [&](const QByteArray &token, std::chrono::milliseconds offset) {
        return reasonOf(judgeClaims(token, m_rules, m_clock.utc() + offset));
    };
    QCOMPARE(at(expiring, 999ms), u"accepted"_s);
    QCOMPARE(at(expiring, 1000ms), u"token_expired"_s);
    // What only the leeway lets in is over with it, not at once and not later; everything else is over with exp.
    const auto end = [&](std::chrono::milliseconds offset) {
        return std::get<Identity>(judgeClaims(expiring, m_rules, m_clock.utc() + offset)).expiresAt;
    };
    QVERIFY(end(-1ms) == m_clock.utc());
    QVERIFY(end(0ms) == m_clock.utc() + 1s);
    QVERIFY(end(999ms) == m_clock.utc() + 1s);
    const QByteArray future
        = withClaims(R"("nbf":)" + QByteArray::number(kTokenNow) + R"(,"iat":)" + QByteArray::number(kTokenNow));
    QCOMPARE(at(future, -1000ms), u"accepted"_s);
    QCOMPARE(at(future, -1001ms), u"token_invalid"_s);
}

void TestJwtClaims::leewayOfTheSettings()
{
    const QByteArray expiring = R"({"user_id":1,"exp":)" + QByteArray::number(kTokenNow) + '}';
    for (const std::chrono::seconds leeway : { 0s, 300s }) {
        JwtRules rules;
        rules.leeway = leeway;
        QCOMPARE(reasonOf(judgeClaims(expiring, rules, m_clock.utc() + leeway - 1ms)), u"accepted"_s);
        QCOMPARE(reasonOf(judgeClaims(expiring, rules, m_clock.utc() + leeway)), u"token_expired"_s);
    }
}

void TestJwtClaims::issuerAndAudience_data()
{
    QTest::addColumn<QByteArray>("more");
    QTest::addColumn<QString>("detail");
    const QString issuer = u"the token's iss%1 is not JWT_ISSUER"_s;
    const QString audience = u"the token's aud%1 is not in JWT_AUDIENCE"_s;
    const QByteArray ours = R"("iss":"https://id.example/")";
    QTest::newRow("ours") << QByteArray(ours + R"(,"aud":"app")") << QString();
    QTest::newRow("the other audience") << QByteArray(ours + R"(,"aud":"mobile")") << QString();
    QTest::newRow("one of several") << QByteArray(ours + R"(,"aud":["other","app"])") << QString();
    QTest::newRow("no iss") << QByteArray(R"("aud":"app")") << u"the token has no iss, and JWT_ISSUER asks for one"_s;
    QTest::newRow("another iss") << QByteArray(R"("iss":"https://id.example","aud":"app")")
                                 << issuer.arg(uR"( "https://id.example")"_s);
    QTest::newRow("iss in other case") << QByteArray(R"("iss":"https://ID.example/","aud":"app")")
                                       << issuer.arg(uR"( "https://ID.example/")"_s);
    QTest::newRow("iss a list") << QByteArray(R"("iss":["https://id.example/"],"aud":"app")") << issuer.arg(QString());
    QTest::newRow("no aud") << ours << u"the token has no aud, and JWT_AUDIENCE asks for one"_s;
    QTest::newRow("another aud") << QByteArray(ours + R"(,"aud":"other")") << audience.arg(uR"( "other")"_s);
    QTest::newRow("start of ours") << QByteArray(ours + R"(,"aud":"ap")") << audience.arg(uR"( "ap")"_s);
    QTest::newRow("no aud of several") << QByteArray(ours + R"(,"aud":["other","apps"])") << audience.arg(QString());
    QTest::newRow("empty list") << QByteArray(ours + R"(,"aud":[])") << audience.arg(QString());
    QTest::newRow("list with a number") << QByteArray(ours + R"(,"aud":["app",5])") << audience.arg(QString());
    QTest::newRow("list in a list") << QByteArray(ours + R"(,"aud":[["app"]])") << audience.arg(QString());
    QTest::newRow("null") << QByteArray(ours + R"(,"aud":null)") << audience.arg(QString());
    QTest::newRow("object") << QByteArray(ours + R"(,"aud":{"app":1})") << audience.arg(QString());
    QTest::newRow("empty text") << QByteArray(ours + R"(,"aud":"")") << audience.arg(QString());
}

void TestJwtClaims::issuerAndAudience()
{
    QFETCH(QByteArray, more);
    QFETCH(QString, detail);
    JwtRules rules;
    rules.issuer = u"https://id.example/"_s;
    rules.audience = { u"app"_s, u"mobile"_s };
    QCOMPARE(detailOf(judgeClaims(withClaims(more), rules, m_clock.utc())), detail);
    QCOMPARE(reasonOf(judge(withClaims(more))), u"accepted"_s); // not looked at unless configured
}

void TestJwtClaims::claims_data()
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

void TestJwtClaims::claims()
{
    QFETCH(QByteArray, more);
    QFETCH(QString, reason);
    QCOMPARE(reasonOf(judge(withClaims(more))), reason);
}

void TestJwtClaims::users_data()
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

void TestJwtClaims::users()
{
    QFETCH(QByteArray, claims);
    QFETCH(QString, user);
    const auto verdict = judge(R"({"exp":)" + QByteArray::number(kTokenNow + 60) + ',' + claims + '}');
    if (user.isEmpty())
        QCOMPARE(reasonOf(verdict), u"token_invalid"_s);
    else
        QCOMPARE(std::get<Identity>(verdict).user, user);
}

void TestJwtClaims::userClaimOverride()
{
    const JwtRules rules{ {}, u"uid"_s, {} };
    const auto good = judgeClaims(withClaims(R"("uid":"me","sub":"you")"), rules, m_clock.utc());
    QCOMPARE(std::get<Identity>(good).user, u"me"_s);
    QCOMPARE(reasonOf(judgeClaims(withClaims(R"("sub":"you")"), rules, m_clock.utc())), u"token_invalid"_s);
}

void TestJwtClaims::roles_data()
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

void TestJwtClaims::roles()
{
    QFETCH(QByteArray, more);
    QFETCH(QString, role);
    const auto verdict = judge(withClaims(more));
    QVERIFY2(std::holds_alternative<Identity>(verdict), qPrintable(detailOf(verdict)));
    const Identity &identity = std::get<Identity>(verdict);
    QCOMPARE(QString(roleName(identity.role)), role);
    // Without ADMIN_USERS the role is what the token itself says, and no other.
    QCOMPARE(roleUnder(identity.user, identity.ownRole, {}), identity.ownRole);
    if (identity.user != "7"_L1)
        QCOMPARE(identity.ownRole, identity.role);
}

void TestJwtClaims::groups()
{
    const auto groupsOf = [this](const QByteArray &json) {
        return std::get<Identity>(judge(withClaims(R"("groups":)" + json))).groups;
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

void TestJwtClaims::groupsThatCannotBeTakenAreNamed_data()
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

void TestJwtClaims::groupsThatCannotBeTakenAreNamed()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, word);
    const auto verdict = judge(withClaims(R"("groups":)" + json));
    QCOMPARE(reasonOf(verdict), u"token_invalid"_s);
    QVERIFY2(
        detailOf(verdict).contains(word) && detailOf(verdict).contains(u"groups"_s), qPrintable(detailOf(verdict)));
}

void TestJwtClaims::whyThereIsNoUser_data()
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

void TestJwtClaims::whyThereIsNoUser()
{
    QFETCH(QByteArray, claims);
    QFETCH(QString, word);
    const auto verdict = judge(R"({"exp":)" + QByteArray::number(kTokenNow + 60) + ',' + claims + '}');
    QVERIFY2(detailOf(verdict).contains(word), qPrintable(detailOf(verdict)));
}

QTEST_GUILESS_MAIN(TestJwtClaims)
#include "tst_jwtclaims.moc"
