// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/channel/valuepool.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestValuePool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sharesEqualValues()
    {
        ValuePool<QByteArray> pool;
        const Shared<QByteArray> first = pool.shared(QByteArray("Mozilla").append("/5.0"));
        const Shared<QByteArray> second = pool.shared(QByteArray("Mozilla/").append("5.0"));
        QCOMPARE(*first, QByteArray("Mozilla/5.0"));
        QCOMPARE(&*second, &*first);
        QVERIFY(&*pool.shared("curl") != &*first);
    }

    void keepsNoMoreThanTheValue()
    {
        QByteArray roomy("x");
        roomy.reserve(100'000);
        ValuePool<QByteArray> pool;
        QVERIFY(pool.shared(roomy)->capacity() < 1000);
    }

    void knowsListsByTheirElements()
    {
        ValuePool<QStringList> pool;
        const Shared<QStringList> first = pool.shared({ u"staff"_s, u"night"_s });
        QCOMPARE(&*pool.shared({ u"staff"_s, u"night"_s }), &*first);
        QVERIFY(&*pool.shared({ u"night"_s, u"staff"_s }) != &*first);
        QVERIFY(&*pool.shared({ u"staffnight"_s }) != &*first);
        QVERIFY(&*pool.shared({}) != &*first);
    }

    void isBounded()
    {
        ValuePool<QByteArray> pool;
        const Shared<QByteArray> first = pool.shared("first");
        for (size_t i = 0; i < ValuePool<QByteArray>::kMaxValues; ++i)
            (void)pool.shared(QByteArray::number(i));
        const Shared<QByteArray> again = pool.shared(QByteArray("fir").append("st"));
        QCOMPARE(*again, *first);
        QVERIFY(&*again != &*first); // it had been forgotten, and is known anew
        QCOMPARE(&*pool.shared(QByteArray("fi").append("rst")), &*again);
    }
};

QTEST_APPLESS_MAIN(TestValuePool)
#include "tst_valuepool.moc"
