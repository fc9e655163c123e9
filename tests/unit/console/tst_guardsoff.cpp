// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/guardsoff.h"

#include <cmath>

#include <QtTest/QTest>

#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

SwitchChange off(std::chrono::seconds at, const QString &by = u"night-shift"_s)
{
    return { kStart + at, false, by, {} };
}

SwitchChange on(std::chrono::seconds at)
{
    return { kStart + at, true, u"7"_s, {} };
}

} // namespace

class TestGuardsOff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheSpans()
    {
        GuardsOff guards;
        guards.setChanges({ on(50s), off(40s, u"7"_s), off(20s), on(30s), off(25s, u"twice"_s) }); // as they come
        const std::vector<GuardsOffSpan> spans = guards.spans({ kStart, kStart + 100s });
        QCOMPARE(spans.size(), 2U);
        QCOMPARE(spans[0].time, (TimeInterval{ kStart + 20s, kStart + 30s }));
        QCOMPARE(spans[0].by, u"night-shift"_s);
        QCOMPARE(spans[1].time, (TimeInterval{ kStart + 40s, kStart + 50s }));
        QVERIFY(!guards.current());
        QCOMPARE(guards.spans({ kStart + 45s, kStart + 100s }).size(), 1U);
        QVERIFY(guards.spans({ kStart + 50s, kStart + 100s }).empty());
    }

    void oneThatGoesOnHasNoEnd()
    {
        GuardsOff guards;
        guards.setChanges({ off(20s) });
        QVERIFY(guards.current());
        QCOMPARE(guards.current()->by, u"night-shift"_s);
        QCOMPARE(guards.spans({ kStart + 1h, kStart + 2h }).size(), 1U);
    }

    void isKnownBeforeTheAuditTells()
    {
        GuardsOff guards;
        guards.setNow(true, kStart);
        QVERIFY(!guards.current());
        guards.setNow(false, kStart + 10s);
        guards.setNow(false, kStart + 20s); // told again
        QVERIFY(guards.current());
        QCOMPARE(guards.current()->time.from, kStart + 10s);
        QVERIFY(guards.current()->by.isEmpty());
        guards.setChanges({ off(9s) });
        QCOMPARE(guards.current()->time.from, kStart + 9s);
        QCOMPARE(guards.current()->by, u"night-shift"_s);
        guards.setNow(true, kStart + 30s);
        QVERIFY(!guards.current());
        QCOMPARE(guards.spans({ kStart, kStart + 1h })[0].time.to, kStart + 30s);
        guards.clear();
        QVERIFY(guards.spans({ kStart, kStart + 1h }).empty());
    }

    void leavesOutWhatNobodyCounted()
    {
        GuardsOff guards;
        guards.setChanges({ off(20s), on(41s) });
        HistoryReply history = makeHistory(kStart, 10s, 6,
            { { Metric::ActiveConnections, always(0) }, { Metric::RefusedOrigin, always(2) },
                { Metric::RefusedConnections, always(0) } });
        guards.leaveOut(history);
        for (qsizetype i = 0; i < 6; ++i) {
            const bool isOff = i == 2 || i == 3; // the next one was counted in part
            QCOMPARE(std::isnan(history.series[0].mean[size_t(i)]), isOff);
            QCOMPARE(std::isnan(history.series[0].minimum[size_t(i)]), isOff);
            QCOMPARE(history.series[1].mean[size_t(i)], 2.0); // Origins are judged all the same
            QCOMPARE(std::isnan(history.sum(history.series[2], i)), isOff);
        }
    }

    void readsTheAudit_data()
    {
        QTest::addColumn<QJsonObject>("entry");
        QTest::addColumn<bool>("isRead");
        const QJsonObject good{ { u"at"_s, u"2025-11-10T12:00:00.000Z"_s }, { u"action"_s, u"switch.set"_s },
            { u"by"_s, u"7"_s }, { u"before"_s, true }, { u"after"_s, false }, { u"note"_s, u"why"_s } };
        const auto without = [good](const QString &name, const QJsonValue &value) {
            QJsonObject entry = good;
            entry.insert(name, value);
            return entry;
        };
        QTest::newRow("good") << good << true;
        QTest::newRow("another action") << without(u"action"_s, u"limits.edit"_s) << false;
        QTest::newRow("no time") << without(u"at"_s, {}) << false;
        QTest::newRow("no state") << without(u"after"_s, 5) << false;
    }
    void readsTheAudit()
    {
        QFETCH(QJsonObject, entry);
        QFETCH(bool, isRead);
        const std::optional<SwitchChange> change = SwitchChange::fromJson(entry);
        QCOMPARE(change.has_value(), isRead);
        if (!change)
            return;
        QCOMPARE(change->at, kStart);
        QCOMPARE(change->by, u"7"_s);
        QCOMPARE(change->note, u"why"_s);
        QVERIFY(!change->isGuarding);
    }
};

QTEST_MAIN(TestGuardsOff)
#include "tst_guardsoff.moc"
