// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/cluster/monitoring/decisionsignal.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

struct Fixture
{
    FakeClock clock;
    RecordingLog log;
    QByteArrayList said;
    ClusterPubSub first{ u"run-a"_s, [this](const QByteArray &, const QByteArray &payload) { said.append(payload); },
        clock, log };
    ClusterPubSub second{ u"run-b"_s, [](const QByteArray &, const QByteArray &) {}, clock, log };
    std::vector<Decision> taken;
    qint64 skipped = 0;

    Fixture()
    {
        decisionsignal::listen(second, [this](const std::vector<Decision> &decisions, qint64 more) {
            taken.insert(taken.end(), decisions.begin(), decisions.end());
            skipped += more;
        });
    }
    void hear(const QByteArray &payload)
    {
        second.received(ClusterPubSub::kSignal, payload);
        QCoreApplication::processEvents();
    }
    std::vector<Decision> decisions(size_t count) const
    {
        std::vector<Decision> all;
        for (size_t i = 0; i < count; ++i) {
            Decision decision;
            decision.id = QString::number(i);
            decision.at = clock.utc();
            decision.reason = Reason::TooManyConnections;
            decision.address = u"192.0.2.1"_s;
            all.push_back(decision);
        }
        return all;
    }
};

} // namespace

class TestDecisionSignal final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhoWasRefusedAndWhere()
    {
        Fixture f;
        decisionsignal::send(f.first, u"node-1"_s, f.decisions(2), 3);
        f.hear(f.said.at(0));
        QCOMPARE(f.taken.size(), 2U);
        QCOMPARE(f.taken[1].id, u"1"_s);
        QCOMPARE(f.taken[1].node, u"node-1"_s);
        QCOMPARE(f.taken[1].reason, Reason::TooManyConnections);
        QCOMPARE(f.skipped, 3);
    }

    void ofAFloodTheNewest()
    {
        Fixture f;
        decisionsignal::send(f.first, u"node-1"_s, f.decisions(decisionsignal::kMostDecisions + 7), 0);
        f.hear(f.said.at(0));
        QCOMPARE(f.taken.size(), decisionsignal::kMostDecisions);
        QCOMPARE(f.taken[0].id, u"7"_s);
        QCOMPARE(f.skipped, 7);
    }

    void passesOverWhatNoNodeSays()
    {
        Fixture f;
        f.hear(R"({"type":"decisions","from":"run-c"})");
        f.hear(R"({"type":"decisions","from":"run-c","decisions":[{"id":"1"},7,null],"skipped":0})");
        f.hear(R"({"type":"decisions","from":"run-c","decisions":[],"skipped":-5})");
        decisionsignal::send(f.first, u"node-1"_s, f.decisions(decisionsignal::kMostDecisions), 0);
        QJsonObject tooMany = QJsonDocument::fromJson(f.said.at(0)).object();
        QJsonArray array = tooMany["decisions"_L1].toArray();
        array.append(array.first());
        tooMany.insert("decisions"_L1, array);
        f.hear(QJsonDocument(tooMany).toJson());
        QCOMPARE(f.taken.size(), 0U);
        QCOMPARE(f.skipped, 0);
    }
};

QTEST_GUILESS_MAIN(TestDecisionSignal)
#include "tst_decisionsignal.moc"
