// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitscontroller.h"

#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

LimitsController::LimitsController(ServerModel &serverModel, QObject *parent)
    : QObject(parent)
    , m_serverModel(serverModel)
{
    connect(&m_serverModel, &ServerModel::serverChanged, this, [this] {
        if (!m_serverModel.server() && m_applied.revision > 0) { // another server: this was not done there
            m_applied = {};
            Q_EMIT stateChanged();
        }
    });
}

void LimitsController::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    Q_EMIT stateChanged();
}

void LimitsController::apply(const QString &note)
{
    const LimitsModel &limits = m_serverModel.limits();
    if (m_isBusy || !limits.canApply())
        return;
    setBusy(true);
    const MonoTime start = m_serverModel.clock().monotonic();
    const Applied made{ 0, limits.inverseEdits(), limits.edits() };
    m_serverModel.client().patchLimits(made.after, limits.revision(), note, this,
        [this, start, made](const ApiResult<LimitsDocument> &result) { finish(result, start, made); });
}

bool LimitsController::canUndo() const
{
    return !m_isBusy && m_applied.revision > 0 && m_serverModel.limits().isAnyInForce(m_applied.after);
}

void LimitsController::undo()
{
    if (!canUndo())
        return;
    m_serverModel.limits().stage(m_applied.before, m_applied.after);
    Q_EMIT stagedBack(tr("Undoes revision %1").arg(m_applied.revision));
}

void LimitsController::restore(qint64 revision)
{
    if (m_isBusy)
        return;
    LimitsModel &limits = m_serverModel.limits();
    const auto back = m_serverModel.revisions().wayBack(limits.revision(), revision);
    if (!back) {
        m_serverModel.refreshRevisions();
        Q_EMIT failed(tr("Not all revisions since then are known here; they are asked for again."));
        return;
    }
    limits.stage(*back);
    if (limits.hasEdits())
        Q_EMIT stagedBack(tr("Back to revision %1").arg(revision));
    else
        Q_EMIT failed(tr("The values of revision %1 are in force.").arg(revision));
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

void LimitsController::finish(const ApiResult<LimitsDocument> &result, MonoTime start, Applied made)
{
    if (!result) {
        fail(result.problem());
        return;
    }
    m_applied = std::move(made);
    m_applied.revision = result->revision;
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
        m_serverModel.refreshRevisions(); // who it was, and why
        setBusy(false);
        if (!result)
            Q_EMIT failed(problemText(result.problem()));
        else if (m_serverModel.limits().hasConflicts())
            Q_EMIT conflicted();
        else
            Q_EMIT failed(tr("Somebody changed other limits meanwhile. Nothing was sent; apply it again."));
    });
}

} // namespace gatehouse
