// SPDX-License-Identifier: GPL-3.0-or-later
// parseHttpHead(): nothing crashes, a good head is within its bounds, and more bytes never turn a verdict into another.
#include <cstdlib>

#include "server/net/httphead.h"
#include "tests/fuzz/targets.h"

using namespace gatehouse;

namespace {

void require(bool isTrue)
{
    if (!isTrue)
        std::abort();
}

void checkGood(const ParsedHead &head, QByteArrayView bytes)
{
    require(head.headBytes > 0 && head.headBytes <= qMin<qsizetype>(bytes.size(), kMaxHeadBytes));
    require(bytes.first(head.headBytes).endsWith("\r\n\r\n"));
    require(head.body.lengthBytes >= 0 && head.body.lengthBytes <= kMaxBodyBytes);
    require(!head.body.isChunked || head.body.lengthBytes == 0);
    require(head.request.path.startsWith('/'));
    require(head.request.headers.size() <= size_t(kMaxHeadFields));
    for (const auto &[name, value] : head.request.headers)
        require(!name.isEmpty() && name == name.toLower() && !value.contains('\n') && !value.contains('\r')
            && !value.contains('\0'));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    const HeadVerdict verdict = parseHttpHead(bytes);
    if (const ParsedHead *head = std::get_if<ParsedHead>(&verdict)) {
        checkGood(*head, bytes);
        // What follows a head changes nothing about it.
        const HeadVerdict alone = parseHttpHead(bytes.first(head->headBytes));
        require(std::holds_alternative<ParsedHead>(alone) && std::get<ParsedHead>(alone).headBytes == head->headBytes);
        require(std::holds_alternative<HeadIncomplete>(parseHttpHead(bytes.first(head->headBytes - 1))));
    } else if (const MalformedRequest *refused = std::get_if<MalformedRequest>(&verdict)) {
        require(refused->problem.status >= 400 && refused->problem.status <= 505);
    } else {
        require(bytes.size() <= kMaxHeadBytes); // or memory would grow with what a peer sends
    }
    return 0;
}
