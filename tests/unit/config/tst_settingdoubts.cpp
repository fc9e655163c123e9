// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/config/settingdoubts.h"
#include "server/config/settingvalues.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestSettingDoubts final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knownSecrets_data()
    {
        QTest::addColumn<QByteArray>("secret");
        QTest::addColumn<QString>("words"); // empty: nobody knows it
        QTest::newRow("random hex") << QByteArray("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
                                    << QString();
        QTest::newRow("random text") << QByteArray("k3)w@z!p#x^m&q*c(v-b_n+j=h%g$f2d") << QString();
        QTest::newRow("Django's for development")
            << QByteArray("django-insecure-k3)w@z!p#x^m&q*c(v-b_n+j=h%g$f2d") << u"that Django makes for development"_s;
        QTest::newRow("this documentation's")
            << QByteArray("your site signs its tokens with this: SIGNING_KEY") << u"example"_s;
        QTest::newRow("jwt.io's") << QByteArray("your-256-bit-secret-your-256-bit-secret") << u"example"_s;
        QTest::newRow("to be changed") << QByteArray("CHANGE-ME-before-you-go-to-production-please") << u"example"_s;
        QTest::newRow("one letter") << QByteArray(40, 'x') << u"1 different"_s;
        QTest::newRow("counted") << QByteArray("1234567123456712345671234567123456712345") << u"7 different"_s;
    }
    void knownSecrets()
    {
        QFETCH(QByteArray, secret);
        QFETCH(QString, words);
        const std::optional<QString> known = whyKnownSecret(secret);
        QCOMPARE(known.has_value(), !words.isEmpty());
        if (known)
            QVERIFY2(known->contains(words), qPrintable(*known));
    }

    void secrets_data()
    {
        QTest::addColumn<QByteArray>("secret");
        QTest::addColumn<QStringList>("words"); // one for each doubt
        const QByteArray good = "k3)w@z!p#x^m&q*c(v-b_n+j=h%g$f2d";
        QTest::newRow("good") << good << QStringList();
        QTest::newRow("hex") << QByteArray("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
                             << QStringList();
        QTest::newRow("none") << QByteArray() << QStringList();
        QTest::newRow("double quotes") << QByteArray('"' + good + '"') << QStringList{ u"is in quotes"_s };
        QTest::newRow("single quotes") << QByteArray('\'' + good + '\'') << QStringList{ u"is in quotes"_s };
        QTest::newRow("one quote") << QByteArray('"' + good) << QStringList();
        QTest::newRow("a line end") << QByteArray(good + '\n') << QStringList{ u"begins or ends with a blank"_s };
        QTest::newRow("a blank before") << QByteArray(' ' + good) << QStringList{ u"begins or ends with a blank"_s };
        QTest::newRow("blanks within") << QByteArray("k3)w @z!p #x^m &q*c (v-b _n+j =h%g") << QStringList();
        QTest::newRow("base64") << QByteArray(32, '\x9f').toBase64()
                                << QStringList{ u"looks like base64 of 32 bytes"_s };
        QTest::newRow("base64url")
            << QByteArray(48, '\xff').toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
            << QStringList{ u"looks like base64 of 48 bytes"_s };
        QTest::newRow("base64 in a line") << QByteArray(QByteArray(64, '\xff').toBase64() + '\n')
                                          << QStringList{ u"begins or ends"_s, u"looks like base64 of 64 bytes"_s };
        QTest::newRow("base64 of no key") << QByteArray(33, '\x9f').toBase64() << QStringList();
    }
    void secrets()
    {
        QFETCH(QByteArray, secret);
        QFETCH(QStringList, words);
        const QStringList doubts = doubtsAboutSecret(secret);
        QCOMPARE(doubts.size(), words.size());
        for (qsizetype i = 0; i < words.size(); ++i) {
            QVERIFY2(doubts[i].contains(words[i]), qPrintable(doubts[i]));
            QVERIFY(!doubts[i].contains(QString::fromUtf8(secret.trimmed())));
        }
    }

    void proxies_data()
    {
        QTest::addColumn<QString>("listen");
        QTest::addColumn<QString>("trusted");
        QTest::addColumn<QString>("words"); // empty: no doubt
        QTest::newRow("the proxy beside it") << u"127.0.0.1:80"_s << u"127.0.0.1"_s << QString();
        QTest::newRow("its network") << u"127.0.0.1:80"_s << u"10.0.0.0/8,127.0.0.0/8"_s << QString();
        QTest::newRow("forgotten") << u"127.0.0.1:80"_s << QString() << u"does not hold 127.0.0.1"_s;
        QTest::newRow("forgotten, IPv6") << u"[::1]:80"_s << u"127.0.0.1"_s << u"does not hold ::1"_s;
        QTest::newRow("without a proxy") << u":443"_s << QString() << QString();
        QTest::newRow("a socket") << u"unix:/run/x"_s << u"unix"_s << QString();
        QTest::newRow("a socket, forgotten") << u"unix:/run/x"_s << u"127.0.0.1"_s << u"does not hold unix"_s;
        QTest::newRow("everybody") << u":80"_s << u"0.0.0.0/0"_s << u"holds every address"_s;
        QTest::newRow("everybody, IPv6") << u":80"_s << u"::/0"_s << u"holds every address"_s;
    }
    void proxies()
    {
        QFETCH(QString, listen);
        QFETCH(QString, trusted);
        QFETCH(QString, words);
        Settings settings;
        settings.listen = *parseListenAddress(listen);
        settings.trustedProxies = *parseNetworks(trusted);
        const QStringList doubts = doubtsAboutProxies(settings);
        QCOMPARE(doubts.size(), words.isEmpty() ? 0 : 1);
        if (!words.isEmpty())
            QVERIFY2(doubts[0].contains(words), qPrintable(doubts[0]));
        settings.isDebug = true; // a developer's machine has no proxy
        QCOMPARE(doubtsAboutProxies(settings).filter(u"on this machine"_s).size(), 0);
    }
};

QTEST_APPLESS_MAIN(TestSettingDoubts)
#include "tst_settingdoubts.moc"
