// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/tokenexpiry.h"

#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

QString tokenWith(const QByteArray &payload)
{
    return QString::fromLatin1("eyJhbGciOiJIUzI1NiJ9."
        + payload.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals) + ".c2ln");
}

} // namespace

class TestTokenExpiry : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhenATokenEnds_data();
    void readsWhenATokenEnds();
};

void TestTokenExpiry::readsWhenATokenEnds_data()
{
    QTest::addColumn<QString>("token");
    QTest::addColumn<qint64>("seconds");
    QTest::newRow("it says so") << tokenWith(R"({"exp":1762779600})") << qint64(1'762'779'600);
    QTest::newRow("with a fraction") << tokenWith(R"({"exp":1762779600.75})") << qint64(1'762'779'600);
    QTest::newRow("it does not") << tokenWith(R"({"sub":"1"})") << qint64(-1);
    QTest::newRow("as text") << tokenWith(R"({"exp":"1762779600"})") << qint64(-1);
    QTest::newRow("before time") << tokenWith(R"({"exp":-5})") << qint64(-1);
    QTest::newRow("after it") << tokenWith(R"({"exp":1e300})") << qint64(-1);
    QTest::newRow("no object") << tokenWith("[]") << qint64(-1);
    QTest::newRow("no base64") << u"a.***.c"_s << qint64(-1);
    QTest::newRow("not three parts") << u"good-token"_s << qint64(-1);
    QTest::newRow("empty") << QString() << qint64(-1);
}

void TestTokenExpiry::readsWhenATokenEnds()
{
    QFETCH(QString, token);
    QFETCH(qint64, seconds);
    const std::optional<UtcTime> end = expiryOf(token);
    QCOMPARE(end ? std::chrono::floor<std::chrono::seconds>(*end).time_since_epoch().count() : -1, seconds);
}

QTEST_APPLESS_MAIN(TestTokenExpiry)
#include "tst_tokenexpiry.moc"
