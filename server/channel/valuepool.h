// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include <QtCore/QSet>
#include <QtCore/QSharedData>

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

    friend bool operator==(const Shared &a, const Shared &b) { return *a == *b; }
    friend size_t qHash(const Shared &shared, size_t seed = 0) { return qHash(*shared, seed); }

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
    static constexpr qsizetype kMaxValues = 4096;

    /// The same value, shared with all who asked for it before. Beyond the bound values are forgotten and begin to be
    /// shared anew.
    [[nodiscard]] Shared<Value> shared(Value value)
    {
        const Shared<Value> wanted(std::move(value));
        if (const auto known = m_values.constFind(wanted); known != m_values.constEnd())
            return *known;
        if (m_values.size() >= kMaxValues)
            m_values.clear();
        Value kept = *wanted;
        kept.squeeze();
        return *m_values.insert(Shared<Value>(std::move(kept)));
    }

private:
    QSet<Shared<Value>> m_values;
};

} // namespace gatehouse
