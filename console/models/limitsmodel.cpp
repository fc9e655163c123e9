// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitsmodel.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString number(qint64 value)
{
    return QLocale().toString(value);
}

/// Reads "1000", and also "1,000" or "1 000" as the user's locale writes it.
std::optional<qint64> readNumber(const QString &text)
{
    bool isNumber = false;
    qint64 value = QLocale().toLongLong(text.trimmed(), &isNumber);
    if (!isNumber)
        value = text.trimmed().toLongLong(&isNumber);
    return isNumber ? std::optional(value) : std::nullopt;
}

} // namespace

LimitsModel::LimitsModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

int LimitsModel::rowOf(const QString &key) const
{
    const auto found = std::find_if(
        m_document.limits.begin(), m_document.limits.end(), [&](const LimitState &state) { return state.key == key; });
    return found == m_document.limits.end() ? -1 : int(found - m_document.limits.begin());
}

void LimitsModel::setDocument(const LimitsDocument &document)
{
    const bool sameRows = std::equal(document.limits.begin(), document.limits.end(), m_document.limits.begin(),
        m_document.limits.end(), [](const LimitState &a, const LimitState &b) { return a.key == b.key; });
    std::vector<Staged> staged(document.limits.size());
    for (size_t i = 0; i < document.limits.size(); ++i) {
        const int oldRow = rowOf(document.limits[i].key);
        if (oldRow < 0 || !m_staged[size_t(oldRow)].isSet())
            continue;
        staged[i] = m_staged[size_t(oldRow)];
        rebase(staged[i], document.limits[i]);
    }
    if (!sameRows)
        beginResetModel();
    m_document = document;
    m_staged = std::move(staged);
    if (!sameRows)
        endResetModel();
    else if (!m_staged.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    Q_EMIT editsChanged();
}

void LimitsModel::rebase(Staged &staged, const LimitState &now)
{
    if (staged.value == now.value)
        staged.value.reset();
    if (staged.mode == now.mode)
        staged.mode.reset();
    if (!staged.isSet()) {
        staged = {};
        return;
    }
    staged.error = errorOf(staged, now);
    const bool valueMoved = (staged.value || !staged.text.isEmpty()) && now.value != staged.base.value;
    const bool modeMoved = staged.mode && now.mode != staged.base.mode;
    staged.isConflict = valueMoved || modeMoved;
    // What is not staged follows the server silently.
    if (!staged.value && staged.text.isEmpty())
        staged.base.value = now.value;
    if (!staged.mode)
        staged.base.mode = now.mode;
}

LimitValue LimitsModel::serverValue(int row) const
{
    const LimitState &state = m_document.limits[size_t(row)];
    return { state.value, state.mode };
}

LimitValue LimitsModel::stagedValue(int row) const
{
    const Staged &staged = m_staged[size_t(row)];
    const LimitValue server = serverValue(row);
    return { staged.value.value_or(server.value), staged.mode.value_or(server.mode) };
}

LimitsModel::Staged &LimitsModel::beginEdit(int row)
{
    Staged &staged = m_staged[size_t(row)];
    if (!staged.isSet())
        staged = { {}, {}, {}, {}, serverValue(row), false };
    return staged;
}

QString LimitsModel::errorOf(const Staged &staged, const LimitState &state)
{
    const QString bounds = tr("Must be from %1 to %2.").arg(number(state.minimum), number(state.maximum));
    if (!staged.text.isEmpty())
        return staged.text.trimmed().isEmpty() ? bounds : tr("“%1” is not a whole number.").arg(staged.text);
    if (staged.value && (*staged.value < state.minimum || *staged.value > state.maximum))
        return bounds;
    return {};
}

void LimitsModel::endEdit(int row)
{
    Staged &staged = m_staged[size_t(row)];
    const LimitState &state = m_document.limits[size_t(row)];
    staged.error = errorOf(staged, state);
    // Going back to what is in force ends the edit.
    if (staged.value == state.value)
        staged.value.reset();
    if (staged.mode == state.mode)
        staged.mode.reset();
    if (!staged.isSet())
        staged = {};
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    Q_EMIT editsChanged();
}

void LimitsModel::stageValue(int row, const QString &text)
{
    if (row < 0 || row >= rowCount())
        return;
    if (const std::optional<qint64> value = readNumber(text)) {
        stageValue(row, *value);
        return;
    }
    Staged &staged = beginEdit(row);
    staged.value.reset();
    // An emptied field is an edit too, and a wrong one.
    staged.text = text.isEmpty() ? u" "_s : text;
    endEdit(row);
}

void LimitsModel::stageValue(int row, qint64 value)
{
    if (row < 0 || row >= rowCount())
        return;
    Staged &staged = beginEdit(row);
    staged.value = value;
    staged.text.clear();
    endEdit(row);
}

void LimitsModel::stageMode(int row, LimitMode mode)
{
    if (row < 0 || row >= rowCount())
        return;
    beginEdit(row).mode = mode;
    endEdit(row);
}

QStringList LimitsModel::stage(const std::vector<LimitPatch> &patches)
{
    QStringList unknown;
    for (const LimitPatch &patch : patches) {
        const int row = rowOf(patch.key);
        if (row < 0)
            unknown << patch.key;
        if (patch.value)
            stageValue(row, *patch.value);
        if (patch.mode)
            stageMode(row, *patch.mode);
    }
    return unknown;
}

void LimitsModel::discard(int row)
{
    if (row < 0 || row >= rowCount())
        return;
    m_staged[size_t(row)] = {};
    endEdit(row);
}

void LimitsModel::discardAll()
{
    if (m_staged.empty())
        return;
    m_staged.assign(m_staged.size(), {});
    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    Q_EMIT editsChanged();
}

void LimitsModel::keepMine(int row)
{
    if (row < 0 || row >= rowCount() || !m_staged[size_t(row)].isConflict)
        return;
    m_staged[size_t(row)].base = serverValue(row);
    m_staged[size_t(row)].isConflict = false;
    endEdit(row);
}

bool LimitsModel::hasEdits() const
{
    return std::any_of(m_staged.begin(), m_staged.end(), [](const Staged &staged) { return staged.isSet(); });
}

bool LimitsModel::hasConflicts() const
{
    return std::any_of(m_staged.begin(), m_staged.end(), [](const Staged &staged) { return staged.isConflict; });
}

bool LimitsModel::isValid() const
{
    return std::all_of(m_staged.begin(), m_staged.end(), [](const Staged &staged) { return staged.error.isEmpty(); });
}

std::vector<StagedChange> LimitsModel::diff() const
{
    std::vector<StagedChange> changes;
    for (int row = 0; row < rowCount(); ++row) {
        const LimitState &state = m_document.limits[size_t(row)];
        if (m_staged[size_t(row)].isSet())
            changes.push_back({ state.key, limitTitle(state.key, state.title), unitTitle(state.unit), serverValue(row),
                stagedValue(row) });
    }
    return changes;
}

std::vector<LimitPatch> LimitsModel::edits() const
{
    std::vector<LimitPatch> patches;
    for (size_t i = 0; i < m_staged.size(); ++i) {
        if (m_staged[i].value || m_staged[i].mode)
            patches.push_back({ m_document.limits[i].key, m_staged[i].value, m_staged[i].mode });
    }
    return patches;
}

std::vector<LimitPatch> LimitsModel::inverseEdits() const
{
    std::vector<LimitPatch> patches = edits();
    for (LimitPatch &patch : patches) {
        const LimitValue server = serverValue(rowOf(patch.key));
        if (patch.value)
            patch.value = server.value;
        if (patch.mode)
            patch.mode = server.mode;
    }
    return patches;
}

void LimitsModel::setServerErrors(const std::vector<Error> &errors)
{
    for (const Error &error : errors) {
        // "max_connections.mode" is about the row of max_connections.
        const int row = rowOf(error.field.section(u'.', 0, 0));
        if (row < 0 || !m_staged[size_t(row)].isSet())
            continue;
        m_staged[size_t(row)].error = error.message;
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
    Q_EMIT editsChanged();
}

std::vector<LimitPatch> LimitsModel::strictPreset()
{
    return {
        { u"max_connections_per_ip"_s, 2, LimitMode::Enforce },
        { u"max_reconnect_attempts"_s, 5, LimitMode::Enforce },
        { u"max_messages_per_minute"_s, 30, LimitMode::Enforce },
        { u"max_connections_per_user"_s, 5, LimitMode::Enforce },
    };
}

std::vector<LimitPatch> LimitsModel::highTrafficPreset()
{
    return {
        { u"max_connections_per_ip"_s, 10, LimitMode::Enforce },
        { u"max_messages_per_minute"_s, 120, LimitMode::Enforce },
    };
}

} // namespace gatehouse
