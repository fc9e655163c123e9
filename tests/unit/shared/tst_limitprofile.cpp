// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QSet>
#include <QtTest/QTest>

#include "shared/limits/limitprofile.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestLimitProfile final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void valuesAreTheDocumentedOnes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QList<qint64>>("values"); // of an address, of a client, messages, of a user
        QTest::newRow("guide") << u"guide"_s << QList<qint64>{ 5, 10, 60, 20 };
        QTest::newRow("site") << u"site"_s << QList<qint64>{ 200, 60, 120, 50 };
        QTest::newRow("strict") << u"STRICT"_s << QList<qint64>{ 2, 5, 30, 5 };
        QTest::newRow("high traffic") << u"High_Traffic"_s << QList<qint64>{ 10, 10, 120, 20 };
    }
    void valuesAreTheDocumentedOnes()
    {
        QFETCH(QString, name);
        QFETCH(QList<qint64>, values);
        const LimitProfileDescriptor *profile = findLimitProfile(name);
        QVERIFY(profile);
        const LimitSet limits = profile->limits();
        const LimitKey keys[] = { LimitKey::MaxConnectionsPerIp, LimitKey::MaxReconnectAttempts,
            LimitKey::MaxMessagesPerMinute, LimitKey::MaxConnectionsPerUser };
        for (int i = 0; i < 4; ++i)
            QCOMPARE(profile->valueOf(keys[i]), values[i]);
        for (const LimitDescriptor &limit : limitDescriptors()) {
            QCOMPARE(limits[limit.key].value, profile->valueOf(limit.key));
            QCOMPARE(limits[limit.key].mode, LimitMode::Enforce);
            QVERIFY(!checkLimitValue(limit, limits[limit.key].value));
        }
        QCOMPARE(limits[LimitKey::ReconnectWindow].value, 60);
    }

    void saysWhatTheGuidesNumbersMeanBehindOneAddress()
    {
        for (const LimitProfileDescriptor &profile : limitProfiles()) {
            const std::optional<QString> advice = sharedAddressAdvice(profile.limits());
            QCOMPARE(advice.has_value(), profile.profile != LimitProfile::Site);
            if (!advice)
                continue;
            const qint64 value = profile.valueOf(LimitKey::MaxConnectionsPerIp);
            QVERIFY(advice->startsWith(u"%1 connections for everybody behind one address"_s.arg(value)));
            QVERIFY(advice->contains(u"LIMITS_PROFILE=site allows 200"_s));
        }
        LimitSet limits;
        limits[LimitKey::MaxConnectionsPerIp] = { 1, LimitMode::Enforce };
        QVERIFY(sharedAddressAdvice(limits)->startsWith(u"1 connection for"_s));
        limits[LimitKey::MaxConnectionsPerIp] = { 5, LimitMode::Observe };
        QVERIFY(!sharedAddressAdvice(limits));
        limits[LimitKey::MaxConnectionsPerIp] = { 50, LimitMode::Enforce };
        QVERIFY(!sharedAddressAdvice(limits));
    }

    void theGuidesIsTheTableOfLimits()
    {
        QVERIFY(limitProfile(LimitProfile::Guide).limits().hasSameValues(LimitSet()));
    }

    void rowsAreInTheOrderOfTheEnumeration()
    {
        QSet<QString> names;
        for (size_t i = 0; i < kLimitProfileCount; ++i) {
            QCOMPARE(size_t(limitProfiles()[i].profile), i);
            names.insert(limitProfiles()[i].name);
        }
        QCOMPARE(size_t(names.size()), kLimitProfileCount);
    }

    void whatIsNoneIsNotFound()
    {
        for (const char *name : { "", "fast", "guide ", "high-traffic", "guides", "site,strict" })
            QVERIFY2(!findLimitProfile(QString::fromLatin1(name)), name);
    }
};

QTEST_APPLESS_MAIN(TestLimitProfile)
#include "tst_limitprofile.moc"
