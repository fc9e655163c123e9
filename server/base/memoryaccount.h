// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <utility>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// What memory is held for clients.
enum class MemoryHolder : quint8
{
    Queues,      ///< sent, and not taken by the kernel; frames that several queues share count in each
    Http,        ///< of HTTP connections: unfinished heads and bodies, answers that are not taken
    Connections, ///< the QWebSockets of those that are awake
};
inline constexpr size_t kMemoryHolderCount = 3;
inline constexpr std::array<const char *, kMemoryHolderCount> kMemoryHolderNames{ "queues", "http", "connections" };

/// How many bytes one worker holds for its clients, by what for. Any thread: whoever holds much at once
/// adds and takes off; what is a little for each message is set once a tick. So a message costs nothing.
class MemoryAccount final
{
public:
    MemoryAccount() = default;
    Q_DISABLE_COPY_MOVE(MemoryAccount)

    void add(MemoryHolder holder, qint64 bytes) { at(holder).fetch_add(bytes, std::memory_order_relaxed); }
    void set(MemoryHolder holder, qint64 bytes) { at(holder).store(bytes, std::memory_order_relaxed); }
    [[nodiscard]] qint64 bytes(MemoryHolder holder) const
    {
        return m_bytes[size_t(holder)].load(std::memory_order_relaxed);
    }

private:
    std::atomic<qint64> &at(MemoryHolder holder) { return m_bytes[size_t(holder)]; }

    std::array<std::atomic<qint64>, kMemoryHolderCount> m_bytes{};
};

/// Bytes that are held from now until it is destroyed, on whatever thread. The account outlives it.
class HeldMemory final
{
public:
    HeldMemory() = default;
    HeldMemory(MemoryAccount &account, MemoryHolder holder, qint64 bytes)
        : m_account(&account)
        , m_holder(holder)
        , m_bytes(bytes)
    {
        account.add(holder, bytes);
    }
    HeldMemory(HeldMemory &&other) noexcept
        : m_account(std::exchange(other.m_account, nullptr))
        , m_holder(other.m_holder)
        , m_bytes(other.m_bytes)
    {
    }
    HeldMemory &operator=(HeldMemory &&other) noexcept
    {
        if (this != &other) {
            release();
            m_account = std::exchange(other.m_account, nullptr);
            m_holder = other.m_holder;
            m_bytes = other.m_bytes;
        }
        return *this;
    }
    ~HeldMemory() { release(); }

    /// It has become so many.
    void resize(qint64 bytes)
    {
        if (m_account)
            m_account->add(m_holder, bytes - m_bytes);
        m_bytes = bytes;
    }

private:
    void release()
    {
        if (MemoryAccount *account = std::exchange(m_account, nullptr))
            account->add(m_holder, -m_bytes);
    }

    MemoryAccount *m_account = nullptr;
    MemoryHolder m_holder = MemoryHolder::Queues;
    qint64 m_bytes = 0;
};

} // namespace gatehouse
