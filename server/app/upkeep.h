// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/app/controlplane.h"
#include "server/app/guardparts.h"
#include "server/app/heaptrimmer.h"
#include "server/app/storereporter.h"

namespace gatehouse {

class AdminApi;
class Aggregator;
class SqliteNotificationStore;

/// What only passes with time: once a second what has expired takes effect and the state of the store is told, once an
/// hour what is too old is deleted. Lives on the main thread; owned by the composition root.
class Upkeep final : public QObject
{
    Q_OBJECT
public:
    /// What it keeps up. All outlives it.
    struct Of
    {
        StoreThread &store;
        SqliteNotificationStore &notifications;
        ControlPlane &control;
        GuardParts &guards;
        const Aggregator &aggregator;
        AdminApi &api;
    };
    /// `retention`: for how long metrics are kept.
    Upkeep(const Of &of, std::chrono::days retention, const Clock &clock, Log &log);

    void start();

private:
    void sweep();
    void deleteOld();

    const Of m_of;
    const std::chrono::days m_retention;
    const Clock &m_clock;
    HeapTrimmer m_heapTrimmer;
    StoreReporter m_storeReporter;
    QTimer m_sweep;
    QTimer m_purge;
};

} // namespace gatehouse
