// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>
#include <vector>

#include <QtTest/QTest>

#include "server/base/memoryaccount.h"

using namespace gatehouse;

class TestMemoryAccount : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsEachHolderApart()
    {
        MemoryAccount account;
        account.add(MemoryHolder::Http, 100);
        account.set(MemoryHolder::Queues, 7);
        account.add(MemoryHolder::Http, -30);
        QCOMPARE(account.bytes(MemoryHolder::Http), 70);
        QCOMPARE(account.bytes(MemoryHolder::Queues), 7);
        QCOMPARE(account.bytes(MemoryHolder::Connections), 0);
    }

    void whatIsHeldIsGivenBackOnce()
    {
        MemoryAccount account;
        const auto held = [&account] { return account.bytes(MemoryHolder::Http); };
        {
            HeldMemory first(account, MemoryHolder::Http, 100);
            HeldMemory second(account, MemoryHolder::Http, 10);
            QCOMPARE(held(), 110);
            first.resize(150);
            QCOMPARE(held(), 160);
            second = std::move(first);
            QCOMPARE(held(), 150);
            const HeldMemory third(std::move(second));
            QCOMPARE(held(), 150);
            HeldMemory &same = first;
            first = std::move(same);
            first.resize(1); // holds nothing of any account
            QCOMPARE(held(), 150);
        }
        QCOMPARE(held(), 0);
        HeldMemory none;
        none.resize(5);
        QCOMPARE(held(), 0);
    }

    void mayBeHeldOnAnyThread()
    {
        MemoryAccount account;
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&account] {
                for (int round = 0; round < 10'000; ++round) {
                    HeldMemory held(account, MemoryHolder::Http, 10);
                    held.resize(round);
                }
                account.add(MemoryHolder::Http, 3);
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(account.bytes(MemoryHolder::Http), 12);
    }
};

QTEST_APPLESS_MAIN(TestMemoryAccount)
#include "tst_memoryaccount.moc"
