// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QtTest>

#include "server/log/logline.h"
#include "tests/support/fakeclock.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

const QByteArray kToken = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjo0Mn0.c2lnbmF0dXJlLWNhbmFyeQ";

QByteArray textLine(const LogFields &fields)
{
    return logLine(FakeClock().utc(), LogLevel::Info, "event"_L1, fields, LogFormat::Text);
}

} // namespace

class TestLogLine final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textForm();
    void journalForm();
    void jsonForm();
    void values_data();
    void values();
    void staysOnOneLine();
    void cutsLongValues();
    void blanksTokens();
};

void TestLogLine::textForm()
{
    const QByteArray line = logLine(FakeClock().utc(), LogLevel::Warning, "refused"_L1,
        { { "reason"_L1, u"too_many_connections"_s }, { "limit"_L1, 5 }, { "detail"_L1, u"five are open"_s } },
        LogFormat::Text);
    QCOMPARE(line,
        QByteArray(
            "2025-11-10T12:00:00.000Z warning refused reason=too_many_connections limit=5 detail=\"five are open\"\n"));
    QCOMPARE(textLine({}), QByteArray("2025-11-10T12:00:00.000Z info event\n"));
}

/// sd-daemon(3): the priority of syslog(3) in angle brackets, which the journal takes off.
void TestLogLine::journalForm()
{
    const std::pair<LogLevel, QByteArray> priorities[] = { { LogLevel::Debug, "<7>" }, { LogLevel::Info, "<6>" },
        { LogLevel::Warning, "<4>" }, { LogLevel::Error, "<3>" } };
    for (const auto &[level, prefix] : priorities) {
        const auto line = [level = level](LogFormat format) {
            return logLine(FakeClock().utc(), level, "event"_L1, { { "limit"_L1, 5 } }, format);
        };
        QCOMPARE(line(LogFormat::Journal), prefix + line(LogFormat::Text));
    }
}

void TestLogLine::jsonForm()
{
    const QByteArray line = logLine(FakeClock().utc(), LogLevel::Error, "refused"_L1,
        { { "detail"_L1, u"a \"b\"\nc"_s }, { "limit"_L1, 5 }, { "on"_L1, true }, { "list"_L1, QJsonValue() } },
        LogFormat::Json);
    QVERIFY(line.startsWith(R"({"time":"2025-11-10T12:00:00.000Z","level":"error","event":"refused",)"));
    QCOMPARE(line.count('\n'), 1);
    const QJsonObject object = QJsonDocument::fromJson(line).object();
    QCOMPARE(object[u"detail"_s].toString(), u"a \"b\"\nc"_s);
    QCOMPARE(object[u"limit"_s].toInt(), 5);
    QCOMPARE(object[u"on"_s].toBool(), true);
    QVERIFY(object[u"list"_s].isNull());
}

void TestLogLine::values_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<QByteArray>("written");
    QTest::newRow("word") << QJsonValue(u"word"_s) << QByteArray("word");
    QTest::newRow("empty") << QJsonValue(QString()) << QByteArray("\"\"");
    QTest::newRow("blank") << QJsonValue(u"a b"_s) << QByteArray("\"a b\"");
    QTest::newRow("equals") << QJsonValue(u"a=b"_s) << QByteArray("\"a=b\"");
    QTest::newRow("quote") << QJsonValue(u"a\"b"_s) << QByteArray("\"a\\\"b\"");
    QTest::newRow("backslash") << QJsonValue(u"a\\b"_s) << QByteArray("\"a\\\\b\"");
    QTest::newRow("newline") << QJsonValue(u"a\r\nb\tc"_s) << QByteArray("\"a\\r\\nb\\tc\"");
    QTest::newRow("escape sequence") << QJsonValue(u"\u001b[31m"_s) << QByteArray("\"\\u001b[31m\"");
    QTest::newRow("NUL") << QJsonValue(QString(QChar(0))) << QByteArray("\"\\u0000\"");
    QTest::newRow("next line") << QJsonValue(u"a\u0085b\u2028c"_s) << QByteArray("\"a\\u0085b\\u2028c\"");
    QTest::newRow("right-to-left mark") << QJsonValue(u"a\u202eb"_s) << QByteArray("\"a\\u202eb\"");
    QTest::newRow("lone surrogate") << QJsonValue(QString(QChar(0xd800))) << QByteArray("\"\\ud800\"");
    QTest::newRow("emoji and Thai") << QJsonValue(u"✅🚀วันที่"_s) << QByteArray("✅🚀วันที่");
    QTest::newRow("integer") << QJsonValue(qint64(9'007'199'254'740'993)) << QByteArray("9007199254740993");
    QTest::newRow("fraction") << QJsonValue(0.5) << QByteArray("0.5");
    QTest::newRow("boolean") << QJsonValue(false) << QByteArray("false");
    QTest::newRow("null") << QJsonValue() << QByteArray("null");
    QTest::newRow("array") << QJsonValue(QJsonArray{ 1, u"a"_s }) << QByteArray("\"[1,\\\"a\\\"]\"");
}

void TestLogLine::values()
{
    QFETCH(QJsonValue, value);
    QFETCH(QByteArray, written);
    QCOMPARE(
        textLine({ { "key"_L1, value } }), QByteArray("2025-11-10T12:00:00.000Z info event key=" + written + '\n'));
}

void TestLogLine::staysOnOneLine()
{
    QString everything;
    for (char16_t c = 0; c < 0x3000; ++c)
        everything += QChar(c);
    for (qsizetype at = 0; at < everything.size(); at += 1000) {
        for (const LogFormat format : { LogFormat::Text, LogFormat::Json, LogFormat::Journal }) {
            const QByteArray line = logLine(
                FakeClock().utc(), LogLevel::Info, "event"_L1, { { "key"_L1, everything.mid(at, 1000) } }, format);
            QCOMPARE(line.indexOf('\n'), line.size() - 1);
            QVERIFY(!line.contains('\r') && !line.contains('\x1b') && !line.contains('\0'));
        }
    }
}

void TestLogLine::cutsLongValues()
{
    QVERIFY(textLine({ { "key"_L1, QString(100'000, u'x') } }).size() < 1200);
    QVERIFY(textLine({ { "key"_L1, QString(1024, u'x') } }).contains(QByteArray(1024, 'x')));
}

void TestLogLine::blanksTokens()
{
    for (const LogFormat format : { LogFormat::Text, LogFormat::Json, LogFormat::Journal }) {
        const LogFields fields{ { "path"_L1, QString::fromLatin1("/ws/" + kToken + "/x") },
            { "list"_L1, QJsonArray{ QString::fromLatin1(kToken) } },
            { "origin"_L1, QString::fromLatin1("https://" + kToken) } };
        const QByteArray line = logLine(FakeClock().utc(), LogLevel::Info, "event"_L1, fields, format);
        QVERIFY(!line.contains("eyJ"));
        QVERIFY(!line.contains("c2lnbmF0dXJl"));
        QVERIFY(line.contains("/ws/[token]/x"));
    }
}

QTEST_APPLESS_MAIN(TestLogLine)
#include "tst_logline.moc"
