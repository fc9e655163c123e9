// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QThread>

namespace gatehouse {

/// A thread with an event loop, which runs as long as this object, and the objects that live on it. They are made on
/// the owner's thread, given to it with add(), and destroyed on the thread itself, the last one first. Lives on the
/// main thread.
class EventThread final
{
public:
    explicit EventThread(const QString &name);
    ~EventThread();
    Q_DISABLE_COPY_MOVE(EventThread)

    /// Takes an object that has no parent. From then on it belongs to the thread.
    template <typename T> T &add(std::unique_ptr<T> object)
    {
        T &reference = *object;
        reference.moveToThread(&m_thread);
        m_objects.push_back(std::move(object));
        return reference;
    }
    /// Destroys the objects and ends the thread; waits for it. Does nothing the second time.
    void end();

private:
    QThread m_thread;
    std::vector<std::unique_ptr<QObject>> m_objects;
    QObject *m_receiver; ///< the first of them, for the work of ending: it lives there, and is the last to go
};

} // namespace gatehouse
