// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/auth/tokensentence.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

class TestTokenSentence final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void names_data();
    void names();
    void spans_data();
    void spans();
};

void TestTokenSentence::names_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isShown");
    QTest::newRow("plain") << u"2025"_s << true;
    QTest::newRow("URL") << u"https://id.example/keys?a=1&b=2"_s << true;
    QTest::newRow("blanks and signs") << u"a key's <name> 100 %1"_s << true;
    QTest::newRow("longest") << QString(64, u'k') << true;
    QTest::newRow("too long") << QString(65, u'k') << false;
    QTest::newRow("empty") << QString() << false;
    QTest::newRow("newline") << u"a\nb"_s << false;
    QTest::newRow("NUL") << QString(u'a') + QChar() << false;
    QTest::newRow("quote") << u"a\" b=\"c"_s << false;
    QTest::newRow("backslash") << u"a\\"_s << false;
    QTest::newRow("right to left") << u"a\u202eb"_s << false;
    QTest::newRow("Thai") << u"กุญแจ"_s << false;
    QTest::newRow("part of a token") << u"eyJhbGciOiJIUzI1NiJ9.x"_s << false;
}

void TestTokenSentence::names()
{
    QFETCH(QString, name);
    QFETCH(bool, isShown);
    QCOMPARE(quotedName(name), isShown ? QString(u" \""_s + name + u'"') : QString());
    QVERIFY(quotedName(QJsonValue(5)).isEmpty()); // no text
}

void TestTokenSentence::spans_data()
{
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<QString>("text");
    QTest::newRow("1 ms") << qint64(1) << u"1 s"_s;
    QTest::newRow("12 s") << qint64(12'000) << u"12 s"_s;
    QTest::newRow("119 s") << qint64(119'000) << u"119 s"_s;
    QTest::newRow("120 s") << qint64(120'000) << u"2 min"_s;
    QTest::newRow("2 h less a second") << qint64(7'199'000) << u"119 min"_s;
    QTest::newRow("2 h") << qint64(7'200'000) << u"2 h"_s;
    QTest::newRow("47 h") << qint64(47 * 3'600'000) << u"47 h"_s;
    QTest::newRow("2 d") << qint64(48 * 3'600'000) << u"2 d"_s;
    QTest::newRow("many years") << qint64(56LL * 365 * 86'400'000) << u"20440 d"_s;
}

void TestTokenSentence::spans()
{
    QFETCH(qint64, millis);
    QTEST(spanText(std::chrono::milliseconds(millis)), "text");
}

QTEST_APPLESS_MAIN(TestTokenSentence)
#include "tst_tokensentence.moc"
