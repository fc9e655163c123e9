// SPDX-License-Identifier: GPL-3.0-or-later
// ProxyHeaderReader: nothing crashes, it takes a bounded number of bytes, and it makes no difference in which pieces
// they come.
#include <cstdlib>

#include "server/net/proxyheader.h"
#include "tests/fuzz/targets.h"

using namespace gatehouse;

namespace {

using ProxyState = ProxyHeaderReader::State;

void require(bool isTrue)
{
    if (!isTrue)
        std::abort();
}

/// What became of a header.
struct Outcome
{
    ProxyState state;
    qsizetype taken;
    std::optional<ProxyHeaderReader::Client> client;

    friend bool operator==(const Outcome &, const Outcome &) = default;
};

Outcome read(QByteArrayView bytes, qsizetype pieceBytes)
{
    ProxyHeaderReader reader;
    qsizetype at = 0;
    while (at < bytes.size() && reader.state() == ProxyState::Incomplete) {
        const QByteArrayView piece = bytes.sliced(at, qMin(pieceBytes, bytes.size() - at));
        const qsizetype taken = reader.take(piece);
        require(taken <= piece.size());
        require(taken == piece.size() || reader.state() != ProxyState::Incomplete);
        at += taken;
    }
    if (reader.state() != ProxyState::Incomplete)
        require(reader.take("more") == 0);
    require(reader.client().has_value() <= (reader.state() == ProxyState::Complete));
    require((reader.state() == ProxyState::Malformed) == !reader.problem().isEmpty());
    const bool counts = reader.state() == ProxyState::Complete || reader.state() == ProxyState::Malformed;
    require(at <= 16 + ProxyHeaderReader::kMaxBinaryBytes);
    return { reader.state(), counts ? at : 0, reader.client() };
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    const Outcome whole = read(bytes, qMax<qsizetype>(1, bytes.size()));
    const Outcome byByte = read(bytes, 1);
    require(whole == byByte);
    require(whole == read(bytes, 5));
    return 0;
}
