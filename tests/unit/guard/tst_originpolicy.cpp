// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/originpolicy.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestOriginPolicy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judges_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QByteArray>("origin");
        QTest::addColumn<bool>("isAllowed");
        const auto row = [](const char *pattern, const char *origin, bool isAllowed) {
            QTest::addRow("%s < %s", pattern, origin)
                << QString::fromLatin1(pattern) << QByteArray(origin) << isAllowed;
        };
        row("example.com", "https://example.com", true);
        row("example.com", "http://example.com:8080", true);
        row("example.com", "HTTPS://EXAMPLE.COM", true);
        row("Example.COM", "https://example.com", true);
        row("example.com", "https://www.example.com", false);
        row("example.com", "https://example.com.evil.org", false);
        row("example.com", "https://evilexample.com", false);
        row("example.com", "https://example.com.", false);
        row("example.com", "https://example.com@evil.org", false);
        row("example.com", "https://example.com/path", false);
        row("example.com", "https://example.com:notaport", false);
        row("example.com", "https://example.com:99999", false);
        row("example.com", "example.com", false);
        row("example.com", "null", false);
        row("example.com", "file://", false);
        row("example.com", "", false);
        row("example.com", "https://xn--exmple-cua.com", false);
        row(".example.com", "https://example.com", true);
        row(".example.com", "https://a.b.example.com", true);
        row(".example.com", "https://badexample.com", false);
        row(".example.com", "https://.example.com", false);
        row("https://example.com", "https://example.com", true);
        row("https://example.com", "https://example.com:443", true);
        row("https://example.com", "https://example.com:8443", false);
        row("https://example.com", "http://example.com", false);
        row("https://example.com:8443", "https://example.com:8443", true);
        row("https://example.com:8443", "https://example.com", false);
        row("wss://example.com", "wss://example.com:443", true);
        row("https://.example.com", "https://www.example.com", true);
        row("*", "https://anything.org", true);
        row("*", "null", true);
        row("[::1]", "http://[::1]:3000", true);
        row("[::1]", "http://[::2]", false);
        row("127.0.0.1", "http://127.0.0.1:8000", true);
    }
    void judges()
    {
        QFETCH(QString, pattern);
        QFETCH(QByteArray, origin);
        QFETCH(bool, isAllowed);
        const OriginPolicy policy({ u"other.example"_s, pattern }, false, false);
        QCOMPARE(policy.allows(origin), isAllowed);
    }

    void treatsAMissingOriginAsConfigured()
    {
        QVERIFY(!OriginPolicy({ u"example.com"_s }, false, false).allows(std::nullopt));
        QVERIFY(OriginPolicy({ u"example.com"_s }, false, true).allows(std::nullopt));
        QVERIFY(OriginPolicy({ u"*"_s }, false, false).allows(std::nullopt));
    }

    void anEmptyListRefusesAllButInDebug()
    {
        const OriginPolicy strict({}, false, false);
        QVERIFY(!strict.allows(QByteArray("http://localhost")));
        const OriginPolicy debug({}, true, false);
        for (const char *origin : { "http://localhost:3000", "http://127.0.0.1", "http://[::1]:8000" })
            QVERIFY2(debug.allows(QByteArray(origin)), origin);
        QVERIFY(!debug.allows(QByteArray("https://example.com")));
    }
};

QTEST_APPLESS_MAIN(TestOriginPolicy)
#include "tst_originpolicy.moc"
