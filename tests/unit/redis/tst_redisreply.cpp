// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/redis/redisreply.h"

using namespace gatehouse;

class TestRedisReply final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void toInteger_data();
    void toInteger();
};

void TestRedisReply::toInteger_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<qint64>("integer");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("expected");
    using enum RedisReply::Type;
    const auto row = [](const char *name, RedisReply::Type type, qint64 integer, const char *text, qint64 expected) {
        QTest::newRow(name) << int(type) << integer << QByteArray(text) << expected;
    };
    row("integer", Integer, -7, "", -7);
    row("text", Text, 0, "42", 42);
    row("largest", Text, 0, "9223372036854775807", std::numeric_limits<qint64>::max());
    row("too large", Text, 0, "9223372036854775808", -1);
    row("no number", Text, 0, "4x", -1);
    row("fraction", Text, 0, "4.5", -1);
    row("empty", Text, 0, "", -1);
    row("nil", Nil, 0, "", -1);
    row("array", Array, 0, "", -1);
}

void TestRedisReply::toInteger()
{
    QFETCH(int, type);
    QFETCH(qint64, integer);
    QFETCH(QByteArray, text);
    QFETCH(qint64, expected);
    const RedisReply reply{ RedisReply::Type(type), integer, text };
    QCOMPARE(reply.toInteger(-1), expected);
    QCOMPARE(reply.isNil(), reply.type == RedisReply::Type::Nil);
    QCOMPARE(reply.isText(), reply.type == RedisReply::Type::Text);
    QCOMPARE(reply.isArray(), reply.type == RedisReply::Type::Array);
}

QTEST_APPLESS_MAIN(TestRedisReply)
#include "tst_redisreply.moc"
