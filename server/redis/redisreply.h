// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>

namespace gatehouse {

/// What Redis answered (RESP2). A plain value. What it holds came from outside: look at the type before the content.
struct RedisReply
{
    /// An Error stands only within an Array (what one of several commands was refused with); a call that is refused as
    /// a whole has no reply.
    enum class Type : quint8
    {
        Nil,
        Text,
        Integer,
        Array,
        Error
    };
    Type type = Type::Nil;
    qint64 integer = 0;                 ///< of an Integer
    QByteArray text{};                  ///< of a Text (bulk and status replies) and of an Error
    std::vector<RedisReply> elements{}; ///< of an Array

    [[nodiscard]] bool isNil() const { return type == Type::Nil; }
    [[nodiscard]] bool isText() const { return type == Type::Text; }
    [[nodiscard]] bool isArray() const { return type == Type::Array; }
    /// An integer, or a text that is one; `otherwise` for anything else.
    [[nodiscard]] qint64 toInteger(qint64 otherwise = 0) const;
};

} // namespace gatehouse
