// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/channel/framecodec.h"

using namespace gatehouse;

class TestFrameCodec : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void encodesLengthsInTheirShortestForm_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<QByteArray>("serverHead");
        QTest::addColumn<QByteArray>("clientHead");
        const QByteArray key(4, '\0');
        const auto row = [&key](int size, const QByteArray &length) {
            QByteArray masked = length;
            masked[0] = char(masked[0] | 0x80);
            QTest::addRow("%d", size) << size << QByteArray("\x82" + length) << QByteArray("\x82" + masked + key);
        };
        row(0, QByteArray("\0", 1));
        row(1, "\x01");
        row(124, "\x7c");
        row(125, "\x7d");
        row(126, QByteArray("\x7e\0\x7e", 3));
        row(127, QByteArray("\x7e\0\x7f", 3));
        row(128, QByteArray("\x7e\0\x80", 3));
        row(255, QByteArray("\x7e\0\xff", 3));
        row(256, QByteArray("\x7e\x01\0", 3));
        row(65535, "\x7e\xff\xff");
        row(65536, QByteArray("\x7f\0\0\0\0\0\x01\0\0", 9));
        row(65537, QByteArray("\x7f\0\0\0\0\0\x01\0\x01", 9));
        row(1'000'000, QByteArray("\x7f\0\0\0\0\0\x0f\x42\x40", 9));
    }
    void encodesLengthsInTheirShortestForm()
    {
        QFETCH(int, size);
        QFETCH(QByteArray, serverHead);
        QFETCH(QByteArray, clientHead);
        QByteArray payload(size, Qt::Uninitialized);
        for (int i = 0; i < size; ++i)
            payload[i] = char(i % 251);
        QCOMPARE(encodeServerFrame(Opcode::Binary, payload), serverHead + payload);
        QCOMPARE(encodeClientFrame(Opcode::Binary, payload), clientHead + payload);
    }

    void encodesEveryOpcode_data()
    {
        QTest::addColumn<Opcode>("opcode");
        QTest::addColumn<char>("first");
        QTest::newRow("continuation") << Opcode::Continuation << char(0x80);
        QTest::newRow("text") << Opcode::Text << char(0x81);
        QTest::newRow("binary") << Opcode::Binary << char(0x82);
        QTest::newRow("close") << Opcode::Close << char(0x88);
        QTest::newRow("ping") << Opcode::Ping << char(0x89);
        QTest::newRow("pong") << Opcode::Pong << char(0x8a);
    }
    void encodesEveryOpcode()
    {
        QFETCH(Opcode, opcode);
        QFETCH(char, first);
        QCOMPARE(encodeServerFrame(opcode, "hi"), first + QByteArray("\x02hi"));
        QCOMPARE(encodeServerFrame(opcode, {}), first + QByteArray(1, '\0'));
        QCOMPARE(encodeClientFrame(opcode, "hi"), first + QByteArray("\x82\0\0\0\0hi", 7));
    }

    void encodesACloseFrame()
    {
        QCOMPARE(encodeServerClose(CloseCode::TooManyReconnects, "why"), "\x88\x05\x10\x22why");
        QCOMPARE(encodeServerClose(CloseCode::Normal, {}), "\x88\x02\x03\xe8");
    }

    /// RFC 6455 section 7.4 and the IANA registry: 1000–1003 and 1007–1014 may be sent, 3000–4999 belong to libraries
    /// and applications.
    void knowsWhichCloseCodesMayBeSent()
    {
        for (int code = 0; code <= 65535; ++code) {
            const bool isStandard = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
            const bool isOthers = code >= 3000 && code <= 4999;
            QVERIFY2(isValidCloseCode(code) == (isStandard || isOthers), qPrintable(QString::number(code)));
        }
        QVERIFY(!isValidCloseCode(-1));
    }
};

QTEST_APPLESS_MAIN(TestFrameCodec)
#include "tst_framecodec.moc"
