// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/config/settingsloader.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

/// What settings say of limits as a whole: the profile, exemptions, and what is taken for one address.
class TestLimitSettings final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_environment = {};
        m_environment.insert(u"HOME"_s, m_directory.path());
    }

    void whatIsSetNowhereComesFromTheProfile()
    {
        m_environment.insert(u"LIMITS_PROFILE"_s, u"Site"_s);
        m_environment.insert(u"MAX_MESSAGES_PER_MINUTE"_s, u"90"_s);
        m_environment.insert(u"MAX_CONNECTIONS_PER_USER_MODE"_s, u"observe"_s);
        const auto loaded = load();
        QVERIFY(loaded.isOk());
        const Settings &settings = loaded->settings;
        QCOMPARE(settings.limitProfile, LimitProfile::Site);
        QCOMPARE(settings.limits[LimitKey::MaxConnectionsPerIp].value, 200);
        QCOMPARE(settings.limits[LimitKey::MaxMessagesPerMinute].value, 90);
        QCOMPARE(settings.limits[LimitKey::MaxConnectionsPerUser].value, 50);
        QCOMPARE(settings.limits[LimitKey::MaxConnectionsPerUser].mode, LimitMode::Observe);
        QCOMPARE(settings.configuredLimits,
            std::vector<LimitKey>({ LimitKey::MaxMessagesPerMinute, LimitKey::MaxConnectionsPerUser }));
        QCOMPARE(row(*loaded, u"MAX_CONNECTIONS_PER_IP"_s).value, u"200"_s);
        QCOMPARE(row(*loaded, u"MAX_CONNECTIONS_PER_IP"_s).source, u"profile site"_s);
        QCOMPARE(row(*loaded, u"RECONNECT_WINDOW"_s).source, u"profile site"_s);
        QCOMPARE(row(*loaded, u"MAX_CONNECTIONS_PER_IP_MODE"_s).source, u"default"_s);
        QCOMPARE(row(*loaded, u"MAX_MESSAGES_PER_MINUTE"_s).source, u"environment"_s);
        m_environment.remove(u"LIMITS_PROFILE"_s);
        QCOMPARE(row(*load(), u"MAX_CONNECTIONS_PER_IP"_s).source, u"default"_s);
        QCOMPARE(row(*load({ u"--limits-profile"_s, u"strict"_s }), u"MAX_CONNECTIONS_PER_IP"_s).value, u"2"_s);
    }

    void networksAreExemptOrHaveANumber()
    {
        QVERIFY(load()->settings.exemptNetworks.empty());
        m_environment.insert(u"EXEMPT_NETWORKS"_s, u" 10.0.0.0/8 , 203.0.113.7/24=200, 2001:db8::7 = 5,"_s);
        const ExemptNetworks expected{ { u"10.0.0.0/8"_s, std::nullopt }, { u"203.0.113.0/24"_s, 200 },
            { u"2001:db8::/64"_s, 5 } };
        QVERIFY(load()->settings.exemptNetworks == expected);
    }

    void anAddressIsAsWideAsItIsSaid()
    {
        QCOMPARE(load()->settings.ipv6PrefixBits, 64);
        m_environment.insert(u"IPV6_PREFIX"_s, u"48"_s);
        QCOMPARE(load()->settings.ipv6PrefixBits, 48);
    }

    void exemptionsAreNotNarrowerThanAnAddress_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected"); // the network that is kept, or the error
        QTest::newRow("an address") << u"2001:db8:0:12::7=5"_s << u"2001:db8::/56"_s;
        QTest::newRow("just as wide") << u"2001:db8:0:100::/56=5"_s << u"2001:db8:0:100::/56"_s;
        QTest::newRow("wider") << u"2001:db8::/32=5"_s << u"2001:db8::/32"_s;
        QTest::newRow("of IPv4") << u"203.0.113.7/32=5"_s << u"203.0.113.7/32"_s;
        QTest::newRow("narrower")
            << u"2001:db8:0:12::/64=5"_s
            << u"EXEMPT_NETWORKS: \"2001:db8:0:12::/64\" is narrower than what IPV6_PREFIX (56)"_s;
        QTest::newRow("two addresses of one")
            << u"2001:db8:0:12::7=5,2001:db8:0:13::7"_s << u"EXEMPT_NETWORKS: \"2001:db8:0:13::7\" is named twice"_s;
        QTest::newRow("an address and its network")
            << u"2001:db8::/56,2001:db8:0:13::7"_s << u"EXEMPT_NETWORKS: \"2001:db8:0:13::7\" is named twice"_s;
    }
    void exemptionsAreNotNarrowerThanAnAddress()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        m_environment.insert(u"IPV6_PREFIX"_s, u"56"_s);
        m_environment.insert(u"EXEMPT_NETWORKS"_s, text);
        const auto loaded = load();
        if (expected.startsWith(u"EXEMPT"_s)) {
            QVERIFY(!loaded);
            QVERIFY2(loaded.error().message.contains(expected), qPrintable(loaded.error().message));
            return;
        }
        QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message));
        QVERIFY(loaded->settings.exemptNetworks == (ExemptNetworks{ { expected, 5 } }));
    }

    void badInputIsNamed_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("expected");
        const auto variable = [](const char *name, const char *value, const char *expected) {
            QTest::addRow("%s=%s", name, value)
                << QString::fromLatin1(name) << QString::fromLatin1(value) << QString::fromLatin1(expected);
        };
        variable("LIMITS_PROFILE", "fast", "\"fast\" is not guide, site, strict or high_traffic");
        variable("LIMITS_PROFILE", "", "is empty");
        variable("LIMITS_PROFILE", "site,strict", "\"site,strict\" is not guide,");
        variable("RECONNECT_WINDOW", "0", "must be a whole number from 1 to 3600");
        variable("RECONNECT_WINDOW", "3601", "must be a whole number from 1 to 3600");
        variable("RECONNECT_WINDOW", "60s", "must be a whole number from 1 to 3600");
        variable("IPV6_PREFIX", "47", "must be a whole number from 48 to 64");
        variable("IPV6_PREFIX", "65", "must be a whole number from 48 to 64");
        variable("IPV6_PREFIX", "/56", "must be a whole number from 48 to 64");
        variable("EXEMPT_NETWORKS", "10.0.0.0/8,office", "\"office\" is not an IP address");
        variable("EXEMPT_NETWORKS", "10.0.0.0/8=0", "the number of 10.0.0.0/8 must be a whole number from 1");
        variable("EXEMPT_NETWORKS", "10.0.0.0/8=", "the number of 10.0.0.0/8 must be");
        variable("EXEMPT_NETWORKS", "10.0.0.0/8=5=6", "the number of 10.0.0.0/8 must be");
        variable("EXEMPT_NETWORKS", "10.0.0.0/8,10.1.0.0/8=5", "\"10.1.0.0/8\" is named twice");
        variable("EXEMPT_NETWORKS", "2001:db8::/96", "an IPv6 network must be a /64 or wider");
        variable("EXEMPT_NETWORKS", "unix", "\"unix\" is not an IP address");
    }
    void badInputIsNamed()
    {
        QFETCH(QString, name);
        QFETCH(QString, value);
        QFETCH(QString, expected);
        m_environment.insert(name, value);
        const auto loaded = load();
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message.contains(name + u": "_s + expected), qPrintable(loaded.error().message));
    }

private:
    Result<LoadedSettings> load(const QStringList &arguments = {})
    {
        return readSettings(arguments, m_environment, m_directory.path(), {});
    }
    static SettingRow row(const LoadedSettings &loaded, const QString &name)
    {
        const auto found
            = std::find_if(loaded.rows.begin(), loaded.rows.end(), [&](const SettingRow &r) { return r.name == name; });
        return found == loaded.rows.end() ? SettingRow{} : *found;
    }

    QTemporaryDir m_directory;
    QProcessEnvironment m_environment;
};

QTEST_APPLESS_MAIN(TestLimitSettings)
#include "tst_limitsettings.moc"
