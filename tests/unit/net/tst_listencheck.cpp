// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QRandomGenerator>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <unistd.h>

#include "server/net/descriptorlimit.h"
#include "server/net/listencheck.h"
#include "server/net/listensocket.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

ListenAddress address(const QString &text)
{
    return parseListenAddress(text).value();
}

quint16 portOf(const ListenSocket &socket)
{
    return quint16(socket.url().section(u':', -1).toUInt());
}

/// A port that nobody has: none of those that are given to whoever connects somewhere at this moment.
quint16 freePort()
{
    for (;;) {
        const auto port = quint16(QRandomGenerator::global()->bounded(10'000, 32'000));
        if (ListenSocket::open(address(u"0.0.0.0:%1"_s.arg(port))))
            return port;
    }
}

QString wordsOf(const Status &status)
{
    return status ? QString() : status.error().message;
}

} // namespace

class TestListenCheck final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void canListen()
    {
        QVERIFY(examineListening(address(u"127.0.0.1:0"_s), std::nullopt));
        QVERIFY(examineListening(address(u"127.0.0.1:0"_s), address(u"127.0.0.1:0"_s))); // two ports that are free
    }

    void aRunningServerIsNotDisturbed()
    {
        const auto running = ListenSocket::open(address(u"127.0.0.1:0"_s)).value();
        QVERIFY(examineListening(address(u"127.0.0.1:%1"_s.arg(portOf(*running))), std::nullopt));
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s.sock"_s);
        const auto local = ListenSocket::open(address(u"unix:"_s + path)).value();
        QVERIFY(examineListening(address(u"unix:"_s + path), std::nullopt));
        QVERIFY(QFile::exists(path));
    }

    void oneAddressForBoth()
    {
        const quint16 port = freePort();
        const QString one = u"127.0.0.1:%1"_s.arg(port);
        QVERIFY(
            wordsOf(examineListening(address(one), address(one))).startsWith(u"ADMIN_LISTEN: is the same as LISTEN"));
        const Status part = examineListening(address(u":%1"_s.arg(port)), address(one));
        QVERIFY2(
            wordsOf(part).startsWith(u"ADMIN_LISTEN: port %1 is taken already"_s.arg(port)), qPrintable(wordsOf(part)));
        QVERIFY(!examineListening(address(u"unix:/tmp/x"_s), address(u"unix:/tmp/x"_s)));
    }

    void anAddressOfAnotherMachine()
    {
        const Status status = examineListening(address(u"192.0.2.1:8080"_s), std::nullopt);
        QCOMPARE(status.error().field, u"LISTEN"_s);
        QVERIFY(wordsOf(status).startsWith(u"LISTEN: 192.0.2.1:8080 cannot be listened on"));
        QCOMPARE(
            examineListening(address(u"127.0.0.1:0"_s), address(u"192.0.2.1:8080"_s)).error().field, u"ADMIN_LISTEN"_s);
    }

    void pathsThatTakeNoSocket()
    {
        const QTemporaryDir folder;
        const auto look
            = [](const QString &path) { return wordsOf(examineListening(address(u"unix:"_s + path), std::nullopt)); };
        QCOMPARE(look(folder.filePath(u"s.sock"_s)), QString());
        QVERIFY(look(folder.filePath(u"nowhere/s.sock"_s)).contains(u"No such file"));
        const QString file = folder.filePath(u"file"_s);
        QFile made(file);
        QVERIFY(made.open(QIODevice::WriteOnly));
        QVERIFY(look(file).endsWith(u"is a file and not a socket; it is left as it is"));
        QVERIFY(made.exists());
        QVERIFY(look(file + u"/s.sock"_s).contains(u"Not a directory"));
        QVERIFY(!look(folder.path()).isEmpty());
    }

    void aGroupThatTheSocketCannotBeGiven()
    {
        const QTemporaryDir folder;
        ListenAddress listen = address(u"unix:"_s + folder.filePath(u"s.sock"_s));
        listen.access.group = QString::number(::getegid());
        QCOMPARE(wordsOf(examineListening(listen, std::nullopt)), QString());
        if (::geteuid() != 0) { // who may give it to any
            listen.access.group = u"0"_s;
            QVERIFY(wordsOf(examineListening(listen, std::nullopt)).contains(u"cannot be given to group 0"));
        }
        QVERIFY(QDir(folder.path()).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot));
    }

    void saysWhereDescriptorsAreTooFew()
    {
        QVERIFY(!fewDescriptors(1064, 1000));
        QVERIFY(fewDescriptors(1063, 1000)->contains(u"ulimit -n"));
    }
};

QTEST_GUILESS_MAIN(TestListenCheck)
#include "tst_listencheck.moc"
