// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QUrl>

namespace gatehouse {

struct ConnectionTestOptions
{
    QUrl url;         ///< the server's, http or https, without path
    QByteArray token; ///< of an admin, for the metrics
    QString origin;
    std::chrono::milliseconds patience{ 5000 }; ///< for each step
};

/// What the guide's connection test found: each step's failure, nullopt where it went well.
struct ConnectionTestReport
{
    std::optional<QString> connection;
    std::optional<QString> message;
    std::optional<QString> metrics;

    [[nodiscard]] bool isPassed() const { return !connection && !message && !metrics; }
};

/// Connects to a running server as a browser would, waits for notifications_list and for the answer to a ping, and
/// looks whether the monitoring endpoint has counted that. Spins an event loop; no reason contains the token.
[[nodiscard]] ConnectionTestReport runConnectionTest(const ConnectionTestOptions &options);

} // namespace gatehouse
