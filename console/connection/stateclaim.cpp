// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/stateclaim.h"

#include <QtCore/QDir>

#include "console/connection/childlife.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kRound = 100ms;

} // namespace

StateClaim::StateClaim(const QString &firstDirectory, QObject *parent)
    : QObject(parent)
    , m_firstDirectory(firstDirectory)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &StateClaim::clearTheWay);
}

void StateClaim::claim()
{
    release();
    m_number = 0;
    QMetaObject::invokeMethod(this, &StateClaim::tryNext, Qt::QueuedConnection);
}

void StateClaim::release()
{
    m_timer.stop();
    m_lock.reset();
}

void StateClaim::tryNext()
{
    m_lock.reset();
    while (++m_number <= kMaxDirectories) {
        m_directory = m_number == 1 ? m_firstDirectory : u"%1-%2"_s.arg(m_firstDirectory).arg(m_number);
        if (!QDir().mkpath(m_directory)) {
            Q_EMIT failed(tr("The directory %1 cannot be created.").arg(m_directory));
            return;
        }
        auto lock = std::make_unique<QLockFile>(QDir(m_directory).filePath(u"console.lock"_s));
        lock->setStaleLockTime(0); // of a console that is gone at once, of one that runs never
        if (lock->tryLock(0)) {
            m_lock = std::move(lock);
            m_rounds = 0;
            clearTheWay();
            return;
        }
        if (lock->error() != QLockFile::LockFailedError) {
            Q_EMIT failed(tr("The directory %1 cannot be written to.").arg(m_directory));
            return;
        }
    }
    Q_EMIT failed(tr("No place is left for a local server: %1 and those beside it are in use.").arg(m_firstDirectory));
}

void StateClaim::clearTheWay()
{
    // Nobody else has the directory: a server on it is one whose console was killed.
    const std::optional<qint64> server = holderOf(QDir(m_directory).filePath(u"gatehouse.db.lock"_s));
    if (!server) {
        Q_EMIT claimed();
        return;
    }
    const int patience = int(kPatience / kRound);
    if (m_rounds > 2 * patience) {
        tryNext();
        return;
    }
    // In the second round: by then who holds it has written down who it is.
    if (m_rounds == 1 || m_rounds == patience)
        endServer(*server, m_rounds == patience);
    ++m_rounds;
    m_timer.start(kRound);
}

} // namespace gatehouse
