// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/descriptoruse.h"

using namespace gatehouse;

namespace {

/// A process: gives out the lowest free number, as the kernel does.
class Process final
{
public:
    explicit Process(int own)
        : m_isUsed(size_t(own), true)
    {
    }
    int open()
    {
        size_t number = 0;
        while (number < m_isUsed.size() && m_isUsed[number])
            ++number;
        m_isUsed.resize(std::max(m_isUsed.size(), number + 1));
        m_isUsed[number] = true;
        return latest = int(number);
    }
    void close(int number) { m_isUsed[size_t(number)] = false; }

    int latest = -1; ///< that was opened

private:
    std::vector<bool> m_isUsed;
};

DescriptorZone comes(DescriptorUse &use, Process &process)
{
    const qint64 others = use.asking();
    return use.got(process.open(), others);
}

} // namespace

class TestDescriptorUse : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsOwnAndClients()
    {
        DescriptorUse use(1024); // short from 944, own from 1008
        Process process(30);
        for (int client = 0; client < 914; ++client) {
            QCOMPARE(comes(use, process), DescriptorZone::Plenty);
        }
        QCOMPARE(comes(use, process), DescriptorZone::Short);
    }

    void saysWhileAnyIsLent()
    {
        DescriptorUse use(1024);
        QVERIFY(!use.isAnyLent());
        use.lend();
        use.lend();
        use.takenBack();
        QVERIFY(use.isAnyLent());
        use.takenBack();
        QVERIFY(!use.isAnyLent());
    }

    void aLowNumberDoesNotMeanPlenty()
    {
        DescriptorUse use(1024);
        Process process(30);
        for (int client = 0; client < 950; ++client) {
            (void)comes(use, process);
        }
        // Those who came first go for those who come: the numbers are low again.
        for (int number = 30; number < 500; ++number) {
            process.close(number);
            use.gaveBack();
            QCOMPARE(comes(use, process), DescriptorZone::Short);
            QCOMPARE(process.latest, number);
        }
        for (int number = 30; number < 500; ++number) {
            process.close(number);
            use.gaveBack();
        }
        QCOMPARE(comes(use, process), DescriptorZone::Plenty);
    }

    void whoGoesMeanwhileIsNotOurs()
    {
        DescriptorUse use(1024);
        Process process(30);
        for (int client = 0; client < 900; ++client)
            (void)comes(use, process);
        const qint64 others = use.asking();
        const int fresh = process.open();
        for (int number = 30; number < 830; ++number) { // on another thread
            process.close(number);
            use.gaveBack();
        }
        QCOMPARE(use.got(fresh, others), DescriptorZone::Plenty);
        QCOMPARE(comes(use, process), DescriptorZone::Plenty); // there are 30 of ours, as before
    }

    void whoGotNoneIsNotCounted()
    {
        DescriptorUse use(1024);
        for (int i = 0; i < 5000; ++i) {
            (void)use.asking();
            use.gaveBack();
        }
        QCOMPARE(use.got(30, use.asking()), DescriptorZone::Plenty);
    }

    void seesWhenTheServerItselfUsesMore()
    {
        DescriptorUse use(1024);
        QCOMPARE(use.got(30, use.asking()), DescriptorZone::Plenty);
        QCOMPARE(use.got(1000, use.asking()), DescriptorZone::Short); // all below are in use
        QCOMPARE(use.got(40, use.asking()), DescriptorZone::Short);   // and most of them by the server
        QCOMPARE(use.got(1020, use.asking()), DescriptorZone::Last);
    }
};

QTEST_GUILESS_MAIN(TestDescriptorUse)
#include "tst_descriptoruse.moc"
