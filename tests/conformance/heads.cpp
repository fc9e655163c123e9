// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 sections 5.1 and 5.2: the mask bit, the reserved bits and the opcodes, each in every frame that can carry
// it.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

struct Kind
{
    const char *name;
    QByteArray before; ///< what makes a good frame of the kind allowed
    int opcode;
    QByteArray payload;
};

QList<Kind> kinds()
{
    return {
        { "text", {}, kText, pingCommand("x") },
        { "empty text", {}, kText, {} },
        { "binary", {}, kBinary, "abc" },
        { "continuation", fragment(kText, "{"), kContinuation, "}" },
        { "ping", {}, kPing, "abc" },
        { "pong", {}, kPong, "abc" },
        { "close", {}, kClose, closeBody(1000) },
        { "long text", {}, kText, pingCommandOf(300, "x") },
    };
}

void addReservedBits(std::vector<Case> &cases)
{
    for (const Kind &kind : kinds()) {
        for (int bits = 1; bits <= 7; ++bits) {
            cases.push_back({ QByteArray(kind.name) + " with reserved bits " + QByteArray::number(bits, 2),
                kind.before + frame(kind.opcode, kind.payload, { .reservedBits = bits }), { closed(1002) } });
        }
    }
}

void addUnmasked(std::vector<Case> &cases)
{
    for (const Kind &kind : kinds()) {
        cases.push_back({ QByteArray("unmasked ") + kind.name,
            kind.before + frame(kind.opcode, kind.payload, { .isMasked = false }), { closed(1002) } });
    }
}

void addReservedOpcodes(std::vector<Case> &cases)
{
    for (const int opcode : { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 }) {
        const QByteArray name = "opcode " + QByteArray::number(opcode);
        const QByteArray good = frame(kText, pingCommand("first"));
        cases.push_back({ name, frame(opcode), { closed(1002) } });
        cases.push_back({ name + " with payload", frame(opcode, "abc"), { closed(1002) } });
        cases.push_back({ name + ", not final", fragment(opcode, "abc"), { closed(1002) } });
        cases.push_back({ name + " after a message", good + frame(opcode), { answered("first"), closed(1002) } });
        cases.push_back({ name + " within a message", fragment(kText, "{") + frame(opcode) + frame(kContinuation, "}"),
            { closed(1002) } });
    }
}

/// A violation ends the connection at once, whatever stands before and behind it.
void addSequences(std::vector<Case> &cases)
{
    const auto command = [](const QByteArray &id) { return frame(kText, pingCommand(id)); };
    cases.push_back({ "nothing at all", {}, {} });
    for (const int count : { 2, 3, 10, 100, 500 }) {
        Case many{ QByteArray::number(count) + " messages in a row", {}, {} };
        for (int i = 0; i < count; ++i) {
            many.bytes += command(QByteArray::number(i));
            many.answers += answered(QByteArray::number(i));
        }
        cases.push_back(many);
    }
    cases.push_back({ "texts and binaries by turns",
        command("1") + frame(kBinary, "b") + command("2") + frame(kBinary) + command("3"),
        { answered("1"), badRequest(), answered("2"), badRequest(), answered("3") } });
    cases.push_back({ "nothing behind a violation is answered", command("1") + frame(3) + command("2"),
        { answered("1"), closed(1002) } });
    cases.push_back({ "no ping behind a violation is answered",
        frame(kText, "x", { .isMasked = false }) + frame(kPing, "p"), { closed(1002) } });
    cases.push_back({ "the first of two violations counts", frame(kText, "\xff") + frame(3), { closed(1007) } });
    cases.push_back({ "what is not a frame at all", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", { closed(1002) } });
    cases.push_back({ "zeros", QByteArray(64, '\0'), { closed(1002) } });
    cases.push_back({ "ones", QByteArray(64, '\xff'), { closed(1002) } });
    cases.push_back({ "two bytes suffice: unmasked", "\x81\x05", { closed(1002) } });
    cases.push_back({ "two bytes suffice: reserved bit", "\xc1\x85", { closed(1002) } });
    cases.push_back({ "two bytes suffice: opcode", "\x83\x85", { closed(1002) } });
    cases.push_back({ "not JSON", frame(kText, "hello"), { badRequest() } });
    cases.push_back({ "not an object", frame(kText, "[1,2]"), { badRequest() } });
    cases.push_back({ "not JSON, many times", frame(kText, "{").repeated(50), QList<QByteArray>(50, badRequest()) });
}

} // namespace

std::vector<Case> headCases()
{
    std::vector<Case> cases;
    addReservedBits(cases);
    addUnmasked(cases);
    addReservedOpcodes(cases);
    addSequences(cases);
    return cases;
}

} // namespace gatehouse::conformance
