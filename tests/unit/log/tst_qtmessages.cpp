// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QLoggingCategory>
#include <QtTest/QtTest>

#include "server/log/qtmessages.h"
#include "tests/support/fakelog.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

int previousCalls = 0;

void previousHandler(QtMsgType, const QMessageLogContext &, const QString &)
{
    ++previousCalls;
}

} // namespace

class TestQtMessages final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void routesByLevel();
    void restoresThePreviousHandler();
};

void TestQtMessages::routesByLevel()
{
    FakeLog log;
    {
        const QtMessageRoute route(log);
        qInfo("information");
        qWarning("warning");
        qCritical("critical");
    }
    const auto entries = log.entries();
    QCOMPARE(entries.size(), size_t(3));
    QCOMPARE(entries[0].level, LogLevel::Info);
    QCOMPARE(entries[1].level, LogLevel::Warning);
    QCOMPARE(entries[2].level, LogLevel::Error);
    QCOMPARE(entries[1].event, "qt_message"_L1);
    QCOMPARE(entries[1].value("message"_L1).toString(), u"warning"_s);
    QCOMPARE(entries[1].value("category"_L1).toString(), u"default"_s);
}

void TestQtMessages::restoresThePreviousHandler()
{
    const QtMessageHandler ofTheTest = qInstallMessageHandler(previousHandler);
    FakeLog log;
    {
        const QtMessageRoute route(log);
        qWarning("to the log");
    }
    qWarning("to the previous handler");
    qInstallMessageHandler(ofTheTest);
    QCOMPARE(log.count("qt_message"_L1), 1);
    QCOMPARE(previousCalls, 1);
}

QTEST_APPLESS_MAIN(TestQtMessages)
#include "tst_qtmessages.moc"
