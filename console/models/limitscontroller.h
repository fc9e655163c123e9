// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "console/models/servermodel.h"

namespace gatehouse {

/// Sends the staged limits and throws the switch, one at a time; stages what undoes the last change, or leads back to a
/// revision. GUI thread.
class LimitsController final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LimitsController)

public:
    /// The server model must outlive the controller.
    explicit LimitsController(ServerModel &serverModel, QObject *parent = nullptr);

    /// Sends what is staged in the server model's LimitsModel. If the server changed meanwhile nothing is lost: the new
    /// state is fetched, and the model shows both versions.
    void apply(const QString &note);
    /// Stages the values of before the last apply(). What somebody changed since is in conflict then.
    void undo();
    /// Stages the values of an older revision, and forgets what was staged.
    void restore(qint64 revision);
    void setSwitch(bool isEnabled, const QString &note);

    [[nodiscard]] bool isBusy() const { return m_isBusy; }
    /// Something of the last apply() is still in force.
    [[nodiscard]] bool canUndo() const;
    /// The revision that the last apply() made; 0 without one.
    [[nodiscard]] qint64 appliedRevision() const { return m_applied.revision; }

Q_SIGNALS:
    /// isBusy() or canUndo() changed.
    void stateChanged();
    /// Every worker has the new limits; `elapsed` passed between the request and the answer.
    void applied(qint64 revision, std::chrono::milliseconds elapsed);
    /// undo() or restore() staged something; `note` says what it is.
    void stagedBack(const QString &note);
    /// Somebody else was faster; LimitsModel has the conflicts.
    void conflicted();
    void switched(bool isEnabled);
    /// A sentence in the user's language.
    void failed(const QString &message);

private:
    struct Applied
    {
        qint64 revision = 0;
        std::vector<LimitPatch> before;
        std::vector<LimitPatch> after;
    };

    void setBusy(bool isBusy);
    void finish(const ApiResult<LimitsDocument> &result, MonoTime start, Applied made);
    void fail(const Problem &problem);

    ServerModel &m_serverModel;
    Applied m_applied;
    bool m_isBusy = false;
};

} // namespace gatehouse
