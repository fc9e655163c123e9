// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/fuzzymatch.h"

#include <QtTest/QTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestFuzzyMatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void finds_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isFound");
        const QString limit = u"Connections per address max_connections_per_ip"_s;
        QTest::newRow("nothing typed") << QString() << limit << true;
        QTest::newRow("beginning") << u"conn"_s << limit << true;
        QTest::newRow("two parts, turned round") << u"addr conn"_s << limit << true;
        QTest::newRow("within") << u"nections"_s << limit << true;
        QTest::newRow("case and blanks") << u"  PER   ADDRESS "_s << limit << true;
        QTest::newRow("initials") << u"cpa"_s << limit << true;
        QTest::newRow("letters left out") << u"cnnctns"_s << limit << true;
        QTest::newRow("by its key") << u"per_ip"_s << limit << true;
        QTest::newRow("one part is missing") << u"conn token"_s << limit << false;
        QTest::newRow("three scattered letters") << u"ots"_s << limit << false;
        QTest::newRow("other order") << u"sserdda"_s << limit << false;
        QTest::newRow("Thai") << u"เชื่อม ที่อยู่"_s << u"การเชื่อมต่อต่อที่อยู่"_s << true;
        QTest::newRow("Thai, missing") << u"ปฏิเสธ"_s << u"การเชื่อมต่อต่อที่อยู่"_s << false;
    }
    void finds()
    {
        QFETCH(QString, query);
        QFETCH(QString, text);
        QFETCH(bool, isFound);
        QCOMPARE(fuzzyScore(query, text).has_value(), isFound);
    }

    void theBetterOneIsFirst_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QString>("better");
        QTest::addColumn<QString>("worse");
        QTest::newRow("whole") << u"limits"_s << u"Limits"_s << u"Limits of messages"_s;
        QTest::newRow("beginning") << u"li"_s << u"Limits"_s << u"Go live"_s;
        QTest::newRow("word") << u"live"_s << u"Go live"_s << u"Deliver"_s;
        QTest::newRow("within") << u"ban"_s << u"Turban"_s << u"Begin a night"_s;
        QTest::newRow("shorter") << u"con"_s << u"Connect"_s << u"Connections by age"_s;
    }
    void theBetterOneIsFirst()
    {
        QFETCH(QString, query);
        QFETCH(QString, better);
        QFETCH(QString, worse);
        QVERIFY(fuzzyScore(query, better) > fuzzyScore(query, worse));
    }
};

QTEST_GUILESS_MAIN(TestFuzzyMatch)
#include "tst_fuzzymatch.moc"
