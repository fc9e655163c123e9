// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/bench/modes.h"
#include "server/bench/publishers.h"

namespace gatehouse::bench {

/// The text by which listeners recognise publish number `sequence`, of constant length. Pure.
[[nodiscard]] QByteArray publishMarker(quint32 sequence);
/// The number in the first marker of a message; nullopt if there is none. `hint` is where the last one was found, so
/// that messages of one shape are not searched; it is updated. Pure.
[[nodiscard]] std::optional<quint32> findPublishMarker(QByteArrayView message, qsizetype &hint);

/// Publishes, a fixed number at a time, and follows each until the last listener has it. It observes the listeners.
/// Lives on the loop's thread.
class FanoutRun final : public ClientObserver, private PublishObserver
{
public:
    explicit FanoutRun(const ModeContext &context);

    [[nodiscard]] Status open();
    /// Publishes for that long to `listeners` listeners, and waits for the last deliveries. Counts begin anew.
    [[nodiscard]] Status run(std::chrono::milliseconds duration, int listeners);
    void finish(Round &round) const;

    [[nodiscard]] qint64 deliveries() const { return m_deliveries; }
    [[nodiscard]] const Latencies &latencies() const { return m_latencies; }

private:
    /// A publish under way.
    struct Slot
    {
        quint32 sequence = 0; ///< modulo the number of slots it is the slot's own number
        SteadyTime start;
        int missing = 0; ///< deliveries
        bool isAnswered = false;
        bool isBusy = false;
    };
    void text(Client &client, QByteArrayView message) override;
    void ended(Client &client, int closeCode) override;
    void published(int slot, int status) override;
    void startPublish(size_t slot);
    void finishIfComplete(size_t slot);
    void giveUpOn(SteadyTime olderThan);
    [[nodiscard]] bool isIdle() const;

    const ModeContext m_context;
    std::vector<std::unique_ptr<Publisher>> m_publishers; ///< by slot
    std::vector<Slot> m_slots;
    qsizetype m_hint = 0;
    int m_listeners = 0;
    bool m_isRunning = false;
    Latencies m_latencies; ///< first byte of the publish to its last delivery
    Latencies m_accepted;  ///< first byte of the publish to its answer
    qint64 m_publishes = 0;
    qint64 m_deliveries = 0;
    qint64 m_missed = 0;
    qint64 m_unfinished = 0; ///< deliveries that were under way when somebody stopped the program
    qint64 m_lost = 0;
    int m_closeCode = 0;
    std::optional<Error> m_error;
};

} // namespace gatehouse::bench
