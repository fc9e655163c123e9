// SPDX-License-Identifier: GPL-3.0-or-later
#include <deque>
#include <unordered_map>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/addresstable.h"
#include "server/guard/attempttable.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds kHour = 1h;
constexpr std::chrono::milliseconds kLateMost = kHour + kHour / 100; // an attempt may count so long

/// What the table has to do, with a log of every attempt.
struct Reference
{
    struct Address
    {
        qint64 open = 0;
        std::deque<MonoTime> attempts;
    };
    std::unordered_map<quint32, Address> addresses;

    [[nodiscard]] qint64 attempts(quint32 number, MonoTime now, std::chrono::milliseconds length)
    {
        const std::deque<MonoTime> &log = addresses[number].attempts;
        return log.end() - std::upper_bound(log.begin(), log.end(), now - length);
    }
    [[nodiscard]] qint64 nearLimit(qint64 limit) const
    {
        return std::count_if(addresses.begin(), addresses.end(),
            [limit](const auto &row) { return row.second.open > 0 && row.second.open * 5 >= limit * 4; });
    }
};

struct Tables
{
    AddressTable addresses;
    AttemptTable attempts;
};

struct Held
{
    AddressSlot slot;
    CountedAttempt attempt;
    quint32 number = 0;
    MonoTime at;
};

IpAddress address(quint32 number)
{
    if (number % 3 != 0)
        return IpAddress::fromIpv4(number);
    const QByteArray text
        = "2001:db8:" + QByteArray::number(number >> 16, 16) + ':' + QByteArray::number(number & 0xffff, 16) + "::7";
    return *IpAddress::parse(text);
}

ClientKey client(quint32 number)
{
    return ClientKey::of(AddressKey::of(address(number).bucket()), QString::number(number % 5));
}

} // namespace

class TestAddressModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// Random admissions, ends, refunds, edits of the limits, sweeps and passing time, against a log of everything: the
    /// count of open connections is exact, and attempts are never counted too short, nor more than 1 % of the hour too
    /// long.
    void agreesWithALogOfEverything_data()
    {
        QTest::addColumn<quint32>("addresses");
        QTest::addColumn<int>("meanGapMillis");
        QTest::newRow("one, a flood") << 1U << 20;
        QTest::newRow("few, bursts") << 20U << 200;
        QTest::newRow("few, all day") << 20U << 20'000;
        QTest::newRow("many") << 20'000U << 100;
        QTest::newRow("many, sparse") << 20'000U << 2'000;
    }
    void agreesWithALogOfEverything()
    {
        QFETCH(quint32, addresses);
        QFETCH(int, meanGapMillis);
        QRandomGenerator random(addresses + quint32(meanGapMillis));
        Tables tables;
        Reference reference;
        FakeClock clock;
        LimitSnapshot rules;
        rules.limits[LimitKey::ReconnectWindow].value = 3'600;
        std::vector<Held> held;
        for (int i = 0; i < 100'000; ++i) {
            clock.advance(std::chrono::milliseconds(random.bounded(2 * meanGapMillis + 1)));
            const int what = random.bounded(100);
            if (what < 60)
                admit(tables, reference, rules, clock, random.bounded(addresses), held);
            else if (what < 97)
                end(reference, held, random, clock.monotonic());
            else if (what < 98)
                edit(rules, random);
            else
                tables.attempts.sweep(clock.monotonic());
            if (QTest::currentTestFailed())
                return;
            if (i % 1000 == 0)
                QCOMPARE(tables.addresses.nearLimit(4), reference.nearLimit(4));
        }
        held.clear();
        QCOMPARE(tables.addresses.nearLimit(1), 0);
        QCOMPARE(tables.addresses.size(), 0);
        clock.advance(kLateMost);
        for (size_t i = 0; i < AttemptTable::kShards; ++i)
            tables.attempts.sweep(clock.monotonic());
        QCOMPARE(tables.attempts.size(), 0);
    }

    /// Moments are kept modulo 49.7 days: whatever lies that far back must be gone, and not come back.
    void survivesTheWrapOfItsTicks()
    {
        AttemptTable table;
        FakeClock clock;
        LimitSnapshot rules;
        rules.limits[LimitKey::ReconnectWindow].value = 3'600;
        rules.limits[LimitKey::MaxReconnectAttempts].value = 3;
        for (int day = 0; day < 120; ++day) {
            for (int i = 0; i < 3; ++i)
                QVERIFY(table.admit(client(1), rules, clock.monotonic()).isAdmitted());
            QVERIFY(!table.admit(client(1), rules, clock.monotonic() + kHour - 1ms).isAdmitted());
            clock.advance(24h);
            for (size_t i = 0; i < AttemptTable::kShards; ++i)
                table.sweep(clock.monotonic());
        }
    }

private:
    static void admit(Tables &tables, Reference &reference, const LimitSnapshot &rules, const FakeClock &clock,
        quint32 number, std::vector<Held> &held)
    {
        const MonoTime now = clock.monotonic();
        const LimitValue &connections = rules.limits[LimitKey::MaxConnectionsPerIp];
        const LimitValue &reconnects = rules.limits[LimitKey::MaxReconnectAttempts];
        const auto refuses = [&](const LimitValue &rule, qint64 used) {
            return rules.isGuarding && rule.mode == LimitMode::Enforce && used >= rule.value;
        };
        const qint64 open = reference.addresses[number].open;
        const qint64 atLeast = reference.attempts(number, now, kHour);
        const qint64 atMost = reference.attempts(number, now, kLateMost);
        AddressTable::Admission admission
            = tables.addresses.admit(address(number), LimitRule::of(Reason::TooManyConnections, rules));
        QCOMPARE(admission.isAdmitted(), !refuses(connections, open));
        for (const Finding &finding : admission.findings)
            QCOMPARE(*finding.observed, open + 1);
        if (!admission.isAdmitted())
            return;
        AttemptTable::Admission attempt = tables.attempts.admit(client(number), rules, now);
        if (refuses(reconnects, atLeast))
            QVERIFY2(!attempt.isAdmitted(), "an attempt over the limit was admitted");
        else if (!refuses(reconnects, atMost))
            QVERIFY2(attempt.isAdmitted(), "an attempt was refused more than 1 % of the window early");
        for (const Finding &finding : attempt.findings) {
            QVERIFY(*finding.observed > atLeast && *finding.observed <= atMost + 1);
            // Not a promise that is broken, nor one that is later than it has to be.
            QVERIFY(finding.exactWait > 0ms);
            QVERIFY(reference.attempts(number, now + finding.exactWait, kHour) < *finding.limit);
            QVERIFY(reference.attempts(number, now + finding.exactWait - 1ms, kLateMost) >= *finding.limit);
        }
        if (!attempt.isAdmitted())
            return;
        ++reference.addresses[number].open;
        if (rules.isGuarding && reconnects.mode != LimitMode::Off)
            reference.addresses[number].attempts.push_back(now);
        held.push_back({ std::move(admission.slot), std::move(attempt.attempt), number, now });
    }

    /// One of the connections ends: the latest, whose attempt is refunded in one case of three, or any.
    static void end(Reference &reference, std::vector<Held> &held, QRandomGenerator &random, MonoTime now)
    {
        if (held.empty())
            return;
        if (random.bounded(2) == 0)
            std::swap(held[random.bounded(quint32(held.size()))], held.back());
        Held &one = held.back();
        Reference::Address &known = reference.addresses[one.number];
        --known.open;
        if (random.bounded(3) == 0 && now - one.at < 5s) {
            const auto attempt = std::find(known.attempts.begin(), known.attempts.end(), one.at);
            if (attempt != known.attempts.end())
                known.attempts.erase(attempt);
            one.attempt.takeBack();
        }
        held.pop_back();
        while (!known.attempts.empty() && known.attempts.front() + kLateMost + kHour <= now)
            known.attempts.pop_front();
    }

    static void edit(LimitSnapshot &rules, QRandomGenerator &random)
    {
        static constexpr std::array kModes{ LimitMode::Enforce, LimitMode::Enforce, LimitMode::Observe,
            LimitMode::Off };
        const auto anyMode = [&random] { return kModes[random.bounded(quint32(kModes.size()))]; };
        rules.limits[LimitKey::MaxConnectionsPerIp] = { random.bounded(1, 40), anyMode() };
        rules.limits[LimitKey::MaxReconnectAttempts] = { random.bounded(1, random.bounded(2) ? 12 : 400), anyMode() };
        rules.isGuarding = random.bounded(10) != 0;
    }
};

QTEST_APPLESS_MAIN(TestAddressModel)
#include "tst_addressmodel.moc"
