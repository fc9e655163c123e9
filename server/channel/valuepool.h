// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <unordered_set>
#include <utility>

#include <QtCore/QSharedData>

#include "server/base/seededhash.h"

namespace gatehouse {

/// A value that others may share the memory of, in the 8 bytes of a pointer. Never changed; empty until one of a
/// ValuePool is assigned. Copies may be used on any thread.
template <typename Value> class Shared final
{
public:
    Shared() = default;
    explicit Shared(Value value)
        : m_data(new Data(std::move(value)))
    {
    }

    [[nodiscard]] const Value &operator*() const { return m_data->value; }
    [[nodiscard]] const Value *operator->() const { return &m_data->value; }

private:
    struct Data : QSharedData
    {
        explicit Data(Value data)
            : value(std::move(data))
        {
        }
        const Value value;
    };
    QExplicitlySharedDataPointer<Data> m_data;
};

/// Lets equal values share their memory: thousands of clients send a handful of Origins and User-Agents. Bounded; a
/// worker's own, used on its thread.
template <typename Value> class ValuePool final
{
public:
    static constexpr size_t kMaxValues = 4096;

    /// The same value, shared with all who asked for it before. Beyond the bound values are forgotten and begin to be
    /// shared anew.
    [[nodiscard]] Shared<Value> shared(Value value)
    {
        if (const auto known = m_values.find(value); known != m_values.end())
            return *known;
        if (m_values.size() >= kMaxValues)
            m_values.clear();
        value.squeeze();
        return *m_values.insert(Shared<Value>(std::move(value))).first;
    }

private:
    // Both take a value as well as a Shared one, so that a look-up allocates nothing.
    struct Hash
    {
        using is_transparent = void;
        size_t operator()(const Value &value) const { return seededHash(value); }
        size_t operator()(const Shared<Value> &value) const { return seededHash(*value); }
    };
    struct IsEqual
    {
        using is_transparent = void;
        bool operator()(const Shared<Value> &a, const Shared<Value> &b) const { return *a == *b; }
        bool operator()(const Value &a, const Shared<Value> &b) const { return a == *b; }
        bool operator()(const Shared<Value> &a, const Value &b) const { return *a == b; }
    };
    std::unordered_set<Shared<Value>, Hash, IsEqual> m_values;
};

} // namespace gatehouse
