// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/access/accessbatch.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

AccessRule rule(const QString &value, const QString &reason)
{
    AccessRule made;
    made.kind = AccessKind::User;
    made.value = value;
    made.reason = reason;
    return made;
}

/// What each change came to: "id by whom: reason", or the code of the error. A ledger knows no reasons.
struct Answers
{
    QStringList all;

    std::function<void(Result<AccessOutcome>)> next()
    {
        return [this](const Result<AccessOutcome> &outcome) {
            all.append(outcome ? outcome->rule.id + u" by "_s + outcome->rule.createdBy + u": "_s + outcome->rule.reason
                        + (outcome->isNew ? u""_s : u", again"_s)
                               : outcome.error().field);
        };
    }
};

} // namespace

class TestAccessBatch final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachIsJudgedByThoseBefore();
    void mayBeJudgedAgain();
    void whatIsRefusedStaysRefused();
};

void TestAccessBatch::eachIsJudgedByThoseBefore()
{
    AccessLedger ledger;
    AccessRule there = rule(u"cat"_s, u"old"_s);
    there.id = u"c"_s;
    there.createdBy = u"root"_s;
    ledger.put(AccessList::Bans, there);
    AccessRule ending = rule(u"cat"_s, u"new"_s);
    ending.expiresAt = UtcTime(9s);
    Answers answers;
    AccessBatch batch({
        { AccessList::Bans, rule(u"ann"_s, u"first"_s), {}, { u"op"_s, {} }, {}, answers.next() },
        { AccessList::Bans, rule(u"ann"_s, u"second"_s), {}, { u"other"_s, {} }, {}, answers.next() },
        { AccessList::Bans, ending, {}, { u"op"_s, {} }, {}, answers.next() },
        { AccessList::Bans, {}, u"c"_s, { u"op"_s, {} }, {}, answers.next() },
        { AccessList::Bans, {}, u"c"_s, { u"op"_s, {} }, {}, answers.next() }, // gone by then
        { AccessList::Exemptions, {}, u"1"_s, { u"op"_s, {} }, {}, answers.next() },
    });
    int ids = 0;
    batch.judge(
        ledger, [&ids] { return QString::number(++ids); }, UtcTime(5s));
    QCOMPARE(ids, 1);
    // It holds when it comes back from the log.
    QVERIFY(!ledger.findAlike(AccessList::Bans, rule(u"ann"_s, {})));
    QVERIFY(!ledger.find(AccessList::Bans, u"c"_s)->expiresAt);
    QStringList steps;
    for (const accesscodec::Step &step : batch.steps())
        steps.append(step.id + (step.rule ? u" "_s + step.rule->reason : u" lifted"_s));
    QCOMPARE(steps, QStringList({ u"1 first"_s, u"1 second"_s, u"c new"_s, u"c lifted"_s }));
    batch.answer();
    QCOMPARE(answers.all,
        QStringList({ u"1 by op: first"_s, u"1 by op: second, again"_s, u"c by root: new, again"_s,
            u"c by root: , again"_s, QString(accesserrors::kNoSuchRule), QString(accesserrors::kNoSuchRule) }));
}

void TestAccessBatch::mayBeJudgedAgain()
{
    AccessLedger ledger;
    Answers answers;
    AccessBatch batch({ { AccessList::Bans, {}, u"7"_s, { u"op"_s, {} }, {}, answers.next() } });
    const auto nextId = [] { return QString(); };
    batch.judge(ledger, nextId, {});
    QVERIFY(batch.steps().empty());
    AccessRule there = rule(u"ann"_s, u"came"_s); // from another node, meanwhile
    there.id = u"7"_s;
    ledger.put(AccessList::Bans, there);
    batch.judge(ledger, nextId, {});
    QCOMPARE(batch.steps().size(), size_t(1));
    batch.answer();
    QCOMPARE(answers.all, QStringList{ u"7 by : , again"_s });
}

void TestAccessBatch::whatIsRefusedStaysRefused()
{
    AccessLedger ledger;
    Answers answers;
    AccessBatch batch({
        { AccessList::Bans, {}, u"7"_s, { u"op"_s, {} }, {}, answers.next() },
        { AccessList::Bans, rule(u"ann"_s, {}), {}, { u"op"_s, {} }, {}, answers.next() },
    });
    batch.judge(ledger, [] { return u"1"_s; }, {});
    batch.refuse({ u"the disk is full"_s, u"store_unavailable"_s });
    batch.answer();
    QCOMPARE(answers.all, QStringList({ QString(accesserrors::kNoSuchRule), u"store_unavailable"_s }));
}

QTEST_APPLESS_MAIN(TestAccessBatch)
#include "tst_accessbatch.moc"
