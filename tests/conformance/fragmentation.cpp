// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 section 5.4: messages in fragments, control frames between them, and fragments that do not belong together.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

constexpr int kMaxFragments = 64; // the channel's bound; the RFC has none

void addCuts(std::vector<Case> &cases)
{
    const QByteArray command = pingCommand("cut");
    for (qsizetype cut = 0; cut <= command.size(); ++cut) {
        cases.push_back(
            { "text cut at " + QByteArray::number(cut), fragments(kText, command, { cut }), { answered("cut") } });
    }
    cases.push_back({ "text in single bytes", fragments(kText, command, QList<qsizetype>(command.size() - 1, 1)),
        { answered("cut") } });
    cases.push_back(
        { "text in pieces of 0, 1, 2, 3, 4", fragments(kText, command, { 0, 1, 2, 3, 4 }), { answered("cut") } });
    for (const qsizetype first : { 125, 126, 127, 65'535 }) {
        cases.push_back({ "text with a first fragment of " + QByteArray::number(first),
            fragments(kText, pingCommandOf(65'536, "big"), { first }), { answered("big") } });
    }
}

void addCounts(std::vector<Case> &cases)
{
    for (const int count : { 2, 3, 4, 5, 8, 16, 32, kMaxFragments - 1, kMaxFragments }) {
        const QByteArray name = QByteArray::number(count) + " fragments";
        const QList<qsizetype> ones(count - 1, 1);
        const QList<qsizetype> nothings(count - 1, 0);
        const QList<qsizetype> thousands(count - 1, 1000);
        cases.push_back({ "text in " + name, fragments(kText, pingCommandOf(100, "n"), ones), { answered("n") } });
        cases.push_back(
            { "text behind empty ones, " + name, fragments(kText, pingCommand("n"), nothings), { answered("n") } });
        cases.push_back(
            { "big text in " + name, fragments(kText, pingCommandOf(65'000, "n"), thousands), { answered("n") } });
        cases.push_back({ "binary in " + name, fragments(kBinary, QByteArray(100, 'b'), ones), { badRequest() } });
        cases.push_back({ "empty text in " + name, fragments(kText, {}, nothings), { badRequest() } });
    }
    const auto many
        = [](int count) -> QByteArray { return fragment(kText) + fragment(kContinuation).repeated(count - 1); };
    cases.push_back({ "64 fragments without an end", many(kMaxFragments), {}, true });
    cases.push_back({ "65 fragments", many(kMaxFragments) + frame(kContinuation), { closed(1008) } });
    cases.push_back({ "65 fragments without an end", many(kMaxFragments + 1), { closed(1008) } });
    cases.push_back({ "1000 fragments", many(1000), { closed(1008) } });
    cases.push_back({ "65 fragments with bytes",
        fragments(kText, pingCommandOf(100, "n"), QList<qsizetype>(kMaxFragments, 1)), { closed(1008) } });
    cases.push_back({ "control frames are no fragments",
        fragment(kText) + QByteArray(frame(kPong) + fragment(kContinuation)).repeated(kMaxFragments - 2)
            + frame(kPong).repeated(100) + frame(kContinuation, pingCommand("n")),
        { answered("n") } });
    cases.push_back({ "each message has its own 64",
        fragments(kText, pingCommand("n"), QList<qsizetype>(kMaxFragments - 1, 0)).repeated(3),
        { answered("n"), answered("n"), answered("n") } });
}

void addOrphans(std::vector<Case> &cases)
{
    const QByteArray command = frame(kText, pingCommand("c"));
    const QByteArray inFragments = fragments(kText, pingCommand("f"), { 4 });
    const std::pair<const char *, QByteArray> orphans[] = {
        { "continuation", frame(kContinuation, "x") },
        { "empty continuation", frame(kContinuation) },
        { "continuation that is not final", fragment(kContinuation, "x") },
        { "empty continuation that is not final", fragment(kContinuation) },
    };
    for (const auto &[name, orphan] : orphans) {
        const QByteArray what(name);
        cases.push_back({ what + " as the first frame", orphan, { closed(1002) } });
        cases.push_back({ what + " after a message", command + orphan, { answered("c"), closed(1002) } });
        cases.push_back(
            { what + " after a fragmented message", inFragments + orphan, { answered("f"), closed(1002) } });
        cases.push_back({ what + " after a ping", frame(kPing, "p") + orphan, { pong("p"), closed(1002) } });
        cases.push_back({ what + " before a message", orphan + command, { closed(1002) } });
    }
}

void addNested(std::vector<Case> &cases)
{
    const std::pair<const char *, int> kinds[] = { { "text", kText }, { "binary", kBinary } };
    for (const auto &[outerName, outer] : kinds) {
        for (const auto &[innerName, inner] : kinds) {
            const QByteArray what = QByteArray(innerName) + " within a " + outerName;
            cases.push_back({ what, fragment(outer, "a") + frame(inner, "b"), { closed(1002) } });
            cases.push_back({ what + ", not final", fragment(outer, "a") + fragment(inner, "b"), { closed(1002) } });
            cases.push_back({ what + " after a continuation",
                fragment(outer, "a") + fragment(kContinuation, "b") + frame(inner, "c"), { closed(1002) } });
            cases.push_back({ what + " after a ping", fragment(outer) + frame(kPing, "p") + frame(inner),
                { pong("p"), closed(1002) } });
        }
    }
}

void addControlsBetween(std::vector<Case> &cases)
{
    const QByteArray command = pingCommand("c");
    const QByteArray first = fragment(kText, command.first(5));
    const QByteArray middle = fragment(kContinuation, command.mid(5, 5));
    const QByteArray last = frame(kContinuation, command.mid(10));
    const auto ping = [](const QByteArray &payload) { return frame(kPing, payload); };
    cases.push_back(
        { "ping after the first fragment", first + ping("1") + middle + last, { pong("1"), answered("c") } });
    cases.push_back(
        { "ping before the last fragment", first + middle + ping("2") + last, { pong("2"), answered("c") } });
    cases.push_back({ "ping in both gaps", first + ping("1") + middle + ping("2") + last,
        { pong("1"), pong("2"), answered("c") } });
    cases.push_back({ "pings all around", ping("0") + first + ping("1") + middle + ping("2") + last + ping("3"),
        { pong("0"), pong("1"), pong("2"), answered("c"), pong("3") } });
    cases.push_back({ "three pings in a gap", first + ping("a") + ping("b") + ping("c") + middle + last,
        { pong("a"), pong("b"), pong("c"), answered("c") } });
    cases.push_back({ "ping of 125 in a gap", first + ping(QByteArray(125, 'p')) + middle + last,
        { pong(QByteArray(125, 'p')), answered("c") } });
    cases.push_back({ "empty ping in a gap", first + ping({}) + middle + last, { pong({}), answered("c") } });
    cases.push_back(
        { "pongs in the gaps", first + frame(kPong, "x") + middle + frame(kPong) + last, { answered("c") } });
    cases.push_back({ "ping within a binary", fragment(kBinary, "a") + ping("p") + frame(kContinuation, "b"),
        { pong("p"), badRequest() } });
    cases.push_back({ "ping between empty fragments",
        fragment(kText) + ping("p") + fragment(kContinuation) + frame(kContinuation), { pong("p"), badRequest() } });
    cases.push_back({ "close in a gap", first + frame(kClose, closeBody(1000)) + last, { closed(1000) } });
    cases.push_back({ "ping, then close in a gap", first + ping("p") + frame(kClose, closeBody(1001)),
        { pong("p"), closed(1001) } });
}

void addSequences(std::vector<Case> &cases)
{
    const QByteArray a = fragments(kText, pingCommand("a"), { 3, 3 });
    const QByteArray b = frame(kText, pingCommand("b"));
    const QByteArray c = fragments(kText, pingCommand("c"), { 0, 10 });
    const QByteArray binary = fragments(kBinary, "xyz", { 1 });
    cases.push_back({ "fragmented, then whole", a + b, { answered("a"), answered("b") } });
    cases.push_back({ "whole, then fragmented", b + a, { answered("b"), answered("a") } });
    cases.push_back({ "two fragmented", a + c, { answered("a"), answered("c") } });
    cases.push_back({ "fragmented text and binary", a + binary + c + binary,
        { answered("a"), badRequest(), answered("c"), badRequest() } });
    cases.push_back({ "twenty fragmented", a.repeated(20), QList<QByteArray>(20, answered("a")) });
    cases.push_back({ "a first fragment alone", fragment(kText, "{"), {}, true });
    cases.push_back({ "two fragments alone", fragment(kText, "{") + fragment(kContinuation, "}"), {}, true });
}

} // namespace

std::vector<Case> fragmentationCases()
{
    std::vector<Case> cases;
    addCuts(cases);
    addCounts(cases);
    addOrphans(cases);
    addNested(cases);
    addControlsBetween(cases);
    addSequences(cases);
    return cases;
}

} // namespace gatehouse::conformance
