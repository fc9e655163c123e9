// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QCryptographicHash>
#include <QtTest/QTest>

#include "server/base/digest.h"

using namespace gatehouse;

class TestDigest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// FIPS 180-4's examples, as NIST publishes them.
    void knowsTheStandardsExamples_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("hex");
        QTest::addColumn<QByteArray>("hexOfSha1");
        QTest::newRow("nothing") << QByteArray()
                                 << QByteArray("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
                                 << QByteArray("da39a3ee5e6b4b0d3255bfef95601890afd80709");
        QTest::newRow("one block") << QByteArray("abc")
                                   << QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
                                   << QByteArray("a9993e364706816aba3e25717850c26c9cd0d89d");
        QTest::newRow("two blocks") << QByteArray("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                                    << QByteArray("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
                                    << QByteArray("84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    }
    void knowsTheStandardsExamples()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, hex);
        QFETCH(QByteArray, hexOfSha1);
        QCOMPARE(sha256(text).toHex(), hex);
        QCOMPARE(sha1(text).toHex(), hexOfSha1);
        QCOMPARE(sha256(text).toHex(), hex); // whatever came before
    }

    void isWhatOthersMakeOfAnyLength()
    {
        for (int size = 0; size < 300; ++size) {
            const QByteArray bytes(size, char(size));
            QCOMPARE(sha256(bytes), QCryptographicHash::hash(bytes, QCryptographicHash::Sha256));
            QCOMPARE(sha1(bytes), QCryptographicHash::hash(bytes, QCryptographicHash::Sha1));
        }
    }
};

QTEST_APPLESS_MAIN(TestDigest)
#include "tst_digest.moc"
