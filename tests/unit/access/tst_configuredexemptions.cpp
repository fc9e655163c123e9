// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/access/accessrows.h"
#include "server/access/configuredexemptions.h"
#include "tests/support/recordinglog.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestConfiguredExemptions : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// What there is no room for is not asked for each second, and not in silence either.
    void waitsForRoomInTheList()
    {
        StoreFixture state({ &accessrows::createTables });
        RecordingLog log;
        AccessLedger ledger;
        AccessRule rule;
        rule.kind = AccessKind::User;
        for (size_t i = 0; i < AccessLedger::kMaxRules; ++i) {
            rule.id = rule.value = QString::number(i);
            ledger.put(AccessList::Exemptions, rule);
        }
        QStringList asked;
        ConfiguredExemptions exemptions(state.store(), ledger, log,
            {
                [&](const AccessRule &wanted, const Actor &, const auto &done) {
                    asked.append(wanted.value);
                    done(true);
                },
                [](const QString &, const Actor &, const auto &done) { done(); },
            });
        exemptions.begin({ { u"10.0.0.0/8"_s, 7 } }, {});
        for (int second = 0; second < 5; ++second)
            exemptions.settle();
        QCOMPARE(asked, QStringList());
        QCOMPARE(exemptions.unsettled().size(), size_t(1)); // it holds beside the list
        QCOMPARE(log.lines("exempt_networks_waiting"_L1).size(), size_t(1));
        QCOMPARE(log.lines("exempt_networks_waiting"_L1)[0].fields["waiting"_L1].toInt(), 1);
        ledger.remove(AccessList::Exemptions, u"5"_s);
        exemptions.settle();
        QCOMPARE(asked, QStringList(u"10.0.0.0/8"_s));
        QVERIFY(exemptions.unsettled().empty());
    }
};

QTEST_GUILESS_MAIN(TestConfiguredExemptions)
#include "tst_configuredexemptions.moc"
