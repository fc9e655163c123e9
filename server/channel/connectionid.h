// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// What the admin API calls a connection: "1-17" is the 17th of worker 1; in a cluster "7kq2zd-1-17", with the tag of
/// the node's run in front, so that no two nodes call a connection the same. A plain value.
struct ConnectionId
{
    QString nodeTag; ///< empty without a cluster
    int worker = 0;
    quint64 number = 0;

    [[nodiscard]] QString toString() const
    {
        const QString local = QString::number(worker) + u'-' + QString::number(number);
        return nodeTag.isEmpty() ? local : QString(nodeTag + u'-' + local);
    }

    /// nullopt for what is no id, or one of another node than that of the tag.
    [[nodiscard]] static std::optional<ConnectionId> parse(QStringView text, const QString &nodeTag)
    {
        if (!nodeTag.isEmpty()) {
            if (!text.startsWith(nodeTag) || text.mid(nodeTag.size(), 1) != u"-")
                return std::nullopt;
            text = text.mid(nodeTag.size() + 1);
        }
        const qsizetype dash = text.indexOf(u'-');
        bool hasWorker = false;
        bool hasNumber = false;
        ConnectionId id{ nodeTag, int(text.left(qMax<qsizetype>(dash, 0)).toUShort(&hasWorker)),
            text.mid(dash + 1).toULongLong(&hasNumber) };
        return hasWorker && hasNumber ? std::optional(id) : std::nullopt;
    }
};

} // namespace gatehouse
