// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/control/controltransport.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// The control log in Redis. Belongs to the thread of its links (moved there before anything is called); the
/// ControlTransport's functions are called on the main thread, where `anchor` lives and the listener and callbacks are
/// called.
///
/// `writer` is for scripts, and others may use it too; `reader` is its own, since it waits most of the time. Both, and
/// `anchor`, outlive it.
class RedisControl final : public QObject, public ControlTransport
{
    Q_OBJECT
public:
    RedisControl(RedisCalls &writer, RedisCalls &reader, QObject &anchor);
    ~RedisControl() override;
    Q_DISABLE_COPY_MOVE(RedisControl)

    /// For the links' signals, on their thread: looks whether both are up.
    void linksChanged(const QString &reason = {});

    void setListener(ControlListener *listener) override;
    void follow(const QByteArray &position) override;
    void append(const ControlChange &change, const QString &node,
        std::function<void(const Result<ControlVerdict> &)> done) override;
    void load(std::function<void(const Result<std::optional<ControlSnapshot>> &)> done) override;
    void seed(const std::array<ControlItems, kControlKinds> &items, const QString &node,
        std::function<void(const Status &)> done) override;

private:
    using LoadDone = std::function<void(const Result<std::optional<ControlSnapshot>> &)>;

    void tellOfLinks();
    void ask();
    void looked(const QByteArray &position, const Result<RedisReply> &reply);
    void read(const QByteArray &position, const Result<RedisReply> &reply);
    void askLater(const QString &why);
    void readLog(std::shared_ptr<ControlSnapshot> snapshot, QByteArray after, LoadDone done);
    void tell(std::function<void(ControlListener &)> call);
    void post(std::function<void()> call);

    RedisCalls &m_writer;
    RedisCalls &m_reader;
    QObject &m_anchor;
    std::shared_ptr<ControlListener *> m_listener; ///< what it points to is touched on the main thread alone
    QByteArray m_position;                         ///< where the listener wants to read on; empty: it does not
    QString m_reason;                              ///< why it is not up; empty before the first attempt
    QTimer m_later;
    bool m_isUp = false;
    bool m_isListenedTo = false;
    bool m_isAsking = false;
};

} // namespace gatehouse
