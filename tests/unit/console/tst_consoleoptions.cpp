// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/options.h"

#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestConsoleOptions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsThem();
    void refusesWhatMakesNoSense_data();
    void refusesWhatMakesNoSense();
    void saysWhatWasAskedFor();
    void leavesQtItsOwn_data();
    void leavesQtItsOwn();
    void readsATokenFile();
};

void TestConsoleOptions::readsThem()
{
    const Result<ConsoleOptions> options = parseConsoleOptions(
        { u"--url"_s, u"127.0.0.1:8080"_s, u"--token-file"_s, u"t"_s, u"--lang"_s, u"th"_s, u"--theme"_s, u"dark"_s });
    QVERIFY(options.isOk());
    QCOMPARE(options->url, QUrl(u"http://127.0.0.1:8080"_s));
    QCOMPARE(options->tokenFile, u"t"_s);
    QCOMPARE(options->language, u"th"_s);
    QCOMPARE(options->theme, std::optional(ThemeMode::Dark));
    QVERIFY(!options->isLocal);
    QCOMPARE(parseConsoleOptions({ u"--theme"_s, u"system"_s })->theme, std::optional(ThemeMode::System));
    QVERIFY(!parseConsoleOptions({})->theme); // as it was left
}

void TestConsoleOptions::refusesWhatMakesNoSense_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("unknown") << QStringList{ u"--wrong"_s };
    QTest::newRow("a word") << QStringList{ u"please"_s };
    QTest::newRow("local and url") << QStringList{ u"--local"_s, u"--url"_s, u"http://127.0.0.1"_s };
    QTest::newRow("a token for nobody") << QStringList{ u"--token-file"_s, u"t"_s };
    QTest::newRow("language") << QStringList{ u"--lang"_s, u"de"_s };
    QTest::newRow("theme") << QStringList{ u"--theme"_s, u"blue"_s };
}

void TestConsoleOptions::refusesWhatMakesNoSense()
{
    QFETCH(QStringList, arguments);
    const Result<ConsoleOptions> options = parseConsoleOptions(arguments);
    QVERIFY(!options.isOk());
    QVERIFY(!options.error().message.isEmpty());
    QCOMPARE(printAnswer(options.error()), 2);
}

void TestConsoleOptions::saysWhatWasAskedFor()
{
    for (const QString &option : { u"--help"_s, u"-h"_s, u"--version"_s })
        QCOMPARE(printAnswer(parseConsoleOptions({ option }).error()), 0);
    QVERIFY(parseConsoleOptions({ u"--help"_s }).error().message.contains(u"--local"_s));
}

void TestConsoleOptions::leavesQtItsOwn_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QStringList>("own");
    const QStringList local{ u"--local"_s };
    QTest::newRow("none") << local << local;
    QTest::newRow("value behind") << QStringList{ u"-platform"_s, u"xcb"_s, u"--local"_s } << local;
    QTest::newRow("value at it") << QStringList{ u"--local"_s, u"--style=fusion"_s } << local;
    QTest::newRow("without a value") << QStringList{ u"-reverse"_s, u"--local"_s } << local;
    QTest::newRow("no value there") << QStringList{ u"--local"_s, u"-style"_s } << local;
    QTest::newRow("no option of Qt") << QStringList{ u"platform"_s, u"--platforms"_s }
                                     << QStringList{ u"platform"_s, u"--platforms"_s };
    QTest::newRow("empty") << QStringList{ QString(), u"-"_s } << QStringList{ QString(), u"-"_s };
}

void TestConsoleOptions::leavesQtItsOwn()
{
    QFETCH(QStringList, arguments);
    QFETCH(QStringList, own);
    QCOMPARE(withoutQtOptions(arguments), own);
}

void TestConsoleOptions::readsATokenFile()
{
    const QTemporaryDir directory;
    QFile file(directory.filePath(u"token"_s));
    QVERIFY(!readTokenFile(file.fileName()).isOk());
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(!readTokenFile(file.fileName()).isOk());
    file.write("aaa.bbb.ccc\nand more\n");
    file.close();
    QCOMPARE(readTokenFile(file.fileName()).value(), u"aaa.bbb.ccc"_s);
}

QTEST_GUILESS_MAIN(TestConsoleOptions)
#include "tst_consoleoptions.moc"
