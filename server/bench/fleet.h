// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "server/bench/benchclient.h"
#include "server/bench/wireformat.h"
#include "shared/util/result.h"

namespace gatehouse::bench {

/// Makes the handshakes of a plan's clients: one key for all of them, each client's own token. Lives as long as its
/// plan.
class Handshakes final
{
public:
    explicit Handshakes(const BenchPlan &plan);
    /// The handshake of client `number`, from its source address.
    [[nodiscard]] ConnectionSpec spec(int number) const;
    [[nodiscard]] ConnectionSpec spec(int number, const QByteArray &token, const QByteArray &origin) const;

private:
    const BenchPlan &m_plan;
    HandshakeKey m_key;
};

/// What to say when a server refuses what a bench needs: the status, and what usually helps.
[[nodiscard]] Error refusedError(int status);

/// The connections of a bench that stay: opened a few dozen at a time, then handed to an observer. Lives on the loop's
/// thread.
class Fleet final : private ClientObserver
{
public:
    /// Loop and plan outlive it.
    Fleet(EventLoop &loop, const BenchPlan &plan, int clients);
    Q_DISABLE_COPY_MOVE(Fleet)

    /// Opens all of them; the first that is refused ends it. When somebody stops the program it returns early, without
    /// error. `receiveBufferBytes` is for the clients from number `slowFrom` on.
    [[nodiscard]] Status open(int slowFrom = -1, int receiveBufferBytes = 0);
    /// How many are open; only opened and lost ones change it.
    [[nodiscard]] int openCount() const;
    /// Who hears of the open clients from now on.
    void observe(ClientObserver *observer);
    [[nodiscard]] const std::vector<std::unique_ptr<Client>> &clients() const { return m_clients; }
    /// Closes all and waits until the server has answered, at most two seconds.
    void close();

private:
    void opened(Client &client) override;
    void refused(Client &client, int status) override;
    void failed(Client &client, const QString &reason) override;
    void ended(Client &client, int closeCode) override;
    void openNext();

    EventLoop &m_loop;
    const BenchPlan &m_plan;
    Handshakes m_handshakes;
    std::vector<std::unique_ptr<Client>> m_clients;
    size_t m_next = 0;
    int m_opened = 0;
    int m_slowFrom = -1;
    int m_receiveBufferBytes = 0;
    std::optional<Error> m_error;
};

} // namespace gatehouse::bench
