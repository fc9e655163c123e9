// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/config/envfile.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestEnvFile final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void namesFileAndLineOfErrors_data();
    void namesFileAndLineOfErrors();
    void keepsOrderAndLines();
};

void TestEnvFile::reads_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("value");

    QTest::newRow("bare") << QByteArray("A=one") << u"one"_s;
    QTest::newRow("empty") << QByteArray("A=") << QString();
    QTest::newRow("empty and comment") << QByteArray("A= # none") << QString();
    QTest::newRow("export") << QByteArray("export  A=one\n") << u"one"_s;
    QTest::newRow("blanks") << QByteArray("  A  =  one two  \n") << u"one two"_s;
    QTest::newRow("tabs") << QByteArray("\tA\t=\tone\t\n") << u"one"_s;
    QTest::newRow("comment after") << QByteArray("A=one # two") << u"one"_s;
    QTest::newRow("hash inside") << QByteArray("A=one#two") << u"one#two"_s;
    QTest::newRow("equals inside") << QByteArray("A=one=two") << u"one=two"_s;
    QTest::newRow("quotes inside") << QByteArray("A=one\"two\"") << u"one\"two\""_s;
    QTest::newRow("double quotes") << QByteArray("A=\"one # two\" # three") << u"one # two"_s;
    QTest::newRow("single quotes") << QByteArray("A='one \\n $B'") << u"one \\n $B"_s;
    QTest::newRow("empty quotes") << QByteArray("A=\"\"") << QString();
    QTest::newRow("escapes") << QByteArray(R"(A="a\nb\tc\"d\\e\$f\rg\qh")") << u"a\nb\tc\"d\\e$f\rg\\qh"_s;
    QTest::newRow("quoted blanks") << QByteArray("A=\"  one \"") << u"  one "_s;
    QTest::newRow("several lines") << QByteArray("A=\"one\ntwo\"\n") << u"one\ntwo"_s;
    QTest::newRow("line continued") << QByteArray("A=\"one\\\ntwo\"\n") << u"onetwo"_s;
    QTest::newRow("CRLF") << QByteArray("A=one\r\n") << u"one"_s;
    QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf"
                                                   "A=one")
                                     << u"one"_s;
    QTest::newRow("UTF-8") << QByteArray("A=วันที่") << u"วันที่"_s;
    QTest::newRow("not expanded") << QByteArray("A=${B}") << u"${B}"_s;
    QTest::newRow("comments around") << QByteArray("# first\n\n   # second\nA=one\n#A=two") << u"one"_s;
}

void TestEnvFile::reads()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, value);
    const auto entries = parseEnvFile(text, u".env"_s);
    QVERIFY2(entries.isOk(), entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->size(), size_t(1));
    QCOMPARE(entries->front().name, u"A"_s);
    QCOMPARE(entries->front().value, value);
}

void TestEnvFile::namesFileAndLineOfErrors_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("beginning");

    QTest::newRow("no equals") << QByteArray("A=1\n\nLISTEN 8080\n") << u"/srv/.env:3: expected \"=\" after LISTEN"_s;
    QTest::newRow("no name") << QByteArray("=1") << u"/srv/.env:1: expected NAME=value"_s;
    QTest::newRow("bad name") << QByteArray("A=1\n9B=1") << u"/srv/.env:2: expected NAME=value"_s;
    QTest::newRow("blank in name") << QByteArray("A B=1") << u"/srv/.env:1: expected \"=\" after A"_s;
    QTest::newRow("open double quote") << QByteArray("A=1\nB=\"one\nC=2\n")
                                       << u"/srv/.env:2: the quote that opens the value of B"_s;
    QTest::newRow("open single quote") << QByteArray("A='one") << u"/srv/.env:1: the quote that opens the value of A"_s;
    QTest::newRow("text after quote") << QByteArray("A=\"one\ntwo\" three")
                                      << u"/srv/.env:2: unexpected text after the value of A"_s;
    QTest::newRow("export alone") << QByteArray("export A") << u"/srv/.env:1: expected \"=\" after A"_s;
    QTest::newRow("NUL") << QByteArray("A=1\nB=\0", 7) << u"/srv/.env:2: holds a NUL byte"_s;
    QTest::newRow("not UTF-8") << QByteArray("A=\xff\xfe") << u"/srv/.env: is not UTF-8"_s;
}

void TestEnvFile::namesFileAndLineOfErrors()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, beginning);
    const auto entries = parseEnvFile(text, u"/srv/.env"_s);
    QVERIFY(!entries.isOk());
    QVERIFY2(entries.error().message.startsWith(beginning), qPrintable(entries.error().message));
}

void TestEnvFile::keepsOrderAndLines()
{
    const auto entries = parseEnvFile("A=1\nB=\"x\ny\"\n\n# c\nA=2\n", u".env"_s);
    QVERIFY(entries.isOk());
    QCOMPARE(entries->size(), size_t(3));
    QCOMPARE((*entries)[0].line, 1);
    QCOMPARE((*entries)[1].line, 2);
    QCOMPARE((*entries)[2].line, 6);
    QCOMPARE((*entries)[2].value, u"2"_s);
    QVERIFY(parseEnvFile({}, u".env"_s)->empty());
}

QTEST_APPLESS_MAIN(TestEnvFile)
#include "tst_envfile.moc"
