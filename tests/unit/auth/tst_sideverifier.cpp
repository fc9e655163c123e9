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
        if (token == "slow") {
            isSlow = true;
            gate.get_future().wait();
        }
        return Identity{ QString::fromUtf8(token) };
    }
    mutable std::promise<void> gate;
    mutable std::atomic<bool> isSlow{ false };
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
                = side.verify(u"one"_s, QByteArray::number(i), [&, here = std::this_thread::get_id()](auto verdict) {
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

    void addressesTakeTurns()
    {
        SlowVerifier verifier;
        SideVerifier side(verifier, m_clock);
        std::promise<QStringList> all;
        QStringList users; // of that thread alone
        const auto note = [&](const TokenVerdict &verdict) {
            users.append(std::get<Identity>(verdict).user);
            if (users.size() == 5)
                all.set_value(users);
        };
        for (const char *token : { "slow", "many 1", "many 2", "many 3" })
            QVERIFY(side.verify(u"many"_s, token, note));
        QVERIFY(side.verify(u"few"_s, "few 1", note));
        verifier.gate.set_value();
        const QStringList got = all.get_future().get();
        QVERIFY2(got.indexOf(u"few 1"_s) < got.indexOf(u"many 2"_s), qPrintable(got.join(u", "_s)));
        QVERIFY(got.indexOf(u"many 1"_s) < got.indexOf(u"many 2"_s));
        QVERIFY(got.indexOf(u"many 2"_s) < got.indexOf(u"many 3"_s));
    }

    void takesSoManyOfOneAndInAll()
    {
        SlowVerifier verifier;
        SideVerifier side(verifier, m_clock);
        const auto ignore = [](const TokenVerdict &) {};
        QVERIFY(side.verify(u"0"_s, "slow", ignore));
        qsizetype taken = 1;
        while (side.verify(u"0"_s, "next", ignore))
            ++taken;
        QCOMPARE(taken, SideVerifier::kMostOfOne);
        for (int who = 1; who < 50; ++who) {
            while (side.verify(QString::number(who), "next", ignore))
                ++taken;
        }
        QCOMPARE(taken, SideVerifier::kMostWaiting);
        verifier.gate.set_value();
    }

    void forgetsAtTheEndWhatHasNotBegun()
    {
        SlowVerifier verifier;
        SideVerifier side(verifier, m_clock);
        std::atomic<int> answered{ 0 };
        const auto count = [&answered](const TokenVerdict &) { ++answered; };
        QVERIFY(side.verify(u"one"_s, "slow", count));
        QTRY_VERIFY(verifier.isSlow);
        for (int i = 0; i < 100; ++i)
            QVERIFY(side.verify(QString::number(i), "next", count));
        std::thread ending([&side] { side.end(); });
        QTRY_VERIFY(!side.verify(u"late"_s, "too late", count));
        verifier.gate.set_value();
        ending.join();
        QCOMPARE(answered.load(), 1);
    }

private:
    FakeClock m_clock;
    SlowVerifier m_verifier;
};

QTEST_GUILESS_MAIN(TestSideVerifier)
#include "tst_sideverifier.moc"
