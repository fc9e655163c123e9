// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QLocale>
#include <QtTest/QTest>

#include "console/models/stagedlimits.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

/// Two limits, "a" and "b", of 1 to 100.
LimitsDocument document(qint64 a, qint64 b, LimitMode modeOfA = LimitMode::Enforce)
{
    LimitsDocument document;
    for (const auto &[key, value] : { std::pair(u"a"_s, a), std::pair(u"b"_s, b) }) {
        LimitState state;
        state.key = key;
        state.value = value;
        state.minimum = 1;
        state.maximum = 100;
        document.limits.push_back(state);
    }
    document.limits.front().mode = modeOfA;
    return document;
}

} // namespace

class TestStagedLimits final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QLocale::setDefault(QLocale::c());
        m_limits = {};
        m_limits.setDocument(document(5, 50));
    }
    void nothingIsStagedAtFirst();
    void sendsOnlyWhatIsStaged();
    void goingBackEndsTheEdit();
    void keepsWhatIsWrong_data();
    void keepsWhatIsWrong();
    void anEditThatTheServerFulfilsEnds();
    void aMovedBaseIsAConflict();
    void whatIsNotStagedFollowsTheServer();
    void editsFollowTheirLimit();

private:
    StagedLimits m_limits;
};

void TestStagedLimits::nothingIsStagedAtFirst()
{
    QCOMPARE(m_limits.count(), 2);
    QCOMPARE(m_limits.rowOf(u"b"_s), 1);
    QCOMPARE(m_limits.rowOf(u"c"_s), -1);
    QVERIFY(m_limits.patches().empty());
    QCOMPARE(m_limits.staged(0).value, 5);
}

void TestStagedLimits::sendsOnlyWhatIsStaged()
{
    m_limits.stageText(0, u" 7 "_s);
    m_limits.stageMode(1, LimitMode::Observe);
    const std::vector<LimitPatch> patches = m_limits.patches();
    QCOMPARE(patches.size(), size_t(2));
    QCOMPARE(patches[0].key, u"a"_s);
    QVERIFY(patches[0].value == 7 && !patches[0].mode);
    QVERIFY(!patches[1].value && patches[1].mode == LimitMode::Observe);
    QCOMPARE(m_limits.inForce(0).value, 5);
    m_limits.discard(0);
    QCOMPARE(m_limits.patches().size(), size_t(1));
    m_limits.discardAll();
    QVERIFY(m_limits.patches().empty());
}

void TestStagedLimits::goingBackEndsTheEdit()
{
    m_limits.stageValue(0, 7);
    m_limits.stageValue(0, 5);
    QVERIFY(!m_limits.edit(0).isSet());
}

void TestStagedLimits::keepsWhatIsWrong_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("word");
    QTest::newRow("emptied") << QString() << u"from 1 to 100"_s;
    QTest::newRow("blank") << u"  "_s << u"from 1 to 100"_s;
    QTest::newRow("too small") << u"0"_s << u"from 1 to 100"_s;
    QTest::newRow("too large") << u"101"_s << u"from 1 to 100"_s;
    QTest::newRow("no number") << u"ten"_s << u"“ten”"_s;
    QTest::newRow("a fraction") << u"2.5"_s << u"“2.5”"_s;
}

void TestStagedLimits::keepsWhatIsWrong()
{
    QFETCH(QString, text);
    QFETCH(QString, word);
    m_limits.stageText(0, text);
    QVERIFY(m_limits.edit(0).isSet());
    QVERIFY2(m_limits.edit(0).error.contains(word), qPrintable(m_limits.edit(0).error));
    m_limits.setDocument(document(5, 50));
    QVERIFY2(m_limits.edit(0).error.contains(word), qPrintable(m_limits.edit(0).error));
    m_limits.stageValue(0, 6);
    QVERIFY(m_limits.edit(0).error.isEmpty());
}

void TestStagedLimits::anEditThatTheServerFulfilsEnds()
{
    m_limits.stageValue(0, 7);
    m_limits.setDocument(document(7, 50));
    QVERIFY(!m_limits.edit(0).isSet());
}

void TestStagedLimits::aMovedBaseIsAConflict()
{
    m_limits.stageValue(0, 7);
    m_limits.setDocument(document(9, 50));
    QVERIFY(m_limits.edit(0).isConflict);
    QCOMPARE(m_limits.edit(0).base.value, 5);
    QCOMPARE(m_limits.staged(0).value, 7);
    m_limits.keepMine(0);
    QVERIFY(!m_limits.edit(0).isConflict);
    QCOMPARE(m_limits.edit(0).base.value, 9);
    QVERIFY(m_limits.patches().front().value == 7);
}

void TestStagedLimits::whatIsNotStagedFollowsTheServer()
{
    m_limits.stageValue(0, 7);
    m_limits.setDocument(document(5, 60, LimitMode::Observe));
    QVERIFY(!m_limits.edit(0).isConflict);
    QCOMPARE(m_limits.staged(0).mode, LimitMode::Observe);
    QCOMPARE(m_limits.staged(1).value, 60);
}

void TestStagedLimits::editsFollowTheirLimit()
{
    m_limits.stageValue(1, 70);
    LimitsDocument other = document(5, 50);
    std::swap(other.limits[0], other.limits[1]);
    m_limits.setDocument(other);
    QVERIFY(m_limits.patches().front().value == 70);
    QCOMPARE(m_limits.patches().front().key, u"b"_s);
    other.limits.erase(other.limits.begin()); // this server has it no longer
    m_limits.setDocument(other);
    QVERIFY(m_limits.patches().empty());
}

QTEST_GUILESS_MAIN(TestStagedLimits)
#include "tst_stagedlimits.moc"
