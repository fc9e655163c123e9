// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/drainedclients.h"
#include "tests/support/fakeclock.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

ClientKey key(const char *address, const QString &user = u"ann"_s)
{
    return ClientKey::of(AddressKey::of(IpAddress::parse(address)->bucket()), user);
}

quint32 countOf(const ClientCounts &counts, const ClientKey &client)
{
    quint32 sum = 0;
    for (const auto &[each, count] : counts)
        sum += each == client ? count : 0;
    return sum;
}

} // namespace

/// Attempts that use no budget, and how they get from one server to the next.
class TestReconnectGrants : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesEachClientItsNumber()
    {
        ReconnectGrants grants;
        grants.give(
            { { key("192.0.2.1"), 2 }, { key("2001:db8::1"), 1 }, { key("192.0.2.1"), 1 } }, m_clock.monotonic());
        QCOMPARE(grants.size(), 2U);
        for (int i = 0; i < 3; ++i)
            QVERIFY(grants.take(key("192.0.2.1"), m_clock.monotonic()));
        QVERIFY(!grants.take(key("192.0.2.1"), m_clock.monotonic()));
        QVERIFY(!grants.take(key("192.0.2.2"), m_clock.monotonic()));
        QVERIFY(!grants.take(key("2001:db8::1", u"ben"_s), m_clock.monotonic())); // a colleague's are not his
        QVERIFY(grants.take(key("2001:db8::ffff"), m_clock.monotonic()));         // the same /64
        QCOMPARE(grants.size(), 0U);
    }

    void oneThatWasNotUsedMayBeUsedLater()
    {
        ReconnectGrants grants;
        grants.give({ { key("192.0.2.1"), 1 } }, m_clock.monotonic());
        QVERIFY(grants.take(key("192.0.2.1"), m_clock.monotonic()));
        grants.giveBack(key("192.0.2.1"));
        QVERIFY(grants.take(key("192.0.2.1"), m_clock.monotonic()));
        QVERIFY(!grants.take(key("192.0.2.1"), m_clock.monotonic()));
    }

    void areValidForFiveMinutes()
    {
        ReconnectGrants grants;
        grants.give({ { key("192.0.2.1"), 3 } }, m_clock.monotonic());
        m_clock.advance(5min - 1ms);
        grants.expire(m_clock.monotonic());
        QVERIFY(grants.take(key("192.0.2.1"), m_clock.monotonic()));
        QCOMPARE(grants.left(m_clock.monotonic()).size(), 1U);
        m_clock.advance(1ms);
        QVERIFY(!grants.take(key("192.0.2.1"), m_clock.monotonic()));
        QVERIFY(grants.left(m_clock.monotonic()).empty());
        QCOMPARE(grants.size(), 1U);
        grants.expire(m_clock.monotonic());
        QCOMPARE(grants.size(), 0U);
        grants.giveBack(key("192.0.2.1")); // taken in time, refused after it
        QVERIFY(!grants.take(key("192.0.2.1"), m_clock.monotonic()));
    }

    void areBounded()
    {
        ClientCounts counts;
        for (quint32 i = 0; i < ReconnectGrants::kMostClients + 10; ++i)
            counts.emplace_back(ClientKey{ AddressKey::of(IpAddress::fromIpv4(i / 2 + 1)), i % 2 + 1 }, 1);
        ReconnectGrants grants;
        grants.give(counts, m_clock.monotonic());
        QCOMPARE(grants.size(), ReconnectGrants::kMostClients);
    }

    void oneSiteLeavesRoomForOthers()
    {
        ClientCounts counts;
        for (int i = 0; i < 60'000; ++i)
            counts.emplace_back(key(QByteArray("2001:db8:7:" + QByteArray::number(i, 16) + "::1").constData()), 1);
        counts.emplace_back(key("2001:db8:8::1"), 1);
        ReconnectGrants grants;
        grants.give(counts, m_clock.monotonic());
        QCOMPARE(grants.size(), ReconnectGrants::kMostOfSite + 1);
        QVERIFY(grants.take(key("2001:db8:8::1"), m_clock.monotonic()));
    }

    void surviveARestartOnce()
    {
        StoreFixture state({ &drainedclients::createTables });
        drainedclients::save(state.store(),
            { { key("192.0.2.1"), 1 }, { key("ffff:db8::1"), 4 }, { key("192.0.2.1"), 2 },
                { key("192.0.2.1", u"ben"_s), 7 } },
            m_clock.utc());
        state.reopen();
        m_clock.advance(59min);
        const ClientCounts taken = drainedclients::takeAll(state.store(), m_clock.utc());
        QCOMPARE(taken.size(), 3U);
        QCOMPARE(countOf(taken, key("192.0.2.1")), 3U);
        QCOMPARE(countOf(taken, key("192.0.2.1", u"ben"_s)), 7U);
        QCOMPARE(countOf(taken, key("ffff:db8::1")), 4U);
        state.reopen();
        QVERIFY(drainedclients::takeAll(state.store(), m_clock.utc()).empty());
    }

    void areOfNoUseAfterAnHour()
    {
        StoreFixture state({ &drainedclients::createTables });
        drainedclients::save(state.store(), { { key("192.0.2.1"), 1 } }, m_clock.utc());
        m_clock.advance(60min + 1ms);
        QVERIFY(drainedclients::takeAll(state.store(), m_clock.utc()).empty());
    }

    void theLastDrainIsWhatCounts()
    {
        StoreFixture state({ &drainedclients::createTables });
        drainedclients::save(state.store(), { { key("192.0.2.1"), 1 }, { key("192.0.2.2"), 1 } }, m_clock.utc());
        drainedclients::save(state.store(), { { key("192.0.2.2"), 5 } }, m_clock.utc());
        const ClientCounts taken = drainedclients::takeAll(state.store(), m_clock.utc());
        QCOMPARE(taken.size(), 1U);
        QCOMPARE(countOf(taken, key("192.0.2.2")), 5U);
    }

private:
    FakeClock m_clock;
};

QTEST_GUILESS_MAIN(TestReconnectGrants)
#include "tst_reconnectgrants.moc"
