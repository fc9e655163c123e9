// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtTest/QTest>

#include "tests/support/adminfixture.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const IpAddress kClient = IpAddress::fromIpv4(0xc0000207);

IpAddress address(const char *text)
{
    return IpAddress::parse(text).value();
}

/// 0 if somebody is let in, else the problem's status.
int statusOf(const AdminAuth::Verdict &verdict)
{
    const Problem *problem = std::get_if<Problem>(&verdict);
    return problem ? problem->status : 0;
}

} // namespace

class TestAdminAuth : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;
    RoleVerifier m_verifier;

    static void failOften(AdminAuth &auth, const IpAddress &from, int times = FailedLogins::kMaxPerMinute)
    {
        for (int i = 0; i < times; ++i)
            QCOMPARE(statusOf(auth.authenticate("guess", from, Role::Viewer)), 401);
    }

private Q_SLOTS:
    void judgesRoles_data()
    {
        QTest::addColumn<QByteArray>("token");
        QTest::addColumn<Role>("needed");
        QTest::addColumn<int>("status");
        QTest::newRow("viewer reads") << QByteArray("viewer") << Role::Viewer << 0;
        QTest::newRow("viewer does not publish") << QByteArray("viewer") << Role::Publisher << 403;
        QTest::newRow("publisher publishes") << QByteArray("publisher") << Role::Publisher << 0;
        QTest::newRow("publisher does not read") << QByteArray("publisher") << Role::Viewer << 403;
        QTest::newRow("operator reads") << QByteArray("operator") << Role::Viewer << 0;
        QTest::newRow("operator publishes") << QByteArray("operator") << Role::Publisher << 0;
        QTest::newRow("operator throws no switch") << QByteArray("operator") << Role::Admin << 403;
        QTest::newRow("admin") << QByteArray("admin") << Role::Admin << 0;
        QTest::newRow("somebody") << QByteArray("user") << Role::Viewer << 403;
        QTest::newRow("nobody") << QByteArray() << Role::Viewer << 401;
        QTest::newRow("garbage") << QByteArray("x.y.z") << Role::Viewer << 401;
    }
    void judgesRoles()
    {
        QFETCH(QByteArray, token);
        QFETCH(Role, needed);
        QFETCH(int, status);
        AdminAuth auth(m_verifier, m_clock);
        const AdminAuth::Verdict verdict = auth.authenticate(token, kClient, needed);
        QCOMPARE(statusOf(verdict), status);
        if (status == 0) {
            QCOMPARE(std::get<Identity>(verdict).user, u"someone"_s);
            return;
        }
        const Problem &problem = std::get<Problem>(verdict);
        QVERIFY(!problem.detail.isEmpty());
        QVERIFY(!problem.code.isEmpty());
        QVERIFY(!problem.detail.contains(u"x.y.z"));
    }

    void tooWeakARoleIsNamed()
    {
        AdminAuth auth(m_verifier, m_clock);
        const Problem problem = std::get<Problem>(auth.authenticate("viewer", kClient, Role::Operator));
        QCOMPARE(problem.code, u"role_too_weak"_s);
        QVERIFY(problem.detail.contains(u"operator") && problem.detail.contains(u"viewer"));
    }

    void refusedTokensAreTold()
    {
        RecordingLog log;
        RefusedTokens refused(m_clock, log);
        AdminAuth auth(m_verifier, m_clock, &refused);
        QCOMPARE(statusOf(auth.authenticate("admin", kClient, Role::Admin, "/a")), 0);
        QVERIFY(log.lines().empty());
        QCOMPARE(statusOf(auth.authenticate("viewer", kClient, Role::Admin, "/b")), 403);
        failOften(auth, kClient);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer, "/c")), 429);
        const auto lines = log.lines("api_refused"_L1);
        QCOMPARE(lines.size(), size_t(2 + FailedLogins::kMaxPerMinute));
        QCOMPARE(lines.front().fields.value("reason"_L1).toString(), u"role_too_weak"_s);
        QCOMPARE(lines.front().fields.value("path"_L1).toString(), u"/b"_s);
        QCOMPARE(lines.back().fields.value("reason"_L1).toString(), u"too_many_failures"_s);
        QVERIFY(!log.text().contains("guess"));
    }

    void limitsGuessing()
    {
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, kClient);
        const Problem problem = std::get<Problem>(auth.authenticate("guess", kClient, Role::Viewer));
        QCOMPARE(problem.status, 429);
        QCOMPARE(problem.code, u"too_many_failures"_s);
        QCOMPARE(problem.retryAfterSeconds, std::optional<qint64>(60));
    }

    void theWaitIsExact()
    {
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, kClient, 1);
        m_clock.advance(20s);
        failOften(auth, kClient, FailedLogins::kMaxPerMinute - 1);
        m_clock.advance(500ms);
        const Problem problem = std::get<Problem>(auth.authenticate("guess", kClient, Role::Viewer));
        QCOMPARE(problem.retryAfterSeconds, std::optional<qint64>(40)); // 39.5 s, rounded up: never too early
        m_clock.advance(39s);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 429);
        m_clock.advance(500ms);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 401); // the oldest has gone
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 429); // and one place alone
    }

    void refusedGuessesDoNotProlongTheWait()
    {
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, kClient);
        for (int i = 0; i < 59; ++i) {
            m_clock.advance(1s);
            QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 429);
        }
        m_clock.advance(1s);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 401);
    }

    void whoHasAGoodTokenIsNeverLockedOut()
    {
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, kClient);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 429);
        QCOMPARE(statusOf(auth.authenticate("admin", kClient, Role::Admin)), 0);
        QCOMPARE(statusOf(auth.authenticate("viewer", kClient, Role::Admin)), 403);
    }

    void aMissingTokenOrAWeakRoleGuessesNothing()
    {
        AdminAuth auth(m_verifier, m_clock);
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(statusOf(auth.authenticate({}, kClient, Role::Viewer)), 401);
            QCOMPARE(statusOf(auth.authenticate("user", kClient, Role::Viewer)), 403);
        }
        QCOMPARE(auth.rememberedAddresses(), 0U);
    }

    void countsByAddressBucket_data()
    {
        QTest::addColumn<QByteArray>("other");
        QTest::addColumn<int>("status");
        QTest::newRow("the same /64") << QByteArray("2001:db8:0:1::ffff") << 429;
        QTest::newRow("another /64") << QByteArray("2001:db8:0:2::1") << 401;
        QTest::newRow("IPv4") << QByteArray("203.0.113.7") << 401;
    }
    void countsByAddressBucket()
    {
        QFETCH(QByteArray, other);
        QFETCH(int, status);
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, address("2001:db8:0:1::1"));
        QCOMPARE(statusOf(auth.authenticate("guess", address(other.constData()), Role::Viewer)), status);
    }

    void aClockThatIsSetChangesNothing()
    {
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, kClient);
        m_clock.jumpUtc(24h);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 429);
        m_clock.jumpUtc(-48h);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 429);
    }

    void memoryIsBounded()
    {
        AdminAuth auth(m_verifier, m_clock);
        failOften(auth, kClient); // the one that failed longest ago is the one that is forgotten
        for (size_t i = 0; i < AddressRate::kMaxAddresses + 100; ++i) {
            m_clock.advance(1ms);
            (void)auth.authenticate("guess", IpAddress::fromIpv4(quint32(0x0a000000 + i)), Role::Viewer);
            QVERIFY(auth.rememberedAddresses() <= AddressRate::kMaxAddresses);
        }
        QCOMPARE(auth.rememberedAddresses(), AddressRate::kMaxAddresses);
        QCOMPARE(statusOf(auth.authenticate("guess", kClient, Role::Viewer)), 401);
    }

    void oldFailuresMakeRoomFirst()
    {
        AdminAuth auth(m_verifier, m_clock);
        for (size_t i = 0; i < AddressRate::kMaxAddresses; ++i)
            (void)auth.authenticate("guess", IpAddress::fromIpv4(quint32(0x0a000000 + i)), Role::Viewer);
        m_clock.advance(1min);
        (void)auth.authenticate("guess", kClient, Role::Viewer);
        QCOMPARE(auth.rememberedAddresses(), 1U); // all others were over
    }

    void manyThreadsShareOneCount()
    {
        AdminAuth auth(m_verifier, m_clock);
        std::atomic<int> counted{ 0 };
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int j = 0; j < 100; ++j)
                    counted += statusOf(auth.authenticate("guess", kClient, Role::Viewer)) == 401 ? 1 : 0;
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(counted.load(), FailedLogins::kMaxPerMinute);
    }
};

QTEST_GUILESS_MAIN(TestAdminAuth)
#include "tst_adminauth.moc"
