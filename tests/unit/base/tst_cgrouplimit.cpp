// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/base/cgrouplimit.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

constexpr qint64 kMiB = 1024 * 1024;

/// A machine's /proc and mounts, as files.
class Machine final
{
public:
    void write(const QString &path, const QByteArray &content) const
    {
        const QString file = m_root.path() + path;
        QDir().mkpath(QFileInfo(file).path());
        QFile out(file);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(content);
    }
    void unified(const QByteArray &group, const QByteArray &top = "/") const
    {
        write(u"/proc/self/cgroup"_s, "0::" + group + "\n");
        write(u"/proc/self/mountinfo"_s,
            "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
            "30 22 0:26 "
                + top + " /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
    }
    void legacy(const QByteArray &group, const QByteArray &top = "/") const
    {
        write(u"/proc/self/cgroup"_s, "9:name=systemd:/\n5:cpu,cpuacct:/other\n4:memory:" + group + "\n0::/\n");
        write(u"/proc/self/mountinfo"_s,
            "31 22 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
            "32 22 0:28 "
                + top + " /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
                + "33 22 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    }
    void maximum(const QString &group, const QByteArray &text) const
    {
        write(u"/sys/fs/cgroup"_s + group + u"/memory.max"_s, text + '\n');
    }
    void limitInBytes(const QString &group, const QByteArray &text) const
    {
        write(u"/sys/fs/cgroup/memory"_s + group + u"/memory.limit_in_bytes"_s, text + '\n');
    }
    [[nodiscard]] std::optional<qint64> limit() const { return readCgroupMemory(m_root.path()).limitBytes; }
    [[nodiscard]] qint64 socketBytes() const { return readCgroupMemory(m_root.path()).socketBytes; }

private:
    QTemporaryDir m_root;
};

} // namespace

class TestCgroupLimit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsThatOfItsOwnGroup()
    {
        const Machine machine;
        machine.unified("/system.slice/gatehouse.service");
        machine.maximum(u"/system.slice/gatehouse.service"_s, QByteArray::number(512 * kMiB));
        machine.maximum(u"/system.slice"_s, "max");
        QCOMPARE(machine.limit(), std::optional(512 * kMiB));
    }

    void takesTheSmallestUpTheTree_data()
    {
        QTest::addColumn<QByteArray>("own");
        QTest::addColumn<QByteArray>("above");
        QTest::addColumn<QByteArray>("top");
        QTest::addColumn<qint64>("megabytes");
        const QByteArray small = QByteArray::number(100 * kMiB);
        const QByteArray large = QByteArray::number(900 * kMiB);
        QTest::newRow("own") << small << large << QByteArray("max") << qint64(100);
        QTest::newRow("above") << large << small << large << qint64(100);
        QTest::newRow("at the top") << QByteArray("max") << QByteArray("max") << small << qint64(100);
        QTest::newRow("none") << QByteArray("max") << QByteArray("max") << QByteArray("max") << qint64(-1);
        QTest::newRow("nonsense") << QByteArray("-5") << QByteArray("1e9") << QByteArray() << qint64(-1);
        QTest::newRow("zero is no limit of ours") << QByteArray("0") << large << QByteArray("max") << qint64(900);
    }
    void takesTheSmallestUpTheTree()
    {
        QFETCH(QByteArray, own);
        QFETCH(QByteArray, above);
        QFETCH(QByteArray, top);
        QFETCH(qint64, megabytes);
        const Machine machine;
        machine.unified("/a.slice/b.service");
        machine.maximum(u"/a.slice/b.service"_s, own);
        machine.maximum(u"/a.slice"_s, above);
        machine.maximum(QString(), top);
        QCOMPARE(machine.limit(), megabytes < 0 ? std::nullopt : std::optional(megabytes * kMiB));
    }

    void readsVersionOne()
    {
        const Machine machine;
        machine.legacy("/docker/abc");
        machine.limitInBytes(u"/docker/abc"_s, QByteArray::number(256 * kMiB));
        machine.limitInBytes(u"/docker"_s, "9223372036854771712"); // its way to say that there is none
        QCOMPARE(machine.limit(), std::optional(256 * kMiB));
        machine.limitInBytes(u"/docker/abc"_s, "9223372036854771712");
        QCOMPARE(machine.limit(), std::nullopt);
        machine.limitInBytes(u"/docker"_s, QByteArray::number(64 * kMiB)); // changed while it runs
        QCOMPARE(machine.limit(), std::optional(64 * kMiB));
    }

    void readsThatOfAContainer_data()
    {
        QTest::addColumn<QByteArray>("group");
        QTest::addColumn<QByteArray>("top");
        QTest::newRow("with groups of its own") << QByteArray("/") << QByteArray("/");
        QTest::newRow("with the machine's") << QByteArray("/docker/abc") << QByteArray("/docker/abc");
        QTest::newRow("with others than are mounted") << QByteArray("/elsewhere") << QByteArray("/docker/abc");
    }
    void readsThatOfAContainer()
    {
        QFETCH(QByteArray, group);
        QFETCH(QByteArray, top);
        const Machine unified;
        unified.unified(group, top);
        unified.maximum(QString(), QByteArray::number(300 * kMiB));
        QCOMPARE(unified.limit(), std::optional(300 * kMiB));
        const Machine legacy;
        legacy.legacy(group, top);
        legacy.limitInBytes(QString(), QByteArray::number(300 * kMiB));
        QCOMPARE(legacy.limit(), std::optional(300 * kMiB));
    }

    void countsTheKernelsSocketBuffers()
    {
        const Machine machine;
        machine.unified("/a.service");
        machine.maximum(u"/a.service"_s, "max");
        QCOMPARE(machine.socketBytes(), 0);
        machine.write(u"/sys/fs/cgroup/a.service/memory.stat"_s, "anon 1\nsock_throttled 3\nsock 40960\nshmem 5\n");
        QCOMPARE(machine.socketBytes(), 40'960);
        machine.write(u"/sys/fs/cgroup/a.service/memory.stat"_s, "anon 1\nsock -7\n");
        QCOMPARE(machine.socketBytes(), 0);
        const Machine bare; // outside of every group: what all have is not ours
        bare.unified("/");
        bare.write(u"/sys/fs/cgroup/memory.stat"_s, "sock 40960\n");
        QCOMPARE(bare.socketBytes(), 0);
    }

    void findsNamesWithBlanks()
    {
        const Machine machine;
        machine.write(u"/proc/self/cgroup"_s, "0::/a b.slice\n");
        machine.write(u"/proc/self/mountinfo"_s, "30 22 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n");
        machine.write(u"/my groups/a b.slice/memory.max"_s, QByteArray::number(kMiB));
        QCOMPARE(machine.limit(), std::optional(kMiB));
    }

    void hasNoneWhereNothingCanBeRead_data()
    {
        QTest::addColumn<QByteArray>("group");
        QTest::addColumn<QByteArray>("mounts");
        QTest::newRow("nothing") << QByteArray() << QByteArray();
        QTest::newRow("no mount") << QByteArray("0::/a\n") << QByteArray("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
        QTest::newRow("no group") << QByteArray()
                                  << QByteArray("30 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        QTest::newRow("garbage") << QByteArray("::::\n:\n\0\n") << QByteArray(" - \n - cgroup2\nx - cgroup2 y z\n");
    }
    void hasNoneWhereNothingCanBeRead()
    {
        QFETCH(QByteArray, group);
        QFETCH(QByteArray, mounts);
        const Machine machine;
        machine.write(u"/proc/self/cgroup"_s, group);
        machine.write(u"/proc/self/mountinfo"_s, mounts);
        QCOMPARE(machine.limit(), std::nullopt);
    }
};

QTEST_APPLESS_MAIN(TestCgroupLimit)
#include "tst_cgrouplimit.moc"
