// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <thread>
#include <vector>

#include <QtTest/QtTest>

#include "server/auth/reloadableverifier.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

/// Accepts everybody as one user, and knows how many of its kind there are.
class OneUser final : public TokenVerifier
{
public:
    explicit OneUser(const QString &user, std::atomic<int> &alive)
        : m_user(user)
        , m_alive(alive)
    {
        ++m_alive;
    }
    ~OneUser() override { --m_alive; }
    Q_DISABLE_COPY_MOVE(OneUser)
    [[nodiscard]] TokenVerdict verify(QByteArrayView, UtcTime) const override { return Identity{ m_user }; }

private:
    QString m_user;
    std::atomic<int> &m_alive;
};

QString userOf(const ReloadableVerifier &verifier)
{
    return std::get<Identity>(verifier.verify("token", UtcTime{})).user;
}

} // namespace

class TestReloadableVerifier final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void judgesByTheNewest();
    void isReplacedUnderLoad();

private:
    std::atomic<int> m_alive{ 0 };
};

void TestReloadableVerifier::judgesByTheNewest()
{
    {
        ReloadableVerifier verifier(std::make_unique<OneUser>(u"old"_s, m_alive));
        QCOMPARE(userOf(verifier), u"old"_s);
        verifier.replace(std::make_unique<OneUser>(u"new"_s, m_alive));
        QCOMPARE(userOf(verifier), u"new"_s);
        QCOMPARE(m_alive.load(), 1); // the old one is gone
    }
    QCOMPARE(m_alive.load(), 0);
}

void TestReloadableVerifier::isReplacedUnderLoad()
{
    ReloadableVerifier verifier(std::make_unique<OneUser>(u"0"_s, m_alive));
    std::atomic<bool> isOver{ false };
    std::atomic<int> wentBack{ 0 };
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (int last = 0; !isOver;) {
                const int now = userOf(verifier).toInt();
                wentBack += now < last;
                last = now;
            }
        });
    }
    for (int i = 1; i <= 1000; ++i)
        verifier.replace(std::make_unique<OneUser>(QString::number(i), m_alive));
    isOver = true;
    for (std::thread &thread : threads)
        thread.join();
    QCOMPARE(wentBack.load(), 0);
    QCOMPARE(userOf(verifier), u"1000"_s);
    QCOMPARE(m_alive.load(), 1);
}

QTEST_APPLESS_MAIN(TestReloadableVerifier)
#include "tst_reloadableverifier.moc"
