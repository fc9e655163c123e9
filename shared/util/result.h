// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>
#include <variant>

#include <QtCore/QString>

namespace gatehouse {

/// Why something failed, in words for the person who has to mend it.
struct Error
{
    QString message; ///< one sentence in English that names the faulty thing
    QString field;   ///< the setting, argument or JSON member at fault; empty if none
};

/// A value, or the reason why there is none. Use it for every operation that can fail because of its input or the
/// world; std::optional is for absence, exceptions are not used.
template <typename T> class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_value(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_value(std::in_place_index<1>, std::move(error))
    {
    }

    [[nodiscard]] bool isOk() const { return m_value.index() == 0; }
    explicit operator bool() const { return isOk(); }

    /// The value; only when isOk().
    [[nodiscard]] const T &value() const & { return std::get<0>(m_value); }
    [[nodiscard]] T &value() & { return std::get<0>(m_value); }
    [[nodiscard]] T &&value() && { return std::get<0>(std::move(m_value)); }
    const T &operator*() const & { return value(); }
    T &operator*() & { return value(); }
    const T *operator->() const { return &value(); }
    T *operator->() { return &value(); }

    /// The error; only when not isOk().
    [[nodiscard]] const Error &error() const { return std::get<1>(m_value); }

private:
    std::variant<T, Error> m_value;
};

/// The Result of an operation that has no value.
using Status = Result<std::monostate>;

[[nodiscard]] inline Status ok()
{
    return Status(std::monostate{});
}

} // namespace gatehouse
