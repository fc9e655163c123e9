// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/knownparameters.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestKnownParameters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesWhatIsKnownOnce()
    {
        HttpRequest request;
        QVERIFY(!judgeParameters(request, {}));
        request.query = { { "limit", "5" }, { "", "" }, { "cursor", "" } };
        QVERIFY(!judgeParameters(request, { "cursor"_L1, "limit"_L1 }));
        QVERIFY(!judgeMembers({}, {}));
        QVERIFY(!judgeMembers({ { "note"_L1, 1 } }, { "note"_L1 }));
    }

    void namesTheParameterAndWhatIsTaken()
    {
        HttpRequest request;
        request.query = { { "limit", "5" }, { "dry_run", "sesame" } };
        const std::optional<Error> error = judgeParameters(request, { "limit"_L1, "cursor"_L1 });
        QVERIFY(error);
        QCOMPARE(error->field, u"dry_run"_s);
        QCOMPARE(error->message, uR"(there is no parameter "dry_run"; taken here: limit, cursor)"_s);
        QCOMPARE(judgeParameters(request, {})->message, uR"(there is no parameter "limit"; none is taken here)"_s);
    }

    void refusesOneThatStandsTwice()
    {
        HttpRequest request;
        request.query = { { "limit", "5" }, { "cursor", "x" }, { "limit", "5" } };
        const std::optional<Error> error = judgeParameters(request, { "limit"_L1, "cursor"_L1 });
        QVERIFY(error);
        QCOMPARE(error->field, u"limit"_s);
        QVERIFY(error->message.contains(u"twice"));
    }

    void repeatsNoMoreThanAName()
    {
        HttpRequest request;
        request.query = { { QByteArray(5000, 'x'), {} } };
        QVERIFY(judgeParameters(request, {})->message.size() < 100);
        QVERIFY(judgeMembers({ { QString(5000, u'x'), 1 } }, {})->message.size() < 100);
    }

    void namesTheMember()
    {
        const std::optional<Error> error
            = judgeMembers({ { "note"_L1, 1 }, { "on_lower"_L1, "keep"_L1 } }, { "note"_L1 });
        QVERIFY(error);
        QCOMPARE(error->field, u"on_lower"_s);
        QCOMPARE(error->message, uR"(there is no member "on_lower"; taken here: note)"_s);
    }
};

QTEST_GUILESS_MAIN(TestKnownParameters)
#include "tst_knownparameters.moc"
