// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/changemarkers.h"

#include <cmath>

#include <QtTest/QtTest>

#include "shared/util/isotime.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestChangeMarkers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void marksWhatChangedAndWho();
    void marksOnlyTheAskedLimit();
    void addsLiveChangesOnce();
    void drawsTheLimitAsSteps();
    void drawsOnlyTheInterval();
    void anIntervalBeforeTheLastChangeHasItsOwnValue();
    void aLimitNotEnforcedIsAGap();
    void knowsNoLineWithoutTheLimit();

private:
    std::unique_ptr<ChangeMarkers> m_markers;
};

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };
const QString kPerIp = u"max_connections_per_ip"_s;

Revision change(qint64 number, std::chrono::minutes at, const LimitValue &before, const LimitValue &after)
{
    Revision revision;
    revision.revision = number;
    revision.at = kStart + at;
    revision.by = u"night-shift"_s;
    revision.note = number == 2 ? u"launch"_s : QString();
    revision.changes = { { kPerIp, before, after } };
    return revision;
}

LimitsDocument documentWith(const LimitValue &value)
{
    LimitsDocument document;
    LimitState state;
    state.key = kPerIp;
    state.value = value.value;
    state.mode = value.mode;
    document.limits = { state };
    return document;
}

qreal x(std::chrono::minutes at)
{
    return qreal(toEpochMillis(kStart + at));
}

} // namespace

void TestChangeMarkers::init()
{
    m_markers = std::make_unique<ChangeMarkers>();
    Revision other = change(3, 30min, {}, {});
    other.changes = { { u"max_connections"_s, { 10, LimitMode::Enforce }, { 20, LimitMode::Enforce } } };
    m_markers->setRevisions({ change(4, 40min, { 10, LimitMode::Enforce }, { 7, LimitMode::Enforce }), other,
        change(2, 20min, { 5, LimitMode::Enforce }, { 10, LimitMode::Enforce }) });
    m_markers->setDocument(documentWith({ 7, LimitMode::Enforce }));
}

void TestChangeMarkers::marksWhatChangedAndWho()
{
    const std::vector<ChangeMarker> markers = m_markers->markers({ kStart, kStart + 1h });
    QCOMPARE(markers.size(), 3u);
    QCOMPARE(markers[0].revision, 2);
    QCOMPARE(markers[0].at, kStart + 20min);
    QVERIFY(markers[0].text.contains(u"Connections per address: 5 → 10"_s));
    QVERIFY(markers[0].text.contains(u"by night-shift"_s));
    QVERIFY(markers[0].text.contains(u"launch"_s));
    QVERIFY(!markers[2].text.contains(u"Note"_s));
}

void TestChangeMarkers::marksOnlyTheAskedLimit()
{
    QCOMPARE(m_markers->markers({ kStart, kStart + 1h }, kPerIp).size(), 2u);
    QCOMPARE(m_markers->markers({ kStart, kStart + 20min }, kPerIp).size(), 0u);
    QCOMPARE(m_markers->markers({ kStart + 20min, kStart + 21min }, kPerIp).size(), 1u);
}

void TestChangeMarkers::addsLiveChangesOnce()
{
    QSignalSpy changed(m_markers.get(), &ChangeMarkers::changed);
    const Revision fresh = change(5, 50min, { 7, LimitMode::Enforce }, { 8, LimitMode::Enforce });
    m_markers->add(fresh);
    m_markers->add(fresh);
    QCOMPARE(changed.count(), 1);
    QCOMPARE(m_markers->markers({ kStart, kStart + 1h }).size(), 4u);
}

void TestChangeMarkers::drawsTheLimitAsSteps()
{
    const std::vector<QPointF> line = m_markers->limitLine(kPerIp, { kStart, kStart + 60min });
    const std::vector<QPointF> expected{ { x(0min), 5 }, { x(20min), 5 }, { x(20min), 10 }, { x(40min), 10 },
        { x(40min), 7 }, { x(60min), 7 } };
    QCOMPARE(line, expected);
}

void TestChangeMarkers::drawsOnlyTheInterval()
{
    const std::vector<QPointF> line = m_markers->limitLine(kPerIp, { kStart + 30min, kStart + 60min });
    const std::vector<QPointF> expected{ { x(30min), 10 }, { x(40min), 10 }, { x(40min), 7 }, { x(60min), 7 } };
    QCOMPARE(line, expected);
}

void TestChangeMarkers::anIntervalBeforeTheLastChangeHasItsOwnValue()
{
    const std::vector<QPointF> line = m_markers->limitLine(kPerIp, { kStart, kStart + 10min });
    QCOMPARE(line, (std::vector<QPointF>{ { x(0min), 5 }, { x(10min), 5 } }));
}

void TestChangeMarkers::aLimitNotEnforcedIsAGap()
{
    m_markers->setRevisions({ change(2, 20min, { 5, LimitMode::Enforce }, { 5, LimitMode::Observe }) });
    m_markers->setDocument(documentWith({ 5, LimitMode::Observe }));
    const std::vector<QPointF> line = m_markers->limitLine(kPerIp, { kStart, kStart + 60min });
    QCOMPARE(line.size(), 4u);
    QCOMPARE(line[1].y(), 5.0);
    QVERIFY(std::isnan(line[2].y()));
    QVERIFY(std::isnan(line[3].y()));
}

void TestChangeMarkers::knowsNoLineWithoutTheLimit()
{
    QVERIFY(m_markers->limitLine(u"nonsense"_s, { kStart, kStart + 1h }).empty());
    QVERIFY(ChangeMarkers().limitLine(kPerIp, { kStart, kStart + 1h }).empty());
}

QTEST_GUILESS_MAIN(TestChangeMarkers)
#include "tst_changemarkers.moc"
