// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <mutex>
#include <optional>

#include "shared/protocol/problem.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// What was wrong with what a peer sent as a request.
enum class MalformedKind : quint8
{
    Syntax,      ///< not HTTP, or not strictly enough
    Tls,         ///< to a port of plain HTTP
    Proxy,       ///< the PROXY protocol: not expected, missing or malformed
    Version,     ///< another version of HTTP, or a WebSocket by HTTP/1.0
    HeadSize,    ///< too long, or too many fields
    Body,        ///< its length, its coding or its chunks
    Expectation, ///< another than 100-continue
    Handshake,   ///< of a WebSocket: its key or its version
    Subprotocol, ///< none that is offered can be answered
    CutOff,      ///< the peer ended its side before the request was whole
    Timeout,     ///< it did not come to its end in time
};
inline constexpr size_t kMalformedKindCount = 11;
/// As in the metric and in the log.
inline constexpr std::array<const char *, kMalformedKindCount> kMalformedKindNames{ "syntax", "tls", "proxy_protocol",
    "version", "head_size", "body", "expectation", "handshake", "subprotocol", "cut_off", "timeout" };

/// What cannot be taken for a request, and the answer to it. Whoever refuses it names its kind.
struct MalformedRequest
{
    MalformedKind kind;
    Problem problem;
};

/// Counts malformed requests by their kind, and says which of them get a line in the log: of each kind one every ten
/// seconds, as strangers can send any number. One for the process; thread-safe.
class MalformedRequests final
{
public:
    using Counts = std::array<qint64, kMalformedKindCount>;
    static constexpr std::chrono::seconds kPause{ 10 };

    MalformedRequests() = default;
    Q_DISABLE_COPY_MOVE(MalformedRequests)

    /// How many of the kind the line in the log stands for; nullopt if there is to be none.
    [[nodiscard]] std::optional<qint64> count(MalformedKind kind, MonoTime now);
    /// Since the start.
    [[nodiscard]] Counts counts() const;

private:
    struct Told
    {
        qint64 count = 0; ///< when the last line was written
        std::optional<MonoTime> at;
    };

    mutable std::mutex m_mutex; ///< guards what follows
    Counts m_counts{};
    std::array<Told, kMalformedKindCount> m_told{};
};

} // namespace gatehouse
