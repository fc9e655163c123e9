// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/tokenlife.h"

#include <QtTest/QtTest>

#include "console/connection/httpadminclient.h"
#include "console/connection/tokenexpiry.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

QString tokenWith(const QByteArray &payload)
{
    return QString::fromLatin1("eyJhbGciOiJIUzI1NiJ9."
        + payload.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals) + ".c2ln");
}

QString tokenUntil(UtcTime end)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(end).time_since_epoch().count();
    return tokenWith(R"({"user_id":"ก","exp":)" + QByteArray::number(qint64(seconds)) + '}');
}

} // namespace

class TestTokenLife : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void readsWhenATokenEnds_data();
    void readsWhenATokenEnds();
    void tellsTenMinutesAndOneBefore();
    void begunLate();
    void anotherTokenBeginsAnew();
    void knowsNothingOfOneThatDoesNotSay();
    void goesByTheClockOfTheServer();
    void looksByItself();

private:
    void connectWith(const QString &token) const { m_client->connectToServer(QUrl(u"http://127.0.0.1:1"_s), token); }

    FakeClock m_clock;
    std::unique_ptr<HttpAdminClient> m_client;
};

void TestTokenLife::init()
{
    m_client = std::make_unique<HttpAdminClient>(m_clock, ReconnectPolicy([] { return 0.0; }));
}

void TestTokenLife::readsWhenATokenEnds_data()
{
    QTest::addColumn<QString>("token");
    QTest::addColumn<qint64>("seconds");
    QTest::newRow("it says so") << tokenWith(R"({"exp":1762779600})") << qint64(1'762'779'600);
    QTest::newRow("with a fraction") << tokenWith(R"({"exp":1762779600.75})") << qint64(1'762'779'600);
    QTest::newRow("it does not") << tokenWith(R"({"sub":"1"})") << qint64(-1);
    QTest::newRow("as text") << tokenWith(R"({"exp":"1762779600"})") << qint64(-1);
    QTest::newRow("before time") << tokenWith(R"({"exp":-5})") << qint64(-1);
    QTest::newRow("after it") << tokenWith(R"({"exp":1e300})") << qint64(-1);
    QTest::newRow("no object") << tokenWith("[]") << qint64(-1);
    QTest::newRow("no base64") << u"a.***.c"_s << qint64(-1);
    QTest::newRow("not three parts") << u"good-token"_s << qint64(-1);
    QTest::newRow("empty") << QString() << qint64(-1);
}

void TestTokenLife::readsWhenATokenEnds()
{
    QFETCH(QString, token);
    QFETCH(qint64, seconds);
    const std::optional<UtcTime> end = expiryOf(token);
    QCOMPARE(end ? std::chrono::floor<std::chrono::seconds>(*end).time_since_epoch().count() : -1, seconds);
}

void TestTokenLife::tellsTenMinutesAndOneBefore()
{
    TokenLife life(*m_client, m_clock);
    QCOMPARE(life.stage(), TokenLife::Stage::Unknown);
    QSignalSpy changed(&life, &TokenLife::stageChanged);
    connectWith(tokenUntil(m_clock.utc() + 1h));
    QCOMPARE(changed.count(), 1);
    QCOMPARE(life.stage(), TokenLife::Stage::Good);
    QCOMPARE(life.timeLeft(), std::optional<std::chrono::seconds>(1h));
    QVERIFY(life.sentence().isEmpty());
    const auto stageAfter = [&](std::chrono::seconds by) {
        m_clock.advance(by);
        life.check();
        return life.stage();
    };
    QCOMPARE(stageAfter(50min - 1s), TokenLife::Stage::Good);
    QCOMPARE(stageAfter(1s), TokenLife::Stage::EndsSoon);
    QVERIFY(life.isEnding());
    QVERIFY2(life.sentence().contains(u"10"_s), qPrintable(life.sentence()));
    QCOMPARE(stageAfter(9min - 1s), TokenLife::Stage::EndsSoon);
    QCOMPARE(stageAfter(1s), TokenLife::Stage::EndsNow);
    QVERIFY2(life.sentence().contains(u"60"_s), qPrintable(life.sentence()));
    QCOMPARE(stageAfter(59s), TokenLife::Stage::EndsNow);
    QCOMPARE(stageAfter(1s), TokenLife::Stage::Ended);
    QCOMPARE(stageAfter(1h), TokenLife::Stage::Ended);
    QCOMPARE(life.timeLeft(), std::optional<std::chrono::seconds>(0s));
    QCOMPARE(changed.count(), 4); // each once
}

void TestTokenLife::begunLate()
{
    connectWith(tokenUntil(m_clock.utc() + 30s));
    QCOMPARE(TokenLife(*m_client, m_clock).stage(), TokenLife::Stage::EndsNow);
}

void TestTokenLife::anotherTokenBeginsAnew()
{
    TokenLife life(*m_client, m_clock);
    connectWith(tokenUntil(m_clock.utc() + 30s));
    QCOMPARE(life.stage(), TokenLife::Stage::EndsNow);
    connectWith(tokenUntil(m_clock.utc() + 24h));
    QTRY_COMPARE(life.stage(), TokenLife::Stage::Good);
    m_client->disconnectFromServer();
    QCOMPARE(life.stage(), TokenLife::Stage::Unknown);
}

void TestTokenLife::knowsNothingOfOneThatDoesNotSay()
{
    TokenLife life(*m_client, m_clock);
    connectWith(u"good-token"_s);
    QCOMPARE(life.stage(), TokenLife::Stage::Unknown);
    QVERIFY(!life.timeLeft());
}

void TestTokenLife::goesByTheClockOfTheServer()
{
    TokenLife life(*m_client, m_clock);
    connectWith(tokenUntil(m_clock.utc() + 1h));
    Overview overview;
    overview.now.time = m_clock.utc() + 55min; // this computer is late
    Q_EMIT m_client->overviewReceived(overview);
    QCOMPARE(life.stage(), TokenLife::Stage::EndsSoon);
    QCOMPARE(life.timeLeft(), std::optional<std::chrono::seconds>(5min));
    overview.now.time = m_clock.utc() - 1s; // the way of the answer
    Q_EMIT m_client->overviewReceived(overview);
    QCOMPARE(life.timeLeft(), std::optional<std::chrono::seconds>(1h));
}

void TestTokenLife::looksByItself()
{
    TokenLife life(*m_client, m_clock);
    connectWith(tokenUntil(m_clock.utc() + 1h));
    m_clock.advance(2h);
    QTRY_COMPARE(life.stage(), TokenLife::Stage::Ended);
}

QTEST_GUILESS_MAIN(TestTokenLife)
#include "tst_tokenlife.moc"
