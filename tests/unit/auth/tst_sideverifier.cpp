// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <future>
#include <thread>

#include <QtTest/QTest>

#include "server/auth/sideverifier.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// Can be made to stand still.
class SlowVerifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        if (token == "slow")
            gate.get_future().wait();
        return Identity{ QString::fromUtf8(token) };
    }
    mutable std::promise<void> gate;
};

} // namespace

class TestSideVerifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void verifiesInOrderOnAThreadOfItsOwn()
    {
        SideVerifier side(m_verifier, m_clock);
        std::promise<QStringList> all;
        QStringList users; // of that thread alone
        std::atomic<bool> isElsewhere{ true };
        for (int i = 0; i < 100; ++i) {
            const bool isTaken
                = side.verify(QByteArray::number(i), [&, here = std::this_thread::get_id()](auto verdict) {
                      isElsewhere = isElsewhere && std::this_thread::get_id() != here;
                      users.append(std::get<Identity>(verdict).user);
                      if (users.size() == 100)
                          all.set_value(users);
                  });
            QVERIFY(isTaken);
        }
        const QStringList got = all.get_future().get();
        for (int i = 0; i < 100; ++i)
            QCOMPARE(got[i], QString::number(i));
        QVERIFY(isElsewhere);
    }

    void takesSoManyAndForgetsThemAtTheEnd()
    {
        SlowVerifier verifier;
        SideVerifier side(verifier, m_clock);
        std::atomic<int> answered{ 0 };
        const auto count = [&answered](const TokenVerdict &) { ++answered; };
        QVERIFY(side.verify("slow", count));
        size_t taken = 0;
        while (side.verify("next", count)) // the slow one may be out of the queue already
            ++taken;
        QVERIFY(taken == SideVerifier::kMostWaiting || taken == SideVerifier::kMostWaiting - 1);
        std::thread opener([&verifier] { verifier.gate.set_value(); });
        opener.join();
        side.end();
        const int before = answered;
        QVERIFY(!side.verify("too late", count));
        side.end();
        QCOMPARE(answered.load(), before);
    }

private:
    FakeClock m_clock;
    SlowVerifier m_verifier;
};

QTEST_GUILESS_MAIN(TestSideVerifier)
#include "tst_sideverifier.moc"
