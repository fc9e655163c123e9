// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <mutex>
#include <vector>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "server/log/log.h"

namespace gatehouse {

/// A log that remembers its lines for the test to look at. Any thread.
class RecordingLog final : public Log
{
public:
    struct Line
    {
        LogLevel level;
        QString event;
        QJsonObject fields;
    };

    void log(LogLevel level, QLatin1StringView event, LogFields fields = {}) override
    {
        QJsonObject object;
        for (const LogField &field : fields)
            object.insert(field.name, field.value);
        const std::scoped_lock lock(m_mutex);
        m_lines.push_back({ level, event, object });
    }
    [[nodiscard]] bool isEnabled(LogLevel) const override { return true; }

    [[nodiscard]] std::vector<Line> lines() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_lines;
    }
    [[nodiscard]] std::vector<Line> lines(QLatin1StringView event) const
    {
        std::vector<Line> found = lines();
        std::erase_if(found, [event](const Line &line) { return line.event != event; });
        return found;
    }
    /// Every line as one text, to look for what must not be in it.
    [[nodiscard]] QByteArray text() const
    {
        QByteArray all;
        for (const Line &line : lines())
            all += line.event.toUtf8() + ' ' + QJsonDocument(line.fields).toJson(QJsonDocument::Compact) + '\n';
        return all;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<Line> m_lines;
};

} // namespace gatehouse
