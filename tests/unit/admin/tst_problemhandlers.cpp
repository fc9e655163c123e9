// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "shared/protocol/problem.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

/// The pages that the `type` of a problem leads to.
class TestProblemHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachTypeLeadsToItsPage_data()
    {
        QTest::addColumn<QByteArray>("begin");
        QTest::newRow("origin_not_allowed") << QByteArray("403. ");
        QTest::newRow("token_expired") << QByteArray("401. ");
        QTest::newRow("too_many_connections") << QByteArray("429. ");
        QTest::newRow("not_found") << QByteArray("404. ");
        QTest::newRow("cluster_unavailable") << QByteArray("503. ");
    }
    void eachTypeLeadsToItsPage()
    {
        QFETCH(QByteArray, begin);
        const QByteArray code = QTest::currentDataTag();
        AdminFixture fixture;
        const HttpResponse page
            = fixture.ask("GET", problemType(QString::fromUtf8(code)).toUtf8(), {}); // without a token
        QCOMPARE(page.status, 200);
        QVERIFY2(page.body.startsWith(QByteArray(code + "\n\n" + begin)), page.body.constData());
        QVERIFY(page.body.contains("Do: "));
        QVERIFY(page.body.endsWith('\n'));
        for (const char *markup : { "**", "](", "##" })
            QVERIFY2(!page.body.contains(markup), page.body.constData());
    }

    void unknownOnes_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::newRow("no problem") << QByteArray("/api/problems/nonsense");
        QTest::newRow("the introduction") << QByteArray("/api/problems/%23%20Problems");
        QTest::newRow("none") << QByteArray("/api/problems/");
        QTest::newRow("a file") << QByteArray("/api/problems/..%2Fproblems.md");
    }
    void unknownOnes()
    {
        QFETCH(QByteArray, path);
        AdminFixture fixture;
        const HttpResponse response = fixture.ask("GET", path, {});
        QCOMPARE(response.status, 404);
        QCOMPARE(codeOf(response), u"not_found"_s);
        QCOMPARE(objectOf(response)["type"_L1].toString(), u"/api/problems/not_found"_s);
    }
};

QTEST_GUILESS_MAIN(TestProblemHandlers)
#include "tst_problemhandlers.moc"
