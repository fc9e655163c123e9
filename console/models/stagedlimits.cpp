// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/stagedlimits.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/numbertext.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString number(qint64 value)
{
    return QLocale().toString(value);
}

} // namespace

int StagedLimits::rowOf(const QString &key) const
{
    const auto found = std::find_if(
        m_document.limits.begin(), m_document.limits.end(), [&](const LimitState &state) { return state.key == key; });
    return found == m_document.limits.end() ? -1 : int(found - m_document.limits.begin());
}

void StagedLimits::setDocument(const LimitsDocument &document)
{
    std::vector<Edit> edits(document.limits.size());
    for (size_t i = 0; i < document.limits.size(); ++i) {
        const int oldRow = rowOf(document.limits[i].key);
        if (oldRow < 0 || !edit(oldRow).isSet())
            continue;
        edits[i] = edit(oldRow);
        rebase(edits[i], document.limits[i]);
    }
    m_document = document;
    m_edits = std::move(edits);
}

void StagedLimits::rebase(Edit &edit, const LimitState &now)
{
    if (edit.value == now.value)
        edit.value.reset();
    if (edit.mode == now.mode)
        edit.mode.reset();
    if (!edit.isSet()) {
        edit = {};
        return;
    }
    edit.error = errorOf(edit, now);
    const bool valueMoved = (edit.value || !edit.text.isEmpty()) && now.value != edit.base.value;
    const bool modeMoved = edit.mode && now.mode != edit.base.mode;
    edit.isConflict = valueMoved || modeMoved;
    // What is not staged follows the server silently.
    if (!edit.value && edit.text.isEmpty())
        edit.base.value = now.value;
    if (!edit.mode)
        edit.base.mode = now.mode;
}

LimitValue StagedLimits::inForce(int row) const
{
    return { state(row).value, state(row).mode };
}

LimitValue StagedLimits::staged(int row) const
{
    const LimitValue server = inForce(row);
    return { edit(row).value.value_or(server.value), edit(row).mode.value_or(server.mode) };
}

StagedLimits::Edit &StagedLimits::beginEdit(int row)
{
    Edit &edit = m_edits[size_t(row)];
    if (!edit.isSet())
        edit = { {}, {}, {}, {}, inForce(row), false };
    return edit;
}

QString StagedLimits::errorOf(const Edit &edit, const LimitState &state)
{
    const QString bounds = tr("Must be from %1 to %2.").arg(number(state.minimum), number(state.maximum));
    if (!edit.text.isEmpty())
        return edit.text.trimmed().isEmpty() ? tr("It is empty. %1").arg(bounds)
                                             : tr("“%1” is not a whole number.").arg(edit.text);
    if (edit.value && (*edit.value < state.minimum || *edit.value > state.maximum))
        return bounds;
    return {};
}

void StagedLimits::endEdit(int row)
{
    Edit &edit = m_edits[size_t(row)];
    edit.error = errorOf(edit, state(row));
    // Going back to what is in force ends the edit.
    if (edit.value == state(row).value)
        edit.value.reset();
    if (edit.mode == state(row).mode)
        edit.mode.reset();
    if (!edit.isSet())
        edit = {};
}

void StagedLimits::stageText(int row, const QString &text)
{
    if (const std::optional<qint64> value = readWholeNumber(text)) {
        stageValue(row, *value);
        return;
    }
    Edit &edit = beginEdit(row);
    edit.value.reset();
    // An emptied field is an edit too, and a wrong one.
    edit.text = text.isEmpty() ? u" "_s : text;
    endEdit(row);
}

void StagedLimits::stageValue(int row, qint64 value)
{
    Edit &edit = beginEdit(row);
    edit.value = value;
    edit.text.clear();
    endEdit(row);
}

void StagedLimits::stageMode(int row, LimitMode mode)
{
    beginEdit(row).mode = mode;
    endEdit(row);
}

void StagedLimits::stageFrom(int row, const LimitPatch &patch, const LimitValue &base)
{
    Edit &edit = m_edits[size_t(row)];
    edit = { patch.value, patch.mode, {}, {}, base, false };
    rebase(edit, state(row));
}

void StagedLimits::discard(int row)
{
    m_edits[size_t(row)] = {};
}

void StagedLimits::discardAll()
{
    m_edits.assign(m_edits.size(), {});
}

void StagedLimits::keepMine(int row)
{
    m_edits[size_t(row)].base = inForce(row);
    m_edits[size_t(row)].isConflict = false;
    endEdit(row);
}

void StagedLimits::setError(int row, const QString &error)
{
    m_edits[size_t(row)].error = error;
}

bool StagedLimits::anyEdit(const std::function<bool(const Edit &)> &isSo) const
{
    return std::any_of(m_edits.begin(), m_edits.end(), isSo);
}

std::vector<LimitPatch> StagedLimits::patches() const
{
    std::vector<LimitPatch> patches;
    for (int row = 0; row < count(); ++row) {
        if (edit(row).value || edit(row).mode)
            patches.push_back({ state(row).key, edit(row).value, edit(row).mode });
    }
    return patches;
}

} // namespace gatehouse
