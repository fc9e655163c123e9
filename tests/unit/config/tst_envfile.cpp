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
    void passesOverWhatIsNoAssignment_data();
    void passesOverWhatIsNoAssignment();
    void refusesWhatIsNoText_data();
    void refusesWhatIsNoText();
    void replacesWhatIsNotUtf8();
    void goesOnWithTheNextLine();
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
    QTest::newRow("begins with a hash") << QByteArray("A=#one#two") << u"#one#two"_s;
    QTest::newRow("begins with a hash, comment after") << QByteArray("A=#one # two") << u"#one"_s;
    QTest::newRow("a hash alone") << QByteArray("A=#") << u"#"_s;
    QTest::newRow("semicolon inside") << QByteArray("A=;one ; two") << u";one ; two"_s;
    QTest::newRow("a name in quotes") << QByteArray("'A'=one") << u"one"_s;
    QTest::newRow("an apostrophe in single quotes") << QByteArray(R"(A='it\'s one')") << u"it's one"_s;
    QTest::newRow("two of them") << QByteArray(R"(A='\'one\'')") << u"'one'"_s;
    QTest::newRow("a backslash at the end") << QByteArray(R"(A='C:\' # two)") << u"C:\\"_s;
    QTest::newRow("comment without blank") << QByteArray("A='one'#two") << u"one"_s;
    QTest::newRow("CR alone") << QByteArray("#\rA=one\r") << u"one"_s;
    QTest::newRow("CRLF in quotes") << QByteArray("A='one\r\ntwo'\r\n") << u"one\ntwo"_s;
    QTest::newRow("systemd's comment") << QByteArray("; first\n  ;second=1\nA=one\n;A=two") << u"one"_s;
    QTest::newRow("comments around") << QByteArray("# first\n\n   # second\nA=one\n#A=two") << u"one"_s;
}

void TestEnvFile::reads()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, value);
    const auto entries = parseEnvFile(text, u".env"_s);
    QVERIFY2(entries.isOk(), entries ? "" : qPrintable(entries.error().message));
    QCOMPARE(entries->passedOver.size(), size_t(0));
    QCOMPARE(entries->entries.size(), size_t(1));
    QCOMPARE(entries->entries.front().name, u"A"_s);
    QCOMPARE(entries->entries.front().value, value);
}

void TestEnvFile::passesOverWhatIsNoAssignment_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("what");

    const QString noEquals = u"is not followed by \"=\""_s;
    QTest::newRow("no equals") << QByteArray("A=1\n\nLISTEN 8080\n") << 3 << u"LISTEN"_s << noEquals;
    QTest::newRow("no name") << QByteArray("=1") << 1 << QString() << u"expected NAME=value"_s;
    QTest::newRow("no value") << QByteArray("A=1\nB\n") << 2 << u"B"_s << u"has no value"_s;
    QTest::newRow("no value, comment") << QByteArray("B # later") << 1 << u"B"_s << u"has no value"_s;
    QTest::newRow("begins with a digit") << QByteArray("A=1\n9B=1") << 2 << u"9B"_s << u"begins with a digit"_s;
    QTest::newRow("no name of a variable") << QByteArray("A!=1") << 1 << u"A!"_s << u"is no name of a variable"_s;
    QTest::newRow("blank in name") << QByteArray("A B=1") << 1 << u"A"_s << noEquals;
    QTest::newRow("open double quote") << QByteArray("A=1\nB=\"one\nC=2\n") << 2 << u"B"_s
                                       << u"has a quote that is never closed"_s;
    QTest::newRow("open single quote") << QByteArray("A='one") << 1 << u"A"_s << u"has a quote that is never closed"_s;
    QTest::newRow("text after quote") << QByteArray("A=\"one\" two") << 1 << u"A"_s
                                      << u"has text after the quotes of its value"_s;
    QTest::newRow("export alone") << QByteArray("export A") << 1 << u"A"_s << u"has no value"_s;
    QTest::newRow("a section") << QByteArray("[Service]\nA=1") << 1 << u"[Service]"_s << u"has no value"_s;
    QTest::newRow("a conflict") << QByteArray("<<<<<<< HEAD\nA=1") << 1 << u"<<<<<<<"_s << noEquals;
    QTest::newRow("YAML") << QByteArray("A: one") << 1 << u"A:"_s << noEquals;
}

void TestEnvFile::passesOverWhatIsNoAssignment()
{
    QFETCH(QByteArray, text);
    QFETCH(int, line);
    QFETCH(QString, name);
    QFETCH(QString, what);
    const auto file = parseEnvFile(text, u"/srv/.env"_s);
    QVERIFY(file.isOk());
    QCOMPARE(file->passedOver.size(), size_t(1));
    QCOMPARE(file->passedOver.front().line, line);
    QCOMPARE(file->passedOver.front().name, name);
    QCOMPARE(file->passedOver.front().what, what);
    QCOMPARE(file->passedOver.front().isNameAlone, what == "has no value"_L1);
}

void TestEnvFile::refusesWhatIsNoText_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("beginning");
    QTest::newRow("NUL") << QByteArray("A=1\nB=\0", 7) << u"/srv/.env:2: holds a NUL byte"_s;
    QTest::newRow("UTF-16") << QByteArray("\xff\xfe"
                                          "A\0=\0",
        6) << u"/srv/.env: is UTF-16 text"_s;
}

void TestEnvFile::refusesWhatIsNoText()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, beginning);
    const auto file = parseEnvFile(text, u"/srv/.env"_s);
    QVERIFY(!file.isOk());
    QVERIFY2(file.error().message.startsWith(beginning), qPrintable(file.error().message));
}

void TestEnvFile::replacesWhatIsNotUtf8()
{
    const auto file = parseEnvFile("# Gr\xf6\xdf"
                                   "e\nA=\xe4\nB=1\n",
        u".env"_s);
    QVERIFY(file.isOk());
    QCOMPARE(file->entries.size(), size_t(2));
    QCOMPARE(file->entries[0].value, QString(QChar(QChar::ReplacementCharacter)));
    QCOMPARE(file->entries[1].value, u"1"_s);
}

void TestEnvFile::goesOnWithTheNextLine()
{
    const auto file = parseEnvFile("A=\"one\nB=2\nC=\"3\nD\nE=5\n", u".env"_s);
    QVERIFY(file.isOk());
    QStringList names;
    for (const EnvEntry &entry : file->entries)
        names.append(u"%1:%2=%3"_s.arg(entry.line).arg(entry.name, entry.value));
    QCOMPARE(names, QStringList({ u"2:B=2"_s, u"5:E=5"_s }));
    QCOMPARE(file->passedOver.size(), size_t(3));
}

void TestEnvFile::keepsOrderAndLines()
{
    const auto file = parseEnvFile("A=1\nB=\"x\ny\"\n\n# c\nA=2\n", u".env"_s);
    QVERIFY(file.isOk());
    const std::vector<EnvEntry> &entries = file->entries;
    QCOMPARE(entries.size(), size_t(3));
    QCOMPARE(entries[0].line, 1);
    QCOMPARE(entries[1].line, 2);
    QCOMPARE(entries[2].line, 6);
    QCOMPARE(entries[2].value, u"2"_s);
    QVERIFY(parseEnvFile({}, u".env"_s)->entries.empty());
}

QTEST_APPLESS_MAIN(TestEnvFile)
#include "tst_envfile.moc"
