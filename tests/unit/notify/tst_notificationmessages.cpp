// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "server/notify/notificationmessages.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

QJsonObject parsed(const QByteArray &message)
{
    return QJsonDocument::fromJson(message).object();
}

StoredNotification sample(qint64 sequence)
{
    StoredNotification stored;
    stored.sequence = sequence;
    stored.notification.id = u"01J0000000000000000000000%1"_s.arg(sequence % 10);
    stored.notification.title = u"Hello ก \U0001F600"_s;
    stored.notification.level = u"info"_s;
    return stored;
}

} // namespace

class TestNotificationMessages final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void list();
    void single();
    void read();
};

void TestNotificationMessages::list()
{
    const QJsonObject empty = parsed(notificationsListMessage({}));
    QCOMPARE(empty.keys(), QStringList({ u"cursor"_s, u"notifications"_s, u"truncated"_s, u"type"_s, u"unread"_s }));
    QCOMPARE(empty.value(u"type"_s).toString(), u"notifications_list"_s);
    QVERIFY(empty.value(u"notifications"_s).isArray());
    QCOMPARE(decodeCursor(empty.value(u"cursor"_s).toString()), std::optional(Cursor()));

    const QJsonObject full = parsed(notificationsListMessage({ { sample(4), sample(7) }, 2, 9, true, false, 5 }));
    QCOMPARE(full.value(u"notifications"_s).toArray().size(), 2);
    QCOMPARE(full.value(u"notifications"_s).toArray().at(1).toObject(), sample(7).notification.toJson());
    QCOMPARE(full.value(u"unread"_s).toInt(), 2);
    QCOMPARE(full.value(u"truncated"_s).toBool(), true);
    QCOMPARE(decodeCursor(full.value(u"cursor"_s).toString()), std::optional(Cursor{ 5, 9 }));
}

void TestNotificationMessages::single()
{
    const QJsonObject stored = parsed(notificationMessage(sample(4).notification, { 5, 4 }));
    QCOMPARE(stored.value(u"type"_s).toString(), u"notification"_s);
    QCOMPARE(stored.value(u"notification"_s).toObject(), sample(4).notification.toJson());
    QCOMPARE(decodeCursor(stored.value(u"cursor"_s).toString()), std::optional(Cursor{ 5, 4 }));
    QVERIFY(!parsed(notificationMessage(sample(0).notification, { 5, 0 })).contains(u"cursor"_s));
}

void TestNotificationMessages::read()
{
    QCOMPARE(readMessage({ u"a"_s, u"b"_s }, 3), QByteArray(R"({"ids":["a","b"],"type":"read","unread":3})"));
}

QTEST_GUILESS_MAIN(TestNotificationMessages)
#include "tst_notificationmessages.moc"
