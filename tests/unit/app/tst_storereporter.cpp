// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/storereporter.h"

#include <QtTest/QTest>

#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestStoreReporter final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysEachChangeOnce()
    {
        RecordingLog log;
        StoreReporter reporter(log);
        StoreCondition condition;
        reporter.observe(condition);
        QVERIFY(log.lines().empty());
        condition.trouble = StoreCondition::Trouble::Hanging;
        condition.detail = u"the disk does not answer"_s;
        reporter.observe(condition);
        reporter.observe(condition);
        QCOMPARE(log.lines("state_file_trouble"_L1).size(), 1U);
        QCOMPARE(log.lines()[0].level, LogLevel::Error);
        QCOMPARE(log.lines()[0].fields["detail"_L1].toString(), condition.detail);
        condition.detail = u"the file is gone"_s;
        reporter.observe(condition);
        QCOMPARE(log.lines("state_file_trouble"_L1).size(), 2U);
        reporter.observe({});
        reporter.observe({});
        QCOMPARE(log.lines("state_file_well"_L1).size(), 1U);
    }

    void saysWhatWasLost()
    {
        RecordingLog log;
        StoreReporter reporter(log);
        LossReport loss;
        loss.file = u"/state.db.corrupt-1"_s;
        loss.incomplete = { "decisions" };
        StoreCondition condition;
        condition.losses = std::make_shared<const std::vector<LossReport>>(std::vector<LossReport>{ loss });
        reporter.observe(condition);
        reporter.observe(condition);
        QCOMPARE(log.lines("state_file_loss"_L1).size(), 1U);
        QVERIFY(log.text().contains("decisions"));
        QVERIFY(log.text().contains("/state.db.corrupt-1"));
        loss.unguarded = { "access_rule" };
        condition.losses = std::make_shared<const std::vector<LossReport>>(
            std::vector<LossReport>{ *condition.losses->begin(), loss });
        reporter.observe(condition);
        QCOMPARE(log.lines("state_file_loss"_L1).size(), 2U);
        QVERIFY(condition.isUnguarded());
        QVERIFY(condition.canStore());
        QCOMPARE(condition.problems(), 2);
        QVERIFY(condition.summary().contains(u"access_rule"_s));
    }
};

QTEST_APPLESS_MAIN(TestStoreReporter)
#include "tst_storereporter.moc"
