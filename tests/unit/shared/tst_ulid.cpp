// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/ulid.h"

#include <QtCore/QSet>
#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

void fillWithZeros(std::array<quint8, 10> &bytes)
{
    bytes.fill(0);
}

void fillWithOnes(std::array<quint8, 10> &bytes)
{
    bytes.fill(0xff);
}

} // namespace

class TestUlid final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void encodesAsTheSpecificationSays_data();
    void encodesAsTheSpecificationSays();
    void asksForEntropyOncePerMillisecond();
    void increasesWithinOneMillisecond();
    void increasesWhenTheClockGoesBack();
    void increasesWhenTheRandomPartIsFull();
    void survivesAClockBeforeTheEpoch();
    void orderIsTimeOrder();
    void recognises_data();
    void recognises();
};

void TestUlid::encodesAsTheSpecificationSays_data()
{
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<QByteArray>("random");
    QTest::addColumn<QString>("text");
    QTest::newRow("zero") << qint64(0) << QByteArray(10, '\0') << u"00000000000000000000000000"_s;
    QTest::newRow("one millisecond") << qint64(1) << QByteArray(10, '\0') << u"00000000010000000000000000"_s;
    QTest::newRow("random one") << qint64(0) << QByteArray(9, '\0') + '\1' << u"00000000000000000000000001"_s;
    QTest::newRow("largest") << qint64((1LL << 48) - 1) << QByteArray(10, '\xff') << u"7ZZZZZZZZZZZZZZZZZZZZZZZZZ"_s;
    QTest::newRow("the specification's time")
        << qint64(1469918176385) << QByteArray(10, '\0') << u"01ARYZ6S410000000000000000"_s;
}

void TestUlid::encodesAsTheSpecificationSays()
{
    QFETCH(qint64, millis);
    QFETCH(QByteArray, random);
    UlidGenerator generator([&random](std::array<quint8, 10> &bytes) {
        for (size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = quint8(random[qsizetype(i)]);
    });
    QTEST(generator.next(fromEpochMillis(millis)), "text");
}

void TestUlid::asksForEntropyOncePerMillisecond()
{
    int asked = 0;
    UlidGenerator generator([&asked](std::array<quint8, 10> &bytes) {
        bytes.fill(quint8(asked));
        ++asked;
    });
    (void)generator.next(fromEpochMillis(5));
    (void)generator.next(fromEpochMillis(5));
    QCOMPARE(asked, 1);
    (void)generator.next(fromEpochMillis(6));
    QCOMPARE(asked, 2);
}

void TestUlid::increasesWithinOneMillisecond()
{
    UlidGenerator generator(fillWithZeros);
    QString previous = generator.next(fromEpochMillis(1000));
    for (int i = 0; i < 70'000; ++i) { // over two carries
        const QString next = generator.next(fromEpochMillis(1000));
        if (!(previous < next))
            QFAIL(qPrintable(previous + u" then "_s + next));
        previous = next;
    }
}

void TestUlid::increasesWhenTheClockGoesBack()
{
    UlidGenerator generator(fillWithZeros);
    const QString first = generator.next(fromEpochMillis(1'000'000));
    const QString second = generator.next(fromEpochMillis(500'000));
    const QString third = generator.next(fromEpochMillis(1'000'001));
    QVERIFY(first < second);
    QVERIFY(second < third);
}

void TestUlid::increasesWhenTheRandomPartIsFull()
{
    UlidGenerator generator(fillWithOnes);
    const QString first = generator.next(fromEpochMillis(1000));
    const QString second = generator.next(fromEpochMillis(1000));
    const QString third = generator.next(fromEpochMillis(1000));
    QVERIFY2(first < second, qPrintable(first + u" then "_s + second));
    QVERIFY2(second < third, qPrintable(second + u" then "_s + third));
}

void TestUlid::survivesAClockBeforeTheEpoch()
{
    UlidGenerator generator(fillWithOnes);
    const QString first = generator.next(fromEpochMillis(-5000));
    QVERIFY(isUlid(first));
    QVERIFY(first.endsWith(u"ZZZZZZZZZZZZZZZZ"_s));
    QVERIFY(first < generator.next(fromEpochMillis(-5000)));
}

void TestUlid::orderIsTimeOrder()
{
    UlidGenerator late(fillWithZeros);
    UlidGenerator early(fillWithOnes);
    for (const qint64 millis : { qint64(0), qint64(31), qint64(1023), qint64(1'762'776'000'000) })
        QVERIFY(early.next(fromEpochMillis(millis)) < late.next(fromEpochMillis(millis + 1)));
}

void TestUlid::recognises_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("expected");
    QTest::newRow("good") << u"01ARYZ6S410000000000000000"_s << true;
    QTest::newRow("largest") << u"7ZZZZZZZZZZZZZZZZZZZZZZZZZ"_s << true;
    QTest::newRow("over 128 bits") << u"8ZZZZZZZZZZZZZZZZZZZZZZZZZ"_s << false;
    QTest::newRow("empty") << u""_s << false;
    QTest::newRow("short") << u"01ARYZ6S41000000000000000"_s << false;
    QTest::newRow("long") << u"01ARYZ6S4100000000000000000"_s << false;
    QTest::newRow("lower case") << u"01aryz6s410000000000000000"_s << false;
    QTest::newRow("letter I") << u"01ARYZ6S41000000000000000I"_s << false;
    QTest::newRow("letter U") << u"01ARYZ6S41000000000000000U"_s << false;
    QTest::newRow("outside ASCII") << u"01ARYZ6S41000000000000000İ"_s << false;
    QTest::newRow("NUL inside") << u"01ARYZ6S41000000000000000\0"_s << false;
    QTest::newRow("path") << u"../../../../../etc/passwd0"_s << false;
}

void TestUlid::recognises()
{
    QFETCH(QString, text);
    QTEST(isUlid(text), "expected");
}

QTEST_APPLESS_MAIN(TestUlid)
#include "tst_ulid.moc"
