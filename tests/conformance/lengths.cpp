// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 6455 section 5.2, payload length: every form of it, at and around its boundaries, and forms that are not the
// shortest.
#include "tests/conformance/cases.h"
#include "tests/conformance/clientframe.h"

namespace gatehouse::conformance {

namespace {

const QList<qsizetype> kSizes = { 0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 31, 32, 33, 63, 64, 65, 123, 124, 125, 126,
    127, 128, 129, 130, 253, 254, 255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097, 16'383, 16'384, 32'767, 32'768,
    65'534, 65'535, 65'536 };

/// A text of that size. Where a command does not fit, any text does: it is answered as no command.
Case textOf(qsizetype size)
{
    const QByteArray id = "size " + QByteArray::number(size);
    const QByteArray name = "text of " + QByteArray::number(size);
    if (size < pingCommand(id).size())
        return { name, frame(kText, QByteArray(size, 'x')), { badRequest() } };
    return { name, frame(kText, pingCommandOf(size, id)), { answered(id) } };
}

Case binaryOf(qsizetype size)
{
    return { "binary of " + QByteArray::number(size), frame(kBinary, QByteArray(size, '\xfe')), { badRequest() } };
}

void addLongForms(std::vector<Case> &cases)
{
    struct Row
    {
        LengthForm form;
        const char *formName;
        qsizetype size;
    };
    const Row rows[] = {
        { LengthForm::SixteenBit, "16 bits", 0 },
        { LengthForm::SixteenBit, "16 bits", 1 },
        { LengthForm::SixteenBit, "16 bits", 124 },
        { LengthForm::SixteenBit, "16 bits", 125 },
        { LengthForm::SixtyFourBit, "64 bits", 0 },
        { LengthForm::SixtyFourBit, "64 bits", 1 },
        { LengthForm::SixtyFourBit, "64 bits", 125 },
        { LengthForm::SixtyFourBit, "64 bits", 126 },
        { LengthForm::SixtyFourBit, "64 bits", 127 },
        { LengthForm::SixtyFourBit, "64 bits", 65'534 },
        { LengthForm::SixtyFourBit, "64 bits", 65'535 },
    };
    for (const Row &row : rows) {
        const QByteArray what = QByteArray::number(row.size) + " written in " + row.formName;
        const QByteArray payload(row.size, 'x');
        cases.push_back({ "text of " + what, frame(kText, payload, { .lengthForm = row.form }), { closed(1002) } });
        cases.push_back({ "binary of " + what, frame(kBinary, payload, { .lengthForm = row.form }), { closed(1002) } });
        if (row.size <= 125)
            cases.push_back({ "ping of " + what, frame(kPing, payload, { .lengthForm = row.form }), { closed(1002) } });
    }
}

void addImpossibleLengths(std::vector<Case> &cases)
{
    const std::pair<const char *, quint64> lengths[] = {
        { "2^63", 1ULL << 63 },
        { "2^63 + 1", (1ULL << 63) + 1 },
        { "2^64 - 1", ~0ULL },
    };
    for (const auto &[name, length] : lengths) {
        const FrameForm form{ .claimedLength = length };
        cases.push_back({ QByteArray("text of ") + name, frame(kText, {}, form), { closed(1009) } });
        cases.push_back({ QByteArray("binary of ") + name, frame(kBinary, "abc", form), { closed(1009) } });
        cases.push_back({ QByteArray("continuation of ") + name, fragment(kText, "a") + frame(kContinuation, {}, form),
            { closed(1009) } });
        cases.push_back({ QByteArray("ping of ") + name, frame(kPing, {}, form), { closed(1002) } });
    }
}

void addKeys(std::vector<Case> &cases)
{
    const std::array<quint8, 4> keys[] = {
        { 0, 0, 0, 0 }, { 0xff, 0xff, 0xff, 0xff }, { 0x80, 0, 0, 0 }, { 0, 0, 0, 1 },
        { '{', '"', 't', 'y' },     // turns the text's beginning into zeros
        { 0x81, 0x85, 0x81, 0x85 }, // looks like frame heads
    };
    for (const std::array<quint8, 4> &key : keys) {
        const QByteArray name = QByteArray(reinterpret_cast<const char *>(key.data()), 4).toHex();
        for (const qsizetype size : { 24, 25, 26, 27, 28, 29, 30, 31, 300 }) {
            cases.push_back({ "key " + name + ", text of " + QByteArray::number(size),
                frame(kText, pingCommandOf(size, "k"), { .key = key }), { answered("k") } });
        }
    }
}

} // namespace

std::vector<Case> lengthCases()
{
    std::vector<Case> cases;
    for (const qsizetype size : kSizes) {
        cases.push_back(textOf(size));
        cases.push_back(binaryOf(size));
    }
    addLongForms(cases);
    addImpossibleLengths(cases);
    addKeys(cases);
    return cases;
}

} // namespace gatehouse::conformance
