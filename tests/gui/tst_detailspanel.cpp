// SPDX-License-Identifier: GPL-3.0-or-later
// The details of a row where there is little room for them: fact.decision, fact.address and their tool tips.
#include <QtGui/QHelpEvent>
#include <QtTest/QTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QToolTip>

#include "console/pages/detailspanel.h"
#include "console/pages/factlabel.h"
#include "console/pages/subjectmenu.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

const QString kId = u"01M8QN0MA62B3C4D5E6F7G8H9J"_s;

std::vector<DetailsPanel::Fact> facts()
{
    return { { u"เหตุผล"_s, u"การเชื่อมต่อจากที่อยู่นี้มากเกินไป"_s }, { u"รายละเอียด"_s, u"one two three four five six seven"_s },
        { u"การดำเนินการ"_s, u"refused: HTTP 429 before the upgrade"_s },
        { u"ที่อยู่"_s, u"203.0.113.7"_s, Subject{ SubjectKind::Address, u"203.0.113.7"_s } }, { u"ผู้ใช้"_s, u"4211"_s },
        { u"เวลา"_s, u"2026-12-01 02:00:41"_s }, { u"รหัส"_s, kId, Subject{ SubjectKind::Decision, kId } } };
}

struct Fixture : ConsoleFixture
{
    DetailsPanel panel{ u"Decision"_s, u"Select a row"_s };

    explicit Fixture(QSize size)
    {
        panel.setFacts(facts());
        panel.resize(size);
        panel.show();
    }
};

} // namespace

class TestDetailsPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void noFactIsCutOff_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::newRow("wide and high") << QSize(420, 520);
        QTest::newRow("wide and low") << QSize(420, 200);
        QTest::newRow("narrow and low") << QSize(240, 200);
        QTest::newRow("narrow and high") << QSize(240, 700);
    }

    void noFactIsCutOff()
    {
        QFETCH(QSize, size);
        Fixture fixture(size);
        const auto *area = fixture.panel.findChild<QScrollArea *>();
        QTRY_VERIFY(area->widget()->width() <= area->viewport()->width());
        for (const FactLabel *label : fixture.panel.findChildren<FactLabel *>()) {
            QTRY_VERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(label->text()));
            QVERIFY2(label->text() == kId || !label->isElided(), qPrintable(label->text()));
        }
        // What is below can be scrolled to.
        auto *id = findPart<FactLabel>(fixture.panel, u"fact.decision"_s);
        fixture.panel.findChild<QScrollArea *>()->ensureWidgetVisible(id);
        QTRY_VERIFY(!id->visibleRegion().isEmpty());
    }

    void aLongIdIsToldWhole()
    {
        Fixture fixture({ 200, 300 });
        auto *id = findPart<FactLabel>(fixture.panel, u"fact.decision"_s);
        fixture.panel.findChild<QScrollArea *>()->ensureWidgetVisible(id);
        QTRY_VERIFY(id->isElided());
        QCOMPARE(id->text(), kId); // for whoever copies or reads it out
        const QPoint at = id->rect().center();
        QHelpEvent event(QEvent::ToolTip, at, id->mapToGlobal(at));
        QCoreApplication::sendEvent(id, &event);
        QCOMPARE(QToolTip::text(), kId);
        fixture.panel.resize(600, 300);
        QTRY_VERIFY(!id->isElided());
    }

    void aSubjectOpensItsMenuByKey()
    {
        Fixture fixture({ 420, 520 });
        SubjectMenu menu(fixture.serverModel, &fixture.panel);
        fixture.panel.setSubjectMenu(&menu);
        auto *address = findPart<FactLabel>(fixture.panel, u"fact.address"_s);
        QVERIFY(!address->accessibleDescription().isEmpty());
        QTest::keyClick(address, Qt::Key_Return);
        QTRY_VERIFY(menu.isVisible());
        QVERIFY(menu.findChild<QAction *>(u"subject.copy.address"_s));
        menu.close();
        for (const FactLabel *label : fixture.panel.findChildren<FactLabel *>())
            QCOMPARE(label->focusPolicy() == Qt::TabFocus, label->subject().has_value());
    }
};

QTEST_MAIN(TestDetailsPanel)
#include "tst_detailspanel.moc"
