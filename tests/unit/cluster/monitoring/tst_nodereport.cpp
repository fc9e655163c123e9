// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include <QtCore/QJsonDocument>

#include "server/cluster/monitoring/nodereport.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestNodeReport : public QObject
{
    Q_OBJECT

private:
    static NodeReport report()
    {
        NodeReport made;
        made.node = { u"one"_s, u"01J00000000000000000000000"_s, u"1.0"_s, u"http://127.0.0.1:1"_s,
            UtcTime(1'762'776'000'000ms) };
        made.isAlone = true;
        made.aloneReason = u"Redis answers too late"_s;
        made.at = UtcTime(std::chrono::milliseconds(1'762'776'000'123));
        made.clockSkew = std::chrono::milliseconds(2500);
        made.frame.time = UtcTime(1'762'776'005'000ms);
        made.frame[Metric::MessagesOut] = 12;
        made.today.begin = UtcTime(1'762'732'800'000ms);
        made.today[Metric::Handshakes] = 30;
        made.today.closedMillis = 4000;
        made.today.peakConnections = 9;
        made.minute = { 60, 5, 4, 1 };
        made.activeConnections = 8;
        made.addressesNearLimit = 2;
        made.clusterPeak = 17;
        return made;
    }

private Q_SLOTS:
    void survivesTheWire()
    {
        const std::optional<NodeReport> read = NodeReport::fromJson(report().toJson());
        QVERIFY(read);
        QCOMPARE(read->toJson(), report().toJson());
        QCOMPARE(read->node.name, u"one"_s);
        QCOMPARE(read->frame[Metric::MessagesOut], 12.0);
        QCOMPARE(read->today[Metric::Handshakes], 30);
        QCOMPARE(read->minute.limitRefusals, 4);
        QVERIFY(read->isAlone);
        QCOMPARE(read->aloneReason, u"Redis answers too late"_s);
        QCOMPARE(read->at, UtcTime(1'762'776'000'123ms));
        QCOMPARE(read->clockSkew, std::optional<std::chrono::milliseconds>(2500ms));
        QVERIFY(!read->isLeaving);
    }

    void countsAreNeverNegative()
    {
        QJsonObject json = QJsonDocument::fromJson(report().toJson()).object();
        json["active_connections"_L1] = -5;
        json["values"_L1] = QJsonObject{ { "messages_out"_L1, -1e300 } };
        const std::optional<NodeReport> read = NodeReport::fromJson(QJsonDocument(json).toJson());
        QVERIFY(read);
        QCOMPARE(read->activeConnections, 0);
        QCOMPARE(read->frame[Metric::MessagesOut], 0.0);
    }

    void metricsThatItDoesNotKnowAreLeftOut()
    {
        QJsonObject json = QJsonDocument::fromJson(report().toJson()).object();
        json["values"_L1] = QJsonObject{ { "of_the_future"_L1, 3 }, { "errors"_L1, 2 } };
        QCOMPARE((*NodeReport::fromJson(QJsonDocument(json).toJson())).frame[Metric::Errors], 2.0);
    }

    void refusesWhatIsNone_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto with = [](QLatin1StringView member, const QJsonValue &value) {
            QJsonObject json = QJsonDocument::fromJson(report().toJson()).object();
            json[member] = value;
            return QJsonDocument(json).toJson();
        };
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("garbage") << QByteArray("\x00\xff{", 3);
        QTest::newRow("list") << QByteArray("[1]");
        QTest::newRow("no name") << with("name"_L1, {});
        QTest::newRow("long name") << with("name"_L1, QString(65, u'x'));
        QTest::newRow("no run") << with("run"_L1, 5);
        QTest::newRow("no time") << with("t"_L1, u"yesterday"_s);
        QTest::newRow("no values") << with("values"_L1, 1);
        QTest::newRow("no day") << with("today"_L1, QJsonValue::Null);
        QTest::newRow("too long") << with("url"_L1, QString(NodeReport::kMaxBytes, u'x'));
        QTest::newRow("deep") << QByteArray(3000, '[');
    }

    void refusesWhatIsNone()
    {
        QFETCH(const QByteArray, text);
        QVERIFY(!NodeReport::fromJson(text));
    }
};

QTEST_GUILESS_MAIN(TestNodeReport)
#include "tst_nodereport.moc"
