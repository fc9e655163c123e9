// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/auth/base64url.h"

using namespace gatehouse;

class TestBase64Url final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decodesEveryLength();
    void refusesWhatIsNotCanonical_data();
    void refusesWhatIsNotCanonical();
};

void TestBase64Url::decodesEveryLength()
{
    QByteArray bytes;
    for (int i = 0; i < 300; ++i) {
        bytes.append(char(i * 37));
        const QByteArray text = bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
        QCOMPARE(decodeBase64Url(text), bytes);
    }
}

void TestBase64Url::refusesWhatIsNotCanonical_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("one character") << QByteArray("A");
    QTest::newRow("five characters") << QByteArray("QUFBQ");
    QTest::newRow("padding") << QByteArray("QQ==");
    QTest::newRow("unused bits of two") << QByteArray("QR");
    QTest::newRow("unused bits of three") << QByteArray("QUF");
    QTest::newRow("plus") << QByteArray("QU+B");
    QTest::newRow("slash") << QByteArray("QU/B");
    QTest::newRow("blank") << QByteArray("QU B");
    QTest::newRow("newline") << QByteArray("QUFB\n");
    QTest::newRow("NUL") << QByteArray("QU\0B", 4);
    QTest::newRow("beyond ASCII") << QByteArray("QU\xffZ");
}

void TestBase64Url::refusesWhatIsNotCanonical()
{
    QFETCH(QByteArray, text);
    QVERIFY(decodeBase64Url(text).isNull());
}

QTEST_APPLESS_MAIN(TestBase64Url)
#include "tst_base64url.moc"
