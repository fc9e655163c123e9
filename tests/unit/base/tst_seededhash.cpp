// SPDX-License-Identifier: GPL-3.0-or-later
#include <unordered_map>

#include <QtTest/QTest>

#include "server/base/seededhash.h"

using namespace gatehouse;

class TestSeededHash : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void dependsOnElementsAndOrder()
    {
        const QString a = QStringLiteral("a");
        const QString b = QStringLiteral("b");
        const QList<QStringList> lists{ {}, { QString() }, { a }, { b }, { a, b }, { b, a }, { a + b }, { a, {}, b } };
        QSet<size_t> hashes;
        for (const QStringList &list : lists)
            hashes.insert(seededHash(list, 1));
        QCOMPARE(hashes.size(), lists.size());
        QCOMPARE(seededHash(QStringList{ a, b }, 1), seededHash(QStringList{ a, b }, 1));
    }

    /// Two texts that meet under the seed 0, which anybody can compute, make no lists that meet under another one.
    void elementsThatMeetUnderAKnownSeedDoNot()
    {
        std::unordered_map<quint32, QString> byHash; // half a hash is met within a hundred thousand
        QStringList pair;
        for (int i = 0; pair.isEmpty(); ++i) {
            const QString text = QString::number(i);
            const auto [known, isNew] = byHash.try_emplace(quint32(qHash(text, 0)), text);
            if (!isNew)
                pair = QStringList{ known->second, text };
        }
        QCOMPARE(quint32(qHash(pair[0], 0)), quint32(qHash(pair[1], 0)));
        QVERIFY(quint32(seededHash(QStringList(pair[0]), 1)) != quint32(seededHash(QStringList(pair[1]), 1)));
    }
};

QTEST_APPLESS_MAIN(TestSeededHash)
#include "tst_seededhash.moc"
