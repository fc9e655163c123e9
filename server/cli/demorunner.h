// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QUrl>
#include <QtNetwork/QNetworkAccessManager>

#include "server/cli/democlient.h"

namespace gatehouse {

struct DemoOptions
{
    QUrl url; ///< http, an IPv4 loopback address or localhost
    int clients = 24;
    std::optional<std::chrono::seconds> duration; ///< nullopt: until stopped
    QByteArray origin;
    std::function<QByteArray(int)> tokenFor; ///< the token of user number n
    QByteArray publisherToken;
};

/// Whether a demo may be pointed at this server: it breaks limits on purpose, so only at one on this machine.
[[nodiscard]] bool isDemoTarget(const QUrl &url);

/// The demo as a whole: starts the clients one after the other, publishes a notification now and then, and takes all
/// down again. Lives on the main thread.
class DemoRunner final : public QObject
{
    Q_OBJECT
public:
    explicit DemoRunner(DemoOptions options, QObject *parent = nullptr);

    void start();
    /// Closes every connection; finished() follows. A second call finishes at once.
    void stop();
    [[nodiscard]] int openClients() const;
    [[nodiscard]] const DemoCounts &counts() const { return m_counts; }
    [[nodiscard]] qint64 published() const { return m_published; }

Q_SIGNALS:
    void finished();

private:
    void startNextClient();
    void publish();
    void finishIfIdle();

    DemoOptions m_options;
    DemoCounts m_counts;
    qint64 m_published = 0;
    QNetworkAccessManager m_network;
    std::vector<std::unique_ptr<DemoClient>> m_clients;
    size_t m_started = 0;
    QTimer m_startTimer;
    QTimer m_publishTimer;
    QTimer m_endTimer;
    bool m_isStopping = false;
};

} // namespace gatehouse
