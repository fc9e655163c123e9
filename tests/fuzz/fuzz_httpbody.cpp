// SPDX-License-Identifier: GPL-3.0-or-later
// HttpBodyReader: nothing crashes, what it keeps is bounded, and it makes no difference in which pieces a body arrives.
#include <cstdlib>

#include "server/net/httpbody.h"
#include "tests/fuzz/targets.h"

using namespace gatehouse;

namespace {

void require(bool isTrue)
{
    if (!isTrue)
        std::abort();
}

/// What became of a body.
struct Outcome
{
    QByteArray body;
    qsizetype taken = 0;
    bool isComplete = false;
    int status = 0;

    friend bool operator==(const Outcome &, const Outcome &) = default;
};

Outcome read(const BodyFraming &framing, QByteArrayView bytes, qsizetype pieceBytes)
{
    HttpBodyReader reader(framing);
    Outcome outcome;
    while (outcome.taken < bytes.size() && !reader.isComplete() && !reader.problem()) {
        const QByteArrayView piece = bytes.sliced(outcome.taken, qMin(pieceBytes, bytes.size() - outcome.taken));
        const qsizetype taken = reader.take(piece, &outcome.body);
        require(taken > 0 && taken <= piece.size());
        require(taken == piece.size() || reader.isComplete() || reader.problem());
        outcome.taken += taken;
        require(outcome.body.size() <= kMaxBodyBytes && outcome.body.size() <= outcome.taken);
        if (!reader.isComplete() && !reader.problem())
            require(reader.roomBytes(outcome.body.size()) >= outcome.body.size());
    }
    outcome.isComplete = reader.isComplete();
    outcome.status = reader.problem() ? reader.problem()->status : 0;
    require(outcome.status == 0 || outcome.status == 400 || outcome.status == 413);
    require(!outcome.isComplete || outcome.status == 0);
    require(reader.take("0\r\n\r\n", nullptr) == 0 || (!outcome.isComplete && outcome.status == 0));
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    BodyFraming framing;
    framing.isChunked = true;
    const Outcome whole = read(framing, bytes, qMax<qsizetype>(1, bytes.size()));
    require(read(framing, bytes, 1) == whole);
    require(read(framing, bytes, 7) == whole);
    if (whole.isComplete) // and what follows it is the next request's
        require(read(framing, bytes.first(whole.taken), 3) == whole);
    return 0;
}
