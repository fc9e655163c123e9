// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/limits/limitconfiguration.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

constexpr LimitKey kPerIp = LimitKey::MaxConnectionsPerIp;
constexpr LimitKey kPerUser = LimitKey::MaxConnectionsPerUser;

LimitConfiguration says(std::initializer_list<std::pair<LimitKey, qint64>> values, bool isGuarding = true)
{
    LimitConfiguration configuration;
    configuration.isGuarding = isGuarding;
    for (const auto &[key, value] : values)
        configuration.limits[key] = { value, LimitMode::Enforce };
    return configuration;
}

LimitSet limitsWith(LimitKey key, qint64 value)
{
    LimitSet limits;
    limits[key].value = value;
    return limits;
}

using Known = std::optional<LimitConfiguration>;

} // namespace

class TestLimitConfiguration final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void over_data()
    {
        QTest::addColumn<LimitConfiguration>("configured");
        QTest::addColumn<Known>("own");
        QTest::addColumn<Known>("common");
        QTest::addColumn<qint64>("inForce");
        QTest::addColumn<qint64>("expected");
        const Known nothing;
        QTest::newRow("never seen") << says({ { kPerIp, 9 } }) << nothing << nothing << qint64(5) << qint64(9);
        QTest::newRow("as at the last start, changed live since")
            << says({ { kPerIp, 9 } }) << Known(says({ { kPerIp, 9 } })) << nothing << qint64(20) << qint64(20);
        QTest::newRow("another than at the last start")
            << says({ { kPerIp, 9 } }) << Known(says({ { kPerIp, 8 } })) << nothing << qint64(20) << qint64(9);
        QTest::newRow("news to this process, but another node brought it")
            << says({ { kPerIp, 9 } }) << Known(says({ { kPerIp, 8 } })) << Known(says({ { kPerIp, 9 } })) << qint64(20)
            << qint64(20);
        QTest::newRow("taken out, nobody changed it: the default")
            << says({}) << Known(says({ { kPerIp, 9 } })) << nothing << qint64(9) << LimitSet()[kPerIp].value;
        QTest::newRow("taken out, changed live since")
            << says({}) << Known(says({ { kPerIp, 9 } })) << nothing << qint64(20) << qint64(20);
    }
    void over()
    {
        QFETCH(LimitConfiguration, configured);
        QFETCH(Known, own);
        QFETCH(Known, common);
        QFETCH(qint64, inForce);
        QFETCH(qint64, expected);
        ConfigurationNews news{ configured, own, common };
        const LimitSet current = limitsWith(kPerIp, inForce);
        QCOMPARE(news.over(current)[kPerIp].value, expected);
        news.isSettled = true;
        QCOMPARE(news.over(current)[kPerIp].value, inForce);
    }

    void theProfileIsWhereOtherValuesComeFrom_data()
    {
        using enum LimitProfile;
        QTest::addColumn<LimitConfiguration>("configured");
        QTest::addColumn<Known>("own");
        QTest::addColumn<Known>("common");
        QTest::addColumn<qint64>("inForce");
        QTest::addColumn<qint64>("expected");
        const auto with = [](LimitProfile profile, LimitConfiguration configuration = says({})) {
            configuration.profile = profile;
            return configuration;
        };
        const LimitConfiguration seven = says({ { kPerIp, 7 } });
        const Known nothing;
        QTest::newRow("never seen") << with(Site) << nothing << nothing << qint64(5) << qint64(200);
        QTest::newRow("changed live before") << with(Site) << nothing << nothing << qint64(20) << qint64(20);
        QTest::newRow("set too") << with(Site, seven) << nothing << nothing << qint64(5) << qint64(7);
        QTest::newRow("as at the last start")
            << with(Site) << Known(with(Site)) << Known(with(Site)) << qint64(200) << qint64(200);
        QTest::newRow("as at the last start, edited to the guide's value since")
            << with(Site) << Known(with(Site)) << Known(with(Site)) << qint64(5) << qint64(5);
        QTest::newRow("another one") << with(Strict) << Known(with(Site)) << Known(with(Site)) << qint64(200)
                                     << qint64(2);
        QTest::newRow("back to the guide's") << with(Guide) << Known(with(Site)) << nothing << qint64(200) << qint64(5);
        QTest::newRow("set no more, the profile stays")
            << with(Site) << Known(with(Site, seven)) << Known(with(Site, seven)) << qint64(7) << qint64(200);
        QTest::newRow("set no more, the profile changes")
            << with(HighTraffic) << Known(with(Site, seven)) << nothing << qint64(7) << qint64(10);
        QTest::newRow("another node brought it")
            << with(Site) << Known(with(Guide)) << Known(with(Site)) << qint64(20) << qint64(20);
        QTest::newRow("another node has brought another since")
            << with(Site) << Known(with(Site)) << Known(with(Strict)) << qint64(2) << qint64(2);
    }
    void theProfileIsWhereOtherValuesComeFrom() { over(); }

    void theProfileInForce()
    {
        using enum LimitProfile;
        const auto with = [](LimitProfile profile) {
            LimitConfiguration configuration;
            configuration.profile = profile;
            return configuration;
        };
        ConfigurationNews news{ with(Site), {}, {} };
        QCOMPARE(news.profile(), Site);
        QCOMPARE(news.merged().profile, Site);
        news.common = with(Strict);
        QCOMPARE(news.profile(), Site);
        news.own = with(Site);
        QCOMPARE(news.profile(), Strict); // which another node brought since
        QCOMPARE(news.merged().profile, Strict);
    }

    void theSwitchIsNewsIfItIsToBoth()
    {
        const Known on(says({}, true));
        const Known off(says({}, false));
        QVERIFY((ConfigurationNews{ says({}, true), {}, {} }.isSwitchNews()));
        QVERIFY((!ConfigurationNews{ says({}, true), on, {} }.isSwitchNews()));
        QVERIFY((ConfigurationNews{ says({}, false), on, {} }.isSwitchNews()));
        QVERIFY((!ConfigurationNews{ says({}, false), on, off }.isSwitchNews()));
        QVERIFY((ConfigurationNews{ says({}, false), on, on }.isSwitchNews()));
    }

    void mergedIsWhatAnyNodeSaidLast()
    {
        const ConfigurationNews further{ says({ { kPerIp, 9 } }), {}, says({ { kPerUser, 4 } }) };
        QVERIFY(further.merged() == says({ { kPerIp, 9 }, { kPerUser, 4 } }));
        const ConfigurationNews takenOut{ says({}), says({ { kPerIp, 9 } }), says({ { kPerIp, 9 }, { kPerUser, 4 } }) };
        QVERIFY(takenOut.merged() == says({ { kPerUser, 4 } }));
        // What another node has brought since is not this one's to take out.
        const ConfigurationNews others{ says({}), says({ { kPerIp, 9 } }), says({ { kPerIp, 7 } }) };
        QVERIFY(others.merged() == says({ { kPerIp, 7 } }));
        const ConfigurationNews changed{ says({ { kPerIp, 8 } }, false), says({ { kPerIp, 9 } }),
            says({ { kPerIp, 9 } }) };
        QVERIFY(changed.merged() == says({ { kPerIp, 8 } }, false));
    }
};

QTEST_APPLESS_MAIN(TestLimitConfiguration)
#include "tst_limitconfiguration.moc"
