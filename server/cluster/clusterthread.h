// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QThread>

namespace gatehouse {

/// A thread with an event loop, and the objects that live on it. Objects are made on the main thread, given to it with
/// add(), and destroyed on the thread itself, the last one first. Lives on the main thread.
class ClusterThread final
{
public:
    explicit ClusterThread(const QString &name);
    ~ClusterThread();
    Q_DISABLE_COPY_MOVE(ClusterThread)

    /// Takes an object that has no parent. Before start().
    template <typename T> T &add(std::unique_ptr<T> object)
    {
        T &reference = *object;
        reference.moveToThread(&m_thread);
        m_objects.push_back(std::move(object));
        return reference;
    }
    void start();
    /// Destroys the objects and ends the thread; waits for it. Does nothing the second time.
    void stop();

private:
    QThread m_thread;
    std::vector<std::unique_ptr<QObject>> m_objects;
};

} // namespace gatehouse
