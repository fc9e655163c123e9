// SPDX-License-Identifier: GPL-3.0-or-later
// The channel's message size limit (65,536 bytes here): exact, for whole messages and for the sum of fragments, judged
// by the heads.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

constexpr qsizetype kLimit = 65'536;

void addWhole(std::vector<Case> &cases)
{
    for (const auto &[name, opcode] : { std::pair("text", kText), std::pair("binary", kBinary) }) {
        const QByteArray what(name);
        for (const qsizetype size : { kLimit + 1, kLimit + 2, 2 * kLimit }) {
            cases.push_back(
                { what + " of " + QByteArray::number(size), frame(opcode, QByteArray(size, 'x')), { closed(1009) } });
        }
        for (const quint64 length : { 65'537ULL, 1ULL << 24, 1ULL << 31, (1ULL << 31) + 1, 1ULL << 32, (1ULL << 32) + 5,
                 1ULL << 33, 1ULL << 62, (1ULL << 63) - 1 }) {
            cases.push_back({ what + " that claims " + QByteArray::number(length),
                frame(opcode, {}, { .claimedLength = length }), { closed(1009) } });
        }
    }
}

void addSums(std::vector<Case> &cases)
{
    const QByteArray exact = pingCommandOf(kLimit, "exact");
    cases.push_back({ "exactly, in two", fragments(kText, exact, { kLimit / 2 }), { answered("exact") } });
    cases.push_back({ "exactly, in 64", fragments(kText, exact, QList<qsizetype>(63, 1024)), { answered("exact") } });
    cases.push_back({ "exactly, then an empty last one", fragments(kText, exact, { kLimit }), { answered("exact") } });
    cases.push_back({ "exactly, an empty first one", fragments(kText, exact, { 0 }), { answered("exact") } });
    const QByteArray over(kLimit + 1, 'x');
    cases.push_back({ "one more, in two", fragments(kText, over, { kLimit / 2 }), { closed(1009) } });
    cases.push_back({ "one more, in 64", fragments(kText, over, QList<qsizetype>(63, 1024)), { closed(1009) } });
    cases.push_back({ "one more in a last fragment of one", fragments(kBinary, over, { kLimit }), { closed(1009) } });
    cases.push_back({ "the second fragment claims too much",
        fragment(kText, "a") + frame(kContinuation, {}, { .claimedLength = kLimit }), { closed(1009) } });
    cases.push_back({ "the second fragment claims all that is left",
        fragment(kText, pingCommand("left"))
            + frame(kContinuation, QByteArray(kLimit - pingCommand("left").size(), ' ')),
        { answered("left") } });
    cases.push_back({ "control frames do not count",
        fragment(kText, exact.first(kLimit / 2)) + frame(kPong, QByteArray(125, 'p')).repeated(10)
            + frame(kContinuation, exact.mid(kLimit / 2)),
        { answered("exact") } });
    cases.push_back({ "each message has the whole limit", frame(kText, exact).repeated(4),
        QList<QByteArray>(4, answered("exact")) });
    cases.push_back({ "a big one does not count for the next", frame(kText, exact) + frame(kText, pingCommand("next")),
        { answered("exact"), answered("next") } });
    cases.push_back({ "messages before the big one are answered", frame(kText, pingCommand("1")) + frame(kText, over),
        { answered("1"), closed(1009) } });
}

} // namespace

std::vector<Case> limitCases()
{
    std::vector<Case> cases;
    addWhole(cases);
    addSums(cases);
    return cases;
}

} // namespace gatehouse::conformance
