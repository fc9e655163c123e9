// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/clusterthread.h"

#include <semaphore>

namespace gatehouse {

ClusterThread::ClusterThread(const QString &name)
{
    m_thread.setObjectName(name);
}

ClusterThread::~ClusterThread()
{
    stop();
}

void ClusterThread::start()
{
    m_thread.start();
}

void ClusterThread::stop()
{
    const auto destroyAll = [this] {
        while (!m_objects.empty())
            m_objects.pop_back();
    };
    if (!m_thread.isRunning()) {
        destroyAll();
        return;
    }
    // A receiver that lives there, so that the work runs there. The first of all, so that it is the last to go.
    auto receiver = std::make_unique<QObject>();
    QObject *onThread = receiver.get();
    onThread->moveToThread(&m_thread);
    m_objects.insert(m_objects.begin(), std::move(receiver));
    std::binary_semaphore isEmptied{ 0 }; // the list is this thread's again
    QMetaObject::invokeMethod(
        onThread,
        [this, &isEmptied] {
            while (m_objects.size() > 1)
                m_objects.pop_back();
            m_thread.quit();
            isEmptied.release();
        },
        Qt::QueuedConnection);
    isEmptied.acquire();
    m_thread.wait();
    destroyAll();
}

} // namespace gatehouse
