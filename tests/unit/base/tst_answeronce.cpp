// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/base/answeronce.h"

#include <thread>
#include <vector>

#include <QtTest/QTest>

using namespace gatehouse;

class TestAnswerOnce final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hearsTheFirstAlone()
    {
        std::vector<int> heard;
        const std::function<void(int)> first = answerOnce<int>([&heard](int value) { heard.push_back(value); });
        const std::function<void(int)> second = first;
        second(7);
        first(8);
        second(9);
        QCOMPARE(heard, std::vector<int>{ 7 });
    }

    void alsoFromManyThreads()
    {
        std::atomic<int> heard{ 0 };
        const std::function<void(int)> answer = answerOnce<int>([&heard](int) { ++heard; });
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([answer, i] { answer(i); });
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(heard.load(), 1);
    }
};

QTEST_APPLESS_MAIN(TestAnswerOnce)
#include "tst_answeronce.moc"
