// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/auth/jwtkey.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

QByteArray octKey(const QByteArray &kid, char fill, int bytes = 32)
{
    const QByteArray k
        = QByteArray(bytes, fill).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    return R"({"kty":"oct","alg":"HS256","kid":")" + kid + R"(","k":")" + k + R"("})";
}

} // namespace

class TestJwtKey final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsASet();
    void readsASingleKey();
    void refusesRepeatedIds();
    void refusesTooManyKeys();
    void namesTheKeyAtFault();
    void errorsHoldNoKeyMaterial();
};

void TestJwtKey::readsASet()
{
    const auto keys
        = parseJwkSet(R"({"keys":[)" + octKey("old", 'a') + ',' + octKey("new", 'b', 64) + "]}", u"keys.json"_s);
    QVERIFY2(keys.isOk(), keys ? "" : qPrintable(keys.error().message));
    QCOMPARE(keys->size(), size_t(2));
    QCOMPARE((*keys)[0].id, u"old"_s);
    QCOMPARE((*keys)[0].secret, QByteArray(32, 'a'));
    QCOMPARE((*keys)[1].secret, QByteArray(64, 'b'));
}

void TestJwtKey::readsASingleKey()
{
    const auto keys = parseJwkSet(R"({"kty":"oct","k":"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE"})", u"key.json"_s);
    QVERIFY(keys.isOk());
    QCOMPARE(keys->size(), size_t(1));
    QVERIFY(keys->front().id.isEmpty());
    QCOMPARE(keys->front().secret, QByteArray(32, 'a'));
}

void TestJwtKey::refusesRepeatedIds()
{
    const auto keys
        = parseJwkSet(R"({"keys":[)" + octKey("same", 'a') + ',' + octKey("same", 'b') + "]}", u"keys.json"_s);
    QVERIFY(!keys.isOk());
    QCOMPARE(keys.error().message, u"keys.json: key 2: its kid appears twice"_s);
}

void TestJwtKey::refusesTooManyKeys()
{
    QByteArray set = R"({"keys":[)";
    for (int i = 0; i < 17; ++i)
        set += (i ? "," : "") + octKey(QByteArray::number(i), 'a');
    QVERIFY(parseJwkSet(set + "]}", u"keys.json"_s).error().message.contains(u"more than 16"_s));
}

void TestJwtKey::namesTheKeyAtFault()
{
    const auto keys
        = parseJwkSet(R"({"keys":[)" + octKey("good", 'a') + ',' + octKey("short", 'b', 31) + "]}", u"keys.json"_s);
    QVERIFY(!keys.isOk());
    QCOMPARE(keys.error().message, u"keys.json: key 2: its secret is shorter than 32 bytes"_s);
    for (const QByteArray &json : { QByteArray(), QByteArray("null"), QByteArray("[]"), QByteArray("{\"keys\":[5]}"),
             QByteArray("{\"keys\":[null]}") })
        QVERIFY(parseJwkSet(json, u"keys.json"_s).error().message.startsWith(u"keys.json: "_s));
}

void TestJwtKey::errorsHoldNoKeyMaterial()
{
    const auto keys = parseJwkSet(R"({"kty":"oct","alg":"RS256","k":"c2VjcmV0LW1hdGVyaWFs"})", u"keys.json"_s);
    QVERIFY(!keys.isOk());
    QVERIFY(!keys.error().message.contains(u"c2VjcmV0"_s));
}

QTEST_APPLESS_MAIN(TestJwtKey)
#include "tst_jwtkey.moc"
