// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

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
    void cursorRoundTrip();
    void cursorRefusesWhatItDidNotMake_data();
    void cursorRefusesWhatItDidNotMake();
    void list();
    void single();
    void read();
};

void TestNotificationMessages::cursorRoundTrip()
{
    for (const qint64 sequence :
        { qint64(0), qint64(1), qint64(9), qint64(123456789), std::numeric_limits<qint64>::max() }) {
        const QString cursor = encodeCursor(sequence);
        QCOMPARE(decodeCursor(cursor), std::optional(sequence));
        for (const QChar c : cursor)
            QVERIFY(c.isLetterOrNumber() || c == u'-' || c == u'_'); // goes into a URL as it is
    }
}

void TestNotificationMessages::cursorRefusesWhatItDidNotMake_data()
{
    QTest::addColumn<QString>("cursor");
    const auto encoded = [](const char *text) {
        return QString::fromLatin1(
            QByteArray(text).toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
    };
    QTest::newRow("empty") << QString();
    QTest::newRow("bare number") << u"5"_s;
    QTest::newRow("not base64") << u"%%%"_s;
    QTest::newRow("not Latin-1") << u"กกก"_s;
    QTest::newRow("padded") << encodeCursor(10) + u"="_s;
    QTest::newRow("trailing text") << encodeCursor(10) + u"x"_s;
    for (const char *text :
        { "2:5", "1:", "1:-5", "1:+5", "1: 5", "1:05", "1:5x", "1:99999999999999999999", "1:1:5", "5" })
        QTest::newRow(text) << encoded(text);
}

void TestNotificationMessages::cursorRefusesWhatItDidNotMake()
{
    QFETCH(const QString, cursor);
    QVERIFY(!decodeCursor(cursor));
}

void TestNotificationMessages::list()
{
    const QJsonObject empty = parsed(notificationsListMessage({}));
    QCOMPARE(empty.keys(), QStringList({ u"cursor"_s, u"notifications"_s, u"truncated"_s, u"type"_s, u"unread"_s }));
    QCOMPARE(empty.value(u"type"_s).toString(), u"notifications_list"_s);
    QVERIFY(empty.value(u"notifications"_s).isArray());
    QCOMPARE(decodeCursor(empty.value(u"cursor"_s).toString()), std::optional(qint64(0)));

    const QJsonObject full = parsed(notificationsListMessage({ { sample(4), sample(7) }, 2, 9, true }));
    QCOMPARE(full.value(u"notifications"_s).toArray().size(), 2);
    QCOMPARE(full.value(u"notifications"_s).toArray().at(1).toObject(), sample(7).notification.toJson());
    QCOMPARE(full.value(u"unread"_s).toInt(), 2);
    QCOMPARE(full.value(u"truncated"_s).toBool(), true);
    QCOMPARE(decodeCursor(full.value(u"cursor"_s).toString()), std::optional(qint64(9)));
}

void TestNotificationMessages::single()
{
    const QJsonObject stored = parsed(notificationMessage(sample(4).notification, 4));
    QCOMPARE(stored.value(u"type"_s).toString(), u"notification"_s);
    QCOMPARE(stored.value(u"notification"_s).toObject(), sample(4).notification.toJson());
    QCOMPARE(decodeCursor(stored.value(u"cursor"_s).toString()), std::optional(qint64(4)));
    QVERIFY(!parsed(notificationMessage(sample(0).notification, 0)).contains(u"cursor"_s));
}

void TestNotificationMessages::read()
{
    QCOMPARE(readMessage({ u"a"_s, u"b"_s }, 3), QByteArray(R"({"ids":["a","b"],"type":"read","unread":3})"));
}

QTEST_GUILESS_MAIN(TestNotificationMessages)
#include "tst_notificationmessages.moc"
