// SPDX-License-Identifier: GPL-3.0-or-later
// The limits by clicks and keys: limits.value.<key>  limits.mode.<key>  limits.error.<key>  limits.apply limits.discard
// limits.undo limits.outcome  limits.staged.title  limits.change.<key>  limits.keepmine.<key>  limits.taketheirs.<key>
// limits.preset.<name> limits.switch  limits.restore  limits.revisions
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QTableView>

#include "console/pages/limitspage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QString kPerAddress = u"max_connections_per_ip"_s;
const QString kMessages = u"max_messages_per_minute"_s;

struct Fixture : ConsoleFixture
{
    LimitsPage page{ serverModel };

    explicit Fixture(const QString &role = u"admin"_s)
    {
        client.server.role = role;
        client.revisions = { { 1, client.clock.utc(), u"7"_s, {}, u"api"_s, u"office NAT"_s,
            { { kPerAddress, { 4, LimitMode::Enforce }, { 5, LimitMode::Enforce } } } } };
        page.resize(1160, 760);
        page.show();
        connectToServer();
    }
    [[nodiscard]] QSpinBox &value(const QString &key) { return *findPart<QSpinBox>(page, u"limits.value."_s + key); }
    [[nodiscard]] QComboBox &mode(const QString &key) { return *findPart<QComboBox>(page, u"limits.mode."_s + key); }
    [[nodiscard]] QPushButton &button(const QString &name) { return *findPart<QPushButton>(page, name); }
    [[nodiscard]] QString text(const QString &name) { return findPart<QLabel>(page, name)->text(); }
    void enter(const QString &key, const QString &text)
    {
        value(key).setFocus();
        value(key).selectAll();
        QTest::keyClicks(&value(key), text);
        QTest::keyClick(&value(key), Qt::Key_Tab);
    }
    [[nodiscard]] QString change(const QString &key)
    {
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        const auto *box = page.findChild<QWidget *>(u"limits.change."_s + key);
        QStringList texts;
        for (const QLabel *label : box ? box->findChildren<QLabel *>() : QList<QLabel *>())
            texts << label->text();
        return texts.join(u'\n');
    }
};

} // namespace

class TestLimitsPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void showsEveryLimit()
    {
        Fixture fixture;
        for (const LimitDescriptor &descriptor : limitDescriptors()) {
            QCOMPARE(fixture.value(descriptor.name).value(), int(descriptor.defaultValue));
            QCOMPARE(fixture.mode(descriptor.name).currentData().toInt(), int(LimitMode::Enforce));
            QVERIFY(!fixture.value(descriptor.name).accessibleName().isEmpty());
            QVERIFY(!fixture.value(descriptor.name).toolTip().isEmpty());
        }
    }

    void showsWhatIsStagedBeforeAndAfter()
    {
        Fixture fixture;
        fixture.enter(kPerAddress, u"10"_s);
        QVERIFY(fixture.text(u"limits.staged.title"_s).contains(u'1'));
        QVERIFY2(fixture.change(kPerAddress).contains(u"5 → 10"_s), qPrintable(fixture.change(kPerAddress)));
        QComboBox &mode = fixture.mode(kMessages);
        mode.setCurrentIndex(mode.findData(int(LimitMode::Observe)));
        Q_EMIT mode.activated(mode.currentIndex());
        QVERIFY(fixture.change(kMessages).contains(u"Enforce → Observe"_s));
        fixture.button(u"limits.discard"_s).click();
        QVERIFY(fixture.change(kPerAddress).isEmpty());
        QCOMPARE(fixture.value(kPerAddress).value(), 5);
        QCOMPARE(mode.currentData().toInt(), int(LimitMode::Enforce));
        QVERIFY(fixture.client.lastPatches.empty());
    }

    void aKeyIsOneChange()
    {
        Fixture fixture;
        QSpinBox &value = fixture.value(kPerAddress);
        value.setFocus();
        value.selectAll();
        QSignalSpy changed(&fixture.serverModel.limits(), &LimitsModel::editsChanged);
        qsizetype changes = 0;
        for (const Qt::Key key : { Qt::Key_9, Qt::Key_Up, Qt::Key_Backspace, Qt::Key_7 }) {
            QTest::keyClick(&value, key);
            QCOMPARE(changed.count(), ++changes);
        }
        QVERIFY2(fixture.change(kPerAddress).contains(u"5 → 7"_s), qPrintable(fixture.change(kPerAddress)));
        QTest::keyClick(&value, Qt::Key_Tab);
        QCOMPARE(changed.count(), changes);
    }

    void anEmptiedFieldAppliesNothing()
    {
        Fixture fixture;
        fixture.enter(kPerAddress, u"10"_s);
        QVERIFY(fixture.button(u"limits.apply"_s).isEnabled());
        QSpinBox &value = fixture.value(kPerAddress);
        value.setFocus();
        value.selectAll();
        QTest::keyClick(&value, Qt::Key_Delete);
        for (int i = 0; i < 2; ++i) { // while it is written, and after
            QVERIFY(!fixture.button(u"limits.apply"_s).isEnabled());
            QCOMPARE(value.text(), QString());
            QVERIFY(findPart<QLabel>(fixture.page, u"limits.error."_s + kPerAddress)->isVisible());
            QTest::keyClick(&value, Qt::Key_Return, Qt::ControlModifier);
            QTest::keyClick(&value, Qt::Key_Tab);
        }
        QVERIFY(!fixture.client.calls.contains(u"patchLimits"_s));
        QTest::keyClick(&value, Qt::Key_Up); // from the last number that it knew
        QVERIFY(!value.text().isEmpty());
        QVERIFY(!findPart<QLabel>(fixture.page, u"limits.error."_s + kPerAddress)->isVisible());
        fixture.button(u"limits.discard"_s).click();
        QCOMPARE(value.text(), u"5"_s);
    }

    void whatIsNoWholeNumberIsNamed_data()
    {
        QTest::addColumn<QLocale::Language>("language");
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("number"); // 0: none
        QTest::newRow("a half") << QLocale::English << u"2.5"_s << qint64(0);
        QTest::newRow("a half in German") << QLocale::German << u"2.5"_s << qint64(0);
        QTest::newRow("a German half") << QLocale::German << u"2,5"_s << qint64(0);
        QTest::newRow("thousands") << QLocale::English << u"2,500"_s << qint64(2500);
        QTest::newRow("digit by digit") << QLocale::English << u"123456"_s << qint64(123'456);
        QTest::newRow("German thousands") << QLocale::German << u"2.500"_s << qint64(2500);
        QTest::newRow("too large for any field") << QLocale::English << u"99999999999"_s << qint64(0);
    }
    void whatIsNoWholeNumberIsNamed()
    {
        QFETCH(QLocale::Language, language);
        QFETCH(QString, text);
        QFETCH(qint64, number);
        const QLocale before;
        QLocale::setDefault(QLocale(language));
        Fixture fixture;
        fixture.enter(kPerAddress, text);
        QLocale::setDefault(before);
        QCOMPARE(fixture.button(u"limits.apply"_s).isEnabled(), number > 0);
        QCOMPARE(findPart<QLabel>(fixture.page, u"limits.error."_s + kPerAddress)->isVisible(), number == 0);
        if (number > 0)
            QCOMPARE(fixture.serverModel.limits().edits(), (std::vector<LimitPatch>{ { kPerAddress, number, {} } }));
        else
            QCOMPARE(fixture.value(kPerAddress).text(), text); // as it was typed
    }

    void everyEditorIsSeenInANarrowWindow()
    {
        Fixture fixture;
        fixture.page.resize(918, 600); // of a window of 1024
        auto *area = fixture.page.findChild<QScrollArea *>();
        QTRY_COMPARE(area->horizontalScrollBar()->maximum(), 0);
        fixture.page.resize(1300, 600);
        QTRY_COMPARE(area->horizontalScrollBar()->maximum(), 0);
    }

    void theWheelChangesNoLimit()
    {
        Fixture fixture;
        QSpinBox &value = fixture.value(kPerAddress);
        value.setFocus();
        const QPointF at = value.rect().center();
        QWheelEvent wheel(at, value.mapToGlobal(at), {}, { 0, 120 }, Qt::NoButton, {}, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&value, &wheel);
        QComboBox &mode = fixture.mode(kPerAddress);
        QCoreApplication::sendEvent(&mode, &wheel);
        QCOMPARE(value.value(), 5);
        QCOMPARE(mode.currentData().toInt(), int(LimitMode::Enforce));
        QVERIFY(!fixture.serverModel.limits().hasEdits());
    }

    void appliesAndUndoes()
    {
        Fixture fixture;
        fixture.enter(kPerAddress, u"10"_s);
        fixture.button(u"limits.apply"_s).click();
        QTRY_VERIFY(fixture.text(u"limits.outcome"_s).contains(u'2'));
        QVERIFY(fixture.button(u"limits.undo"_s).isVisible());
        QCOMPARE(fixture.value(kPerAddress).value(), 10);
        fixture.button(u"limits.undo"_s).click();
        QVERIFY2(fixture.change(kPerAddress).contains(u"10 → 5"_s), qPrintable(fixture.change(kPerAddress)));
        QVERIFY(!fixture.button(u"limits.undo"_s).isVisible());
        QVERIFY(findPart<QLineEdit>(fixture.page, u"limits.note"_s)->text().contains(u'2'));
        QCOMPARE(fixture.client.limits.revision, 2);
        fixture.button(u"limits.apply"_s).click();
        QTRY_COMPARE(fixture.client.limits.revision, 3);
        QCOMPARE(fixture.value(kPerAddress).value(), 5);
    }

    void aProposedNoteIsOfItsChangeOnly()
    {
        Fixture fixture;
        auto *note = findPart<QLineEdit>(fixture.page, u"limits.note"_s);
        const auto apply = [&] {
            const qint64 before = fixture.client.limits.revision;
            fixture.button(u"limits.apply"_s).click();
            return QTest::qWaitFor([&] {
                return fixture.client.limits.revision == before + 1 && fixture.button(u"limits.undo"_s).isVisible();
            });
        };
        fixture.enter(kPerAddress, u"10"_s);
        QVERIFY(apply());
        fixture.button(u"limits.undo"_s).click();
        QVERIFY(note->text().contains(u'2'));
        fixture.button(u"limits.discard"_s).click();
        QCOMPARE(note->text(), QString());
        fixture.enter(kMessages, u"90"_s); // something else
        QVERIFY(apply());
        QCOMPARE(fixture.client.lastNote, QString());
        fixture.button(u"limits.undo"_s).click();
        fixture.enter(kPerAddress, u"12"_s); // and something else too
        QCOMPARE(note->text(), QString());
        fixture.button(u"limits.discard"_s).click();
        fixture.enter(kPerAddress, u"12"_s);
        QVERIFY(apply());
        fixture.button(u"limits.undo"_s).click();
        QVERIFY(note->text().contains(u'4'));
        QVERIFY(apply());
        QVERIFY(fixture.client.lastNote.contains(u'4'));
    }

    void aTypedNoteIsKept()
    {
        Fixture fixture;
        auto *note = findPart<QLineEdit>(fixture.page, u"limits.note"_s);
        fixture.enter(kPerAddress, u"10"_s);
        fixture.button(u"limits.apply"_s).click();
        QTRY_VERIFY(fixture.button(u"limits.undo"_s).isVisible());
        QTest::keyClicks(note, u"the school called"_s);
        fixture.button(u"limits.undo"_s).click();
        QCOMPARE(note->text(), u"the school called"_s);
        fixture.button(u"limits.apply"_s).click();
        QTRY_COMPARE(fixture.client.limits.revision, 3);
        QCOMPARE(fixture.client.lastNote, u"the school called"_s);
    }

    void saysNothingIsInForceThatIsNot()
    {
        Fixture fixture;
        fixture.enter(kPerAddress, u"10"_s);
        fixture.enter(kMessages, u"90"_s);
        fixture.button(u"limits.apply"_s).click();
        QTRY_VERIFY(fixture.text(u"limits.outcome"_s).contains(u"effective"_s));
        fixture.client.changeLimit(kPerAddress, 12, u"night-shift"_s, {});
        const QString told = fixture.text(u"limits.outcome"_s);
        QVERIFY2(!told.contains(u"effective"_s), qPrintable(told));
        QVERIFY2(told.contains(u"night-shift"_s) && told.contains(u"10 → 12"_s), qPrintable(told));
        QVERIFY(fixture.button(u"limits.undo"_s).isVisible()); // of the messages
        fixture.client.changeLimit(kMessages, 70, u"night-shift"_s, {});
        QVERIFY(!fixture.button(u"limits.undo"_s).isVisible());
    }

    void anUndoShowsWhoChangedItSinceAndWhy()
    {
        Fixture fixture;
        fixture.enter(kPerAddress, u"10"_s);
        fixture.enter(kMessages, u"90"_s);
        fixture.button(u"limits.apply"_s).click();
        QTRY_VERIFY(fixture.text(u"limits.outcome"_s).contains(u"effective"_s));
        fixture.client.changeLimit(kPerAddress, 12, u"night-shift"_s, u"the school called"_s);
        fixture.button(u"limits.undo"_s).click();
        const QString change = fixture.change(kPerAddress);
        QVERIFY2(change.contains(u"Was 10"_s) && change.contains(u"12 now"_s), qPrintable(change));
        QVERIFY2(change.contains(u"night-shift"_s) && change.contains(u"the school called"_s), qPrintable(change));
        QVERIFY(!fixture.button(u"limits.apply"_s).isEnabled());
        QCOMPARE(fixture.client.limits.revision, 3);
    }

    void bothSidesOfAConflictAreShown()
    {
        Fixture fixture;
        fixture.enter(kPerAddress, u"10"_s);
        fixture.enter(kMessages, u"90"_s);
        fixture.client.limits.revision = 9;
        for (LimitState &state : fixture.client.limits.limits)
            state.value = state.key == kPerAddress ? 7 : state.key == kMessages ? 75 : state.value;
        fixture.button(u"limits.apply"_s).click();
        QTRY_VERIFY(fixture.change(kPerAddress).contains(u"7 now"_s));
        QVERIFY(fixture.change(kPerAddress).contains(u"Was 5"_s));
        QVERIFY(!fixture.button(u"limits.apply"_s).isEnabled());
        fixture.button(u"limits.keepmine."_s + kPerAddress).click();
        (void)fixture.change(kPerAddress);
        fixture.button(u"limits.taketheirs."_s + kMessages).click();
        QCOMPARE(fixture.value(kPerAddress).value(), 10);
        QCOMPARE(fixture.value(kMessages).value(), 75);
        QTRY_VERIFY(fixture.button(u"limits.apply"_s).isEnabled());
        fixture.button(u"limits.apply"_s).click();
        QTRY_COMPARE(fixture.client.lastPatches.size(), 1U);
        QCOMPARE(fixture.client.lastPatches[0].value, std::optional<qint64>(10));
    }

    void presetsStageAndSendNothing_data()
    {
        QTest::addColumn<QString>("preset");
        QTest::addColumn<int>("perAddress");
        QTest::addColumn<int>("messages");
        QTest::newRow("high traffic") << u"hightraffic"_s << 10 << 120;
        QTest::newRow("site") << u"site"_s << 200 << 120;
        QTest::newRow("strict") << u"strict"_s << 2 << 30;
        QTest::newRow("defaults") << u"defaults"_s << 5 << 60;
    }
    void presetsStageAndSendNothing()
    {
        QFETCH(QString, preset);
        Fixture fixture;
        fixture.enter(kPerAddress, u"33"_s);
        fixture.button(u"limits.preset."_s + preset).click();
        QTEST(fixture.value(kPerAddress).value(), "perAddress");
        QTEST(fixture.value(kMessages).value(), "messages");
        QVERIFY(!fixture.client.calls.contains(u"patchLimits"_s));
    }

    void theSwitchAsksFirst()
    {
        Fixture fixture;
        fixture.button(u"limits.switch"_s).click();
        QVERIFY(!fixture.client.calls.contains(u"setSwitch 0"_s));
        clickPart(fixture.page, u"limits.switch.box.accept"_s);
        QTRY_VERIFY(fixture.client.calls.contains(u"setSwitch 0"_s));
        QTRY_VERIFY(!fixture.serverModel.isGuarding());
        QVERIFY(fixture.button(u"limits.switch"_s).text().contains(u"on"_s));
    }

    void aRevisionIsStagedWithItsValues()
    {
        Fixture fixture;
        auto *revisions = findPart<QTableView>(fixture.page, u"limits.revisions"_s);
        QTRY_COMPARE(revisions->model()->rowCount(), 1);
        fixture.client.changeLimit(kPerAddress, 9, u"night-shift"_s, {});
        QVERIFY(!fixture.button(u"limits.restore"_s).isEnabled());
        revisions->selectRow(1);
        fixture.button(u"limits.restore"_s).click();
        QVERIFY2(fixture.change(kPerAddress).contains(u"9 → 5"_s), qPrintable(fixture.change(kPerAddress)));
        QCOMPARE(fixture.client.limits.revision, 2); // nothing is sent yet
        fixture.button(u"limits.apply"_s).click();
        QTRY_COMPARE(fixture.client.limits.revision, 3);
        QCOMPARE(fixture.value(kPerAddress).value(), 5);
        QTRY_VERIFY(fixture.button(u"limits.undo"_s).isVisible());
        fixture.button(u"limits.undo"_s).click();
        QVERIFY2(fixture.change(kPerAddress).contains(u"5 → 9"_s), qPrintable(fixture.change(kPerAddress)));
    }

    void whoMayOnlyLookCannotEdit_data()
    {
        QTest::addColumn<QString>("role");
        QTest::addColumn<bool>("isLocked");
        QTest::addColumn<bool>("mayEdit");
        QTest::addColumn<bool>("maySwitch");
        QTest::newRow("viewer") << u"viewer"_s << false << false << false;
        QTest::newRow("operator") << u"operator"_s << false << true << false;
        QTest::newRow("admin") << u"admin"_s << false << true << true;
        QTest::newRow("admin, production, locked") << u"admin"_s << true << false << false;
    }
    void whoMayOnlyLookCannotEdit()
    {
        QFETCH(QString, role);
        QFETCH(bool, isLocked);
        QFETCH(bool, mayEdit);
        QFETCH(bool, maySwitch);
        Fixture fixture(role);
        fixture.serverModel.editLock().setProtected(isLocked);
        QCOMPARE(fixture.value(kPerAddress).isEnabled(), mayEdit);
        QCOMPARE(fixture.mode(kPerAddress).isEnabled(), mayEdit);
        QCOMPARE(fixture.button(u"limits.preset.strict"_s).isEnabled(), mayEdit);
        QCOMPARE(fixture.button(u"limits.switch"_s).isEnabled(), maySwitch);
        fixture.serverModel.limits().stageValue(0, qint64(9));
        QCOMPARE(fixture.button(u"limits.apply"_s).isEnabled(), mayEdit);
        if (!isLocked)
            return;
        fixture.serverModel.editLock().unlock();
        QVERIFY(fixture.button(u"limits.apply"_s).isEnabled());
        QVERIFY(fixture.value(kPerAddress).isEnabled());
    }

    void aLimitIsFocusedFromOutside()
    {
        Fixture fixture;
        fixture.page.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.page));
        fixture.page.focusLimit(kMessages);
        QTRY_VERIFY(fixture.value(kMessages).hasFocus());
        QTest::keyClicks(QApplication::focusWidget(), u"99"_s); // the old value is selected and replaced
        QCOMPARE(fixture.value(kMessages).value(), 99);
    }
};

QTEST_MAIN(TestLimitsPage)
#include "tst_limitspage.moc"
