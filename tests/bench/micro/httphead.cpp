// SPDX-License-Identifier: GPL-3.0-or-later
#include <benchmark/benchmark.h>

#include "server/bench/wireformat.h"
#include "server/net/httphead.h"

using namespace gatehouse;

namespace {

template <typename Expected> void parse(benchmark::State &state, const QByteArray &head)
{
    for (auto _ : state) {
        const HeadVerdict verdict = parseHttpHead(head);
        if (!std::holds_alternative<Expected>(verdict))
            state.SkipWithError("parsed as something else");
    }
}

/// As a browser upgrades: 15 fields and a token in the query.
QByteArray browserUpgrade()
{
    QByteArray head = bench::upgradeRequest({ "/ws/notifications/?token=" + QByteArray(220, 't'), "app.example.com",
        "https://app.example.com", {}, bench::makeHandshakeKey().key });
    head.chop(2);
    return head
        + "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
          "Safari/537.36\r\n"
          "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9,th;q=0.8\r\nCache-Control: "
          "no-cache\r\n"
          "Pragma: no-cache\r\nCookie: sessionid=0123456789abcdef; csrftoken=0123456789abcdef0123456789abcdef\r\n"
          "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nX-Forwarded-For: "
          "203.0.113.7\r\n\r\n";
}

void httpHeadBrowserUpgrade(benchmark::State &state)
{
    parse<ParsedHead>(state, browserUpgrade());
}
BENCHMARK(httpHeadBrowserUpgrade);

void httpHeadPublish(benchmark::State &state)
{
    parse<ParsedHead>(state, bench::postRequest("/api/notifications/", "127.0.0.1:8080", QByteArray(220, 't'), {}));
}
BENCHMARK(httpHeadPublish);

void httpHeadMalformed(benchmark::State &state)
{
    parse<MalformedRequest>(state, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
}
BENCHMARK(httpHeadMalformed);

} // namespace
