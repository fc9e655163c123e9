// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "console/models/servermodel.h"

namespace gatehouse {

/// Sends the staged limits, undoes them, restores revisions and throws the switch; one at a time. GUI thread.
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
    /// Gives the limits of the last apply() their values of before.
    void undo();
    void restore(qint64 revision, const QString &note);
    void setSwitch(bool isEnabled, const QString &note);

    [[nodiscard]] bool isBusy() const { return m_isBusy; }
    [[nodiscard]] bool canUndo() const { return !m_isBusy && !m_undo.empty(); }

Q_SIGNALS:
    /// isBusy() or canUndo() changed.
    void stateChanged();
    /// Every worker has the new limits; `elapsed` passed between the request and the answer.
    void applied(qint64 revision, std::chrono::milliseconds elapsed);
    /// Somebody else was faster; LimitsModel has the conflicts.
    void conflicted();
    void switched(bool isEnabled);
    /// A sentence in the user's language.
    void failed(const QString &message);

private:
    void setBusy(bool isBusy);
    void patch(const std::vector<LimitPatch> &patches, const QString &note, const std::vector<LimitPatch> &undo);
    void finish(const ApiResult<LimitsDocument> &result, MonoTime start, const std::vector<LimitPatch> &undo);
    void fail(const Problem &problem);

    ServerModel &m_serverModel;
    std::vector<LimitPatch> m_undo;
    bool m_isBusy = false;
};

} // namespace gatehouse
