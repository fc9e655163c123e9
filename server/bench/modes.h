// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>

#include "server/bench/benchplan.h"
#include "server/bench/eventloop.h"
#include "server/bench/measures.h"
#include "shared/util/result.h"

namespace gatehouse::bench {

/// One mode of the bench: help, defaults and the words of its report.
struct ModeDescriptor
{
    ModeKey key;
    QLatin1StringView name;
    QLatin1StringView operation;  ///< what it counts, as in "delivery"
    QLatin1StringView operations; ///< the same in the plural
    QLatin1StringView help;
    bool usesConnections;
    bool usesInFlight;
    int defaultConnections;
    int defaultInFlight;
};
inline constexpr size_t kModeCount = 7;
[[nodiscard]] const std::array<ModeDescriptor, kModeCount> &modeDescriptors();
[[nodiscard]] const ModeDescriptor &modeDescriptor(ModeKey key);
/// nullptr if there is no such mode.
[[nodiscard]] const ModeDescriptor *findMode(QStringView name);

/// What a refusals bench holds open at most.
inline constexpr int kMostHolders = 5000;
/// For what is under way when a round ends.
inline constexpr std::chrono::seconds kDraining{ 3 };

/// What a mode works with. All outlive it.
struct ModeContext
{
    EventLoop &loop;
    const BenchPlan &plan;
    const ProcessUsage &usage;
};

/// A running mode. prepare() once, then a round at a time. Both return early, without an error, when the loop is
/// stopped; an error is a server that refuses or goes away. Lives on the loop's thread.
class Mode
{
public:
    virtual ~Mode() = default;
    [[nodiscard]] virtual Status prepare() = 0;
    /// Enters into `round` what has been measured, also before an error.
    [[nodiscard]] virtual Status run(Round &round) = 0;
    /// After the last round.
    virtual void finish(std::vector<Round> &) { }
    /// The operations of this round so far.
    [[nodiscard]] virtual qint64 operations() const = 0;
};

[[nodiscard]] std::unique_ptr<Mode> makeIdleMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeChurnMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeEchoMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeFanoutMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeRefusalsMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeOverlimitMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeSlowMode(const ModeContext &context);
[[nodiscard]] std::unique_ptr<Mode> makeMode(const ModeContext &context);

/// The error of a mode whose connections went away.
[[nodiscard]] Error lostError(qint64 lost, qint64 all, int closeCode);

} // namespace gatehouse::bench
