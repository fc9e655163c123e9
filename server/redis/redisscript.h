// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>

namespace gatehouse {

/// A Lua script that Redis runs atomically, known by its SHA-1 (EVALSHA) once the server has it. Make one a constant
/// per script.
class RedisScript final
{
public:
    explicit RedisScript(const char *source);

    [[nodiscard]] const QByteArray &source() const { return m_source; }
    /// In hexadecimal.
    [[nodiscard]] const QByteArray &sha1() const { return m_sha1; }

private:
    QByteArray m_source;
    QByteArray m_sha1;
};

} // namespace gatehouse
