// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <vector>

#include <QtTest/QTest>

#include "server/channel/utf8validator.h"

using namespace gatehouse;

namespace {

struct Range
{
    int lowest;
    int highest;
    [[nodiscard]] bool contains(int byte) const { return byte >= lowest && byte <= highest; }
};

/// The grammar of RFC 3629 section 4, line by line: what the validator is held against.
const std::vector<std::vector<Range>> kGrammar = {
    { { 0x00, 0x7F } },
    { { 0xC2, 0xDF }, { 0x80, 0xBF } },
    { { 0xE0, 0xE0 }, { 0xA0, 0xBF }, { 0x80, 0xBF } },
    { { 0xE1, 0xEC }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 0xED, 0xED }, { 0x80, 0x9F }, { 0x80, 0xBF } },
    { { 0xEE, 0xEF }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 0xF0, 0xF0 }, { 0x90, 0xBF }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 0xF1, 0xF3 }, { 0x80, 0xBF }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 0xF4, 0xF4 }, { 0x80, 0x8F }, { 0x80, 0xBF }, { 0x80, 0xBF } },
};

enum class Judgement
{
    Wrong,
    Unfinished,
    Character
};

/// What the grammar says about the beginning of one character.
Judgement judgeByGrammar(const std::vector<int> &bytes)
{
    for (const std::vector<Range> &line : kGrammar) {
        bool fits = bytes.size() <= line.size();
        for (size_t i = 0; fits && i < bytes.size(); ++i)
            fits = line[i].contains(bytes[i]);
        if (fits)
            return bytes.size() == line.size() ? Judgement::Character : Judgement::Unfinished;
    }
    return Judgement::Wrong;
}

Judgement judge(const std::vector<int> &bytes)
{
    Utf8Validator validator;
    QByteArray text;
    for (const int byte : bytes)
        text += char(byte);
    if (!validator.feed(text))
        return Judgement::Wrong;
    return validator.isComplete() ? Judgement::Character : Judgement::Unfinished;
}

/// How many bytes are taken before the validator refuses; -1 if it never does.
int refusedAt(const QByteArray &text)
{
    Utf8Validator validator;
    for (int i = 0; i < text.size(); ++i) {
        if (!validator.feed(QByteArrayView(text).sliced(i, 1)))
            return i;
    }
    return -1;
}

} // namespace

class TestUtf8Validator : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void acceptsEveryCharacter()
    {
        for (char32_t c = 0; c <= 0x10FFFF; ++c) {
            if (c >= 0xD800 && c <= 0xDFFF)
                continue;
            const QByteArray text = QString::fromUcs4(&c, 1).toUtf8();
            Utf8Validator validator;
            if (!validator.feed(text) || !validator.isComplete())
                QFAIL(qPrintable(QStringLiteral("U+%1 is refused").arg(uint(c), 4, 16)));
        }
    }

    void followsTheGrammarForEveryBeginning()
    {
        for (int first = 0; first < 256; ++first) {
            QCOMPARE(judge({ first }), judgeByGrammar({ first }));
            if (judgeByGrammar({ first }) != Judgement::Unfinished)
                continue;
            for (int second = 0; second < 256; ++second) {
                const Judgement two = judgeByGrammar({ first, second });
                QCOMPARE(judge({ first, second }), two);
                for (int third = 0; two == Judgement::Unfinished && third < 256; ++third) {
                    const Judgement three = judgeByGrammar({ first, second, third });
                    QCOMPARE(judge({ first, second, third }), three);
                    for (const int fourth : { 0x00, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF }) {
                        if (three == Judgement::Unfinished)
                            QCOMPARE(judge({ first, second, third, fourth }),
                                judgeByGrammar({ first, second, third, fourth }));
                    }
                }
            }
        }
    }

    void refusesAtTheFirstBadByte_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("at");
        QTest::newRow("lone continuation") << QByteArray("ab\x80") << 2;
        QTest::newRow("FE") << QByteArray("\xfe") << 0;
        QTest::newRow("FF") << QByteArray("a\xff") << 1;
        QTest::newRow("overlong slash, 2 bytes") << QByteArray("\xc0\xaf") << 0;
        QTest::newRow("C1") << QByteArray("\xc1\xbf") << 0;
        QTest::newRow("overlong slash, 3 bytes") << QByteArray("\xe0\x80\xaf") << 1;
        QTest::newRow("last overlong of 3") << QByteArray("\xe0\x9f\xbf") << 1;
        QTest::newRow("overlong slash, 4 bytes") << QByteArray("\xf0\x80\x80\xaf") << 1;
        QTest::newRow("last overlong of 4") << QByteArray("\xf0\x8f\xbf\xbf") << 1;
        QTest::newRow("first surrogate") << QByteArray("\xed\xa0\x80") << 1;
        QTest::newRow("last surrogate") << QByteArray("\xed\xbf\xbf") << 1;
        QTest::newRow("U+110000") << QByteArray("\xf4\x90\x80\x80") << 1;
        QTest::newRow("F5") << QByteArray("\xf5\x80\x80\x80") << 0;
        QTest::newRow("5 bytes") << QByteArray("\xf8\x88\x80\x80\x80") << 0;
        QTest::newRow("ASCII within a character") << QByteArray("\xe2\x82z") << 2;
        QTest::newRow("lead within a character") << QByteArray("\xe2\xe2\x82\xac") << 1;
        QTest::newRow("one continuation too many") << QByteArray("\xc3\xa4\x80") << 2;
        QTest::newRow("good") << QByteArray("gr\xc3\xbc\xc3\x9f") << -1;
        QTest::newRow("NUL is a character") << QByteArray("a\0b", 3) << -1;
        QTest::newRow("noncharacter U+FFFF") << QByteArray("\xef\xbf\xbf") << -1;
        QTest::newRow("byte order mark") << QByteArray("\xef\xbb\xbf") << -1;
    }
    void refusesAtTheFirstBadByte()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, at);
        QCOMPARE(refusedAt(text), at);
        for (qsizetype padding = 0; padding < 20; ++padding) { // wherever it lies to words of eight bytes
            Utf8Validator validator;
            QCOMPARE(validator.feed(QByteArray(QByteArray(padding, 'a') + text + QByteArray(20, 'b'))), at < 0);
        }
    }

    void isCompleteOnlyBetweenCharacters()
    {
        const QByteArray text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82";
        const QList<bool> complete = { true, true, false, true, false, false, true, false, false, false, true };
        for (qsizetype cut = 0; cut <= text.size(); ++cut) {
            Utf8Validator validator;
            QVERIFY(validator.feed(text.first(cut)));
            QCOMPARE(validator.isComplete(), complete[cut]);
            QVERIFY(validator.feed(QByteArrayView(text).sliced(cut)));
            QVERIFY(validator.isComplete());
        }
    }

    void staysRefusedUntilReset()
    {
        Utf8Validator validator;
        QVERIFY(!validator.feed("\xff"));
        QVERIFY(!validator.feed("good"));
        QVERIFY(!validator.feed(""));
        QVERIFY(!validator.isComplete());
        validator.reset();
        QVERIFY(validator.feed("good"));
        QVERIFY(validator.isComplete());
        QVERIFY(validator.feed("\xe2\x82"));
        validator.reset();
        QVERIFY(validator.isComplete());
    }
};

QTEST_APPLESS_MAIN(TestUtf8Validator)
#include "tst_utf8validator.moc"
