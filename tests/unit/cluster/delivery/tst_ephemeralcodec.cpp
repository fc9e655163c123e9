// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/cluster/delivery/ephemeralcodec.h"
#include "server/notify/notificationmessages.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

Delivery sample()
{
    const Notification notification{ u"01ARZ3NDEKTSV4RRFFQ69G5FAV"_s, u"Hi"_s, u"ภาษาไทย"_s, u"info"_s,
        QJsonObject{ { "a"_L1, 1 } }, UtcTime(std::chrono::milliseconds(1'762'776'000'000)), false };
    return { ToGroups{ { u"staff"_s } }, notificationMessage(notification, {}), 0, true,
        UtcTime(std::chrono::milliseconds(1'762'776'060'000)) };
}

} // namespace

class TestEphemeralCodec final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrip()
    {
        const Delivery sent = sample();
        const std::optional<Delivery> came
            = ephemeralcodec::decode(ephemeralcodec::encode(sent, u"run-a"_s), u"run-b"_s);
        QVERIFY(came);
        QCOMPARE(std::get<ToGroups>(came->to).groups, QStringList{ u"staff"_s });
        QCOMPARE(came->message, sent.message);
        QCOMPARE(came->sequence, 0);
        QVERIFY(came->isDroppable);
        QVERIFY(came->expiresAt == sent.expiresAt);
    }

    void anEchoIsEmpty()
    {
        const std::optional<Delivery> echo
            = ephemeralcodec::decode(ephemeralcodec::encode(sample(), u"run-a"_s), u"run-a"_s);
        QVERIFY(echo);
        QVERIFY(echo->message.isEmpty());
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("payload");
        const auto with = [](QLatin1StringView name, const QJsonValue &value) {
            QJsonObject object = QJsonDocument::fromJson(ephemeralcodec::encode(sample(), u"run-a"_s)).object();
            object.insert(name, value);
            return QJsonDocument(object).toJson(QJsonDocument::Compact);
        };
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("a list") << QByteArray("[1]");
        QTest::newRow("from nobody") << with("from"_L1, QJsonValue::Null);
        QTest::newRow("to nobody") << with("to"_L1, QJsonObject{});
        QTest::newRow("to text") << with("to"_L1, "all"_L1);
        QTest::newRow("no notification") << with("notification"_L1, QJsonValue::Null);
        QTest::newRow("another notification") << with("notification"_L1, QJsonObject{ { "id"_L1, 1 } });
        QTest::newRow("expires is text") << with("expires"_L1, "soon"_L1);
        QTest::newRow("deep") << QByteArray(1000, '[');
        QTest::newRow("large") << with("more"_L1, QString(ephemeralcodec::kMostBytes, u'x'));
    }
    void refuses()
    {
        QFETCH(QByteArray, payload);
        QVERIFY(!ephemeralcodec::decode(payload, u"run-b"_s));
    }
};

QTEST_GUILESS_MAIN(TestEphemeralCodec)
#include "tst_ephemeralcodec.moc"
