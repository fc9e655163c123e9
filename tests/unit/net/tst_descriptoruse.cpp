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
        return int(number);
    }
    void close(int number) { m_isUsed[size_t(number)] = false; }

private:
    std::vector<bool> m_isUsed;
};

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
            use.asking();
            QCOMPARE(use.got(process.open()), DescriptorZone::Plenty);
        }
        use.asking();
        QCOMPARE(use.got(process.open()), DescriptorZone::Short);
    }

    void aLowNumberDoesNotMeanPlenty()
    {
        DescriptorUse use(1024);
        Process process(30);
        for (int client = 0; client < 950; ++client) {
            use.asking();
            (void)use.got(process.open());
        }
        // Those who came first go for those who come: the numbers are low again.
        for (int number = 30; number < 500; ++number) {
            process.close(number);
            use.gaveBack();
            use.asking();
            const int fresh = process.open();
            QCOMPARE(fresh, number);
            QCOMPARE(use.got(fresh), DescriptorZone::Short);
        }
        for (int number = 30; number < 500; ++number) {
            process.close(number);
            use.gaveBack();
        }
        use.asking();
        QCOMPARE(use.got(process.open()), DescriptorZone::Plenty);
    }

    void whoGotNoneIsNotCounted()
    {
        DescriptorUse use(1024);
        for (int i = 0; i < 5000; ++i) {
            use.asking();
            use.gaveBack();
        }
        use.asking();
        QCOMPARE(use.got(30), DescriptorZone::Plenty);
    }

    void seesWhenTheServerItselfUsesMore()
    {
        DescriptorUse use(1024);
        use.asking();
        QCOMPARE(use.got(30), DescriptorZone::Plenty);
        use.asking();
        QCOMPARE(use.got(1000), DescriptorZone::Short); // all below are in use
        use.asking();
        QCOMPARE(use.got(40), DescriptorZone::Short); // and most of them by the server
        use.asking();
        QCOMPARE(use.got(1020), DescriptorZone::Last);
    }
};

QTEST_GUILESS_MAIN(TestDescriptorUse)
#include "tst_descriptoruse.moc"
