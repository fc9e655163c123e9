// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtTest/QTest>

#include "server/auth/knowntokens.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

QByteArray token(const char *of, size_t number)
{
    return QByteArray(of) + '.' + QByteArray::number(qulonglong(number));
}

} // namespace

class TestKnownTokens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsWhatItWasTold()
    {
        KnownTokens known;
        QVERIFY(!known.knows("one"));
        known.remember("one", u"ann"_s);
        known.remember("one", u"ann"_s);
        QCOMPARE(known.size(), 1U);
        QVERIFY(known.knows("one"));
        QVERIFY(!known.knows("on"));
        QVERIFY(!known.knows("one "));
        QVERIFY(!known.knows({}));
        known.forget("one");
        known.forget("one");
        known.forget("another");
        QVERIFY(!known.knows("one"));
        QCOMPARE(known.size(), 0U);
    }

    void aUsersNewTokensPushOutItsOwn()
    {
        KnownTokens known;
        known.remember("of a neighbour", u"ben"_s);
        for (size_t i = 0; i <= KnownTokens::kMaxPerUser; ++i)
            known.remember(token("ann", i), u"ann"_s);
        QCOMPARE(known.size(), KnownTokens::kMaxPerUser + 1);
        QVERIFY(!known.knows(token("ann", 0)));
        QVERIFY(known.knows(token("ann", 1)));
        QVERIFY(known.knows(token("ann", KnownTokens::kMaxPerUser)));
        QVERIFY(known.knows("of a neighbour"));
        known.forget(token("ann", 1)); // makes room
        known.remember(token("ann", 100), u"ann"_s);
        QVERIFY(known.knows(token("ann", 2)));
    }

    void theOneShownLongestAgoMakesWay()
    {
        KnownTokens known;
        for (size_t i = 0; i < KnownTokens::kMaxTokens; ++i)
            known.remember(token("x", i), QString::number(i));
        known.remember(token("x", 0), u"0"_s); // is shown again
        known.remember("one more", u"one more"_s);
        QCOMPARE(known.size(), KnownTokens::kMaxTokens);
        QVERIFY(known.knows(token("x", 0)));
        QVERIFY(!known.knows(token("x", 1)));
        QVERIFY(known.knows(token("x", 2)));
        QVERIFY(known.knows("one more"));
    }

    void manyThreadsShareIt()
    {
        KnownTokens known;
        std::vector<std::thread> threads;
        for (size_t i = 0; i < 4; ++i) {
            threads.emplace_back([&known, i] {
                for (size_t j = 0; j < 500; ++j) {
                    known.remember(token("shared", j), QString::number(j % 50));
                    (void)known.knows(token("shared", j + i));
                    known.forget(token("shared", j / 2));
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QVERIFY(known.size() <= 50 * KnownTokens::kMaxPerUser);
    }
};

QTEST_GUILESS_MAIN(TestKnownTokens)
#include "tst_knowntokens.moc"
