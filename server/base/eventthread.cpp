// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/base/eventthread.h"

#include <semaphore>

#include "server/base/onthread.h"

namespace gatehouse {

EventThread::EventThread(const QString &name)
    : m_receiver(&add(std::make_unique<QObject>()))
{
    m_thread.setObjectName(name);
    m_thread.start();
}

EventThread::~EventThread()
{
    end();
}

void EventThread::end()
{
    if (m_objects.empty())
        return;
    std::binary_semaphore isEmptied{ 0 }; // the list is this thread's again
    postTo(*m_receiver, [this, &isEmptied] {
        while (m_objects.size() > 1)
            m_objects.pop_back();
        m_thread.quit();
        isEmptied.release();
    });
    isEmptied.acquire();
    m_thread.wait();
    m_objects.clear();
}

} // namespace gatehouse
