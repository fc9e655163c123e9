// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/role.h"

#include <QtTest/QTest>

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestRole final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void allowsByTable_data();
    void allowsByTable();
    void namesRoundTrip();
    void refusesOtherNames_data();
    void refusesOtherNames();
};

void TestRole::allowsByTable_data()
{
    QTest::addColumn<int>("held");
    QTest::addColumn<QString>("may"); // one letter per needed role: None, Viewer, Publisher, Operator, Admin
    QTest::newRow("none") << int(Role::None) << u"N"_s;
    QTest::newRow("viewer") << int(Role::Viewer) << u"NV"_s;
    QTest::newRow("publisher") << int(Role::Publisher) << u"NP"_s;
    QTest::newRow("operator") << int(Role::Operator) << u"NVPO"_s;
    QTest::newRow("admin") << int(Role::Admin) << u"NVPOA"_s;
}

void TestRole::allowsByTable()
{
    QFETCH(int, held);
    const std::pair<Role, QChar> needed[]{ { Role::None, u'N' }, { Role::Viewer, u'V' }, { Role::Publisher, u'P' },
        { Role::Operator, u'O' }, { Role::Admin, u'A' } };
    QString may;
    for (const auto &[role, letter] : needed) {
        if (allows(Role(held), role))
            may += letter;
    }
    QTEST(may, "may");
}

void TestRole::namesRoundTrip()
{
    for (const Role role : { Role::Viewer, Role::Publisher, Role::Operator, Role::Admin })
        QCOMPARE(parseRole(QString(roleName(role))).value(), role);
    QCOMPARE(roleName(Role::None), "none"_L1);
}

void TestRole::refusesOtherNames_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : { "", "none", "Admin", "ADMIN", "admin ", "root", "superuser", "viewer,admin" })
        QTest::newRow(text) << QString::fromLatin1(text);
}

void TestRole::refusesOtherNames()
{
    QFETCH(QString, text);
    QVERIFY(!parseRole(text));
}

QTEST_APPLESS_MAIN(TestRole)
#include "tst_role.moc"
