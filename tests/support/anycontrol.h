// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest/QTest>

#include "server/control/controlreplica.h"
#include "server/control/localcontrollog.h"
#include "tests/support/fakeclock.h"
#include "tests/support/memorycontrol.h"
#include "tests/support/recordinglog.h"
#include "tests/support/storefixture.h"

namespace gatehouse {

/// A control log of one kind with the state file that it is on, for tests of what all kinds promise. Who holds
/// something of it is made after the log and gone before the next restart().
class AnyControl
{
public:
    explicit AnyControl(std::vector<StoreThread::Work> schemas)
        : state(std::move(schemas))
    {
    }
    virtual ~AnyControl() = default;
    Q_DISABLE_COPY_MOVE(AnyControl)

    [[nodiscard]] virtual ControlLog &log() = 0;
    /// Lets changes be appended: everybody is attached and loaded.
    virtual void start() = 0;
    /// As a restart of the process.
    void restart()
    {
        end();
        state.reopen();
        begin();
    }

    StoreFixture state;

protected:
    virtual void begin() = 0;
    virtual void end() = 0;
    [[nodiscard]] static std::vector<StoreThread::Work> withPlace(std::vector<StoreThread::Work> schemas)
    {
        schemas.push_back(&controlplace::createTables);
        return schemas;
    }
};

/// The log of a server that is alone.
class AloneControl final : public AnyControl
{
public:
    AloneControl(std::vector<StoreThread::Work> schemas, const Clock &clock)
        : AnyControl(withPlace(std::move(schemas)))
        , m_clock(clock)
    {
        AloneControl::begin();
    }

    [[nodiscard]] ControlLog &log() override { return *m_log; }
    void start() override { QVERIFY(m_log->start()); }

protected:
    void begin() override { m_log = std::make_unique<LocalControlLog>(state.store(), m_clock, *qApp); }
    void end() override { m_log.reset(); }

private:
    const Clock &m_clock;
    std::unique_ptr<LocalControlLog> m_log;
};

/// The log of a node, with the cluster's part in memory.
class NodeControl final : public AnyControl
{
public:
    NodeControl(std::vector<StoreThread::Work> schemas, const Clock &clock)
        : AnyControl(withPlace(std::move(schemas)))
        , m_clock(clock)
    {
        NodeControl::begin();
    }
    ~NodeControl() override { NodeControl::end(); }

    [[nodiscard]] ControlLog &log() override { return *m_replica; }
    void start() override
    {
        QVERIFY(m_replica->start());
        m_replica->join(*m_transport);
        QTRY_VERIFY(m_replica->isAvailable());
    }

protected:
    void begin() override
    {
        m_transport = std::make_unique<FakeControlTransport>(m_shared);
        m_replica = std::make_unique<ControlReplica>(QStringLiteral("a"), state.store(), m_clock, m_lines, *qApp,
            ControlReplica::Timing{ std::chrono::seconds(30), std::chrono::milliseconds(10) });
    }
    void end() override
    {
        m_replica.reset();
        m_transport.reset();
    }

private:
    const Clock &m_clock;
    RecordingLog m_lines;
    MemoryControl m_shared;
    std::unique_ptr<FakeControlTransport> m_transport;
    std::unique_ptr<ControlReplica> m_replica;
};

/// For initTestCase_data(): every function of the test runs over both kinds.
inline void addControlKinds()
{
    QTest::addColumn<bool>("isCluster");
    QTest::newRow("alone") << false;
    QTest::newRow("in a cluster") << true;
}

/// Whether the running function is to be of a cluster.
[[nodiscard]] inline bool isOfCluster()
{
    QFETCH_GLOBAL(bool, isCluster);
    return isCluster;
}

/// A log of the kind that the running function is to be of.
[[nodiscard]] inline std::unique_ptr<AnyControl> makeControl(std::vector<StoreThread::Work> schemas, const Clock &clock)
{
    if (isOfCluster())
        return std::make_unique<NodeControl>(std::move(schemas), clock);
    return std::make_unique<AloneControl>(std::move(schemas), clock);
}

} // namespace gatehouse
