// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 sections 5.5.1 and 7: a good close is answered with its own code and ends the connection, whatever follows.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

void addBodies(std::vector<Case> &cases)
{
    // Without a code there is none to repeat: the answer is empty too, or says that all is well.
    cases.push_back({ "no body", frame(kClose), { closedWithAny({ 1005, 1000 }) } });
    for (const char byte : { '\0', '\x03', 'a', '\xff' })
        cases.push_back(
            { "one byte " + QByteArray(1, byte).toHex(), frame(kClose, QByteArray(1, byte)), { closed(1002) } });
    for (const qsizetype size : { 1, 2, 3, 50, 100, 121, 122, 123 }) {
        cases.push_back({ "reason of " + QByteArray::number(size),
            frame(kClose, closeBody(1000, QByteArray(size, 'r'))), { closed(1000) } });
    }
    for (const qsizetype size : { 124, 125, 300 }) {
        cases.push_back({ "reason of " + QByteArray::number(size),
            frame(kClose, closeBody(1000, QByteArray(size, 'r'))), { closed(1002) } });
    }
    cases.push_back({ "not final", fragment(kClose, closeBody(1000)), { closed(1002) } });
    cases.push_back(
        { "not final, continued", fragment(kClose, closeBody(1000)) + frame(kContinuation), { closed(1002) } });
}

void addCodes(std::vector<Case> &cases)
{
    // 1012 to 1014 were registered after the RFC.
    for (const int code : { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3500,
             3999, 4000, 4001, 4131, 4500, 4998, 4999 }) {
        const QByteArray name = "code " + QByteArray::number(code);
        cases.push_back({ name, frame(kClose, closeBody(code)), { closed(code) } });
        cases.push_back({ name + " with a reason", frame(kClose, closeBody(code, "bye")), { closed(code) } });
    }
    for (const int code : { 0, 1, 100, 255, 256, 500, 998, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1099, 1100, 1500,
             1999, 2000, 2001, 2500, 2998, 2999, 5000, 5001, 9999, 10'000, 32'768, 65'535 }) {
        const QByteArray name = "code " + QByteArray::number(code);
        cases.push_back({ name, frame(kClose, closeBody(code)), { closed(1002) } });
        cases.push_back({ name + " with a reason", frame(kClose, closeBody(code, "bye")), { closed(1002) } });
    }
}

void addReasons(std::vector<Case> &cases)
{
    const std::pair<const char *, QByteArray> good[] = {
        { "two-byte characters", "gr\xc3\xbc\xc3\x9f" },
        { "three-byte characters", "\xe2\x82\xac" },
        { "four-byte characters", "\xf0\x9f\x99\x82" },
        { "a NUL", QByteArray("a\0b", 3) },
        { "123 bytes of characters", QByteArray("\xe0\xb8\x81").repeated(41) },
    };
    for (const auto &[name, reason] : good)
        cases.push_back({ QByteArray("reason of ") + name, frame(kClose, closeBody(1000, reason)), { closed(1000) } });
    const std::pair<const char *, QByteArray> bad[] = {
        { "FF", "\xff" },
        { "a lone continuation", "a\x80" },
        { "an overlong form", "\xc0\xaf" },
        { "a surrogate", "\xed\xa0\x80" },
        { "something above U+10FFFF", "\xf4\x90\x80\x80" },
        { "half a character", "\xe2\x82" },
        { "120 good bytes and a bad one", QByteArray(120, 'r') + "\xfe" },
    };
    for (const auto &[name, reason] : bad)
        cases.push_back({ QByteArray("reason of ") + name, frame(kClose, closeBody(1000, reason)), { closed(1007) } });
    cases.push_back({ "bad code before bad reason", frame(kClose, closeBody(999, "\xff")), { closed(1002) } });
}

void addSequences(std::vector<Case> &cases)
{
    const QByteArray close = frame(kClose, closeBody(1000, "bye"));
    const QByteArray command = frame(kText, pingCommand("c"));
    const std::pair<const char *, QByteArray> behind[] = {
        { "a text", command },
        { "a binary", frame(kBinary, "b") },
        { "a ping", frame(kPing, "p") },
        { "a second close", frame(kClose, closeBody(1001)) },
        { "a first fragment", fragment(kText, "{") },
        { "a violation", frame(3) },
        { "half a frame", command.first(9) },
        { "no frame", QByteArray(100, '\0') },
        { "many texts", command.repeated(200) },
    };
    for (const auto &[name, bytes] : behind)
        cases.push_back({ QByteArray(name) + " behind a close is not heard", close + bytes, { closed(1000) } });
    cases.push_back({ "messages before a close are answered", command + frame(kPing, "p") + command + close,
        { answered("c"), pong("p"), answered("c"), closed(1000) } });
    cases.push_back({ "close within a text", fragment(kText, "{") + close, { closed(1000) } });
    cases.push_back(
        { "close within a binary", fragment(kBinary, "b") + fragment(kContinuation, "b") + close, { closed(1000) } });
    cases.push_back({ "close within a half character", fragment(kText, "\xe2\x82") + close, { closed(1000) } });
    cases.push_back({ "close after a fragmented text", fragments(kText, pingCommand("f"), { 5 }) + close,
        { answered("f"), closed(1000) } });
    cases.push_back(
        { "bad close after a message", command + frame(kClose, closeBody(1005)), { answered("c"), closed(1002) } });
}

} // namespace

std::vector<Case> closingCases()
{
    std::vector<Case> cases;
    addBodies(cases);
    addCodes(cases);
    addReasons(cases);
    addSequences(cases);
    return cases;
}

} // namespace gatehouse::conformance
