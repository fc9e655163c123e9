// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "server/auth/tokenverifier.h"

namespace gatehouse {

/// Verifies tokens one after the other on a thread of its own, which gives way to all others: those of whoever has
/// shown many bad ones. So signatures that cost much to verify hold up nobody but those who send more of them, and one
/// address not another: they take turns. Any thread may ask.
class SideVerifier final
{
public:
    using Done = std::function<void(TokenVerdict)>; ///< on the thread of the verifier
    static constexpr qsizetype kMostOfOne = 256;
    static constexpr qsizetype kMostWaiting = 10'000;

    /// Both outlive it.
    SideVerifier(const TokenVerifier &verifier, const Clock &clock);
    ~SideVerifier();
    Q_DISABLE_COPY_MOVE(SideVerifier)

    /// `who` has shown it. False if so many wait, of them or in all, that one more is not taken, or after end(): then
    /// `done` is not called.
    [[nodiscard]] bool verify(const QString &who, QByteArray token, Done done);
    /// Forgets what waits and ends the thread: nothing is called any more. Not on that thread.
    void end();

private:
    struct Queue;
    void run();

    const TokenVerifier &m_verifier;
    const Clock &m_clock;
    std::unique_ptr<Queue> m_queue;
};

} // namespace gatehouse
