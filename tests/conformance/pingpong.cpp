// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 sections 5.5, 5.5.2 and 5.5.3: pings are answered with their payload, pongs that nobody asked for mean
// nothing.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

QByteArray everyByte()
{
    QByteArray bytes;
    for (int i = 0; i < 256; ++i)
        bytes += char(i);
    return bytes;
}

void addSizes(std::vector<Case> &cases)
{
    for (const qsizetype size :
        { 0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 122, 123, 124, 125 }) {
        const QByteArray payload(size, 'p');
        cases.push_back({ "ping of " + QByteArray::number(size), frame(kPing, payload), { pong(payload) } });
        cases.push_back({ "pong of " + QByteArray::number(size), frame(kPong, payload), {} });
    }
    for (const qsizetype size : { 126, 127, 128, 255, 256, 65'535, 65'536 }) {
        const QByteArray payload(size, 'p');
        cases.push_back({ "ping of " + QByteArray::number(size), frame(kPing, payload), { closed(1002) } });
        cases.push_back({ "pong of " + QByteArray::number(size), frame(kPong, payload), { closed(1002) } });
    }
    // The size alone is the violation: the payload need not come.
    cases.push_back({ "head of a ping of 126", frame(kPing, {}, { .claimedLength = 126 }), { closed(1002) } });
    for (const int from : { 0, 63 }) {
        Case each{ "pings of " + QByteArray::number(from) + " to " + QByteArray::number(from + 62), {}, {} };
        for (int size = from; size < from + 63; ++size) {
            each.bytes += frame(kPing, QByteArray(size, char('a' + size % 26)));
            each.answers += pong(QByteArray(size, char('a' + size % 26)));
        }
        cases.push_back(each);
    }
}

void addContents(std::vector<Case> &cases)
{
    const std::pair<const char *, QByteArray> contents[] = {
        { "text", "hello" },
        { "zeros", QByteArray(8, '\0') },
        { "no UTF-8", "\xff\xfe\xfd\xfc\xfb" },
        { "half a character", "\xe2\x82" },
        { "bytes 0 to 124", everyByte().first(125) },
        { "bytes 131 to 255", everyByte().last(125) },
        { "a frame", frame(kText, "x") },
        { "a close code", closeBody(1000) },
    };
    for (const auto &[name, payload] : contents) {
        cases.push_back({ QByteArray("ping with ") + name, frame(kPing, payload), { pong(payload) } });
        cases.push_back({ QByteArray("pong with ") + name, frame(kPong, payload), {} });
    }
}

void addFragmented(std::vector<Case> &cases)
{
    for (const auto &[name, opcode] : { std::pair("ping", kPing), std::pair("pong", kPong) }) {
        const QByteArray what(name);
        cases.push_back({ "fragmented " + what, fragment(opcode, "a") + frame(kContinuation, "b"), { closed(1002) } });
        cases.push_back({ "empty " + what + " that is not final", fragment(opcode), { closed(1002) } });
        cases.push_back({ what + " that is not final within a message", fragment(kText, "{") + fragment(opcode, "a"),
            { closed(1002) } });
        cases.push_back({ what + " continued", frame(opcode, "a") + frame(kContinuation, "b"),
            opcode == kPing ? QList{ pong("a"), closed(1002) } : QList{ closed(1002) } });
    }
}

void addSequences(std::vector<Case> &cases)
{
    const QByteArray command = frame(kText, pingCommand("c"));
    for (const int count : { 2, 10, 64 }) {
        Case many{ QByteArray::number(count) + " pings in a row", {}, {} };
        for (int i = 0; i < count; ++i) {
            many.bytes += frame(kPing, QByteArray::number(i));
            many.answers += pong(QByteArray::number(i));
        }
        cases.push_back(many);
    }
    for (const int count : { 10, 1000 })
        cases.push_back({ QByteArray::number(count) + " pongs in a row", frame(kPong, "p").repeated(count), {} });
    cases.push_back({ "ping, then a message", frame(kPing, "p") + command, { pong("p"), answered("c") } });
    cases.push_back({ "a message, then ping", command + frame(kPing, "p"), { answered("c"), pong("p") } });
    cases.push_back({ "pong, then ping", frame(kPong, "x") + frame(kPing, "p"), { pong("p") } });
    cases.push_back({ "pings and messages by turns", QByteArray(frame(kPing, "p") + command).repeated(20), {} });
    for (int i = 0; i < 20; ++i)
        cases.back().answers += { pong("p"), answered("c") };
    cases.push_back({ "the same ping twice", frame(kPing, "p") + frame(kPing, "p"), { pong("p"), pong("p") } });
    cases.push_back({ "pong within a message",
        fragment(kText, pingCommand("c").first(5)) + frame(kPong, "x") + frame(kContinuation, pingCommand("c").mid(5)),
        { answered("c") } });
    cases.push_back({ "ping within a message is answered before it ends", fragment(kText, "{") + frame(kPing, "p"),
        { pong("p") }, true });
    cases.push_back({ "ping of 126 within a message", fragment(kText, "{") + frame(kPing, QByteArray(126, 'p')),
        { closed(1002) } });
}

} // namespace

std::vector<Case> pingPongCases()
{
    std::vector<Case> cases;
    addSizes(cases);
    addContents(cases);
    addFragmented(cases);
    addSequences(cases);
    return cases;
}

} // namespace gatehouse::conformance
