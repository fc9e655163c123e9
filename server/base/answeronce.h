// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace gatehouse {

/// A callback that may be given to several who do not know of each other: the first to call it is heard, and nobody
/// else. Any thread.
template <typename T> [[nodiscard]] std::function<void(T)> answerOnce(std::function<void(T)> answer)
{
    return [answer = std::move(answer), isAnswered = std::make_shared<std::atomic<bool>>(false)](T value) {
        if (!isAnswered->exchange(true))
            answer(std::move(value));
    };
}

} // namespace gatehouse
