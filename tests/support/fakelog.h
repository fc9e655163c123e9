// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "server/log/log.h"

namespace gatehouse {

/// A log that keeps everything for the test to look at. Any thread.
class FakeLog final : public Log
{
public:
    struct Entry
    {
        LogLevel level;
        QLatin1StringView event;
        LogFields fields;

        /// The field's value; undefined if there is none.
        [[nodiscard]] QJsonValue value(QLatin1StringView name) const
        {
            for (const LogField &field : fields) {
                if (field.name == name)
                    return field.value;
            }
            return QJsonValue(QJsonValue::Undefined);
        }
    };

    void log(LogLevel level, QLatin1StringView event, LogFields fields = {}) override
    {
        const std::lock_guard lock(m_mutex);
        m_entries.push_back({ level, event, std::move(fields) });
    }
    [[nodiscard]] bool isEnabled(LogLevel) const override { return true; }

    [[nodiscard]] std::vector<Entry> entries() const
    {
        const std::lock_guard lock(m_mutex);
        return m_entries;
    }
    [[nodiscard]] qsizetype count(QLatin1StringView event) const
    {
        const std::lock_guard lock(m_mutex);
        qsizetype n = 0;
        for (const Entry &entry : m_entries)
            n += entry.event == event;
        return n;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<Entry> m_entries;
};

} // namespace gatehouse
