// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/redis/redisscript.h"

using namespace gatehouse;

class TestRedisScript final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hashIsWhatRedisCallsIt();
};

void TestRedisScript::hashIsWhatRedisCallsIt()
{
    const RedisScript script("return 1");
    QCOMPARE(script.source(), QByteArray("return 1"));
    QCOMPARE(script.sha1(), QByteArray("e0e1f9fabfc9d4800c877a703b823ac0578ff8db")); // of SCRIPT LOAD "return 1"
}

QTEST_APPLESS_MAIN(TestRedisScript)
#include "tst_redisscript.moc"
