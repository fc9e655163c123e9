// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/redis/rediscalls.h"
#include "server/redis/redisprotocol.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

constexpr qsizetype kMostBytes = 1024;

/// A reply as one line, so that it can be compared.
QByteArray asText(const RedisReply &reply)
{
    switch (reply.type) {
    case RedisReply::Type::Nil:
        return "nil";
    case RedisReply::Type::Integer:
        return QByteArray::number(reply.integer);
    case RedisReply::Type::Text:
        return '"' + reply.text + '"';
    case RedisReply::Type::Error:
        return '!' + reply.text;
    case RedisReply::Type::Array:
        break;
    }
    QByteArrayList parts;
    for (const RedisReply &element : reply.elements)
        parts.append(asText(element));
    return '[' + parts.join(' ') + ']';
}

/// All that can be read, each answer in front of a ';'; "broken: …" ends it.
QByteArray drain(RedisReplyReader &reader)
{
    QByteArray all;
    while (true) {
        const auto answer = reader.next();
        if (!answer)
            return all + "broken: " + answer.error().message.toUtf8();
        if (!*answer)
            return all;
        all += (**answer ? asText(***answer) : "refused: " + (**answer).error().message.toUtf8()) + ';';
    }
}

} // namespace

class TestRedisProtocol final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void commands_data();
    void commands();
    void replies_data();
    void replies();
    void hostile_data();
    void hostile();
    void boundsAreOfOneAnswer();
    void tooManyElements();
    void endlessAnswers_data();
    void endlessAnswers();
};

void TestRedisProtocol::commands_data()
{
    QTest::addColumn<QByteArrayList>("command");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("one word") << QByteArrayList{ "PING" } << QByteArray("*1\r\n$4\r\nPING\r\n");
    QTest::newRow("empty argument") << QByteArrayList{ "ECHO", "" } << QByteArray("*2\r\n$4\r\nECHO\r\n$0\r\n\r\n");
    QTest::newRow("binary") << QByteArrayList{ "ECHO", QByteArray("\r\n\0%s", 5) }
                            << QByteArray("*2\r\n$4\r\nECHO\r\n$5\r\n\r\n\0%s\r\n", 25);
}

void TestRedisProtocol::commands()
{
    QFETCH(QByteArrayList, command);
    QFETCH(QByteArray, bytes);
    QCOMPARE(encodeRedisCommand(command), bytes);
}

void TestRedisProtocol::replies_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const char *bytes, const char *expected) {
        QTest::newRow(name) << QByteArray(bytes) << QByteArray(expected);
    };
    row("status", "+OK\r\n", "\"OK\";");
    row("integer", ":-42\r\n", "-42;");
    row("bulk", "$5\r\na\r\nbc\r\n", "\"a\r\nbc\";");
    row("empty bulk", "$0\r\n\r\n", "\"\";");
    row("nil", "$-1\r\n", "nil;");
    row("nil array", "*-1\r\n", "nil;");
    row("empty array", "*0\r\n", "[];");
    row("array", "*3\r\n:1\r\n$-1\r\n+a\r\n", "[1 nil \"a\"];");
    row("nested", "*2\r\n*2\r\n*0\r\n:1\r\n*1\r\n*1\r\n$1\r\nx\r\n", "[[[] 1] [[\"x\"]]];");
    row("error", "-ERR no\r\n", "refused: ERR no;");
    row("error within", "*2\r\n-ERR no\r\n:1\r\n", "[!ERR no 1];");
    row("several", "+a\r\n:1\r\n-b\r\n*1\r\n+c\r\n", "\"a\";1;refused: b;[\"c\"];");
    row("not whole", "+a\r\n$5\r\nab", "\"a\";");
}

void TestRedisProtocol::replies()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, expected);
    RedisReplyReader whole(kMostBytes);
    whole.feed(bytes);
    QCOMPARE(drain(whole), expected);
    for (qsizetype size = 1; size < bytes.size(); ++size) {
        RedisReplyReader pieces(kMostBytes);
        QByteArray all;
        for (qsizetype at = 0; at < bytes.size(); at += size) {
            pieces.feed(QByteArrayView(bytes).sliced(at, qMin(size, bytes.size() - at)));
            all += drain(pieces);
        }
        QCOMPARE(all, expected);
    }
}

void TestRedisProtocol::hostile_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("words");
    const auto row = [](const char *name, const QByteArray &bytes, const char *words) {
        QTest::newRow(name) << bytes << QByteArray(words);
    };
    row("HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "no answer of Redis");
    row("TLS alert", QByteArray("\x15\x03\x03\0\x02\x02\x28", 7), "no answer of Redis");
    row("RESP3", "%1\r\n+a\r\n+b\r\n", "no answer of Redis");
    row("number that is none", ":4x\r\n", "no answer of Redis");
    row("length that is none", "$x\r\n", "no answer of Redis");
    row("negative length", "$-2\r\n", "no answer of Redis");
    row("length beyond all bounds", "*99999999999999999999\r\n", "no answer of Redis");
    row("deep", QByteArray("*1\r\n").repeated(100), "no answer of Redis");
    row("deep and wide", QByteArray("*1000000\r\n").repeated(9), "no answer of Redis");
}

void TestRedisProtocol::hostile()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, words);
    RedisReplyReader reader(kMostBytes);
    reader.feed(bytes);
    const QByteArray first = drain(reader);
    QVERIFY2(first.startsWith("broken: ") && first.contains(words), first.constData());
    reader.feed("+OK\r\n"); // nothing is read any more
    QVERIFY(drain(reader).startsWith("broken: "));
}

void TestRedisProtocol::boundsAreOfOneAnswer()
{
    RedisReplyReader reader(kMostBytes);
    for (int i = 0; i < 100; ++i) {
        reader.feed(QByteArray("$1000\r\n" + QByteArray(1000, 'x') + "\r\n"));
        QCOMPARE(drain(reader).size(), 1003);
    }
    reader.feed(QByteArray("+OK\r\n").repeated(1000)); // many small ones at once
    QCOMPARE(drain(reader).count(';'), 1000);
}

void TestRedisProtocol::tooManyElements()
{
    RedisReplyReader reader(64 * 1024 * 1024);
    reader.feed("*2000000\r\n"); // nothing is reserved for what is only announced
    QByteArray all = drain(reader);
    for (int i = 0; i < 11 && all.isEmpty(); ++i) {
        reader.feed(QByteArray(":1\r\n").repeated(100'000));
        all = drain(reader);
    }
    QCOMPARE(all, QByteArray("broken: an answer has more than 1000000 elements"));
}

void TestRedisProtocol::endlessAnswers_data()
{
    QTest::addColumn<QByteArray>("begin");
    QTest::addColumn<QByteArray>("more");
    QTest::newRow("bulk") << QByteArray("$9000000000\r\n") << QByteArray(100, 'x');
    QTest::newRow("line") << QByteArray("+") << QByteArray(100, 'x');
    QTest::newRow("array") << QByteArray("*1000000\r\n") << QByteArray("+a\r\n").repeated(25);
}

void TestRedisProtocol::endlessAnswers()
{
    QFETCH(QByteArray, begin);
    QFETCH(QByteArray, more);
    RedisReplyReader reader(kMostBytes);
    reader.feed(begin);
    QByteArray all = drain(reader);
    for (int i = 0; i < 20 && all.isEmpty(); ++i) {
        reader.feed(more);
        all = drain(reader);
    }
    QCOMPARE(all, QByteArray("broken: an answer is larger than 1024 bytes"));
}

QTEST_APPLESS_MAIN(TestRedisProtocol)
#include "tst_redisprotocol.moc"
