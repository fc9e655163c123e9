// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitscontroller.h"

#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

LimitsController::LimitsController(ServerModel &serverModel, QObject *parent)
    : QObject(parent)
    , m_serverModel(serverModel)
{
}

void LimitsController::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    Q_EMIT stateChanged();
}

void LimitsController::apply(const QString &note)
{
    if (!m_isBusy && m_serverModel.limits().canApply())
        patch(m_serverModel.limits().edits(), note, m_serverModel.limits().inverseEdits());
}

void LimitsController::undo()
{
    if (canUndo())
        patch(std::exchange(m_undo, {}), tr("Undo"), {});
}

void LimitsController::patch(
    const std::vector<LimitPatch> &patches, const QString &note, const std::vector<LimitPatch> &undo)
{
    setBusy(true);
    const MonoTime start = m_serverModel.clock().monotonic();
    m_serverModel.client().patchLimits(patches, m_serverModel.limits().revision(), note, this,
        [this, start, undo](const ApiResult<LimitsDocument> &result) { finish(result, start, undo); });
}

void LimitsController::restore(qint64 revision, const QString &note)
{
    if (m_isBusy)
        return;
    setBusy(true);
    const MonoTime start = m_serverModel.clock().monotonic();
    m_serverModel.client().restoreRevision(
        revision, note, this, [this, start](const ApiResult<LimitsDocument> &result) { finish(result, start, {}); });
}

void LimitsController::setSwitch(bool isEnabled, const QString &note)
{
    if (m_isBusy)
        return;
    setBusy(true);
    m_serverModel.client().setSwitch(isEnabled, note, this, [this](const ApiResult<bool> &result) {
        if (!result) {
            fail(result.problem());
            return;
        }
        setBusy(false);
        Q_EMIT switched(*result);
    });
}

void LimitsController::finish(
    const ApiResult<LimitsDocument> &result, MonoTime start, const std::vector<LimitPatch> &undo)
{
    if (!result) {
        fail(result.problem());
        return;
    }
    m_undo = undo;
    m_serverModel.takeLimits(*result);
    m_serverModel.refreshRevisions();
    setBusy(false);
    Q_EMIT applied(result->revision,
        std::chrono::duration_cast<std::chrono::milliseconds>(m_serverModel.clock().monotonic() - start));
}

void LimitsController::fail(const Problem &problem)
{
    m_serverModel.limits().setServerErrors(problem.fields);
    if (problem.status != 412) {
        setBusy(false);
        Q_EMIT failed(problemText(problem));
        return;
    }
    m_serverModel.client().fetchLimits(this, [this](const ApiResult<LimitsDocument> &result) {
        if (result)
            m_serverModel.takeLimits(*result);
        setBusy(false);
        if (result)
            Q_EMIT conflicted();
        else
            Q_EMIT failed(problemText(result.problem()));
    });
}

} // namespace gatehouse
