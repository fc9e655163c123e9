// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRegularExpression>
#include <QtTest/QTest>

#include "server/cluster/admission/admissionscripts.h"
#include "server/cluster/delivery/notificationcodec.h"
#include "server/cluster/delivery/redishistory.h"
#include "server/cluster/redisrights.h"
#include "server/cluster/scripts/scripts.h"
#include "server/net/addresskey.h"
#include "tests/support/redisfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

QDir folder()
{
    return QDir(QStringLiteral(SCRIPTS_FOLDER));
}

QByteArray contentOf(const QString &name)
{
    QFile file(folder().filePath(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The comment that a file begins with.
QString headOf(const QString &name)
{
    QStringList head;
    for (const QByteArray &line : contentOf(name).split('\n')) {
        if (!line.startsWith("--"))
            break;
        head.append(QString::fromUtf8(line));
    }
    return head.join(u'\n');
}

/// A script as it stands in its file, with the fragments that it names.
QByteArray resolved(const QString &name)
{
    static const QRegularExpression kInclude(u"--#include ([a-z]+\\.lua)\n"_s);
    QString source = QString::fromUtf8(contentOf(name));
    for (auto found = kInclude.match(source); found.hasMatch(); found = kInclude.match(source))
        source.replace(found.captured(0), QString::fromUtf8(contentOf(u"fragments/"_s + found.captured(1))));
    return source.toUtf8();
}

} // namespace

class TestScripts final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void redisTakesEach_data() { listAll(); }
    void redisTakesEach();
    void eachIsWhatItsFileSays_data() { listAll(); }
    void eachIsWhatItsFileSays();
    void theCheckTriesWhatEachDoes();
    void everyFileIsListed();
    void everyFileSaysWhatItDoes_data();
    void everyFileSaysWhatItDoes();
    void numbersAreThoseOfTheProgram_data();
    void numbersAreThoseOfTheProgram();

private:
    static void listAll()
    {
        QTest::addColumn<const RedisScript *>("script");
        for (const scripts::Named &one : scripts::all())
            QTest::newRow(one.file) << one.script;
    }

    RedisServerProcess m_server;
    BlockingRedis m_redis{ m_server.socketPath() };
};

void TestScripts::redisTakesEach()
{
    QFETCH(const RedisScript *, script);
    const Result<RedisReply> reply = m_redis.ask({ "SCRIPT", "LOAD", script->source() });
    QVERIFY2(reply, reply ? "" : qPrintable(reply.error().message)); // refuses what does not compile
    QCOMPARE(reply->text, script->sha1());
}

void TestScripts::eachIsWhatItsFileSays()
{
    QFETCH(const RedisScript *, script);
    QCOMPARE(script->source(), resolved(QString::fromLatin1(QTest::currentDataTag())));
}

/// What gatehouse check tries is what nodes do.
void TestScripts::theCheckTriesWhatEachDoes()
{
    QString tried;
    for (const QByteArrayList &command : redisRightsProbes())
        tried += QString::fromUtf8(command.join('\n'));
    static const QRegularExpression kCall(u"redis\\.p?call\\('([A-Z]+)'(?:, '([A-Z]+)')?"_s);
    for (const scripts::Named &one : scripts::all()) {
        auto calls = kCall.globalMatch(QString::fromUtf8(one.script->source()));
        while (calls.hasNext()) {
            const QRegularExpressionMatch call = calls.next();
            const bool isOfGroup = call.captured(1) == "XGROUP"_L1 || call.captured(1) == "XINFO"_L1;
            const QString wanted
                = u"'%1'"_s.arg(call.captured(1)) + (isOfGroup ? u", '%1'"_s.arg(call.captured(2)) : QString());
            QVERIFY2(tried.contains(wanted) || tried.contains(call.captured(1) + u'\n'),
                qPrintable(QString::fromLatin1(one.file) + u": "_s + wanted));
        }
    }
}

void TestScripts::everyFileIsListed()
{
    QStringList listed;
    for (const scripts::Named &one : scripts::all())
        listed.append(QString::fromLatin1(one.file));
    listed.sort();
    QCOMPARE(listed, folder().entryList({ u"*.lua"_s }, QDir::Files, QDir::Name));

    QByteArray all;
    for (const QString &file : listed)
        all += contentOf(file);
    const QStringList fragments = QDir(folder().filePath(u"fragments"_s)).entryList({ u"*.lua"_s }, QDir::Files);
    for (const QString &fragment : fragments)
        all += contentOf(u"fragments/"_s + fragment);
    for (const QString &fragment : fragments)
        QVERIFY2(all.contains(u"--#include %1\n"_s.arg(fragment).toUtf8()), qPrintable(fragment));
}

void TestScripts::everyFileSaysWhatItDoes_data()
{
    QTest::addColumn<QStringList>("words");
    for (const QString &file : folder().entryList({ u"*.lua"_s }, QDir::Files))
        QTest::newRow(qPrintable(file)) << QStringList{ u"\n-- KEYS: "_s, u"\n-- ARGV: "_s, u"\n-- Answer: "_s };
    for (const QString &file : QDir(folder().filePath(u"fragments"_s)).entryList({ u"*.lua"_s }, QDir::Files))
        QTest::newRow(qPrintable(u"fragments/"_s + file)) << QStringList{ u"\n-- Leaves: "_s };
}

void TestScripts::everyFileSaysWhatItDoes()
{
    QFETCH(QStringList, words);
    const QString head = headOf(QString::fromLatin1(QTest::currentDataTag()));
    static const QRegularExpression kBeginning(u"^-- SPDX-License-Identifier: GPL-3.0-or-later\n-- [A-Z]\\w+"_s);
    QVERIFY2(kBeginning.match(head).hasMatch(), qPrintable(head));
    for (const QString &word : words)
        QVERIFY2(head.contains(word), qPrintable(u"says nothing of: "_s + word));
}

void TestScripts::numbersAreThoseOfTheProgram_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<qint64>("value");
    QTest::addColumn<int>("files");
    const auto row = [](const char *name, qint64 value, int files) {
        QTest::newRow(name) << QString::fromLatin1(name) << value << files;
    };
    row("nodeLifetime", admissionscripts::kNodeLifetime.count(), 4);
    row("grantLifetime", std::chrono::seconds(ReconnectGrants::kLifetime).count(), 2);
    row("largestSequence", RedisHistory::kLargestSequence, 6);
    row("lastStream", kStreamShards - 1, 2);
}

void TestScripts::numbersAreThoseOfTheProgram()
{
    QFETCH(QString, name);
    QFETCH(qint64, value);
    QFETCH(int, files);
    const QRegularExpression assignment(u"^local %1 = (\\d+) -- "_s.arg(name), QRegularExpression::MultilineOption);
    int found = 0;
    for (const scripts::Named &one : scripts::all()) {
        const auto match = assignment.match(QString::fromUtf8(one.script->source()));
        if (!match.hasMatch())
            continue;
        ++found;
        QVERIFY2(match.captured(1).toLongLong() == value, one.file);
    }
    QCOMPARE(found, files);
}

QTEST_GUILESS_MAIN(TestScripts)
#include "tst_scripts.moc"
