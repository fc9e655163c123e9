// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/calllog.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestCallLog : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsTheNewestFirst();
    void isBounded();
    void writesCurl_data();
    void writesCurl();
};

namespace {

CallRecord call(const QString &path)
{
    CallRecord record;
    record.method = u"GET"_s;
    record.path = path;
    record.status = 200;
    record.duration = 12ms;
    record.curl = "curl "_L1 + path;
    return record;
}

} // namespace

void TestCallLog::showsTheNewestFirst()
{
    CallLog log;
    const QAbstractItemModelTester tester(&log, QAbstractItemModelTester::FailureReportingMode::QtTest);
    log.record(call(u"/a"_s));
    CallRecord failed = call(u"/b"_s);
    failed.status = 0;
    failed.error = u"refused"_s;
    log.record(failed);
    QCOMPARE(log.rowCount(), 2);
    const auto text = [&](int row, int column) { return log.index(row, column).data().toString(); };
    QCOMPARE(text(0, CallLog::PathColumn), u"/b"_s);
    QCOMPARE(text(0, CallLog::StatusColumn), u"–"_s);
    QCOMPARE(text(0, CallLog::ErrorColumn), u"refused"_s);
    QCOMPARE(text(1, CallLog::PathColumn), u"/a"_s);
    QCOMPARE(text(1, CallLog::StatusColumn), u"200"_s);
    QCOMPARE(text(1, CallLog::DurationColumn), u"12 ms"_s);
    QCOMPARE(log.index(1, 0).data(CallLog::CurlRole).toString(), u"curl /a"_s);
    for (int column = 0; column < CallLog::ColumnCount; ++column)
        QVERIFY(!log.headerData(column, Qt::Horizontal).toString().isEmpty());
    log.clear();
    QCOMPARE(log.rowCount(), 0);
}

void TestCallLog::isBounded()
{
    CallLog log;
    for (size_t i = 0; i < CallLog::kMaxRecords + 10; ++i)
        log.record(call(QString::number(i)));
    QCOMPARE(size_t(log.rowCount()), CallLog::kMaxRecords);
    QCOMPARE(log.at(0).path, QString::number(CallLog::kMaxRecords + 9));
}

void TestCallLog::writesCurl_data()
{
    QTest::addColumn<QString>("method");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("ifMatch");
    QTest::addColumn<QString>("expected");
    QTest::newRow("get") << u"GET"_s << QByteArray() << QString()
                         << uR"(curl -sS -H "Authorization: Bearer $TOKEN" 'http://h/p?a=1&b=2')"_s;
    QTest::newRow("patch")
        << u"PATCH"_s << QByteArray(R"({"note":"it's"})") << u"\"7\""_s
        << uR"(curl -sS -X PATCH -H "Authorization: Bearer $TOKEN" -H 'If-Match: "7"' )"
           uR"(-H 'Content-Type: application/json' --data '{"note":"it'\''s"}' 'http://h/p?a=1&b=2')"_s;
}

void TestCallLog::writesCurl()
{
    QFETCH(QString, method);
    QFETCH(QByteArray, body);
    QFETCH(QString, ifMatch);
    QFETCH(QString, expected);
    QCOMPARE(curlCommand(method, u"http://h/p?a=1&b=2"_s, body, ifMatch), expected);
}

QTEST_GUILESS_MAIN(TestCallLog)
#include "tst_calllog.moc"
