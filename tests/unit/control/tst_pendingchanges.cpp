// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/control/pendingchanges.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

using State = PendingChanges::State;

struct Fixture
{
    PendingChanges changes;
    QStringList answers;

    void add(const QString &id, ControlKind kind = ControlKind::Limits)
    {
        changes.add(id, kind, [this, id](const Result<ControlEntry> &entry) {
            answers.append(id + u' ' + (entry ? QString::number(entry->version) : QString(entry.error().field)));
        });
    }
    static ControlEntry entry(const QString &id, qint64 version)
    {
        return { ControlKind::Limits, version, u"a"_s, { { "id"_L1, id } } };
    }
};

} // namespace

class TestPendingChanges final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersOnceWithItsEntry()
    {
        Fixture f;
        f.add(u"one"_s);
        f.add(u"two"_s);
        f.changes.answerOwn({ Fixture::entry(u"other"_s, 4), Fixture::entry(u"two"_s, 5) });
        QCOMPARE(f.answers, QStringList{ u"two 5"_s });
        f.changes.answerOwn({ Fixture::entry(u"two"_s, 5) }); // as after a log that was read again
        f.changes.answer(u"two"_s, Error{ u"late"_s, u"late"_s });
        QCOMPARE(f.answers.size(), 1);
        QCOMPARE(f.changes.state(u"two"_s), State::Unknown);
        QCOMPARE(f.changes.state(u"one"_s), State::Asked);
    }

    void refusedOnesWaitForWhatCameBetween()
    {
        Fixture f;
        f.add(u"one"_s);
        f.add(u"bans"_s, ControlKind::Access);
        f.changes.refuse(u"one"_s, 7);
        f.changes.refuse(u"bans"_s, 2);
        QCOMPARE(f.changes.state(u"one"_s), State::Refused);
        PendingChanges::Versions inForce{};
        inForce[size_t(ControlKind::Limits)] = 6;
        inForce[size_t(ControlKind::Access)] = 2;
        f.changes.answerRefused(inForce);
        QCOMPARE(f.answers, QStringList{ u"bans "_s + controlerrors::kConflict });
        inForce[size_t(ControlKind::Limits)] = 8; // more came than was known
        f.changes.answerRefused(inForce);
        QCOMPARE(f.answers.last(), u"one "_s + controlerrors::kConflict);
    }

    void aRefusedOneThatWasAcceptedAfterAllIsAnsweredWithItsEntry()
    {
        Fixture f;
        f.add(u"one"_s);
        f.changes.accept(u"one"_s);
        QCOMPARE(f.changes.state(u"one"_s), State::Accepted);
        f.changes.answerRefused({ 9, 9, 9, 9 });
        QVERIFY(f.answers.isEmpty()); // it was not refused
        f.changes.answerOwn({ Fixture::entry(u"one"_s, 3) });
        QCOMPARE(f.answers, QStringList{ u"one 3"_s });
    }

    void whatIsNotThereIsPassedOver()
    {
        Fixture f;
        f.changes.accept(u"none"_s);
        f.changes.refuse(u"none"_s, 1);
        f.changes.answer(u"none"_s, Fixture::entry(u"none"_s, 1));
        f.changes.answerRefused({ 9, 9, 9, 9 });
        QCOMPARE(f.changes.state(u"none"_s), State::Unknown);
        QVERIFY(f.answers.isEmpty());
    }

    void anAnswerMayAskForTheNextChange()
    {
        Fixture f;
        f.changes.add(u"one"_s, ControlKind::Limits, [&f](const Result<ControlEntry> &) { f.add(u"next"_s); });
        f.changes.refuse(u"one"_s, 1);
        f.changes.answerRefused({ 1, 1, 1, 1 });
        QCOMPARE(f.changes.state(u"next"_s), State::Asked);
    }
};

QTEST_APPLESS_MAIN(TestPendingChanges)
#include "tst_pendingchanges.moc"
