// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/descriptorzones.h"

using namespace gatehouse;

Q_DECLARE_METATYPE(gatehouse::DescriptorZone)

class TestDescriptorZones : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsHowManyAreLeft_data()
    {
        QTest::addColumn<qint64>("limit");
        QTest::addColumn<qint64>("used");
        QTest::addColumn<DescriptorZone>("zone");
        const auto row = [](const char *name, qint64 limit, qint64 used, DescriptorZone zone) {
            QTest::newRow(name) << limit << used << zone;
        };
        row("the first", 1024, 3, DescriptorZone::Plenty);
        row("the last of plenty", 1024, 943, DescriptorZone::Plenty);
        row("the first that is short", 1024, 944, DescriptorZone::Short);
        row("the last for a client", 1024, 1007, DescriptorZone::Short);
        row("the server's own", 1024, 1008, DescriptorZone::Own);
        row("half of them", 1024, 1015, DescriptorZone::Own);
        row("the other half", 1024, 1016, DescriptorZone::Last);
        row("the last of all", 1024, 1023, DescriptorZone::Last);
        row("as many of a large limit", 65'536, 65'519, DescriptorZone::Short);
        row("a large limit's own", 65'536, 65'520, DescriptorZone::Own);
        row("an eighth of a small one", 64, 47, DescriptorZone::Plenty);
        row("an eighth that is short", 64, 48, DescriptorZone::Short);
        row("an eighth of its own", 64, 56, DescriptorZone::Own);
        row("no limit", std::numeric_limits<qint64>::max(), std::numeric_limits<int>::max(), DescriptorZone::Plenty);
    }
    void tellsHowManyAreLeft()
    {
        QFETCH(const qint64, limit);
        QFETCH(const qint64, used);
        QTEST(DescriptorZones(limit).of(used), "zone");
    }
};

QTEST_GUILESS_MAIN(TestDescriptorZones)
#include "tst_descriptorzones.moc"
