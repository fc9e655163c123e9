// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/base/eventthread.h"
#include "server/base/onthread.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// Says when and where it ends.
class Resident final : public QObject
{
public:
    Resident(int number, std::vector<std::pair<int, QThread *>> &ended)
        : m_number(number)
        , m_ended(ended)
    {
    }
    ~Resident() override { m_ended.emplace_back(m_number, QThread::currentThread()); }
    Q_DISABLE_COPY_MOVE(Resident)

private:
    int m_number;
    std::vector<std::pair<int, QThread *>> &m_ended;
};

} // namespace

class TestEventThread final : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void destroysWhatLivesThereOnItself();
    void doesWhatWasHandedOverBeforeItEnds();
};

void TestEventThread::destroysWhatLivesThereOnItself()
{
    std::vector<std::pair<int, QThread *>> ended;
    EventThread thread(u"somewhere"_s);
    const Resident &first = thread.add(std::make_unique<Resident>(1, ended));
    thread.add(std::make_unique<Resident>(2, ended));
    QThread *place = first.thread();
    QVERIFY(place != QThread::currentThread());
    thread.end();
    QCOMPARE(ended, (std::vector<std::pair<int, QThread *>>{ { 2, place }, { 1, place } }));
    thread.end(); // nothing is left to do
    QCOMPARE(ended.size(), size_t(2));
}

void TestEventThread::doesWhatWasHandedOverBeforeItEnds()
{
    QThread *place = nullptr;
    {
        EventThread thread(u"somewhere"_s);
        QObject &resident = thread.add(std::make_unique<QObject>());
        postTo(resident, [&place] { place = QThread::currentThread(); });
    }
    QVERIFY(place);
    QVERIFY(place != QThread::currentThread());
}

QTEST_GUILESS_MAIN(TestEventThread)
#include "tst_eventthread.moc"
