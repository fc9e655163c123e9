// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/result.h"

#include <memory>

#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

/// Result and Status: either the value or the reason, and nothing is copied that should be moved.
class TestResult final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsAValue();
    void holdsAnError();
    void movesTheValueOut();
    void errorOfTheSameTypeAsTheValueIsStillAnError();
    void statusIsOkOrHasAReason();
};

void TestResult::holdsAValue()
{
    Result<QString> result = u"seven"_s;
    QVERIFY(result);
    QVERIFY(result.isOk());
    QCOMPARE(*result, u"seven"_s);
    QCOMPARE(result->size(), 5);
    *result += u'!';
    result->prepend(u'>');
    QCOMPARE(result.value(), u">seven!"_s);
    const Result<QString> &view = result;
    QCOMPARE(*view, u">seven!"_s);
    QCOMPARE(view->size(), 7);
}

void TestResult::holdsAnError()
{
    const Result<int> result = Error{ u"LISTEN is not an address"_s, u"LISTEN"_s };
    QVERIFY(!result);
    QVERIFY(!result.isOk());
    QCOMPARE(result.error().message, u"LISTEN is not an address"_s);
    QCOMPARE(result.error().field, u"LISTEN"_s);
}

void TestResult::movesTheValueOut()
{
    Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
    QVERIFY(result);
    const std::unique_ptr<int> taken = std::move(result).value();
    QCOMPARE(*taken, 7);
}

void TestResult::errorOfTheSameTypeAsTheValueIsStillAnError()
{
    const Result<QString> fine = QString();
    const Result<QString> failed = Error{};
    QVERIFY(fine);
    QVERIFY(!failed);
}

void TestResult::statusIsOkOrHasAReason()
{
    const Status fine = ok();
    QVERIFY(fine);
    const Status failed = Error{ u"disk full"_s, {} };
    QVERIFY(!failed);
    QCOMPARE(failed.error().message, u"disk full"_s);
    QVERIFY(failed.error().field.isEmpty());
}

QTEST_APPLESS_MAIN(TestResult)
#include "tst_result.moc"
