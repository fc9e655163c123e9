// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/alerts/alertruledescriptor.h"

#include <QtCore/QSet>
#include <QtTest/QTest>

#include "shared/protocol/adminmessages.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// What holds for each row of the table of alert rules, and for rules that have none.
class TestAlertRuleDescriptor final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rowsAreSound()
    {
        QSet<QString> keys;
        QSet<QString> metrics;
        for (const AlertRuleDescriptor &row : alertRuleDescriptors()) {
            keys.insert(row.key);
            metrics.insert(row.metric);
            QVERIFY(!row.title.isEmpty() && !row.unit.isEmpty() && row.help.endsWith(u'.'));
            QVERIFY(row.clearBelow <= row.raiseAbove);
            QVERIFY(row.bounds.threshold.contain(row.raiseAbove));
            QVERIFY(row.bounds.threshold.contain(row.clearBelow));
            QVERIFY(row.bounds.holdSeconds.contain(double(row.holdFor.count())));
            QCOMPARE(findAlertRule(QString(row.key)), &row);
        }
        QCOMPARE(size_t(keys.size()), kAlertRuleCount);
        QCOMPARE(size_t(metrics.size()), kAlertRuleCount);
        QVERIFY(!findAlertRule(u"lemons"));
    }

    void eachRowHasAValueOfItsOwn()
    {
        AlertInput input;
        double next = 1;
        for (const AlertRuleDescriptor &row : alertRuleDescriptors())
            input.*row.value = next++;
        next = 1;
        for (const AlertRuleDescriptor &row : alertRuleDescriptors())
            QCOMPARE(input.*row.value, next++);
    }

    void aRuleIsHeldAgainstItsRow()
    {
        AlertRule rule;
        rule.key = u"high_connections"_s;
        rule.raiseAbove = 100;
        rule.holdFor = 24h;
        QVERIFY(rule.outOfBounds().empty());
        rule.raiseAbove = 100.5;
        rule.clearBelow = -1;
        rule.holdFor += 1s;
        QStringList fields;
        for (const Error &error : rule.outOfBounds())
            fields << error.field;
        QCOMPARE(fields, QStringList({ u"raise_above"_s, u"clear_below"_s, u"for_seconds"_s }));
        const AlertRule clamped = rule.clamped();
        QCOMPARE(clamped.raiseAbove, 100.0);
        QCOMPARE(clamped.clearBelow, 0.0);
        QCOMPARE(clamped.holdFor, 24h);
        QVERIFY(clamped.outOfBounds().empty());
    }

    void aRuleOfAnotherVersionIsKept()
    {
        AlertRule rule;
        rule.key = u"lemons"_s;
        rule.raiseAbove = 1e9;
        rule.holdFor = 999'999'999s;
        QVERIFY(rule.outOfBounds().empty());
        QCOMPARE(rule.clamped().raiseAbove, 1e9);
        QCOMPARE(rule.clamped().holdFor, 999'999'999s);
    }

    void whatIsOutOfBoundsCanStillBeRead()
    {
        AlertRule rule;
        rule.key = u"high_connections"_s;
        rule.raiseAbove = 500;
        const Result<AlertRule> read = AlertRule::fromJson(rule.toJson());
        QVERIFY(read);
        QCOMPARE(read->raiseAbove, 500.0);
    }
};

QTEST_APPLESS_MAIN(TestAlertRuleDescriptor)
#include "tst_alertruledescriptor.moc"
