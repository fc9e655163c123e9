// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/channel/stringpool.h"

using namespace gatehouse;

class TestStringPool : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void sharesEqualTexts()
    {
        StringPool<QByteArray> pool;
        const QByteArray first = pool.shared(QByteArray("Mozilla").append("/5.0"));
        const QByteArray second = pool.shared(QByteArray("Mozilla/").append("5.0"));
        QCOMPARE(first, QByteArray("Mozilla/5.0"));
        QCOMPARE(second.constData(), first.constData());
        QVERIFY(pool.shared("curl").constData() != first.constData());
    }

    void keepsNoMoreThanTheText()
    {
        QByteArray roomy("x");
        roomy.reserve(100'000);
        StringPool<QByteArray> pool;
        QVERIFY(pool.shared(roomy).capacity() < 1000);
    }

    void anEmptyTextIsNothing() { QVERIFY(StringPool<QByteArray>().shared(QByteArray("")).isNull()); }

    void isBounded()
    {
        StringPool<QByteArray> pool;
        const QByteArray first = pool.shared("first");
        for (int i = 0; i < StringPool<QByteArray>::kMaxTexts; ++i)
            (void)pool.shared(QByteArray::number(i));
        const QByteArray again = pool.shared(QByteArray("fir").append("st"));
        QCOMPARE(again, first);
        QVERIFY(again.constData() != first.constData()); // it had been forgotten, and is known anew
        QCOMPARE(pool.shared(QByteArray("fi").append("rst")).constData(), again.constData());
    }
};

QTEST_APPLESS_MAIN(TestStringPool)
#include "tst_stringpool.moc"
