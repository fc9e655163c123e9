// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/titles.h"

#include <QtCore/QFile>
#include <QtCore/QXmlStreamReader>
#include <QtTest/QtTest>

#include "shared/alerts/alertruledescriptor.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// What the Thai translation has in a context: another test holds that against what lupdate finds.
QSet<QString> textsOf(QStringView context)
{
    QSet<QString> texts;
    QFile file(QStringLiteral(GATEHOUSE_TRANSLATION));
    if (!file.open(QIODevice::ReadOnly))
        return texts;
    QXmlStreamReader xml(&file);
    QString name;
    while (!xml.atEnd()) {
        xml.readNext();
        if (xml.isStartElement() && xml.name() == "name"_L1)
            name = xml.readElementText();
        else if (xml.isStartElement() && xml.name() == "source"_L1 && name == context)
            texts.insert(xml.readElementText());
    }
    return texts;
}

} // namespace

class TestTitles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySharedTextCanBeTranslated();
    void everyGuardHasATitle();
    void unknownNamesAreShownAsTheyAre();
    void writesDurations_data();
    void writesDurations();
    void writesProblems_data();
    void writesProblems();
    void writesTimesInTheLocalZone();
};

void TestTitles::everySharedTextCanBeTranslated()
{
    QSet<QString> used;
    for (const MetricDescriptor &descriptor : metricDescriptors())
        used << descriptor.title << descriptor.unit;
    for (const ReasonDescriptor &descriptor : reasonDescriptors())
        used << descriptor.title;
    for (const GuardDescriptor &descriptor : guardDescriptors())
        used << descriptor.title;
    for (const AlertRuleDescriptor &descriptor : alertRuleDescriptors())
        used << descriptor.title << descriptor.unit;
    for (const LimitDescriptor &descriptor : limitDescriptors())
        used << descriptor.title << descriptor.unit << descriptor.help;
    QCOMPARE(used - textsOf(u"gatehouse::Titles"), QSet<QString>());
}

void TestTitles::everyGuardHasATitle()
{
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        QVERIFY2(guardTitle(descriptor.guard) != QString(descriptor.guard), descriptor.guard.data());
        QVERIFY(!reasonTitle(descriptor.reason).isEmpty());
    }
    for (const MetricDescriptor &descriptor : metricDescriptors()) {
        QVERIFY(!metricTitle(descriptor.metric).isEmpty());
        QVERIFY(!metricUnit(descriptor.metric).isEmpty());
    }
    for (const LimitMode mode : { LimitMode::Enforce, LimitMode::Observe, LimitMode::Off })
        QVERIFY(!limitModeTitle(mode).isEmpty());
}

void TestTitles::unknownNamesAreShownAsTheyAre()
{
    QCOMPARE(guardTitle(u"moat"_s), u"moat"_s);
    QCOMPARE(limitTitle(u"max_rooms"_s), u"max_rooms"_s);
    QCOMPARE(limitTitle(u"max_rooms"_s, u"Rooms"_s), u"Rooms"_s);
    QCOMPARE(limitTitle(u"max_connections"_s), u"Connections in all"_s);
    QCOMPARE(limitHelp(u"max_rooms"_s), QString());
    QVERIFY(!limitHelp(u"max_connections"_s).isEmpty());
    QCOMPARE(unitTitle(u"rooms"_s), u"rooms"_s);
    QCOMPARE(unitTitle({}), QString());
    QCOMPARE(alertTitle(u"flood"_s, {}), u"flood"_s);
    QCOMPARE(alertTitle(u"node_lost"_s, {}), u"Node lost"_s);
    QCOMPARE(alertUnit(u"node_lost"_s), u"lost nodes"_s);
    QCOMPARE(alertTitle(u"state_file"_s, {}), u"State file"_s);
    QCOMPARE(alertTitle(u"out_of_descriptors"_s, {}), u"Out of file descriptors"_s);
    QCOMPARE(alertTitle(u"users_refused"_s, {}), u"Users refused"_s);
    QCOMPARE(alertUnit(u"one_address_holds_all"_s), u"% of the connections"_s);
    QCOMPARE(alertUnit(u"guards_off"_s), u"guards that are off"_s);
    QCOMPARE(alertTitle(u"flood"_s, u"Flood"_s), u"Flood"_s);
    QCOMPARE(alertUnit(u"flood"_s), QString());
}

void TestTitles::writesDurations_data()
{
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<QString>("text");
    QTest::newRow("negative, as by a clock set back") << qint64(-5000) << u"0 s"_s;
    QTest::newRow("below a second") << qint64(900) << u"0 s"_s;
    QTest::newRow("seconds") << qint64(59'999) << u"59 s"_s;
    QTest::newRow("minutes") << qint64(60'000 * 59) << u"59 min"_s;
    QTest::newRow("hours") << qint64(7'500'000) << u"2 h 5 min"_s;
    QTest::newRow("days") << qint64(86'400'000 * 4 + 3'600'000) << u"4 d 1 h"_s;
}

void TestTitles::writesDurations()
{
    QFETCH(qint64, millis);
    QFETCH(QString, text);
    QCOMPARE(durationText(std::chrono::milliseconds(millis)), text);
}

void TestTitles::writesProblems_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("code");
    QTest::addColumn<QString>("detail");
    QTest::addColumn<QString>("part");
    QTest::newRow("detail") << 400 << u"bad_request"_s << u"from is no time"_s << u"from is no time"_s;
    QTest::newRow("conflict") << 412 << u"revision_conflict"_s << QString() << u"Somebody else"_s;
    QTest::newRow("token") << 401 << u"token_expired"_s << u"it expired"_s << u"it expired"_s;
    QTest::newRow("forbidden") << 403 << u"forbidden"_s << QString() << u"403"_s;
    QTest::newRow("gone") << 404 << u"not_found"_s << QString() << u"404"_s;
    QTest::newRow("server") << 500 << u"internal"_s << u"disk full"_s << u"disk full"_s;
    QTest::newRow("nothing said") << 418 << QString() << QString() << u"418"_s;
    QTest::newRow("no answer") << 0 << u"network"_s << u"refused"_s << u"refused"_s;
}

void TestTitles::writesProblems()
{
    QFETCH(int, status);
    QFETCH(QString, code);
    QFETCH(QString, detail);
    QFETCH(QString, part);
    Problem problem;
    problem.status = status;
    problem.code = code;
    problem.detail = detail;
    QVERIFY2(problemText(problem).contains(part), qPrintable(problemText(problem)));
    problem.fields = { { u"a must be b"_s, u"a"_s } };
    problem.retryAfterSeconds = 90;
    QVERIFY(problemText(problem).contains(u"a must be b"_s));
    QVERIFY(problemText(problem).contains(u"1 min"_s));
}

void TestTitles::writesTimesInTheLocalZone()
{
    qputenv("TZ", "Asia/Bangkok");
    const UtcTime noon{ 1'762'776'000s };
    QCOMPARE(dateAndTime(noon), u"2025-11-10 19:00:00"_s);
    QCOMPARE(recentTime(noon, noon + 1h), u"19:00:00"_s);
}

QTEST_GUILESS_MAIN(TestTitles)
#include "tst_titles.moc"
