// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "server/net/httpmessage.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// The requests that have no answer yet. While the disk of the state file does not answer, those that have waited for 5
/// s get 503 instead of waiting for as long as it likes; what they asked for may be carried out all the same, and the
/// answer says so. Once so many wait, no further change is begun.
///
/// Lives on the main thread; answers may come from any.
class PendingAnswers final
{
public:
    static constexpr std::chrono::seconds kPatience{ 5 };
    static constexpr size_t kMaxWaiting = 256; ///< while the disk does not answer

    explicit PendingAnswers(const Clock &clock);

    /// The responder for a handler: passes the first answer on, whoever gives it. `isChange`: the request is one that
    /// changes something.
    [[nodiscard]] Responder add(const Responder &respond, bool isChange);
    /// To be called once a second.
    void setStoreHanging(bool isHanging);
    /// Whether no further change is to be begun.
    [[nodiscard]] bool isFull();
    /// For who may not: nothing has been done.
    [[nodiscard]] static HttpResponse refusal();

private:
    struct Entry
    {
        Responder respond;
        MonoTime since;
        bool isChange;
        std::atomic<bool> isAnswered{ false };

        void answer(const HttpResponse &response);
    };
    void forgetAnswered();

    const Clock &m_clock;
    std::vector<std::weak_ptr<Entry>> m_entries; ///< in the order in which they came
    size_t m_keepUntil = 0;                      ///< so many are kept before the answered ones are looked for
    bool m_isStoreHanging = false;
};

} // namespace gatehouse
