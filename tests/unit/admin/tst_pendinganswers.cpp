// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/pendinganswers.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestPendingAnswers final : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;
    std::vector<HttpResponse> m_answers;

    [[nodiscard]] Responder note()
    {
        return [this](const HttpResponse &response) { m_answers.push_back(response); };
    }

private Q_SLOTS:
    void init() { m_answers.clear(); }

    void passesOneAnswerOn()
    {
        PendingAnswers pending(m_clock);
        const Responder respond = pending.add(note(), true);
        respond(HttpResponse::noContent());
        respond(HttpResponse::json({}));
        m_clock.advance(1min);
        pending.setStoreHanging(true);
        QCOMPARE(m_answers.size(), 1U);
        QCOMPARE(m_answers[0].status, 204);
    }

    void tellsWhoHasWaitedForTooLong_data()
    {
        QTest::addColumn<bool>("isChange");
        QTest::newRow("of a change, that it may yet be") << true;
        QTest::newRow("of a question, nothing of that") << false;
    }

    void tellsWhoHasWaitedForTooLong()
    {
        QFETCH(const bool, isChange);
        PendingAnswers pending(m_clock);
        const Responder respond = pending.add(note(), isChange);
        m_clock.advance(PendingAnswers::kPatience - 1s);
        const Responder newcomer = pending.add(note(), isChange);
        pending.setStoreHanging(true);
        QVERIFY(m_answers.empty());
        m_clock.advance(1s);
        pending.setStoreHanging(false); // something else takes long
        QVERIFY(m_answers.empty());
        pending.setStoreHanging(true);
        QCOMPARE(m_answers.size(), 1U); // not the one that has come since
        QCOMPARE(m_answers[0].status, 503);
        const QJsonObject problem = QJsonDocument::fromJson(m_answers[0].body).object();
        QCOMPARE(problem["code"_L1].toString(), u"store_unavailable"_s);
        QCOMPARE(problem["detail"_L1].toString().contains(u"may yet be carried out"_s), isChange);
        respond(HttpResponse::noContent()); // when the disk is back
        QCOMPARE(m_answers.size(), 1U);
        newcomer(HttpResponse::noContent());
        QCOMPARE(m_answers.size(), 2U);
    }

    void letsOnlySoManyWait()
    {
        PendingAnswers pending(m_clock);
        std::vector<Responder> waiting;
        for (size_t i = 0; i < PendingAnswers::kMaxWaiting; ++i)
            waiting.push_back(pending.add(note(), true));
        QVERIFY(!pending.isFull()); // while the disk answers, the store's queue is the bound
        pending.setStoreHanging(true);
        QVERIFY(pending.isFull());
        QCOMPARE(PendingAnswers::refusal().status, 503);
        waiting.front()(HttpResponse::noContent());
        pending.setStoreHanging(true);
        QVERIFY(!pending.isFull());
    }

    void forgetsWhatIsAnswered()
    {
        PendingAnswers pending(m_clock);
        for (int i = 0; i < 100'000; ++i)
            pending.add(note(), true)(HttpResponse::noContent());
        m_clock.advance(1min);
        pending.setStoreHanging(true);
        QVERIFY(!pending.isFull());
        QCOMPARE(m_answers.size(), 100'000U);
    }
};

QTEST_GUILESS_MAIN(TestPendingAnswers)
#include "tst_pendinganswers.moc"
