// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/localserver.h"

#include <QtTest/QtTest>

#include "console/connection/childlife.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

/// LocalServer against small shell scripts that behave like the server, well or badly.
class TestLocalServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void startsAndStops();
    void endsWithItsObject();
    void startsAgain();
    void tellsWhyItDidNotStart_data();
    void tellsWhyItDidNotStart();
    void tellsWhenTheProgramIsMissing();
    void tellsWhenTheDirectoryCannotBeMade();
    void tellsWhenTheServerDies();
    void endsWhatAKilledConsoleLeft_data();
    void endsWhatAKilledConsoleLeft();
    void leavesAnotherConsoleItsServer();
    void tellsWhenNoPlaceIsLeft();

private:
    /// Writes an executable whose `serve` and `token` do what these lines say.
    [[nodiscard]] QString program(const QString &serve, const QString &token = u"echo aaa.bbb.ccc"_s) const;
    [[nodiscard]] QString stateDirectory() const { return m_directory->filePath(u"state"_s); }
    std::unique_ptr<QTemporaryDir> m_directory;
};

namespace {

/// What a server does that runs until it is asked to end.
const QString kGood = uR"(echo "$LISTEN $STATE_DIR" > environment
echo $$ > pid
trap 'echo term > ended; exit 0' TERM
echo 'info server listening on http://127.0.0.1:45678'
while :; do sleep 0.05; done)"_s;

/// Holds a state directory as a server does: "serve" is what tells it from whatever else has its process id.
const QString kHolder = uR"(trap '%1' TERM
exec 9>>gatehouse.db.lock
flock 9
echo $$ > gatehouse.db.lock
while :; do read -t 1 line 9<&-; done)"_s;

} // namespace

void TestLocalServer::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_directory->isValid());
}

QString TestLocalServer::program(const QString &serve, const QString &token) const
{
    const QString path = m_directory->filePath(u"gatehouse"_s);
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return {};
    file.write(
        u"#!/bin/sh\ncase $1 in\nserve)\n%1\n;;\ntoken)\necho \"$*\" > arguments\n%2\n;;\nesac\n"_s.arg(serve, token)
            .toUtf8());
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path;
}

void TestLocalServer::startsAndStops()
{
    LocalServer server(stateDirectory(), program(kGood));
    QSignalSpy started(&server, &LocalServer::started);
    QSignalSpy failed(&server, &LocalServer::failed);
    QSignalSpy stopped(&server, &LocalServer::stopped);
    server.start();
    QTRY_COMPARE(started.count(), 1);
    QCOMPARE(started[0][0].toUrl(), QUrl(u"http://127.0.0.1:45678"_s));
    QCOMPARE(started[0][1].toString(), u"aaa.bbb.ccc"_s);
    QVERIFY(server.isRunning());
    const QDir state(stateDirectory());
    QFile environment(state.filePath(u"environment"_s));
    QVERIFY(environment.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(environment.readAll()).trimmed(), "127.0.0.1:0 "_L1 + stateDirectory());
    QFile arguments(state.filePath(u"arguments"_s));
    QVERIFY(arguments.open(QIODevice::ReadOnly));
    QVERIFY(arguments.readAll().contains("--role admin"));
    server.stop();
    QTRY_COMPARE(stopped.count(), 1);
    QVERIFY(QFile::exists(state.filePath(u"ended"_s)));
    QVERIFY(!server.isRunning());
    QCOMPARE(failed.count(), 0);
}

void TestLocalServer::endsWithItsObject()
{
    {
        LocalServer server(stateDirectory(), program(kGood));
        QSignalSpy started(&server, &LocalServer::started);
        server.start();
        QTRY_COMPARE(started.count(), 1);
    }
    QVERIFY(QFile::exists(QDir(stateDirectory()).filePath(u"ended"_s)));
}

void TestLocalServer::startsAgain()
{
    LocalServer server(stateDirectory(), program(kGood));
    QSignalSpy started(&server, &LocalServer::started);
    QSignalSpy stopped(&server, &LocalServer::stopped);
    for (int round = 1; round <= 2; ++round) {
        server.start();
        server.start(); // once is enough
        QTRY_COMPARE(started.count(), round);
        server.stop();
        QTRY_COMPARE(stopped.count(), round);
    }
}

void TestLocalServer::tellsWhyItDidNotStart_data()
{
    QTest::addColumn<QString>("serve");
    QTest::addColumn<QString>("token");
    QTest::addColumn<QString>("text");
    const QString good = u"echo aaa.bbb.ccc"_s;
    QTest::newRow("it ends with an error")
        << u"echo first >&2; echo 'cannot open the state: disk full' >&2; exit 1"_s << good << u"disk full"_s;
    QTest::newRow("it ends without a word") << u"exit 3"_s << good << u"ended at once"_s;
    QTest::newRow("it crashes") << u"kill -SEGV $$"_s << good << u"ended at once"_s;
    QTest::newRow("no token") << kGood << u"echo 'no secret' >&2; exit 1"_s << u"no secret"_s;
    QTest::newRow("a token that is none") << kGood << u"echo hello"_s << u"no token"_s;
}

void TestLocalServer::tellsWhyItDidNotStart()
{
    QFETCH(QString, serve);
    QFETCH(QString, token);
    QFETCH(QString, text);
    LocalServer server(stateDirectory(), program(serve, token));
    QSignalSpy started(&server, &LocalServer::started);
    QSignalSpy failed(&server, &LocalServer::failed);
    server.start();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY2(failed[0][0].toString().contains(text), qPrintable(failed[0][0].toString()));
    QCOMPARE(started.count(), 0);
    QTRY_VERIFY(!server.isRunning());
    QCOMPARE(failed.count(), 1);
}

void TestLocalServer::tellsWhenTheProgramIsMissing()
{
    LocalServer server(stateDirectory(), u"/nonexistent/gatehouse"_s);
    QSignalSpy failed(&server, &LocalServer::failed);
    server.start();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().contains(u"/nonexistent/gatehouse"_s));
}

void TestLocalServer::tellsWhenTheDirectoryCannotBeMade()
{
    QFile file(m_directory->filePath(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    LocalServer server(file.fileName() + u"/state"_s, program(kGood));
    QSignalSpy failed(&server, &LocalServer::failed);
    server.start();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().contains(file.fileName()));
}

void TestLocalServer::tellsWhenTheServerDies()
{
    LocalServer server(stateDirectory(), program(uR"(echo 'listening on http://127.0.0.1:45678'
until [ -e die ]; do sleep 0.05; done
echo 'out of memory'
exit 9)"_s));
    QSignalSpy started(&server, &LocalServer::started);
    QSignalSpy failed(&server, &LocalServer::failed);
    QSignalSpy stopped(&server, &LocalServer::stopped);
    server.start();
    QTRY_COMPARE(started.count(), 1);
    QFile die(QDir(stateDirectory()).filePath(u"die"_s));
    QVERIFY(die.open(QIODevice::WriteOnly));
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().contains(u"out of memory"_s));
    QVERIFY(failed[0][0].toString().contains(u"9"_s));
    QCOMPARE(stopped.count(), 1);
}

void TestLocalServer::endsWhatAKilledConsoleLeft_data()
{
    QTest::addColumn<QString>("onTerm");
    QTest::newRow("it ends when it is asked to") << u"exit 0"_s;
    QTest::newRow("it does not") << u":"_s;
}

void TestLocalServer::endsWhatAKilledConsoleLeft()
{
    QFETCH(QString, onTerm);
    QVERIFY(QDir().mkpath(stateDirectory()));
    QProcess left;
    left.setWorkingDirectory(stateDirectory());
    left.start(u"bash"_s, { u"-c"_s, kHolder.arg(onTerm), u"gatehouse"_s, u"serve"_s });
    const QString lockFile = QDir(stateDirectory()).filePath(u"gatehouse.db.lock"_s);
    QTRY_COMPARE(holderOf(lockFile).value_or(-1), left.processId());
    LocalServer server(stateDirectory(), program(kGood));
    QSignalSpy started(&server, &LocalServer::started);
    server.start();
    QTRY_COMPARE_WITH_TIMEOUT(started.count(), 1, 20'000);
    QCOMPARE(left.state(), QProcess::NotRunning);
    QCOMPARE(left.exitStatus(), onTerm == ":"_L1 ? QProcess::CrashExit : QProcess::NormalExit);
    QVERIFY(!holderOf(lockFile));
    QVERIFY(QFile::exists(QDir(stateDirectory()).filePath(u"environment"_s))); // it is there, not beside it
}

void TestLocalServer::leavesAnotherConsoleItsServer()
{
    LocalServer one(stateDirectory(), program(kGood));
    LocalServer other(stateDirectory(), program(kGood));
    QSignalSpy oneStarted(&one, &LocalServer::started);
    QSignalSpy otherStarted(&other, &LocalServer::started);
    QSignalSpy stopped(&one, &LocalServer::stopped);
    one.start();
    QTRY_COMPARE(oneStarted.count(), 1);
    other.start();
    QTRY_COMPARE(otherStarted.count(), 1);
    QVERIFY(one.isRunning());
    QVERIFY(QFile::exists(stateDirectory() + u"-2/environment"_s));
    one.stop();
    QTRY_COMPARE(stopped.count(), 1);
    LocalServer third(stateDirectory(), program(kGood)); // the first place is free again
    QSignalSpy thirdStarted(&third, &LocalServer::started);
    third.start();
    QTRY_COMPARE(thirdStarted.count(), 1);
    QVERIFY(!QDir(stateDirectory() + u"-3"_s).exists());
}

void TestLocalServer::tellsWhenNoPlaceIsLeft()
{
    std::vector<std::unique_ptr<StateClaim>> claims;
    for (int i = 1; i <= StateClaim::kMaxDirectories; ++i) {
        claims.push_back(std::make_unique<StateClaim>(stateDirectory()));
        QSignalSpy claimed(claims.back().get(), &StateClaim::claimed);
        claims.back()->claim();
        QTRY_COMPARE(claimed.count(), 1);
    }
    LocalServer server(stateDirectory(), program(kGood));
    QSignalSpy failed(&server, &LocalServer::failed);
    server.start();
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().contains(stateDirectory()));
}

QTEST_GUILESS_MAIN(TestLocalServer)
#include "tst_localserver.moc"
