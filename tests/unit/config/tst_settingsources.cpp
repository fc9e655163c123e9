// SPDX-License-Identifier: GPL-3.0-or-later
// Where a setting's text comes from, and how an error will name it. What the texts mean is tested in tst_settings.
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <unistd.h>

#include "server/config/settingdescriptor.h"
#include "server/config/settingsources.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestSettingSources final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_dir;
    QProcessEnvironment m_environment;

    Result<RawSettings> collect(const QStringList &arguments = {}) const
    {
        return collectSettings(arguments, m_environment, m_dir->path(), m_dir->filePath(u"installed"_s));
    }
    void write(const QString &name, const QByteArray &text) const
    {
        QFile file(m_dir->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        m_environment = {};
    }

    void nothingSaidIsNothingFound()
    {
        const auto raw = collect();
        QVERIFY(raw);
        QVERIFY(raw->values.isEmpty());
        QVERIFY(raw->warnings.isEmpty());
    }

    void theFirstLayerThatNamesItWins_data()
    {
        QTest::addColumn<bool>("isInArguments");
        QTest::addColumn<bool>("isInEnvironment");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("source"); // %1: the working directory
        QTest::addColumn<QString>("blame");
        QTest::newRow("all three") << true << true << u"argument"_s << u"command line"_s << u"--listen (LISTEN)"_s;
        QTest::newRow("flag and file") << true << false << u"argument"_s << u"command line"_s << u"--listen (LISTEN)"_s;
        QTest::newRow("environment and file") << false << true << u"variable"_s << u"environment"_s << u"LISTEN"_s;
        QTest::newRow("file") << false << false << u"line"_s << u"%1/.env:2"_s << u"%1/.env:2: LISTEN"_s;
    }
    void theFirstLayerThatNamesItWins()
    {
        QFETCH(bool, isInArguments);
        QFETCH(bool, isInEnvironment);
        QFETCH(QString, value);
        QFETCH(QString, source);
        QFETCH(QString, blame);
        write(u".env"_s, "# where\nLISTEN=line\n");
        if (isInEnvironment)
            m_environment.insert(u"LISTEN"_s, u"variable"_s);
        const auto raw = collect(isInArguments ? QStringList{ u"--listen"_s, u"argument"_s } : QStringList());
        QVERIFY(raw);
        const RawSetting found = raw->values.value(u"LISTEN"_s);
        const auto inDir = [this](const QString &text) { return text.contains(u'%') ? text.arg(m_dir->path()) : text; };
        QCOMPARE(found.value, value);
        QCOMPARE(found.source, inDir(source));
        QCOMPARE(found.blame, inDir(blame));
    }

    void anEmptyVariableIsSaid()
    {
        write(u".env"_s, "ALLOWED_HOSTS=a.example\n");
        m_environment.insert(u"ALLOWED_HOSTS"_s, {});
        const auto raw = collect();
        QCOMPARE(raw->values.value(u"ALLOWED_HOSTS"_s).source, u"environment"_s); // it hides the file's
        QVERIFY(raw->values.value(u"ALLOWED_HOSTS"_s).value.isEmpty());
    }

    void readsFlags_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::newRow("apart") << QStringList{ u"--workers"_s, u"3"_s } << u"WORKERS"_s << u"3"_s;
        QTest::newRow("joined") << QStringList{ u"--workers=3"_s } << u"WORKERS"_s << u"3"_s;
        QTest::newRow("joined, empty") << QStringList{ u"--workers="_s } << u"WORKERS"_s << QString();
        QTest::newRow("an equals sign within") << QStringList{ u"--time-zone=a=b"_s } << u"TIME_ZONE"_s << u"a=b"_s;
        QTest::newRow("a negative number") << QStringList{ u"--workers"_s, u"-3"_s } << u"WORKERS"_s << u"-3"_s;
        QTest::newRow("a switch alone") << QStringList{ u"--debug"_s } << u"DEBUG"_s << u"true"_s;
        QTest::newRow("a switch off") << QStringList{ u"--debug=false"_s } << u"DEBUG"_s << u"false"_s;
        QTest::newRow("a limit") << QStringList{ u"--max-connections-per-ip"_s, u"7"_s } << u"MAX_CONNECTIONS_PER_IP"_s
                                 << u"7"_s;
        QTest::newRow("a mode") << QStringList{ u"--max-connections-mode=off"_s } << u"MAX_CONNECTIONS_MODE"_s
                                << u"off"_s;
    }
    void readsFlags()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, name);
        QFETCH(QString, value);
        const auto raw = collect(arguments);
        QVERIFY(raw);
        QCOMPARE(raw->values.size(), 1);
        QCOMPARE(raw->values.value(name).value, value);
    }

    void refusesBadArguments_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("words");
        QTest::newRow("unknown") << QStringList{ u"--lemons"_s } << u"unknown option --lemons"_s;
        QTest::newRow("one letter off") << QStringList{ u"--max-conections"_s, u"5"_s }
                                        << u"did you mean --max-connections?"_s;
        QTest::newRow("short") << QStringList{ u"-l"_s } << u"unknown option -l"_s;
        QTest::newRow("stray") << QStringList{ u"8080"_s } << u"unexpected argument \"8080\""_s;
        QTest::newRow("behind a switch") << QStringList{ u"--debug"_s, u"true"_s } << u"unexpected argument \"true\""_s;
        QTest::newRow("no value") << QStringList{ u"--listen"_s } << u"--listen needs a value"_s;
        QTest::newRow("a flag for a value")
            << QStringList{ u"--listen"_s, u"--debug"_s } << u"--listen needs a value"_s;
        QTest::newRow("twice") << QStringList{ u"--listen=a"_s, u"--listen=b"_s } << u"--listen is given twice"_s;
        QTest::newRow("a secret") << QStringList{ u"--jwt-secret=x"_s } << u"other users can see arguments"_s;
        QTest::newRow("two files") << QStringList{ u"--env-file=a"_s, u"--env-file=b"_s } << u"the path of one file"_s;
        QTest::newRow("a file without name") << QStringList{ u"--env-file="_s } << u"the path of one file"_s;
        QTest::newRow("upper case") << QStringList{ u"--LISTEN=a"_s } << u"unknown option --LISTEN"_s;
    }
    void refusesBadArguments()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, words);
        const auto raw = collect(arguments);
        QVERIFY(!raw);
        QVERIFY2(raw.error().message.contains(words), qPrintable(raw.error().message));
        QVERIFY(!raw.error().message.contains(u'\n'));
    }

    void theEnvFileMayBeNamed()
    {
        write(u".env"_s, "WORKERS=1\n");
        write(u"other"_s, "WORKERS=2\n");
        QCOMPARE(collect()->values.value(u"WORKERS"_s).value, u"1"_s);
        QCOMPARE(collect({ u"--env-file"_s, u"other"_s })->values.value(u"WORKERS"_s).value, u"2"_s);
        QCOMPARE(collect({ u"--env-file"_s, m_dir->filePath(u"other"_s) })->values.value(u"WORKERS"_s).value, u"2"_s);
    }

    void refusesFilesThatCannotBeRead_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QString>("words");
        QTest::newRow("absent") << QByteArray("absent") << u"cannot be read"_s;
        QTest::newRow("a directory") << QByteArray(".") << u"it is a directory"_s;
        QTest::newRow("huge") << QByteArray("huge") << u"larger than 1 MiB"_s;
        QTest::newRow("nonsense") << QByteArray("nonsense") << u"nonsense:2: LISTEN is not followed by \"=\""_s;
    }
    void refusesFilesThatCannotBeRead()
    {
        QFETCH(QByteArray, name);
        QFETCH(QString, words);
        write(u"huge"_s, QByteArray(1024 * 1024 + 1, '#'));
        write(u"nonsense"_s, "WORKERS=1\nLISTEN 8080\n");
        const auto raw = collect({ u"--env-file"_s, QString::fromLatin1(name) });
        QVERIFY(!raw);
        QVERIFY2(raw.error().message.contains(words), qPrintable(raw.error().message));
        QVERIFY(raw.error().message.contains(m_dir->path()));
    }

    void linesOfOthersArePassedOverAndTold()
    {
        write(u".env"_s,
            "SENTRY_DSN\n2FA_ISSUER=x\nsome words\nMOTD_TEXT=\"open\nWORKERS=3\nMAX_CONECTIONS 5\n; "
            "WORKERS=4\nlog_level=info\n");
        const auto raw = collect();
        QVERIFY2(raw, raw ? "" : qPrintable(raw.error().message));
        QCOMPARE(raw->values.size(), 1);
        QCOMPARE(raw->values.value(u"WORKERS"_s).value, u"3"_s);
        const QString file = m_dir->filePath(u".env"_s);
        const QStringList expected{ file + u":1: SENTRY_DSN has no value; the line is passed over"_s,
            file + u":2: 2FA_ISSUER begins with a digit; the line is passed over"_s,
            file + u":3: is not NAME=value; the line is passed over"_s,
            file + u":4: MOTD_TEXT has a quote that is never closed; the line is passed over"_s,
            file
                + u":6: MAX_CONECTIONS is not followed by \"=\", and is not a setting; did you mean MAX_CONNECTIONS?"_s,
            file + u":8: log_level is not a setting and is ignored; did you mean LOG_LEVEL?"_s };
        QCOMPARE(raw->warnings, expected);
    }

    void manyLinesOfOthersAreToldInOne()
    {
        write(u".env"_s, QByteArray("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n").repeated(25));
        const auto raw = collect();
        QVERIFY(raw);
        QCOMPARE(raw->warnings.size(), 11);
        QCOMPARE(raw->warnings.last(),
            u"%1: 15 more lines are not NAME=value and are passed over"_s.arg(m_dir->filePath(u".env"_s)));
        QVERIFY(raw->warnings.filter(u"MIIE"_s).isEmpty()); // it may be a key
    }

    void aLineOfASecretIsNotTold_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<bool>("isName");
        QTest::newRow("base32") << QByteArray("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP") << false;
        QTest::newRow("hexadecimal") << QByteArray("D41D8CD98F00B204E9800998ECF8427E") << false;
        QTest::newRow("a digit first, and padding") << QByteArray("3DPEHPK3PXPJBSWY======") << false;
        QTest::newRow("longer than names are") << "A_" + QByteArray(39, 'B') << false;
        QTest::newRow("as long as names are") << "A_" + QByteArray(38, 'B') << true;
        QTest::newRow("a name") << QByteArray("SENTRY_DSN") << true;
    }
    void aLineOfASecretIsNotTold()
    {
        QFETCH(QByteArray, line);
        QFETCH(bool, isName);
        write(u".env"_s, line + '\n');
        const auto raw = collect();
        QVERIFY(raw);
        QCOMPARE(raw->warnings.size(), 1);
        const QString &warning = raw->warnings.constFirst();
        QCOMPARE(warning.contains(QString::fromLatin1(line)), isName);
        QCOMPARE(warning.contains(u":1: is not NAME=value"_s), !isName);
        QVERIFY2(isName || !warning.contains(u"3DPEHPK3PXP"_s), qPrintable(warning));
    }

    void linesMeantForUsAreErrors_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("words");
        QTest::newRow("no value") << QByteArray("\nLISTEN\n") << u".env:2: LISTEN has no value"_s;
        QTest::newRow("exported") << QByteArray("export ADMIN_USERS") << u".env:1: ADMIN_USERS has no value"_s;
        QTest::newRow("a blank") << QByteArray("LISTEN :8080") << u".env:1: LISTEN is not followed by \"=\""_s;
        QTest::newRow("YAML") << QByteArray("LISTEN: x") << u".env:1: LISTEN is not followed by \"=\""_s;
        QTest::newRow("an open quote") << QByteArray("A=1\nALLOWED_HOSTS='a.example\n")
                                       << u".env:2: ALLOWED_HOSTS has a quote that is never closed"_s;
        QTest::newRow("text behind") << QByteArray("ALLOWED_HOSTS='a' b")
                                     << u".env:1: ALLOWED_HOSTS has text after the quotes"_s;
        QTest::newRow("Latin-1") << QByteArray("# \xe4\nADMIN_USERS=J\xfcrgen")
                                 << u".env:2: ADMIN_USERS is not UTF-8"_s;
    }
    void linesMeantForUsAreErrors()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, words);
        write(u".env"_s, text);
        const auto raw = collect();
        QVERIFY(!raw);
        QVERIFY2(raw.error().message.contains(words), qPrintable(raw.error().message));
        QVERIFY(raw.error().message.startsWith(m_dir->path()));
        QVERIFY(findSetting(raw.error().field));
    }

    void aNameAloneIsTakenFromTheEnvironment() // Docker's --env-file
    {
        write(u".env"_s, "JWT_SECRET\nLISTEN=:1\n");
        QVERIFY(!collect());
        m_environment.insert(u"JWT_SECRET"_s, u"x"_s);
        const auto raw = collect();
        QVERIFY(raw);
        QCOMPARE(raw->values.value(u"JWT_SECRET"_s).source, u"environment"_s);
        QVERIFY(raw->warnings.isEmpty());
    }

    void whatAForgottenQuoteSwallowsIsTold()
    {
        write(u".env"_s, "NOTE='one\nWORKERS=3\nDATABASE_URL=x\ntwo'\n");
        const auto raw = collect();
        QVERIFY(raw);
        QVERIFY(raw->values.isEmpty());
        QCOMPARE(raw->warnings,
            QStringList{ m_dir->filePath(u".env"_s)
                + u":2: WORKERS is inside of the quotes that NOTE opens, and is not read"_s });
    }

    void quotesThatDockerPassesAreLeftOut_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("value");
        QTest::newRow("double") << u"ALLOWED_HOSTS"_s << u"\"a.example,b.example\""_s << u"a.example,b.example"_s;
        QTest::newRow("single") << u"DEBUG"_s << u"'true'"_s << u"true"_s;
        QTest::newRow("empty") << u"ADMIN_USERS"_s << u"\"\""_s << u""_s;
        QTest::newRow("one only") << u"ADMIN_USERS"_s << u"\""_s << u"\""_s;
        QTest::newRow("two kinds") << u"ADMIN_USERS"_s << u"\"a'"_s << u"\"a'"_s;
        QTest::newRow("a secret") << u"JWT_SECRET"_s << u"\"a\""_s << u"\"a\""_s;
        QTest::newRow("a URL") << u"REDIS_URL"_s << u"'redis://a'"_s << u"redis://a"_s;
    }
    void quotesThatDockerPassesAreLeftOut()
    {
        QFETCH(QString, name);
        QFETCH(QString, text);
        QFETCH(QString, value);
        m_environment.insert(name, text);
        const auto raw = collect();
        QVERIFY(raw);
        QCOMPARE(raw->values.value(name).value, value);
        QCOMPARE(raw->warnings.filter(name + u" is in quotes"_s).size(), value == text ? 0 : 1);
    }

    void theInstalledFileIsReadWhereNoOtherIs()
    {
        write(u"installed"_s, "WORKERS=4\n");
        QCOMPARE(collect()->values.value(u"WORKERS"_s).blame, m_dir->filePath(u"installed:1: WORKERS"_s));
        QCOMPARE(collect()->envFile, m_dir->filePath(u"installed"_s));
        QVERIFY(collect({ u"--env-file=/dev/null"_s })->values.isEmpty());
        write(u".env"_s, "\n");
        QVERIFY(collect()->values.isEmpty());
    }

    void anInstalledFileThatMayNotBeReadIsNamed()
    {
        if (::geteuid() == 0)
            QSKIP("root may read everything");
        write(u"installed"_s, "WORKERS=4\n");
        QFile::setPermissions(m_dir->filePath(u"installed"_s), {});
        const auto raw = collect();
        QVERIFY(!raw);
        QVERIFY2(raw.error().message.contains(u"name another file with --env-file"), qPrintable(raw.error().message));
    }

    void aDirectoryCalledEnvIsNoFile() // python3 -m venv .env
    {
        QVERIFY(QDir(m_dir->path()).mkdir(u".env"_s));
        QVERIFY(collect());
        QVERIFY(!collect({ u"--env-file=.env"_s }));
    }

    void ofARepeatedLineTheLastCountsAndIsTold()
    {
        write(u".env"_s, "WORKERS=1\nWORKERS=2\nTIME_ZONE=${TZ}\n");
        const auto raw = collect();
        QCOMPARE(raw->values.value(u"WORKERS"_s).value, u"2"_s);
        QCOMPARE(raw->values.value(u"TIME_ZONE"_s).value, u"${TZ}"_s);
        QCOMPARE(raw->warnings.size(), 2);
        QVERIFY(raw->warnings[0].contains(u".env:2: WORKERS is set again"));
        QVERIFY(raw->warnings[1].contains(u"not expanded"));
    }

    void othersVariablesAreLeftAlone()
    {
        m_environment.insert(u"PATH"_s, u"/bin"_s);
        m_environment.insert(u"DJANGO_SETTINGS_MODULE"_s, u"site.settings"_s);
        m_environment.insert(u"ALOWED_HOSTS"_s, u"a.example"_s);
        write(u".env"_s, "SECRET_KEY=x\nDATABASE_URL=y\nMAX_CONECTIONS=5\n");
        const auto raw = collect();
        QVERIFY(raw);
        QVERIFY(raw->values.isEmpty());
        QCOMPARE(raw->warnings.size(), 2);
        QVERIFY(raw->warnings[0].contains(u"did you mean ALLOWED_HOSTS?"));
        QVERIFY(raw->warnings[1].contains(u".env:3: MAX_CONECTIONS"));
    }
};

QTEST_GUILESS_MAIN(TestSettingSources)
#include "tst_settingsources.moc"
