// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitpresets.h"
#include "console/models/limitsmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestLimitsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void showsOneRowForEachLimit();
    void stagesAValue();
    void goingBackEndsTheEdit();
    void stagesAMode();
    void editsThroughTheView();
    void refusesWhatTheServerWouldRefuse_data();
    void refusesWhatTheServerWouldRefuse();
    void readsNumbersAsPeopleWriteThem_data();
    void readsNumbersAsPeopleWriteThem();
    void patchesOnlyWhatWasStaged();
    void inverseUndoes();
    void applyingClearsTheEdits();
    void keepsEditsWhenAnotherLimitChanges();
    void flagsAConflict();
    void conflictEndsByKeepingMine();
    void conflictEndsByTakingTheirs();
    void noConflictWhenBothWantTheSame();
    void aChangedModeIsNoConflictForAValue();
    void showsTheServersErrors();
    void stagesPresets();
    void aPresetIsTheWholeProfile();
    void presetsAreAllowed();
    void survivesAnotherSetOfLimits();
    void ignoresRowsThatAreNotThere();

private:
    [[nodiscard]] QVariant role(int row, int role) const { return m_model->index(row, 0).data(role); }
    std::unique_ptr<LimitsModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

namespace {

constexpr int kPerIp = 0; // the row of max_connections_per_ip in the shared table

LimitsDocument documentAt(qint64 revision)
{
    LimitsDocument document;
    document.revision = revision;
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        document.limits.push_back({ descriptor.name, descriptor.title, descriptor.defaultValue, LimitMode::Enforce,
            descriptor.defaultValue, descriptor.minimum, descriptor.maximum, descriptor.unit, std::nullopt, true,
            descriptor.help, std::nullopt, {} });
    }
    return document;
}

} // namespace

void TestLimitsModel::init()
{
    QLocale::setDefault(QLocale::c());
    m_model = std::make_unique<LimitsModel>();
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_model->setDocument(documentAt(7));
}

void TestLimitsModel::cleanup()
{
    m_tester.reset();
    m_model.reset();
}

void TestLimitsModel::showsOneRowForEachLimit()
{
    QCOMPARE(m_model->rowCount(), int(kLimitCount));
    QCOMPARE(m_model->revision(), 7);
    QCOMPARE(m_model->rowOf(u"max_connections_per_ip"_s), kPerIp);
    QCOMPARE(m_model->rowOf(u"nonsense"_s), -1);
    const auto text = [&](int column) { return m_model->index(kPerIp, column).data().toString(); };
    QCOMPARE(text(LimitsModel::TitleColumn), u"Connections per address"_s);
    QCOMPARE(text(LimitsModel::ValueColumn), u"5"_s);
    QCOMPARE(text(LimitsModel::ModeColumn), u"Enforce"_s);
    QCOMPARE(text(LimitsModel::DefaultColumn), u"5"_s);
    QCOMPARE(text(LimitsModel::ChangedColumn), u"never"_s);
    QVERIFY(role(kPerIp, LimitsModel::HelpRole).toString().contains(u"Open connections of one address"_s));
    for (int column = 0; column < LimitsModel::ColumnCount; ++column)
        QVERIFY(!m_model->headerData(column, Qt::Horizontal).toString().isEmpty());
    QVERIFY(!m_model->hasEdits());
    QVERIFY(!m_model->canApply());
}

void TestLimitsModel::stagesAValue()
{
    QSignalSpy changed(m_model.get(), &LimitsModel::editsChanged);
    m_model->stageValue(kPerIp, 10);
    QCOMPARE(changed.count(), 1);
    QVERIFY(m_model->canApply());
    QVERIFY(role(kPerIp, LimitsModel::IsStagedRole).toBool());
    QCOMPARE(role(kPerIp, LimitsModel::StagedValueRole).toLongLong(), 10);
    QCOMPARE(role(kPerIp, LimitsModel::ServerValueRole).toLongLong(), 5);
    const std::vector<StagedChange> diff = m_model->diff();
    QCOMPARE(diff.size(), 1u);
    QCOMPARE(diff[0].server.value, 5);
    QCOMPARE(diff[0].staged.value, 10);
    m_model->discardAll();
    QVERIFY(!m_model->hasEdits());
    QCOMPARE(role(kPerIp, LimitsModel::StagedValueRole).toLongLong(), 5);
}

void TestLimitsModel::goingBackEndsTheEdit()
{
    m_model->stageValue(kPerIp, 10);
    m_model->stageValue(kPerIp, 5);
    QVERIFY(!m_model->hasEdits());
    m_model->stageValue(kPerIp, u"abc"_s);
    m_model->stageValue(kPerIp, 5);
    QVERIFY(!m_model->hasEdits());
    QVERIFY(m_model->isValid());
}

void TestLimitsModel::stagesAMode()
{
    m_model->stageMode(kPerIp, LimitMode::Observe);
    QCOMPARE(m_model->edits(),
        (std::vector<LimitPatch>{ { u"max_connections_per_ip"_s, std::nullopt, LimitMode::Observe } }));
    m_model->stageMode(kPerIp, LimitMode::Enforce);
    QVERIFY(!m_model->hasEdits());
}

void TestLimitsModel::editsThroughTheView()
{
    const QModelIndex value = m_model->index(kPerIp, LimitsModel::ValueColumn);
    const QModelIndex mode = m_model->index(kPerIp, LimitsModel::ModeColumn);
    QVERIFY(value.flags() & Qt::ItemIsEditable);
    QVERIFY(mode.flags() & Qt::ItemIsEditable);
    QVERIFY(!(m_model->index(kPerIp, LimitsModel::TitleColumn).flags() & Qt::ItemIsEditable));
    QVERIFY(m_model->setData(value, 12));
    QVERIFY(m_model->setData(mode, u"off"_s));
    QVERIFY(!m_model->setData(mode, u"sometimes"_s));
    QVERIFY(!m_model->setData(mode, 7));
    QVERIFY(!m_model->setData(m_model->index(kPerIp, LimitsModel::TitleColumn), u"x"_s));
    QCOMPARE(m_model->edits(), (std::vector<LimitPatch>{ { u"max_connections_per_ip"_s, 12, LimitMode::Off } }));
    QVERIFY(m_model->setData(mode, int(LimitMode::Observe)));
    QCOMPARE(*m_model->edits()[0].mode, LimitMode::Observe);
    QVERIFY(value.data(Qt::FontRole).isValid());
    QCOMPARE(value.data(Qt::EditRole).toLongLong(), 12);
}

void TestLimitsModel::refusesWhatTheServerWouldRefuse_data()
{
    QTest::addColumn<QString>("text");
    QTest::newRow("below") << u"0"_s;
    QTest::newRow("negative") << u"-3"_s;
    QTest::newRow("above") << u"1000001"_s;
    QTest::newRow("a fraction") << u"5.5"_s;
    QTest::newRow("words") << u"many"_s;
    QTest::newRow("empty") << QString();
    QTest::newRow("too big for a number") << u"99999999999999999999"_s;
}

void TestLimitsModel::refusesWhatTheServerWouldRefuse()
{
    QFETCH(QString, text);
    m_model->stageValue(kPerIp, text);
    QVERIFY(m_model->hasEdits());
    QVERIFY(!m_model->isValid());
    QVERIFY(!m_model->canApply());
    QVERIFY(!role(kPerIp, LimitsModel::ErrorRole).toString().isEmpty());
    QCOMPARE(role(kPerIp, Qt::ToolTipRole), role(kPerIp, LimitsModel::ErrorRole));
    m_model->stageValue(kPerIp, 10);
    QVERIFY(m_model->canApply());
    QVERIFY(role(kPerIp, LimitsModel::ErrorRole).toString().isEmpty());
}

void TestLimitsModel::readsNumbersAsPeopleWriteThem_data()
{
    QTest::addColumn<QString>("locale");
    QTest::addColumn<QString>("text");
    QTest::newRow("plain") << u"en_US"_s << u"1000"_s;
    QTest::newRow("spaces around") << u"en_US"_s << u" 1000 "_s;
    QTest::newRow("English groups") << u"en_US"_s << u"1,000"_s;
    QTest::newRow("German groups") << u"de_DE"_s << u"1.000"_s;
    QTest::newRow("Thai locale") << u"th_TH"_s << u"1,000"_s;
}

void TestLimitsModel::readsNumbersAsPeopleWriteThem()
{
    QFETCH(QString, locale);
    QFETCH(QString, text);
    QLocale::setDefault(QLocale(locale));
    m_model->stageValue(kPerIp, text);
    QLocale::setDefault(QLocale::c());
    QCOMPARE(role(kPerIp, LimitsModel::StagedValueRole).toLongLong(), 1000);
}

void TestLimitsModel::patchesOnlyWhatWasStaged()
{
    m_model->stageValue(kPerIp, 10);
    m_model->stageMode(m_model->rowOf(u"max_connections"_s), LimitMode::Off);
    QCOMPARE(m_model->edits(),
        (std::vector<LimitPatch>{ { u"max_connections_per_ip"_s, 10, std::nullopt },
            { u"max_connections"_s, std::nullopt, LimitMode::Off } }));
}

void TestLimitsModel::inverseUndoes()
{
    m_model->stageValue(kPerIp, 10);
    m_model->stageMode(m_model->rowOf(u"max_connections"_s), LimitMode::Off);
    const std::vector<LimitPatch> inverse = m_model->inverseEdits();
    LimitsDocument applied = documentAt(8);
    applied.limits[kPerIp].value = 10;
    applied.limits[size_t(m_model->rowOf(u"max_connections"_s))].mode = LimitMode::Off;
    m_model->setDocument(applied);
    QVERIFY(!m_model->hasEdits());
    QVERIFY(m_model->stage(inverse).isEmpty());
    QCOMPARE(m_model->edits(), inverse);
    m_model->setDocument(documentAt(9));
    QVERIFY(!m_model->hasEdits());
}

void TestLimitsModel::applyingClearsTheEdits()
{
    m_model->stageValue(kPerIp, 10);
    LimitsDocument applied = documentAt(8);
    applied.limits[kPerIp].value = 10;
    applied.limits[kPerIp].changedAt = UtcTime(std::chrono::seconds(1'762'776'000));
    applied.limits[kPerIp].changedBy = u"night-shift"_s;
    m_model->setDocument(applied);
    QVERIFY(!m_model->hasEdits());
    QCOMPARE(m_model->revision(), 8);
    QVERIFY(m_model->index(kPerIp, LimitsModel::ChangedColumn).data().toString().endsWith(u"by night-shift"_s));
}

void TestLimitsModel::keepsEditsWhenAnotherLimitChanges()
{
    m_model->stageValue(kPerIp, 10);
    m_model->stageValue(1, u"abc"_s);
    LimitsDocument theirs = documentAt(8);
    theirs.limits[2].value = 99;
    m_model->setDocument(theirs);
    QCOMPARE(role(kPerIp, LimitsModel::StagedValueRole).toLongLong(), 10);
    QCOMPARE(role(2, LimitsModel::StagedValueRole).toLongLong(), 99);
    QCOMPARE(m_model->index(1, LimitsModel::ValueColumn).data().toString(), u"abc"_s);
    QVERIFY(!m_model->hasConflicts());
    QVERIFY(!m_model->isValid());
}

void TestLimitsModel::flagsAConflict()
{
    m_model->stageValue(kPerIp, 10);
    LimitsDocument theirs = documentAt(8);
    theirs.limits[kPerIp].value = 8;
    m_model->setDocument(theirs);
    QVERIFY(m_model->hasConflicts());
    QVERIFY(!m_model->canApply());
    QVERIFY(role(kPerIp, LimitsModel::IsConflictRole).toBool());
    QCOMPARE(role(kPerIp, LimitsModel::BaseValueRole).toLongLong(), 5);
    QCOMPARE(role(kPerIp, LimitsModel::ServerValueRole).toLongLong(), 8);
    QCOMPARE(role(kPerIp, LimitsModel::StagedValueRole).toLongLong(), 10);
}

void TestLimitsModel::conflictEndsByKeepingMine()
{
    flagsAConflict();
    m_model->keepMine(kPerIp);
    QVERIFY(!m_model->hasConflicts());
    QVERIFY(m_model->canApply());
    QCOMPARE(m_model->edits(), (std::vector<LimitPatch>{ { u"max_connections_per_ip"_s, 10, std::nullopt } }));
    QCOMPARE(role(kPerIp, LimitsModel::BaseValueRole).toLongLong(), 8);
}

void TestLimitsModel::conflictEndsByTakingTheirs()
{
    flagsAConflict();
    m_model->discard(kPerIp);
    QVERIFY(!m_model->hasConflicts());
    QVERIFY(!m_model->hasEdits());
    QCOMPARE(role(kPerIp, LimitsModel::StagedValueRole).toLongLong(), 8);
}

void TestLimitsModel::noConflictWhenBothWantTheSame()
{
    m_model->stageValue(kPerIp, 10);
    LimitsDocument theirs = documentAt(8);
    theirs.limits[kPerIp].value = 10;
    m_model->setDocument(theirs);
    QVERIFY(!m_model->hasConflicts());
    QVERIFY(!m_model->hasEdits());
}

void TestLimitsModel::aChangedModeIsNoConflictForAValue()
{
    m_model->stageValue(kPerIp, 10);
    LimitsDocument theirs = documentAt(8);
    theirs.limits[kPerIp].mode = LimitMode::Observe;
    m_model->setDocument(theirs);
    QVERIFY(!m_model->hasConflicts());
    QCOMPARE(m_model->diff()[0].staged, (LimitValue{ 10, LimitMode::Observe }));
    m_model->stageMode(kPerIp, LimitMode::Off);
    theirs.limits[kPerIp].mode = LimitMode::Enforce;
    m_model->setDocument(theirs);
    QVERIFY(m_model->hasConflicts());
}

void TestLimitsModel::showsTheServersErrors()
{
    m_model->stageValue(kPerIp, 10);
    m_model->setServerErrors({ { u"too many for this licence"_s, u"max_connections_per_ip.value"_s },
        { u"about a limit that is not staged"_s, u"max_connections"_s }, { u"about nothing"_s, u"nonsense"_s } });
    QCOMPARE(role(kPerIp, LimitsModel::ErrorRole).toString(), u"too many for this licence"_s);
    QVERIFY(!m_model->canApply());
    m_model->stageValue(kPerIp, 9);
    QVERIFY(m_model->canApply());
}

void TestLimitsModel::stagesPresets()
{
    QVERIFY(m_model->stage(patchesOf(LimitProfile::HighTraffic)).isEmpty());
    QCOMPARE(m_model->edits(),
        (std::vector<LimitPatch>{
            { u"max_connections_per_ip"_s, 10, std::nullopt }, { u"max_messages_per_minute"_s, 120, std::nullopt } }));
    // Another one takes nothing along.
    std::vector<LimitPatch> defaults;
    for (const LimitState &state : m_model->document().limits)
        defaults.push_back({ state.key, state.defaultValue + 1, LimitMode::Observe });
    QVERIFY(m_model->stage(defaults).isEmpty());
    QVERIFY(m_model->edits().size() > 2);
    QVERIFY(m_model->stage(patchesOf(LimitProfile::HighTraffic)).isEmpty());
    QCOMPARE(m_model->edits().size(), 2U);
    QCOMPARE(m_model->stage({ { u"from_the_future"_s, 1, std::nullopt } }), QStringList{ u"from_the_future"_s });
}

void TestLimitsModel::aPresetIsTheWholeProfile()
{
    const auto stagedIs = [this](LimitProfile profile) {
        const LimitSet expected = limitProfile(profile).limits();
        return std::all_of(limitDescriptors().begin(), limitDescriptors().end(), [&](const LimitDescriptor &limit) {
            const int row = m_model->rowOf(limit.name);
            return role(row, LimitsModel::StagedValueRole).toLongLong() == expected[limit.key].value;
        });
    };
    for (const bool isApplied : { false, true }) {
        QVERIFY(m_model->stage(patchesOf(LimitProfile::Site)).isEmpty());
        QVERIFY(stagedIs(LimitProfile::Site));
        if (isApplied) {
            LimitsDocument site = documentAt(8);
            for (LimitState &state : site.limits)
                state.value = limitProfile(LimitProfile::Site).valueOf(findLimit(state.key)->key);
            site.limits[size_t(m_model->rowOf(u"reconnect_window"_s))].value = 300;
            m_model->setDocument(site);
        }
        QVERIFY(m_model->stage(patchesOf(LimitProfile::HighTraffic)).isEmpty());
        QVERIFY(stagedIs(LimitProfile::HighTraffic));
        QVERIFY(m_model->canApply());
    }
}

void TestLimitsModel::presetsAreAllowed()
{
    for (const LimitProfileDescriptor &profile : limitProfiles()) {
        if (profile.profile == LimitProfile::Guide)
            continue; // changes nothing here
        m_model->discardAll();
        QVERIFY(m_model->stage(patchesOf(profile.profile)).isEmpty());
        QVERIFY(m_model->canApply());
        QVERIFY(parseLimitEdits(toJson(m_model->edits())).errors.empty());
    }
}

void TestLimitsModel::survivesAnotherSetOfLimits()
{
    m_model->stageValue(m_model->rowOf(u"max_connections"_s), 500);
    LimitsDocument other = documentAt(8);
    other.limits.erase(other.limits.begin());
    other.limits.push_back(
        { u"max_rooms"_s, u"Rooms"_s, 3, LimitMode::Enforce, 3, 1, 9, u"rooms"_s, {}, true, {}, {}, {} });
    m_model->setDocument(other);
    QCOMPARE(m_model->rowCount(), int(other.limits.size()));
    QCOMPARE(role(m_model->rowOf(u"max_connections"_s), LimitsModel::StagedValueRole).toLongLong(), 500);
    QCOMPARE(m_model->index(m_model->rowOf(u"max_rooms"_s), LimitsModel::TitleColumn).data().toString(), u"Rooms"_s);
    m_model->setDocument({});
    QCOMPARE(m_model->rowCount(), 0);
    m_model->discardAll();
}

void TestLimitsModel::ignoresRowsThatAreNotThere()
{
    m_model->stageValue(-1, 3);
    m_model->stageValue(99, u"x"_s);
    m_model->stageMode(99, LimitMode::Off);
    m_model->discard(99);
    m_model->keepMine(-1);
    QVERIFY(!m_model->hasEdits());
}

QTEST_MAIN(TestLimitsModel)
#include "tst_limitsmodel.moc"
