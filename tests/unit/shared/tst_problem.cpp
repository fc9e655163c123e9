// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/problem.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

/// As whoever gets it reads it.
QJsonObject written(const Problem &problem)
{
    return QJsonDocument::fromJson(problem.toText()).object();
}

} // namespace

class TestProblem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hasTheFiveMembersOfRfc9457AndNoOthers();
    void addsWhatAppliesOnly();
    void listsEachBadField();
    void roundTrips();
    void zeroIsAValue();
    void readsAnythingWithoutComplaint_data();
    void readsAnythingWithoutComplaint();
};

void TestProblem::hasTheFiveMembersOfRfc9457AndNoOthers()
{
    Problem problem;
    problem.status = 404;
    problem.code = u"not_found"_s;
    problem.title = u"Not Found"_s;
    problem.detail = u"there is no path /nowhere"_s;
    const QJsonObject expected{
        { "type"_L1, "/api/problems/not_found"_L1 },
        { "title"_L1, "Not Found"_L1 },
        { "status"_L1, 404 },
        { "detail"_L1, "there is no path /nowhere"_L1 },
        { "code"_L1, "not_found"_L1 },
    };
    QCOMPARE(written(problem), expected);
}

void TestProblem::addsWhatAppliesOnly()
{
    Problem problem;
    problem.code = u"too_many_connections"_s;
    problem.instance = u"01ARYZ6S410000000000000000"_s;
    problem.guard = u"address"_s;
    problem.limit = 5;
    problem.observed = 6;
    problem.retryAfterSeconds = 30;
    const QJsonObject object = written(problem);
    QCOMPARE(object.value("instance"_L1).toString(), problem.instance);
    QCOMPARE(object.value("guard"_L1).toString(), u"address"_s);
    QCOMPARE(object.value("limit"_L1).toInteger(), 5);
    QCOMPARE(object.value("observed"_L1).toInteger(), 6);
    QCOMPARE(object.value("retry_after"_L1).toInteger(), 30);
    QVERIFY(!object.contains("errors"_L1));
}

void TestProblem::listsEachBadField()
{
    Problem problem;
    problem.fields = { { u"must be from 1 to 1000000"_s, u"max_connections_per_ip"_s }, { u"unknown"_s, u"max_x"_s } };
    const QJsonArray expected{
        QJsonObject{ { "field"_L1, "max_connections_per_ip"_L1 }, { "detail"_L1, "must be from 1 to 1000000"_L1 } },
        QJsonObject{ { "field"_L1, "max_x"_L1 }, { "detail"_L1, "unknown"_L1 } },
    };
    QCOMPARE(written(problem).value("errors"_L1).toArray(), expected);
}

void TestProblem::roundTrips()
{
    Problem problem{ 422, u"invalid_limits"_s, u"Invalid limits"_s, u"two fields are wrong"_s, u"id"_s, u"guard"_s, 1,
        2, 3, { { u"why"_s, u"field"_s } } };
    const Problem read = Problem::fromJson(written(problem), 422);
    QCOMPARE(written(read), written(problem));
    QCOMPARE(read.status, 422);
    QCOMPARE(read.fields.size(), size_t(1));
    QCOMPARE(read.fields[0].message, u"why"_s);
    QCOMPARE(read.fields[0].field, u"field"_s);
}

void TestProblem::zeroIsAValue()
{
    Problem problem;
    problem.observed = 0;
    problem.retryAfterSeconds = 0;
    const Problem read = Problem::fromJson(written(problem), 429);
    QCOMPARE(read.observed, std::optional<qint64>(0));
    QCOMPARE(read.retryAfterSeconds, std::optional<qint64>(0));
    QVERIFY(!read.limit);
}

void TestProblem::readsAnythingWithoutComplaint_data()
{
    QTest::addColumn<QJsonObject>("object");
    QTest::newRow("empty") << QJsonObject();
    QTest::newRow("wrong types") << QJsonObject{ { "code"_L1, 5 }, { "title"_L1, true }, { "limit"_L1, "five"_L1 },
        { "errors"_L1, "none"_L1 } };
    QTest::newRow("errors of the wrong shape")
        << QJsonObject{ { "errors"_L1, QJsonArray{} }, { "retry_after"_L1, QJsonValue() } };
}

void TestProblem::readsAnythingWithoutComplaint()
{
    QFETCH(QJsonObject, object);
    const Problem problem = Problem::fromJson(object, 502);
    QCOMPARE(problem.status, 502);
    QVERIFY(problem.code.isEmpty());
    QVERIFY(!problem.limit);
    QVERIFY(!problem.retryAfterSeconds);
    QVERIFY(problem.fields.empty());
}

QTEST_APPLESS_MAIN(TestProblem)
#include "tst_problem.moc"
