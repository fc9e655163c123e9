// SPDX-License-Identifier: GPL-3.0-or-later
#include <semaphore>

#include <QtCore/QThread>
#include <QtTest/QtTest>

#include "server/base/onthread.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestOnThread final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsLaterAndInOrder();
    void runsOnTheReceiversThread();
    void leavesOutWhatIsAboutSomethingGone();
    void copiesWhatACallbackIsGiven();
    void movesWhatACallbackMayHave();
    void callsNothingBackForSomethingGone();
    void waitsForWhatRunsOnAnotherThread();
};

void TestOnThread::runsLaterAndInOrder()
{
    QObject receiver;
    QList<int> ran;
    postTo(receiver, [&ran] { ran.append(1); });
    postTo(receiver, &receiver, [&ran] { ran.append(2); });
    QVERIFY(ran.isEmpty());
    QTRY_COMPARE(ran, QList<int>({ 1, 2 }));
}

void TestOnThread::runsOnTheReceiversThread()
{
    QThread thread;
    auto receiver = std::make_unique<QObject>();
    receiver->moveToThread(&thread);
    thread.start();
    QThread *ranOn = nullptr;
    std::binary_semaphore hasRun{ 0 }; // TSan does not see into Qt's
    postTo(*receiver, [&] {
        ranOn = QThread::currentThread();
        hasRun.release();
    });
    hasRun.acquire();
    QCOMPARE(ranOn, &thread);
    thread.quit();
    thread.wait();
}

void TestOnThread::leavesOutWhatIsAboutSomethingGone()
{
    QObject anchor;
    bool ranForTheGone = false;
    bool ranAfter = false;
    auto self = std::make_unique<QObject>();
    postTo(anchor, self.get(), [&ranForTheGone] { ranForTheGone = true; });
    postTo(anchor, [&ranAfter] { ranAfter = true; });
    self.reset();
    QTRY_VERIFY(ranAfter);
    QVERIFY(!ranForTheGone);
}

void TestOnThread::copiesWhatACallbackIsGiven()
{
    QObject anchor;
    QString heard;
    QThread *ranOn = nullptr;
    const auto callback = onThreadOf(anchor, &anchor, [&](const QString &text, int number) {
        heard = text + QString::number(number);
        ranOn = QThread::currentThread();
    });
    std::unique_ptr<QThread> thread(QThread::create([callback] {
        QString text = u"answer "_s;
        callback(text, 42);
        text.fill(u'x');
    }));
    thread->start();
    thread->wait();
    QVERIFY(heard.isEmpty());
    QTRY_COMPARE(heard, u"answer 42"_s);
    QCOMPARE(ranOn, QThread::currentThread());
}

void TestOnThread::movesWhatACallbackMayHave()
{
    QObject receiver;
    QString heard;
    const auto callback = onThreadOf(receiver, [&heard](const QString &text) { heard = text; });
    QString text(u"answer"_s);
    const QChar *const letters = std::as_const(text).constData();
    callback(std::move(text));
    QVERIFY(text.isEmpty());
    QTRY_COMPARE(heard, u"answer"_s);
    QCOMPARE(std::as_const(heard).constData(), letters);
}

void TestOnThread::callsNothingBackForSomethingGone()
{
    QObject anchor;
    auto self = std::make_unique<QObject>();
    int calls = 0;
    const auto callback = onThreadOf(anchor, self.get(), [&calls](int) { ++calls; });
    callback(1);
    QTRY_COMPARE(calls, 1);
    callback(2);
    self.reset();
    callback(3);
    bool isDone = false;
    postTo(anchor, [&isDone] { isDone = true; });
    QTRY_VERIFY(isDone);
    QCOMPARE(calls, 1);
}

void TestOnThread::waitsForWhatRunsOnAnotherThread()
{
    QThread thread;
    thread.start();
    std::unique_ptr<QObject> receiver; // lives there
    runOn(thread, [&receiver] { receiver = std::make_unique<QObject>(); });
    QCOMPARE(receiver->thread(), &thread);
    QThread *ranOn = nullptr;
    runOn(*receiver, [&ranOn] { ranOn = QThread::currentThread(); });
    QCOMPARE(ranOn, &thread);
    runOn(thread, [&receiver] { receiver.reset(); });
    thread.quit();
    thread.wait();
}

QTEST_GUILESS_MAIN(TestOnThread)
#include "tst_onthread.moc"
