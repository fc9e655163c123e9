// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QObject>

namespace gatehouse {

class ClientStream;

/// What the streams of one worker have to write in this turn of its event loop. Whatever was queued for a stream during
/// a turn goes out with one system call at the turn's end; where several streams have the same frames in the same order
/// (a broadcast of some messages), those are joined once and shared. Owned by its worker and used on its thread
/// only.
class Outbox final : public QObject
{
    Q_OBJECT
public:
    explicit Outbox(QObject *parent = nullptr);
    ~Outbox() override;
    Q_DISABLE_COPY_MOVE(Outbox)

    /// While one exists nothing is written; when the outermost ends, everything is.
    class Turn final
    {
    public:
        explicit Turn(Outbox &outbox)
            : m_outbox(outbox)
        {
            ++m_outbox.m_turns;
        }
        ~Turn()
        {
            if (--m_outbox.m_turns == 0)
                m_outbox.flush();
        }
        Q_DISABLE_COPY_MOVE(Turn)

    private:
        Outbox &m_outbox;
    };

    /// What waits for one stream, in order.
    using Queue = std::vector<QByteArray>;
    /// An empty one, for a stream that has something to write. Most streams are idle: those that are not hand on a few
    /// of these, and none of them allocates.
    [[nodiscard]] std::unique_ptr<Queue> takeQueue();
    /// For the next stream; null does nothing.
    void giveQueue(std::unique_ptr<Queue> queue);

    /// The stream has something to write. Outside of a Turn it is written once the events that are already posted were
    /// handled. Returns the place, for the two below.
    [[nodiscard]] size_t add(ClientStream &stream);
    void remove(size_t place) { m_places[place] = Place(); }
    /// Where the stream keeps what it has to write while that is one array, as it is most often: no queue is needed for
    /// it. Valid until the next add().
    [[nodiscard]] QByteArray &single(size_t place) { return m_places[place].single; }
    void flush();

    /// Bytes that all streams of the worker have queued.
    [[nodiscard]] qint64 queuedBytes() const { return m_queuedBytes; }
    void adjustQueuedBytes(qint64 change) { m_queuedBytes += change; }

protected:
    void customEvent(QEvent *event) override;

private:
    friend class Turn;
    /// Of one stream that has something to write in this turn.
    struct Place
    {
        ClientStream *stream = nullptr; ///< null where it was removed
        QByteArray single{};
    };
    /// The frames that the last stream had, and their joined form once a second stream had the same.
    struct Shared
    {
        Queue frames;
        QByteArray joined;
    };
    void share(Queue &queue, Shared &shared) const;

    static constexpr size_t kMaxSpares = 4096; ///< as many clients of a broadcast are served without an allocation
    static constexpr size_t kMaxSpareFrames = 64;

    std::vector<std::unique_ptr<Queue>> m_spares;
    std::vector<Place> m_places;
    qint64 m_queuedBytes = 0;
    int m_turns = 0;
    bool m_isPosted = false; ///< a flush is on its way
};

} // namespace gatehouse
