// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/palettemodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestPaletteModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatMayBeASubject_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("kind"); // -1: none
        const int address = int(PaletteSubject::Kind::Address);
        const int user = int(PaletteSubject::Kind::User);
        QTest::newRow("nothing") << u"  "_s << -1;
        QTest::newRow("IPv4") << u" 127.1.0.24 "_s << address;
        QTest::newRow("network") << u"10.0.0.0/8"_s << address;
        QTest::newRow("IPv6") << u"2001:db8::7"_s << address;
        QTest::newRow("IPv6 network") << u"2001:db8::/64"_s << address;
        QTest::newRow("no address") << u"127.1.0.256"_s << user;
        QTest::newRow("part of one") << u"127.1.0"_s << user;
        QTest::newRow("number") << u"42"_s << user;
        QTest::newRow("name") << u"night-shift@example.com"_s << user;
        QTest::newRow("Thai name") << u"สมชาย"_s << user;
        QTest::newRow("words") << u"open the door"_s << -1;
        QTest::newRow("endless") << QString(65, u'x') << -1;
    }
    void whatMayBeASubject()
    {
        QFETCH(QString, text);
        QFETCH(int, kind);
        const std::vector<PaletteSubject> subjects = subjectsIn(text);
        QCOMPARE(subjects.empty() ? -1 : int(subjects.front().kind), kind);
        if (kind >= 0)
            QCOMPARE(subjects.front().value, text.trimmed());
    }

    void theBestIsFirstAndRuns()
    {
        QStringList done;
        const auto entry = [&](const QString &title, const QString &words = {}) {
            return PaletteEntry{ title, u"Page"_s, words, [&done, title] { done << title; } };
        };
        PaletteModel model({ entry(u"Overview"_s), entry(u"Limits"_s, u"limits"_s), entry(u"Go live"_s) },
            [&](const PaletteSubject &subject) { done << subject.value; });
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.index(0).data().toString(), u"Overview"_s);
        model.setQuery(u"li"_s);
        QCOMPARE(model.index(0).data().toString(), u"Limits"_s);
        QCOMPARE(model.index(1).data().toString(), u"Go live"_s);
        QCOMPARE(model.rowCount(), 3); // and the refusals of a user of that name
        model.run(0);
        model.run(2);
        model.setQuery(u"127.1.0.24"_s);
        QCOMPARE(model.rowCount(), 1);
        model.run(0);
        model.run(7);
        QCOMPARE(done, (QStringList{ u"Limits"_s, u"li"_s, u"127.1.0.24"_s }));
        model.setQuery(u"page"_s); // its kind finds it too
        QCOMPARE(model.rowCount(), 4);
    }
};

QTEST_GUILESS_MAIN(TestPaletteModel)
#include "tst_palettemodel.moc"
