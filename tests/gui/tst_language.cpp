// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/language.h"

#include <QtCore/QDate>
#include <QtTest/QTest>
#include <QtWidgets/QApplication>

#include "console/models/revisionsmodel.h"
#include "console/models/titles.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestLanguage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }
    void cleanup() { QLocale::setDefault(QLocale(QLocale::English)); }

    void numbersFollowTheTexts_data()
    {
        QTest::addColumn<QString>("desktop");
        QTest::addColumn<QString>("shown");
        QTest::newRow("English") << u"en_US"_s << u"en_US"_s;
        QTest::newRow("with its country") << u"en_GB"_s << u"en_GB"_s;
        QTest::newRow("German") << u"de_DE"_s << u"en_US"_s;
        QTest::newRow("Arabic") << u"ar_EG"_s << u"en_US"_s;
        QTest::newRow("Persian") << u"fa_IR"_s << u"en_US"_s;
        QTest::newRow("none") << u"C"_s << u"en_US"_s;
    }
    void numbersFollowTheTexts()
    {
        QFETCH(QString, desktop);
        QFETCH(QString, shown);
        const Language language{ QLocale(desktop) };
        QCOMPARE(QLocale().name(), shown);
        QCOMPARE(QLocale().toString(2.5), u"2.5"_s);
        QCOMPARE(QLocale().toString(12'345), u"12,345"_s);
        QCOMPARE(QApplication::layoutDirection(), Qt::LeftToRight);
        const QString change
            = changesText({ { u"max_connections_per_ip"_s, { 5, LimitMode::Enforce }, { 12, LimitMode::Enforce } } });
        QVERIFY2(change.endsWith(u"5 → 12"_s), qPrintable(change));
        QCOMPARE(limitModeTitle(LimitMode::Enforce), u"Enforce"_s);
    }

    void theDesktopsOwnMixtureIsNotTaken()
    {
        QCOMPARE(Language::localeOf(QLocale::system(), u"en_US"_s).toString(2.5), u"2.5"_s);
        QCOMPARE(Language::localeOf(QLocale(u"de_AT"_s), u"de_DE"_s), QLocale(u"de_AT"_s));
        QCOMPARE(Language::localeOf(QLocale(u"de_AT"_s), {}), QLocale(u"en_US"_s));
        QCOMPARE(Language::localeOf(QLocale(u"th_TH"_s), u"th_TH"_s), QLocale(u"th_TH"_s));
    }
};

QTEST_MAIN(TestLanguage)
#include "tst_language.moc"
