// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 sections 5.6 and 8.1 with RFC 3629: good text arrives however it is cut, bad text is refused at its first
// bad byte.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

struct Sample
{
    const char *name;
    QByteArray bytes;
};

const QList<Sample> &goodTexts()
{
    static const QList<Sample> kTexts = {
        { "U+0020", " " },
        { "U+007E", "~" },
        { "U+007F", "\x7f" },
        { "U+0080, the first of two bytes", "\xc2\x80" },
        { "U+00E4", "\xc3\xa4" },
        { "U+07FF, the last of two bytes", "\xdf\xbf" },
        { "U+0800, the first of three bytes", "\xe0\xa0\x80" },
        { "U+0E01", "\xe0\xb8\x81" },
        { "U+0FFF", "\xe0\xbf\xbf" },
        { "U+1000", "\xe1\x80\x80" },
        { "U+20AC", "\xe2\x82\xac" },
        { "U+CFFF", "\xec\xbf\xbf" },
        { "U+D7FF, the last before the surrogates", "\xed\x9f\xbf" },
        { "U+E000, the first after the surrogates", "\xee\x80\x80" },
        { "U+FFFD", "\xef\xbf\xbd" },
        { "U+FFFF, the last of three bytes", "\xef\xbf\xbf" },
        { "U+10000, the first of four bytes", "\xf0\x90\x80\x80" },
        { "U+1F680", "\xf0\x9f\x9a\x80" },
        { "U+3FFFF", "\xf0\xbf\xbf\xbf" },
        { "U+40000", "\xf1\x80\x80\x80" },
        { "U+FFFFF", "\xf3\xbf\xbf\xbf" },
        { "U+100000", "\xf4\x80\x80\x80" },
        { "U+10FFFF, the last", "\xf4\x8f\xbf\xbf" },
        { "a byte order mark inside",
            "a\xef\xbb\xbf"
            "b" },
        { "combining marks", "e\xcc\x81o\xcc\x88" },
        { "a joined emoji", "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
        { "right to left", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" },
        { "all lengths", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82z" },
        { "Thai", "\xe0\xb8\xaa\xe0\xb8\xa7\xe0\xb8\xb1\xe0\xb8\xaa\xe0\xb8\x94\xe0\xb8\xb5" },
    };
    return kTexts;
}

const QList<Sample> &badTexts()
{
    static const QList<Sample> kTexts = {
        { "continuation byte 80", "\x80" },
        { "continuation byte BF", "\xbf" },
        { "two continuation bytes", "\x80\xbf" },
        { "six continuation bytes", "\x80\xbf\x80\xbf\x80\xbf" },
        { "C0", "\xc0\x80" },
        { "C1", "\xc1\xbf" },
        { "slash in two bytes", "\xc0\xaf" },
        { "slash in three bytes", "\xe0\x80\xaf" },
        { "slash in four bytes", "\xf0\x80\x80\xaf" },
        { "NUL in three bytes", "\xe0\x80\x80" },
        { "NUL in four bytes", "\xf0\x80\x80\x80" },
        { "U+07FF in three bytes", "\xe0\x9f\xbf" },
        { "U+FFFF in four bytes", "\xf0\x8f\xbf\xbf" },
        { "surrogate D800", "\xed\xa0\x80" },
        { "surrogate DB7F", "\xed\xad\xbf" },
        { "surrogate DC00", "\xed\xb0\x80" },
        { "surrogate DFFF", "\xed\xbf\xbf" },
        { "a pair of surrogates", "\xed\xa0\xbd\xed\xb8\x80" },
        { "U+110000", "\xf4\x90\x80\x80" },
        { "U+13FFFF", "\xf4\xbf\xbf\xbf" },
        { "F5", "\xf5\x80\x80\x80" },
        { "F7", "\xf7\xbf\xbf\xbf" },
        { "five bytes", "\xf8\x88\x80\x80\x80" },
        { "six bytes", "\xfc\x84\x80\x80\x80\x80" },
        { "FE", "\xfe" },
        { "FF", "\xff" },
        { "FE FF", "\xfe\xff" },
        { "ASCII after a lead of two", "\xc3\x28" },
        { "ASCII as the third of three", "\xe2\x82\x28" },
        { "ASCII as the second of three", "\xe2\x28\xa1" },
        { "ASCII as the fourth of four", "\xf0\x9f\x9a\x28" },
        { "ASCII as the second of four", "\xf0\x28\x8c\xbc" },
        { "a lead after a lead", "\xc3\xc3\xa4" },
        { "one continuation too many", "\xc3\xa4\xa4" },
        { "Latin-1", "caf\xe9 au lait" },
    };
    return kTexts;
}

void addGood(std::vector<Case> &cases)
{
    for (const Sample &sample : goodTexts()) {
        const QByteArray name(sample.name);
        cases.push_back({ name, frame(kText, pingCommand(sample.bytes)), { answered(sample.bytes) } });
        cases.push_back({ name + " and no command", frame(kText, sample.bytes), { badRequest() } });
        QByteArray inBytes = pingCommand(sample.bytes);
        const qsizetype begin = inBytes.indexOf(sample.bytes, 16);
        for (qsizetype cut = begin + 1; sample.bytes.size() <= 4 && cut < begin + sample.bytes.size(); ++cut) {
            cases.push_back({ name + ", cut after its byte " + QByteArray::number(cut - begin),
                fragments(kText, inBytes, { cut }), { answered(sample.bytes) } });
            cases.push_back({ name + ", with a ping after its byte " + QByteArray::number(cut - begin),
                fragment(kText, inBytes.first(cut)) + frame(kPing, "p") + frame(kContinuation, inBytes.mid(cut)),
                { pong("p"), answered(sample.bytes) } });
        }
        cases.push_back({ name + ", in single bytes",
            fragments(kText, sample.bytes, QList<qsizetype>(sample.bytes.size(), 1)), { badRequest() } });
    }
}

void addBad(std::vector<Case> &cases)
{
    for (const Sample &sample : badTexts()) {
        const QByteArray name(sample.name);
        const QByteArray &bytes = sample.bytes;
        cases.push_back({ name, frame(kText, bytes), { closed(1007) } });
        cases.push_back({ name + " within a command", frame(kText, pingCommand("a" + bytes + "b")), { closed(1007) } });
        cases.push_back(
            { name + " behind good text", frame(kText, QByteArray("gr\xc3\xbc\xc3\x9f" + bytes)), { closed(1007) } });
        // Found before the message, or even its frame, ends: no more bytes come.
        cases.push_back({ name + " in a first fragment", fragment(kText, bytes + "z"), { closed(1007) } });
        cases.push_back({ name + " in a later fragment", fragment(kText, "good") + fragment(kContinuation, bytes + "z"),
            { closed(1007) } });
        cases.push_back({ name + " at the head of a long frame", frame(kText, bytes + "z", { .claimedLength = 5000 }),
            { closed(1007) } });
        cases.push_back({ name + " in a binary", frame(kBinary, bytes), { badRequest() } });
        if (bytes.size() > 1)
            cases.push_back(
                { name + " cut after its first byte", fragments(kText, bytes + "z", { 1 }), { closed(1007) } });
    }
}

void addUnfinished(std::vector<Case> &cases)
{
    const QByteArray characters[] = { "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x99\x82" };
    for (const QByteArray &character : characters) {
        for (qsizetype size = 1; size < character.size(); ++size) {
            const QByteArray half = character.first(size);
            const QByteArray name
                = QByteArray::number(size) + " of a character's " + QByteArray::number(character.size()) + " bytes";
            cases.push_back({ name + " at the end", frame(kText, "a" + half), { closed(1007) } });
            cases.push_back({ name + " alone", frame(kText, half), { closed(1007) } });
            cases.push_back({ name + " and an empty last fragment", fragment(kText, half) + frame(kContinuation),
                { closed(1007) } });
            cases.push_back(
                { name + ", then ASCII", fragment(kText, half) + fragment(kContinuation, "a"), { closed(1007) } });
            cases.push_back({ name + ", then a new character",
                fragment(kText, half) + fragment(kContinuation, character), { closed(1007) } });
            // Not wrong yet: the rest may come.
            cases.push_back({ name + " at a fragment's end", fragment(kText, half), {}, true });
            cases.push_back({ name + " and empty fragments",
                fragment(kText, half) + fragment(kContinuation) + fragment(kContinuation)
                    + frame(kContinuation, character.mid(size)),
                { badRequest() } });
        }
    }
    cases.push_back({ "a half character does not reach into the next message",
        frame(kText, "\xe2\x82") + frame(kText, "\xac"), { closed(1007) } });
    cases.push_back(
        { "a binary in two halves of a character", fragments(kBinary, "\xe2\x82\xac", { 1 }), { badRequest() } });
    cases.push_back({ "a NUL is text, if not JSON", frame(kText, QByteArray("a\0b", 3)), { badRequest() } });
    cases.push_back(
        { "a bad byte behind 60,000 good ones", frame(kText, QByteArray(60'000, 'a') + "\xff"), { closed(1007) } });
    cases.push_back(
        { "60,000 bytes of Thai", frame(kText, QByteArray("\xe0\xb8\x81").repeated(20'000)), { badRequest() } });
}

} // namespace

std::vector<Case> utf8Cases()
{
    std::vector<Case> cases;
    addGood(cases);
    addBad(cases);
    addUnfinished(cases);
    return cases;
}

} // namespace gatehouse::conformance
