// SPDX-License-Identifier: GPL-3.0-or-later
// The webhook against a real HTTP server.
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtNetwork/QNetworkReply>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/alerts/alertwebhook.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Answers each request with the next status of a list (the last one stays); 0 is no answer at all.
class Receiver : public QObject
{
public:
    explicit Receiver(QList<int> statuses)
        : m_statuses(std::move(statuses))
    {
        m_server.listen(QHostAddress::LocalHost);
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
        });
    }
    [[nodiscard]] QUrl url() const
    {
        return QUrl(u"http://user:password@127.0.0.1:%1/hook?key=secret"_s.arg(m_server.serverPort()));
    }
    QList<QByteArray> bodies;

private:
    void read(QTcpSocket *socket)
    {
        QByteArray &input = m_inputs[socket];
        input += socket->readAll();
        const qsizetype end = input.indexOf("\r\n\r\n");
        const qsizetype lengthAt = input.toLower().indexOf("content-length:");
        if (end < 0 || lengthAt < 0)
            return;
        const qsizetype length = input.mid(lengthAt + 15, 12).split('\r').first().trimmed().toLongLong();
        if (input.size() < end + 4 + length)
            return;
        bodies.append(input.mid(end + 4, length));
        input.clear();
        const int status = m_statuses.size() > 1 ? m_statuses.takeFirst() : m_statuses.first();
        if (status > 0)
            socket->write("HTTP/1.1 " + QByteArray::number(status) + " x\r\nContent-Length: 0\r\n\r\n");
    }

    QTcpServer m_server;
    QList<int> m_statuses;
    QHash<QTcpSocket *, QByteArray> m_inputs;
};

Alert alert(const QString &id)
{
    Alert result;
    result.id = id;
    result.rule = u"errors"_s;
    return result;
}

} // namespace

class TestAlertWebhook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void postsInOrder()
    {
        Receiver receiver({ 204 });
        RecordingLog log;
        AlertWebhook webhook(receiver.url(), log, 1ms);
        QSignalSpy delivered(&webhook, &AlertWebhook::delivered);
        webhook.post(alert(u"one"_s));
        webhook.post(alert(u"two"_s));
        QTRY_COMPARE(delivered.count(), 2);
        QCOMPARE(QJsonDocument::fromJson(receiver.bodies[0]).object().value("id"_L1).toString(), u"one"_s);
        QCOMPARE(QJsonDocument::fromJson(receiver.bodies[1]).object().value("id"_L1).toString(), u"two"_s);
        QVERIFY(log.lines().empty());
    }

    void triesAgain()
    {
        Receiver receiver({ 500, 503, 200 });
        RecordingLog log;
        AlertWebhook webhook(receiver.url(), log, 1ms);
        QSignalSpy delivered(&webhook, &AlertWebhook::delivered);
        webhook.post(alert(u"one"_s));
        QTRY_COMPARE(delivered.count(), 1);
        QCOMPARE(receiver.bodies.size(), 3);
        QCOMPARE(log.lines("alert_webhook_failed"_L1).size(), 2U);
    }

    void givesUpAndGoesOn()
    {
        Receiver receiver({ 500, 500, 302, 200 });
        RecordingLog log;
        AlertWebhook webhook(receiver.url(), log, 1ms);
        QSignalSpy gaveUp(&webhook, &AlertWebhook::gaveUp);
        QSignalSpy delivered(&webhook, &AlertWebhook::delivered);
        webhook.post(alert(u"one"_s));
        webhook.post(alert(u"two"_s));
        QTRY_COMPARE(delivered.count(), 1);
        QCOMPARE(gaveUp.count(), 1);
        QCOMPARE(gaveUp[0][0].toString(), u"one"_s);
        QVERIFY(!log.text().contains("secret"));
        QVERIFY(!log.text().contains("password"));
    }

    void doesNotWaitForEver()
    {
        Receiver receiver({ 0 });
        RecordingLog log;
        AlertWebhook webhook(receiver.url(), log, 1ms, 50ms);
        QSignalSpy gaveUp(&webhook, &AlertWebhook::gaveUp);
        webhook.post(alert(u"one"_s));
        QTRY_COMPARE(gaveUp.count(), 1);
        // By the log: a try may be over before the receiver has read it.
        const std::vector<RecordingLog::Line> lines = log.lines();
        QCOMPARE(lines.size(), size_t(AlertWebhook::kMaxTries));
        for (size_t i = 0; i < lines.size(); ++i) {
            QCOMPARE(lines[i].event, i + 1 < lines.size() ? u"alert_webhook_failed"_s : u"alert_webhook_gave_up"_s);
            QCOMPARE(lines[i].fields.value("try"_L1).toInt(), int(i + 1));
            QCOMPARE(lines[i].fields.value("detail"_L1).toString(),
                u"network error %1"_s.arg(int(QNetworkReply::OperationCanceledError))); // its time was up
        }
        QVERIFY(receiver.bodies.size() <= AlertWebhook::kMaxTries);
    }

    void boundsWhatWaits()
    {
        Receiver receiver({ 0 });
        RecordingLog log;
        AlertWebhook webhook(receiver.url(), log, 1ms);
        QSignalSpy gaveUp(&webhook, &AlertWebhook::gaveUp);
        for (size_t i = 0; i <= AlertWebhook::kMaxWaiting; ++i)
            webhook.post(alert(QString::number(i)));
        QCOMPARE(gaveUp.count(), 1);
        QCOMPARE(gaveUp[0][0].toString(), u"1"_s); // 0 is under way
    }

    void doesNothingWithoutUrl()
    {
        RecordingLog log;
        AlertWebhook webhook({}, log);
        webhook.post(alert(u"one"_s));
        QVERIFY(log.lines().empty());
    }
};

QTEST_GUILESS_MAIN(TestAlertWebhook)
#include "tst_alertwebhook.moc"
