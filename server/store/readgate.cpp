// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/readgate.h"

#include <utility>
#include <vector>

namespace gatehouse {

ReadGate::ReadGate(ReaderPool &readers)
    : m_readers(readers)
{
}

void ReadGate::writeQueued()
{
    const std::lock_guard lock(m_mutex);
    ++m_writesQueued;
    ++m_outstanding;
}

void ReadGate::written(qint64 count)
{
    const std::lock_guard lock(m_mutex);
    m_writesDone += count + std::exchange(m_writesRefused, 0);
    const auto end = m_waiting.upper_bound(m_writesDone);
    for (auto read = m_waiting.begin(); read != end; ++read) {
        ++m_outstanding;
        m_readers.resume(read->second.who, counted(std::move(read->second.portion)));
    }
    m_waiting.erase(m_waiting.begin(), end);
    m_outstanding -= count;
    if (m_outstanding == 0)
        m_quiet.notify_all();
}

void ReadGate::refused(qint64 count)
{
    const std::lock_guard lock(m_mutex);
    m_writesRefused += count;
    m_outstanding -= count;
    if (m_outstanding == 0)
        m_quiet.notify_all();
}

void ReadGate::read(Portion portion, Late late)
{
    const qint64 before = beginRead();
    m_readers.addBeyondBounds({}, counted(afterWrites(before, { {}, std::move(portion), std::move(late) })));
}

bool ReadGate::readInTurns(const QString &who, Portion portion, Late late)
{
    const qint64 before = beginRead();
    if (m_readers.add(who, counted(afterWrites(before, { who, std::move(portion), std::move(late) }))))
        return true;
    readEnded();
    return false;
}

void ReadGate::resume(const QString &who, Portion portion)
{
    (void)beginRead();
    m_readers.resume(who, counted(std::move(portion)));
}

void ReadGate::giveUp(const Error &error)
{
    std::vector<Waiting> givenUp;
    {
        const std::lock_guard lock(m_mutex);
        for (auto read = m_waiting.begin(); read != m_waiting.end();) {
            if (!read->second.late) {
                ++read;
                continue;
            }
            givenUp.push_back(std::move(read->second));
            read = m_waiting.erase(read);
        }
    }
    for (const Waiting &read : givenUp) {
        read.late(error);
        m_readers.finish(read.who);
    }
}

bool ReadGate::isQuiet() const
{
    const std::lock_guard lock(m_mutex);
    return m_outstanding == 0;
}

void ReadGate::waitUntilQuiet()
{
    std::unique_lock lock(m_mutex);
    m_quiet.wait(lock, [this] { return m_outstanding == 0; });
}

qint64 ReadGate::beginRead()
{
    const std::lock_guard lock(m_mutex);
    ++m_outstanding;
    return m_writesQueued;
}

void ReadGate::readEnded()
{
    const std::lock_guard lock(m_mutex);
    if (--m_outstanding == 0)
        m_quiet.notify_all();
}

ReadGate::Portion ReadGate::counted(Portion portion)
{
    return [this, portion = std::move(portion)](Database &connection) {
        const Turn turn = portion(connection);
        if (turn != Turn::More)
            readEnded();
        return turn;
    };
}

ReadGate::Portion ReadGate::afterWrites(qint64 count, Waiting read)
{
    return [this, count, read = std::move(read)](Database &connection) {
        {
            const std::lock_guard lock(m_mutex);
            if (m_writesDone < count) {
                m_waiting.emplace(count, read);
                return Turn::Waits;
            }
        }
        return read.portion(connection);
    };
}

} // namespace gatehouse
