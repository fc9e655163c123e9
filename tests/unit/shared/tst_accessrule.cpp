// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/accessrule.h"

#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestAccessRule : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesTheWire()
    {
        AccessRule rule;
        rule.id = u"01J00000000000000000000000"_s;
        rule.kind = AccessKind::User;
        rule.value = u"42"_s;
        rule.issuedBefore = parseIso(u"2026-01-01T12:00:00Z");
        rule.reason = u"stolen laptop"_s;
        rule.note = u"ticket 7"_s;
        rule.createdAt = *parseIso(u"2026-01-01T12:00:00.250Z");
        rule.createdBy = u"root"_s;
        QCOMPARE(AccessRule::fromJson(rule.toJson()), rule);
        rule.expiresAt = parseIso(u"2026-02-01T00:00:00Z");
        rule.issuedBefore.reset();
        QCOMPARE(AccessRule::fromJson(rule.toJson()), rule);
        QCOMPARE(rule.toJson()["expires_at"_L1].toString(), u"2026-02-01T00:00:00.000Z"_s);
        QVERIFY(rule.toJson()["issued_before"_L1].isNull());
    }

    void whatLacksItsPartsIsNoRule()
    {
        AccessRule rule;
        rule.id = u"1"_s;
        rule.value = u"10.0.0.1"_s;
        QVERIFY(AccessRule::fromJson(rule.toJson()));
        for (const auto name : { "id"_L1, "kind"_L1, "value"_L1, "created_at"_L1 }) {
            QJsonObject object = rule.toJson();
            object.remove(name);
            QVERIFY2(!AccessRule::fromJson(object), name.data());
            object.insert(name, u"?"_s);
            QCOMPARE(AccessRule::fromJson(object).has_value(), name == "id"_L1 || name == "value"_L1);
        }
    }

    void kindsHaveNames()
    {
        for (const AccessKind kind : { AccessKind::Address, AccessKind::Cidr, AccessKind::User, AccessKind::TokenId })
            QCOMPARE(parseAccessKind(QString(accessKindName(kind))), kind);
        QVERIFY(!parseAccessKind(u"host"));
        QVERIFY(!parseAccessKind(u""));
    }
};

QTEST_APPLESS_MAIN(TestAccessRule)
#include "tst_accessrule.moc"
