// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/channel/connectionid.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestConnectionId final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isReadAsItIsWritten_data()
    {
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("text");
        QTest::newRow("alone") << QString() << u"3-17"_s;
        QTest::newRow("in a cluster") << u"7kq2zd"_s << u"7kq2zd-3-17"_s;
    }
    void isReadAsItIsWritten()
    {
        QFETCH(const QString, tag);
        QFETCH(const QString, text);
        QCOMPARE((ConnectionId{ tag, 3, 17 }.toString()), text);
        const std::optional<ConnectionId> id = ConnectionId::parse(text, tag);
        QVERIFY(id);
        QCOMPARE(id->worker, 3);
        QCOMPARE(id->number, 17U);
    }

    void whatIsNone_data()
    {
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("text");
        for (const char *text :
            { "", "-", "3", "3-", "-17", "x-17", "3-x", "3-17-1", "-1-17", "3--17", "70000-1", "7kq2zd-3-17" })
            QTest::newRow(text) << QString() << QString::fromLatin1(text);
        for (const char *text : { "7kq2zd ", "3-17 ", "7kq2zd-3 ", "7kq2zd3-17 ", "7kq2ze-3-17 ", "7kq2zd--3-17 " })
            QTest::newRow(text) << u"7kq2zd"_s << QString::fromLatin1(text).trimmed();
    }
    void whatIsNone()
    {
        QFETCH(const QString, tag);
        QFETCH(const QString, text);
        QVERIFY(!ConnectionId::parse(text, tag));
    }
};

QTEST_GUILESS_MAIN(TestConnectionId)
#include "tst_connectionid.moc"
