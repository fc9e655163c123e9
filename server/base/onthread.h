// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <tuple>
#include <type_traits>
#include <utility>

#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QThread>

namespace gatehouse {

/// How work is handed to another thread: the one place that does it. The work runs in the event loop of the receiver's
/// thread, later, in the order in which it was handed over; never within the call, also not when that is the same
/// thread. What is captured travels with it. A receiver must not end on its own thread while another one hands work to
/// it; where that can happen, hand the work to an object that outlives both (an anchor) and name the object that it is
/// about as `self`.

/// Runs `call` on the receiver's thread, unless the receiver is destroyed before its turn comes. Any thread.
template <typename Call> void postTo(QObject &receiver, Call &&call)
{
    QMetaObject::invokeMethod(&receiver, std::forward<Call>(call), Qt::QueuedConnection);
}

/// Runs `call` on the anchor's thread, where `self` lives too, unless `self` is gone by then. To be called on that
/// thread.
template <typename Self, typename Call> void postTo(QObject &anchor, Self *self, Call &&call)
{
    postTo(anchor, [guard = QPointer<Self>(self), work = std::forward<Call>(call)] {
        if (guard)
            work();
    });
}

/// A callback for somebody on another thread: calls `call` on the receiver's thread, with what the callback is given,
/// moved or copied. May be called on any thread, as often as one wants.
template <typename Call> [[nodiscard]] auto onThreadOf(QObject &receiver, Call call)
{
    return [to = &receiver, work = std::move(call)](auto &&...arguments) {
        postTo(*to,
            [work,
                given = std::tuple<std::decay_t<decltype(arguments)>...>(std::forward<decltype(arguments)>(
                    arguments)...)]() mutable { std::apply(work, std::move(given)); });
    };
}

/// As above, on the anchor's thread, where `self` lives too; does nothing if `self` is gone by then. To be made on that
/// thread.
template <typename Self, typename Call> [[nodiscard]] auto onThreadOf(QObject &anchor, Self *self, Call call)
{
    return onThreadOf(anchor, [guard = QPointer<Self>(self), work = std::move(call)](auto &&...arguments) {
        if (guard)
            work(std::forward<decltype(arguments)>(arguments)...);
    });
}

/// Runs `call` on the receiver's thread, and waits for it. Not for use on that thread.
template <typename Call> void runOn(QObject &receiver, Call &&call)
{
    QMetaObject::invokeMethod(&receiver, std::forward<Call>(call), Qt::BlockingQueuedConnection);
}

/// The same for a thread none of whose objects may be used: one that has none yet, or is to destroy them.
template <typename Call> void runOn(QThread &thread, Call &&call)
{
    auto *receiver = new QObject;
    receiver->moveToThread(&thread);
    runOn(*receiver, [receiver, &call] {
        call();
        receiver->deleteLater();
    });
}

} // namespace gatehouse
