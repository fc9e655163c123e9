// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a fuzz target without libFuzzer: seeds of the target's kind, changed at random from a fixed seed, so that a
// failure repeats. Usage: fuzz_x [seconds] [seed]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.h"

namespace {

using Bytes = std::string;

std::vector<Bytes> seeds()
{
    using namespace std::string_literals;
    const Bytes key(4, '\0');
    return {
        "\x81\x85"s + key + "hello",
        "\x82\x83\x01\x02\x03\x04"s + "abc",
        "\x01\x81"s + key + "\xc3" + "\x80\x81" + key + "\xa4",
        "\x01\x80"s + key + "\x89\x81" + key + "p" + "\x80\x82" + key + "ok",
        "\x88\x82"s + key + "\x03\xe8",
        "\x8a\x80"s + key,
        "\x81\xfe"s + "\x01\x00"s + key + Bytes(256, 'x'),
        "GET /ws/notifications/?token=a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a\r\n\r\n"s,
        "POST /api/notifications/ HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}"s,
        "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"s,
        "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n"s,
        "0000a\r\n0123456789\r\n0\r\n\r\n"s,
        "PROXY TCP4 203.0.113.7 127.0.0.1 4711 443\r\n"s,
        "PROXY TCP6 2001:db8::1 2001:db8::2 4711 443\r\n"s,
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0e\xcb\0q\x07\x7f\0\0\x01\x12g\x01\xbb\x04\0"s,
        "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s,
        "*2\r\n:7\r\n$5\r\nhello\r\n$-1\r\n+OK\r\n-ERR no\r\n*-1\r\n"s,
        "*1\r\n*2\r\n$3\r\n6-0\r\n*6\r\n$1\r\nk\r\n$6\r\nlimits\r\n$1\r\nv\r\n$1\r\n1\r\n$1\r\np\r\n$2\r\n{}\r\n"s,
        "*4\r\n$2\r\nto\r\n$3\r\nall\r\n$5\r\ntitle\r\n$2\r\nHi\r\n"s,
    };
}

Bytes mutated(Bytes bytes, const std::vector<Bytes> &corpus, std::mt19937_64 &random)
{
    const auto below = [&random](size_t bound) { return size_t(random() % (bound == 0 ? 1 : bound)); };
    for (size_t changes = 1 + below(6); changes > 0; --changes) {
        const size_t at = below(bytes.size() + 1);
        switch (below(6)) {
        case 0:
            if (at < bytes.size())
                bytes[at] = char(random());
            break;
        case 1:
            if (at < bytes.size())
                bytes[at] = char(bytes[at] ^ (1 << below(8)));
            break;
        case 2:
            bytes.insert(at, 1 + below(4), char(random()));
            break;
        case 3:
            bytes.erase(at, 1 + below(4));
            break;
        case 4:
            bytes += corpus[below(corpus.size())];
            break;
        default:
            bytes.insert(at, bytes.substr(below(bytes.size() + 1), below(32)));
            break;
        }
    }
    return bytes;
}

} // namespace

int main(int argc, char **argv)
{
    const auto seconds = std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 5);
    const unsigned long long seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20260101ULL;
    std::mt19937_64 random(seed);
    const std::vector<Bytes> corpus = seeds();
    const auto end = std::chrono::steady_clock::now() + seconds;
    unsigned long long runs = 0;
    for (const Bytes &bytes : corpus)
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size());
    Bytes current = corpus.front();
    while (runs % 256 != 0 || std::chrono::steady_clock::now() < end) {
        // Now and then from the start, or everything ends as noise that is refused at its first byte.
        const bool isFresh = random() % 4 == 0 || current.size() > 4000;
        current = mutated(isFresh ? corpus[random() % corpus.size()] : current, corpus, random);
        LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(current.data()), current.size());
        ++runs;
    }
    std::printf("%llu runs from seed %llu\n", runs, seed);
    return 0;
}
