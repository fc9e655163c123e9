// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/failedlogins.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Counts how often it is asked to do its costly work.
class CountingVerifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        if (token.isEmpty())
            return TokenRefusal{ Reason::TokenMissing, u"no token"_s };
        ++verified;
        if (token.startsWith("good") && !isWithoutKeys)
            return Identity{ QString::fromUtf8(token.toByteArray().split(' ').last()) };
        return TokenRefusal{ token.startsWith("old") ? Reason::TokenExpired : Reason::TokenInvalid, u"bad token"_s };
    }

    mutable int verified = 0;
    bool isWithoutKeys = false;
};

IpAddress address(const QByteArray &text)
{
    return IpAddress::parse(text).value();
}

} // namespace

class TestFailedLogins : public QObject
{
    Q_OBJECT

private:
    static constexpr int kMost = FailedLogins::kMaxPerMinute + FailedLogins::kMaxTrialsPerMinute;

    struct Fixture
    {
        FailedLogins failures;
        CountingVerifier verifier;
        MonoTime now{ 100h };

        /// 0 if it is let in.
        int show(QByteArrayView token, const IpAddress &from = IpAddress::fromIpv4(1))
        {
            const auto verified = failures.verify(verifier, token, from, { UtcTime{}, now });
            const Problem *problem = std::get_if<Problem>(&verified);
            return problem ? problem->status : 0;
        }
        void flood(const IpAddress &from = IpAddress::fromIpv4(1))
        {
            for (int i = 0; i < 1000; ++i)
                (void)show("bad", from);
        }
    };

private Q_SLOTS:
    void answersFiveAMinuteWith401()
    {
        Fixture fixture;
        for (int i = 0; i < FailedLogins::kMaxPerMinute; ++i)
            QCOMPARE(fixture.show(i % 2 == 0 ? "bad" : "old"), 401);
        QCOMPARE(fixture.show("bad"), 429);
        fixture.now += 60s;
        QCOMPARE(fixture.show("bad"), 401);
    }

    void aFloodIsNotVerified_data()
    {
        QTest::addColumn<QByteArray>("token");
        QTest::newRow("the same one") << QByteArray("bad");
        QTest::newRow("expired") << QByteArray("old");
        QTest::newRow("others each time") << QByteArray("bad %1");
    }
    void aFloodIsNotVerified()
    {
        QFETCH(QByteArray, token);
        Fixture fixture;
        for (int i = 0; i < 1000; ++i)
            (void)fixture.show(QByteArray(token).replace("%1", QByteArray::number(i)));
        QCOMPARE(fixture.verifier.verified, kMost);
        const auto answer
            = fixture.failures.verify(fixture.verifier, "bad", IpAddress::fromIpv4(1), { {}, fixture.now });
        const Problem &problem = std::get<Problem>(answer);
        QCOMPARE(problem.code, u"too_many_failures"_s);
        QCOMPARE(problem.retryAfterSeconds, std::optional<qint64>(60));
        QCOMPARE(fixture.verifier.verified, kMost);
    }

    void whoWasGoodBeforeIsVerifiedWhateverNeighboursDo()
    {
        Fixture fixture;
        QCOMPARE(fixture.show("good ann"), 0);
        fixture.flood();
        QCOMPARE(fixture.show("good ann"), 0);
        QCOMPARE(fixture.show("good ben"), 429); // new, and the address floods
        QCOMPARE(fixture.show("good ben", IpAddress::fromIpv4(2)), 0);
        QCOMPARE(fixture.show("good ben"), 0);
        fixture.now += 60s;
        QCOMPARE(fixture.show("good eve"), 0);
    }

    void neighboursWhoFailNowAndThenLockNobodyOut()
    {
        Fixture fixture;
        for (int i = 0; i < 3600; i += 3) { // twenty a minute
            fixture.now += 3s;
            (void)fixture.show("bad");
            QCOMPARE(fixture.show(QByteArray("good " + QByteArray::number(i))), 0);
        }
    }

    void aGoodTokenThatTurnsBadIsNoLongerKnown()
    {
        Fixture fixture;
        QCOMPARE(fixture.show("good ann"), 0);
        fixture.flood();
        fixture.verifier.isWithoutKeys = true;
        QCOMPARE(fixture.show("good ann"), 429);
        const int before = fixture.verifier.verified;
        for (int i = 0; i < 100; ++i)
            QCOMPARE(fixture.show("good ann"), 429);
        QCOMPARE(fixture.verifier.verified, before);
    }

    void aMissingTokenCostsNothing()
    {
        Fixture fixture;
        for (int i = 0; i < 100; ++i)
            QCOMPARE(fixture.show({}), 401);
        QCOMPARE(fixture.failures.rememberedAddresses(), 0U);
        fixture.flood();
        QCOMPARE(fixture.show({}), 401);
    }

    void everNewAddressesOfASiteAreOne()
    {
        Fixture fixture;
        for (int i = 0; i < 2000; ++i)
            (void)fixture.show("bad", address(QByteArray("2001:db8:7:" + QByteArray::number(i, 16) + "::1")));
        QVERIFY(fixture.verifier.verified <= kMost * AddressRate::kSiteFactor);
        const int before = fixture.verifier.verified;
        QCOMPARE(fixture.show("bad", address("2001:db8:7:fff0::1")), 429);
        QCOMPARE(fixture.verifier.verified, before);
        QCOMPARE(fixture.show("bad", address("2001:db8:8::1")), 401); // another site
        QCOMPARE(fixture.show("bad", address("203.0.113.7")), 401);
    }
};

QTEST_GUILESS_MAIN(TestFailedLogins)
#include "tst_failedlogins.moc"
