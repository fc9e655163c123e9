// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/control/controllog.h"

namespace gatehouse {

/// Entries read from the log, and up to where.
struct ControlBatch
{
    QByteArray from;     ///< the position that was asked for
    QByteArray position; ///< of the last entry read, whether it is among `entries` or was refused
    std::vector<ControlEntry> entries;
    QStringList refused; ///< why entries were left out
};

/// Everything that is true after the entry at `position`.
struct ControlSnapshot
{
    QByteArray position;
    std::array<qint64, kControlKinds> versions{};
    std::array<ControlItems, kControlKinds> items;
    std::vector<ControlEntry> log; ///< what is left of it up to there, for the audit
    QStringList refused;           ///< why parts were left out
};

/// What an append came to.
struct ControlVerdict
{
    enum class Outcome : quint8
    {
        Accepted,
        Conflict, ///< the kind has another version: `version`
        Empty,    ///< nothing is there, not even a log
    };
    Outcome outcome = Outcome::Accepted;
    qint64 version = 0;
};

/// What a transport tells. Main thread.
class ControlListener
{
public:
    virtual ~ControlListener() = default;
    virtual void cameUp() = 0;
    virtual void wentDown(const QString &reason) = 0;
    /// The position that was asked for is in the log, and what comes after it will be received. Called for each
    /// follow().
    virtual void foundPlace() = 0;
    /// The position is not in the log: it is too old, or of another history.
    virtual void lostPlace() = 0;
    virtual void received(const ControlBatch &batch) = 0;
    /// What is there cannot be read; it is tried again.
    virtual void cannotRead(const QString &why) = 0;
};

/// Where the control log is kept. Called on the main thread, where callbacks and the listener are called too, never
/// within the call.
class ControlTransport
{
public:
    virtual ~ControlTransport() = default;
    /// Once; it comes up later. The listener is not called any more after a null one was set.
    virtual void setListener(ControlListener *listener) = 0;
    /// Asks for the next entries behind a position: answered with lostPlace(), or with one received() as soon as there
    /// are any. An earlier call is forgotten. To be called anew after cameUp().
    virtual void follow(const QByteArray &position) = 0;
    virtual void append(
        const ControlChange &change, const QString &node, std::function<void(const Result<ControlVerdict> &)> done)
        = 0;
    /// nullopt if nothing is there.
    virtual void load(std::function<void(const Result<std::optional<ControlSnapshot>> &)> done) = 0;
    /// Begins the log with these items, unless somebody else has.
    virtual void seed(const std::array<ControlItems, kControlKinds> &items, const QString &node,
        std::function<void(const Status &)> done)
        = 0;
};

} // namespace gatehouse
