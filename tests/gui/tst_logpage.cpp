// SPDX-License-Identifier: GPL-3.0-or-later
// The log by clicks and keys: log.table  log.copy  log.clear
#include <QtGui/QClipboard>
#include <QtTest/QTest>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/connection/calllog.h"
#include "console/pages/logpage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestLogPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void copiesACallAsCurl()
    {
        CallLog log;
        LogPage page(log);
        page.show();
        auto *table = findPart<QTableView>(page, u"log.table"_s);
        auto *copy = findPart<QPushButton>(page, u"log.copy"_s);
        QVERIFY(!copy->isEnabled());
        log.record({ {}, u"GET"_s, u"/api/admin/v1/limits"_s, 200, 3ms, {}, u"curl -sS 'http://127.0.0.1/limits'"_s });
        log.record({ {}, u"PATCH"_s, u"/api/admin/v1/limits"_s, 412, 4ms, u"conflict"_s, u"curl -sS -X PATCH"_s });
        QCOMPARE(table->model()->index(0, CallLog::MethodColumn).data().toString(), u"PATCH"_s); // the newest first
        table->selectRow(1);
        QVERIFY(copy->isEnabled());
        copy->click();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"curl -sS 'http://127.0.0.1/limits'"_s);
        const QPoint first = table->visualRect(table->model()->index(0, 2)).center();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, first);
        QTest::mouseDClick(table->viewport(), Qt::LeftButton, {}, first);
        QTRY_COMPARE(QGuiApplication::clipboard()->text(), u"curl -sS -X PATCH"_s);
    }

    void clears()
    {
        CallLog log;
        LogPage page(log);
        page.show();
        log.record({ {}, u"GET"_s, u"/"_s, 200, 3ms, {}, u"curl"_s });
        findPart<QTableView>(page, u"log.table"_s)->selectRow(0);
        clickPart(page, u"log.clear"_s);
        QCOMPARE(log.rowCount(), 0);
        QVERIFY(!findPart<QPushButton>(page, u"log.copy"_s)->isEnabled());
    }
};

QTEST_MAIN(TestLogPage)
#include "tst_logpage.moc"
