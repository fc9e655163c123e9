// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "server/net/ipaddress.h"
#include "shared/protocol/problem.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Bounds how many bad tokens an address bucket may try wherever trying costs no budget: the APIs over HTTP.
/// Thread-safe; bounded in memory.
class FailureLimit final
{
public:
    static constexpr int kMaxFailuresPerMinute = 5;
    static constexpr size_t kMaxAddresses = 10'000; ///< then the one that failed longest ago is forgotten

    explicit FailureLimit(const Clock &clock)
        : m_clock(clock)
    {
    }
    Q_DISABLE_COPY_MOVE(FailureLimit)

    /// Counts a failure; what to answer, 429 with the exact wait, if there were too many before it.
    [[nodiscard]] std::optional<Problem> count(const IpAddress &client);

    /// Addresses with failures that are remembered; for tests.
    [[nodiscard]] size_t rememberedAddresses() const;

private:
    struct BucketHash
    {
        size_t operator()(const IpAddress &address) const { return qHash(address); }
    };
    void makeRoom(MonoTime now);

    const Clock &m_clock;
    mutable std::mutex m_mutex; ///< guards what follows
    std::unordered_map<IpAddress, std::deque<MonoTime>, BucketHash> m_failures;
};

} // namespace gatehouse
