// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>

#include <QtCore/QCoreApplication>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>

#include "server/store/storethread.h"

namespace gatehouse {

/// A state directory of a test's own, and the store thread on it.
class StoreFixture final
{
public:
    explicit StoreFixture(std::vector<StoreThread::Work> schemas)
        : m_schemas(std::move(schemas))
    {
        reopen();
    }

    /// As a restart of the server: everything queued is finished first.
    void reopen()
    {
        m_store.reset();
        auto store = StoreThread::start(m_dir.filePath(QStringLiteral("state.sqlite")), m_schemas);
        if (!store)
            qFatal("%s", qPrintable(store.error().message));
        m_store = std::move(store).value();
    }

    [[nodiscard]] StoreThread &store() { return *m_store; }

    /// Runs a work and waits for it.
    Status run(StoreThread::Work work)
    {
        std::promise<Status> result;
        m_store->write(std::move(work), [&result](const Status &status) { result.set_value(status); });
        return result.get_future().get();
    }
    Status execute(const QByteArray &sql)
    {
        return run([sql](Database &database) { return database.execute(sql.constData()); });
    }
    /// The first column of the first row.
    qint64 query(const char *sql)
    {
        std::promise<qint64> result;
        m_store->read([&](Database &database) {
            Statement row = database.prepare(sql);
            result.set_value(row.nextRow() ? row.integer(0) : -1);
        });
        return result.get_future().get();
    }

private:
    QTemporaryDir m_dir;
    std::vector<StoreThread::Work> m_schemas;
    std::unique_ptr<StoreThread> m_store;
};

/// Calls `start` with a callback that takes a T and may be called on any thread; the event loop runs until it was
/// called.
template <typename T, typename Start> T awaitCallback(Start start)
{
    struct Shared // a callback that comes after we gave up must not write to a frame that is gone
    {
        std::optional<T> value;
        std::atomic<bool> isThere{ false };
    };
    auto shared = std::make_shared<Shared>();
    start([shared](const T &value) {
        shared->value.emplace(value);
        shared->isThere = true;
        QMetaObject::invokeMethod(
            qApp, [] {}, Qt::QueuedConnection); // wakes the loop below
    });
    QTimer giveUp;
    QObject::connect(&giveUp, &QTimer::timeout, qApp, [] { qFatal("the callback was not called"); });
    giveUp.start(60000);
    while (!shared->isThere)
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
    return std::move(*shared->value);
}

} // namespace gatehouse
