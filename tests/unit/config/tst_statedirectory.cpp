// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>
#include <unistd.h>

#include <QtTest/QtTest>

#include "server/config/statedirectory.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

int modeOf(const QString &path)
{
    struct stat info
    {
    };
    return ::stat(QFile::encodeName(path).constData(), &info) == 0 ? int(info.st_mode & 07777) : -1;
}

Result<QByteArray> keptSecret(const QString &stateDir)
{
    const Result<bool> made = makeSecretUnlessThere(stateDir);
    return made ? readSecret(stateDir) : made.error();
}

void writeFile(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

} // namespace

class TestStateDirectory final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void defaultFollowsTheEnvironment();
    void createsPrivateDirectories();
    void warnsOfOpenDirectory();
    void namesWhatIsNoDirectory();
    void secretIsMadeOnceAndPrivate();
    void keepsAGivenSecret();
    void aDraftThatIsInTheWayIsNoSecret();
    void refusesAShortSecretFile();
    void namesAnUnreadableSecret();
    void onlyWhoIsAskedToMakesASecret();
};

void TestStateDirectory::defaultFollowsTheEnvironment()
{
    QProcessEnvironment environment;
    QVERIFY(!defaultStateDirectory(environment).isOk());
    environment.insert(u"HOME"_s, u"/home/someone"_s);
    QCOMPARE(*defaultStateDirectory(environment), u"/home/someone/.local/state/gatehouse"_s);
    environment.insert(u"XDG_STATE_HOME"_s, u"relative"_s);
    QCOMPARE(*defaultStateDirectory(environment), u"/home/someone/.local/state/gatehouse"_s);
    environment.insert(u"XDG_STATE_HOME"_s, u"/xdg"_s);
    QCOMPARE(*defaultStateDirectory(environment), u"/xdg/gatehouse"_s);
    environment.insert(u"STATE_DIRECTORY"_s, u"/var/lib/gatehouse:/var/lib/other"_s);
    QCOMPARE(*defaultStateDirectory(environment), u"/var/lib/gatehouse"_s);
}

void TestStateDirectory::createsPrivateDirectories()
{
    QTemporaryDir temporary;
    const QString path = temporary.filePath(u"a/b/state"_s);
    const auto prepared = prepareStateDirectory(path);
    QVERIFY2(prepared.isOk(), prepared ? "" : qPrintable(prepared.error().message));
    QVERIFY(prepared->isEmpty());
    QCOMPARE(modeOf(path), 0700);
    QCOMPARE(modeOf(temporary.filePath(u"a"_s)), 0700);
    QVERIFY(prepareStateDirectory(path).isOk()); // twice is fine
}

void TestStateDirectory::warnsOfOpenDirectory()
{
    QTemporaryDir temporary;
    const QString path = temporary.filePath(u"state"_s);
    QCOMPARE(::mkdir(QFile::encodeName(path).constData(), 0755), 0);
    const auto prepared = prepareStateDirectory(path);
    QVERIFY(prepared.isOk());
    QVERIFY(prepared->contains(path));
    QCOMPARE(modeOf(path), 0755); // not ours to change
}

void TestStateDirectory::namesWhatIsNoDirectory()
{
    QTemporaryDir temporary;
    const QString file = temporary.filePath(u"file"_s);
    writeFile(file, "x");
    for (const QString &path : { file, QString(file + u"/below"_s), u"/proc/none/state"_s }) {
        const auto prepared = prepareStateDirectory(path);
        QVERIFY2(!prepared.isOk(), qPrintable(path));
        QVERIFY(prepared.error().message.startsWith(u"STATE_DIR "_s + path));
        QCOMPARE(prepared.error().field, u"STATE_DIR"_s);
    }
}

void TestStateDirectory::secretIsMadeOnceAndPrivate()
{
    QTemporaryDir temporary;
    const auto first = keptSecret(temporary.path());
    QVERIFY(first.isOk());
    QCOMPARE(
        QByteArray::fromBase64(*first, QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors).size(),
        32);
    QCOMPARE(modeOf(secretPath(temporary.path())), 0600);
    QCOMPARE(*keptSecret(temporary.path()), *first);
    QCOMPARE(QDir(temporary.path()).entryList(QDir::Files | QDir::Hidden), QStringList{ u"jwt_secret"_s });
    QTemporaryDir other;
    QVERIFY(*keptSecret(other.path()) != *first);
}

void TestStateDirectory::keepsAGivenSecret()
{
    QTemporaryDir temporary;
    writeFile(secretPath(temporary.path()), "0123456789abcdef0123456789abcdef\n");
    QCOMPARE(*keptSecret(temporary.path()), QByteArray("0123456789abcdef0123456789abcdef"));
}

void TestStateDirectory::aDraftThatIsInTheWayIsNoSecret()
{
    QTemporaryDir temporary;
    QVERIFY(QDir(temporary.path()).mkdir(u"jwt_secret.new-%1"_s.arg(::getpid())));
    const Result<bool> made = makeSecretUnlessThere(temporary.path());
    QVERIFY(!made.isOk());
    QVERIFY2(made.error().message.startsWith(secretPath(temporary.path()) + u": cannot be created"_s),
        qPrintable(made.error().message));
    QVERIFY(!QFile::exists(secretPath(temporary.path())));
}

void TestStateDirectory::refusesAShortSecretFile()
{
    QTemporaryDir temporary;
    for (const QByteArray &content : { QByteArray(), QByteArray("qwzj\n"), QByteArray(31, 'q') }) {
        writeFile(secretPath(temporary.path()), content);
        const auto secret = keptSecret(temporary.path());
        QVERIFY(!secret.isOk());
        QVERIFY(secret.error().message.startsWith(secretPath(temporary.path())));
        QVERIFY(content.isEmpty() || !secret.error().message.contains(QString::fromLatin1(content.trimmed())));
    }
}

void TestStateDirectory::namesAnUnreadableSecret()
{
    QTemporaryDir temporary;
    QVERIFY(QDir(temporary.path()).mkdir(u"jwt_secret"_s));
    const auto secret = keptSecret(temporary.path());
    QVERIFY(!secret.isOk());
    QVERIFY(secret.error().message.startsWith(secretPath(temporary.path())));
    QVERIFY(!keptSecret(temporary.filePath(u"absent"_s)).isOk());
}

void TestStateDirectory::onlyWhoIsAskedToMakesASecret()
{
    QTemporaryDir temporary;
    const auto missing = readSecret(temporary.path());
    QVERIFY(!missing.isOk());
    QCOMPARE(missing.error().field, u"JWT_SECRET"_s);
    QVERIFY(missing.error().message.startsWith(u"JWT_SECRET is not set, and there is no "_s + temporary.path()));
    QVERIFY(!QFile::exists(secretPath(temporary.path())));
    QVERIFY(*makeSecretUnlessThere(temporary.path()));
    QVERIFY(!*makeSecretUnlessThere(temporary.path()));
    QVERIFY(readSecret(temporary.path()).isOk());
}

QTEST_APPLESS_MAIN(TestStateDirectory)
#include "tst_statedirectory.moc"
