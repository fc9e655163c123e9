// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

#include "server/channel/channelmessages.h"
#include "server/channel/commands.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestCommands : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("code");
        const auto row = [](const char *name, const QString &text, const char *code) {
            QTest::newRow(name) << text << QString::fromLatin1(code);
        };
        row("empty", u""_s, "bad_request");
        row("no JSON", u"hello"_s, "bad_request");
        row("cut JSON", uR"({"type":"ping")"_s, "bad_request");
        row("array", u"[]"_s, "bad_request");
        row("number", u"5"_s, "bad_request");
        row("no type", u"{}"_s, "bad_request");
        row("type is a number", uR"({"type":5})"_s, "bad_request");
        row("unknown type", uR"({"type":"fly"})"_s, "unknown_type");
        row("type in other case", uR"({"type":"PING"})"_s, "unknown_type");
        row("no ids", uR"({"type":"mark_read"})"_s, "bad_request");
        row("empty ids", uR"({"type":"mark_read","ids":[]})"_s, "bad_request");
        row("ids of numbers", uR"({"type":"mark_read","ids":[1]})"_s, "bad_request");
        row("since is a number", uR"({"type":"get_notifications","since":5})"_s, "bad_request");
        row("since is empty", uR"({"type":"get_notifications","since":""})"_s, "bad_request");
        row("since is nonsense", uR"({"type":"get_notifications","since":"abc"})"_s, "bad_request");
        row("limit 0", uR"({"type":"get_notifications","limit":0})"_s, "bad_request");
        row("limit 1001", uR"({"type":"get_notifications","limit":1001})"_s, "bad_request");
        row("limit 1.5", uR"({"type":"get_notifications","limit":1.5})"_s, "bad_request");
        row("limit is a text", uR"({"type":"get_notifications","limit":"5"})"_s, "bad_request");
        row("limit is null", uR"({"type":"get_notifications","limit":null})"_s, "bad_request");
        row("no token", uR"({"type":"refresh"})"_s, "bad_request");
        row("id is an object", uR"({"type":"ping","id":{}})"_s, "bad_request");
        row("id is too long", uR"({"type":"ping","id":"%1"})"_s.arg(QString(200, u'a')), "bad_request");
        row("depth 1000", QString(1000, u'['), "bad_request");
        row("deep but in a string", uR"({"type":"x%1"})"_s.arg(QString(40, u'[')), "unknown_type");
        row("lone surrogate", uR"({"type":"\ud800"})"_s, "unknown_type");
    }
    void refuses()
    {
        QFETCH(QString, text);
        QFETCH(QString, code);
        const ClientMessage message = parseClientMessage(text);
        const BadCommand *bad = std::get_if<BadCommand>(&message.command);
        QVERIFY(bad);
        QCOMPARE(bad->code, code);
        QVERIFY(!bad->detail.isEmpty());
    }

    void understands()
    {
        QVERIFY(std::holds_alternative<PingCommand>(parseClientMessage(uR"({"type":"ping"})"_s).command));
        QVERIFY(parseClientMessage(uR"({"type":"ping"})"_s).id.isUndefined());
        QCOMPARE(parseClientMessage(uR"({"type":"ping","id":7})"_s).id.toInt(), 7);
        QVERIFY(
            std::holds_alternative<MarkAllReadCommand>(parseClientMessage(uR"({"type":"mark_all_read"})"_s).command));
        QVERIFY(std::holds_alternative<GetNotificationsCommand>(
            parseClientMessage(uR"({"type":"get_notifications"})"_s).command));
        const ClientMessage read = parseClientMessage(uR"({"type":"mark_read","ids":["a","b"]})"_s);
        QCOMPARE(std::get<MarkReadCommand>(read.command).ids, (QStringList{ u"a"_s, u"b"_s }));
        const ClientMessage refresh = parseClientMessage(uR"({"type":"refresh","token":"abc"})"_s);
        QCOMPARE(std::get<RefreshCommand>(refresh.command).token, "abc");
    }

    void understandsWhichPartOfTheInbox()
    {
        const auto parse = [](const QString &members) {
            return std::get<GetNotificationsCommand>(
                parseClientMessage(uR"({"type":"get_notifications"%1})"_s.arg(members)).command);
        };
        QVERIFY(!parse(QString()).since);
        QCOMPARE(parse(QString()).limit, 1000);
        const GetNotificationsCommand command = parse(uR"(,"since":"%1","limit":10)"_s.arg(encodeCursor({ 7, 5 })));
        QCOMPARE(command.since, std::optional(Cursor{ 7, 5 }));
        QCOMPARE(command.limit, 10);
        const ClientMessage bad = parseClientMessage(uR"({"type":"get_notifications","limit":-1,"id":3})"_s);
        QVERIFY(std::get<BadCommand>(bad.command).detail.startsWith("limit "_L1));
        QCOMPARE(bad.id.toInt(), 3);
    }

    void boundsTheIds()
    {
        QString ids = u"\"a\""_s;
        for (qsizetype i = 1; i < kMaxIdsPerCommand; ++i)
            ids += u",\"a\""_s;
        QVERIFY(std::holds_alternative<MarkReadCommand>(
            parseClientMessage(uR"({"type":"mark_read","ids":[%1]})"_s.arg(ids)).command));
        QVERIFY(std::holds_alternative<BadCommand>(
            parseClientMessage(uR"({"type":"mark_read","ids":[%1,"a"]})"_s.arg(ids)).command));
    }

    void encodesAnswers()
    {
        const QJsonValue none(QJsonValue::Undefined);
        QCOMPARE(pongMessage(none), R"({"type":"pong"})");
        QCOMPARE(pongMessage(7), R"({"id":7,"type":"pong"})");
        QCOMPARE(ackMessage(u"x"_s), R"({"id":"x","type":"ack"})");
        QCOMPARE(ackMessage(7, 0), R"({"id":7,"type":"ack","unread":0})");
        using namespace std::chrono_literals;
        const QJsonObject error
            = QJsonDocument::fromJson(errorMessage("rate_limited"_L1, u"too many"_s, none, 1500ms)).object();
        QCOMPARE(error.value("retry_after"_L1).toInt(), 2);
        QCOMPARE(error.value("code"_L1).toString(), u"rate_limited"_s);
        QVERIFY(!error.contains("id"_L1));
    }

    void keepsCloseReasonsShort()
    {
        const QByteArray reason = closeReason("too_many_reconnects"_L1, 999'999, QString(26, u'Z'));
        QVERIFY(reason.size() <= 123);
        QCOMPARE(reason, R"({"r":"too_many_reconnects","ra":999999,"id":"ZZZZZZZZZZZZZZZZZZZZZZZZZZ"})");
        QCOMPARE(closeReason("shutdown"_L1, std::nullopt, {}), R"({"r":"shutdown"})");
        // What is said beside is cut, at any length, and stays JSON.
        QCOMPARE(closeReason("token_expired"_L1, std::nullopt, u"ID"_s, u"the token expired 12 s ago"_s),
            R"({"r":"token_expired","id":"ID","d":"the token expired 12 s ago"})");
        for (const QString &character : { u"x"_s, u"\""_s, u"\u0001"_s, u"ก"_s, u"😀"_s }) {
            for (int length = 0; length < 140; ++length) {
                const QString detail = character.repeated(length);
                const QByteArray text = closeReason("token_invalid"_L1, std::nullopt, QString(26, u'Z'), detail);
                QVERIFY(text.size() <= 123);
                const QString said = QJsonDocument::fromJson(text).object().value("d"_L1).toString();
                QVERIFY(said == detail || (said.isEmpty() && character != u"x")
                    || (said.endsWith(u'…') && detail.startsWith(said.chopped(1)) && said.isValidUtf16()));
            }
        }
        QCOMPARE(closeReason("token_invalid"_L1, std::nullopt, QString(26, u'Z'), QString(200, u'x')).size(), 123);
    }
};

QTEST_APPLESS_MAIN(TestCommands)
#include "tst_commands.moc"
