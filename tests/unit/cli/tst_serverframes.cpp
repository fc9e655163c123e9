// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/cli/serverframes.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestServerFrames final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsFramesInAnyPieces_data();
    void readsFramesInAnyPieces();
    void readsSeveralAtOnce();
    void refusesWhatNoServerSends_data();
    void refusesWhatNoServerSends();
    void masksAsTheStandardsExample();
    void maskedFramesHaveTheRightLengths_data();
    void maskedFramesHaveTheRightLengths();
};

void TestServerFrames::readsFramesInAnyPieces_data()
{
    QTest::addColumn<int>("size");
    for (const int size : { 0, 1, 125, 126, 127, 65'535, 65'536, 70'000 })
        QTest::addRow("%d", size) << size;
}

void TestServerFrames::readsFramesInAnyPieces()
{
    QFETCH(int, size);
    const QByteArray payload(size, 'x');
    const QByteArray frame = encodeServerFrame(Opcode::Text, payload);
    for (const qsizetype piece : { qsizetype(1), qsizetype(3), qsizetype(1000), frame.size() }) {
        if (frame.size() / piece > 30'000)
            continue; // byte by byte is enough for the small ones
        ServerFrameReader reader;
        std::vector<ServerFrame> all;
        for (qsizetype at = 0; at < frame.size(); at += piece) {
            const auto frames = reader.feed(QByteArrayView(frame).sliced(at, std::min(piece, frame.size() - at)));
            QVERIFY(frames.isOk());
            all.insert(all.end(), frames->begin(), frames->end());
        }
        QCOMPARE(all.size(), size_t(1));
        QVERIFY(all[0].opcode == Opcode::Text && all[0].isFinal);
        QCOMPARE(all[0].payload, payload);
    }
}

void TestServerFrames::readsSeveralAtOnce()
{
    ServerFrameReader reader;
    const QByteArray bytes = encodeServerFrame(Opcode::Text, "one") + encodeServerFrame(Opcode::Ping, {})
        + encodeServerFrame(Opcode::Close, QByteArray("\x03\xe8", 2))
        + encodeServerFrame(Opcode::Text, "half").chopped(2);
    const auto frames = reader.feed(bytes);
    QVERIFY(frames.isOk());
    QCOMPARE(frames->size(), size_t(3));
    QVERIFY((*frames)[1].opcode == Opcode::Ping && (*frames)[2].opcode == Opcode::Close);
    QCOMPARE(reader.feed("lf")->at(0).payload, QByteArray("half"));
}

void TestServerFrames::refusesWhatNoServerSends_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("masked") << encodeMaskedFrame(Opcode::Text, "x", 1);
    QTest::newRow("reserved bit") << QByteArray("\xc1\x00", 2);
    QTest::newRow("2^63 bytes") << QByteArray("\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", 10);
    QTest::newRow("5 MiB") << QByteArray("\x81\x7f\x00\x00\x00\x00\x00\x50\x00\x00", 10);
}

void TestServerFrames::refusesWhatNoServerSends()
{
    QFETCH(QByteArray, bytes);
    QVERIFY(!ServerFrameReader().feed(bytes).isOk());
}

/// RFC 6455, section 5.7.
void TestServerFrames::masksAsTheStandardsExample()
{
    QCOMPARE(encodeMaskedFrame(Opcode::Text, "Hello", 0x37fa213d), QByteArray::fromHex("818537fa213d7f9f4d5158"));
}

void TestServerFrames::maskedFramesHaveTheRightLengths_data()
{
    QTest::addColumn<int>("size");
    QTest::addColumn<int>("head");
    QTest::newRow("0") << 0 << 6;
    QTest::newRow("125") << 125 << 6;
    QTest::newRow("126") << 126 << 8;
    QTest::newRow("65535") << 65'535 << 8;
    QTest::newRow("65536") << 65'536 << 14;
}

void TestServerFrames::maskedFramesHaveTheRightLengths()
{
    QFETCH(int, size);
    QFETCH(int, head);
    QCOMPARE(encodeMaskedFrame(Opcode::Text, QByteArray(size, 'x'), 7).size(), qsizetype(size + head));
}

QTEST_APPLESS_MAIN(TestServerFrames)
#include "tst_serverframes.moc"
