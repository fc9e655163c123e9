// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <utility>
#include <variant>

#include "shared/protocol/problem.h"

namespace gatehouse {

/// What a call to the admin API answered: a value, or the Problem that says why not. A Problem with status 0 never came
/// from a server: the call could not be made or its answer could not be read; its code is then "network", "tls",
/// "timeout", "bad_answer" or "not_connected". Problem::detail is a sentence to show.
template <typename T> class [[nodiscard]] ApiResult
{
public:
    ApiResult(T value)
        : m_value(std::in_place_index<0>, std::move(value))
    {
    }
    ApiResult(Problem problem)
        : m_value(std::in_place_index<1>, std::move(problem))
    {
    }

    [[nodiscard]] bool isOk() const { return m_value.index() == 0; }
    explicit operator bool() const { return isOk(); }
    /// The value; only when isOk().
    [[nodiscard]] const T &value() const { return std::get<0>(m_value); }
    const T &operator*() const { return value(); }
    const T *operator->() const { return &value(); }
    /// Why there is no value; only when not isOk().
    [[nodiscard]] const Problem &problem() const { return std::get<1>(m_value); }

private:
    std::variant<T, Problem> m_value;
};

/// Called once, in the client's thread, unless the call's context object is gone by then.
template <typename T> using ApiCallback = std::function<void(const ApiResult<T> &)>;

/// For calls without a value.
using ApiDone = ApiCallback<std::monostate>;

} // namespace gatehouse
