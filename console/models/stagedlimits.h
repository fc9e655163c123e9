// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QtCore/QCoreApplication>

#include "console/connection/apitypes.h"

namespace gatehouse {

/// The limits of a server, one row each, with staged edits on top. If the server changes meanwhile, staged edits
/// survive, and rows whose base moved are in conflict until somebody decides. Rows must exist, except where said
/// otherwise. Pure; texts are in the user's language.
class StagedLimits final
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::StagedLimits)
public:
    /// What is staged of one row.
    struct Edit
    {
        std::optional<qint64> value;
        std::optional<LimitMode> mode;
        QString text;    ///< as typed, when it is no number
        QString error;   ///< why it is not allowed; empty if it is
        LimitValue base; ///< in force when the edit was staged
        bool isConflict = false;
        friend bool operator==(const Edit &, const Edit &) = default;
        [[nodiscard]] bool isSet() const { return value || mode || !text.isEmpty(); }
    };

    /// What the server says now. Edits that it fulfils are no longer staged.
    void setDocument(const LimitsDocument &document);
    [[nodiscard]] const LimitsDocument &document() const { return m_document; }
    [[nodiscard]] int count() const { return int(m_edits.size()); }
    [[nodiscard]] int rowOf(const QString &key) const; ///< -1 if there is none
    [[nodiscard]] const LimitState &state(int row) const { return m_document.limits[size_t(row)]; }
    [[nodiscard]] const Edit &edit(int row) const { return m_edits[size_t(row)]; }
    [[nodiscard]] LimitValue inForce(int row) const;
    [[nodiscard]] LimitValue staged(int row) const; ///< in force, where nothing is staged

    /// As typed; what is not allowed is kept with its error.
    void stageText(int row, const QString &text);
    void stageValue(int row, qint64 value);
    void stageMode(int row, LimitMode mode);
    /// Stages what was made from another state than the one in force: where the row moved since, it is in conflict.
    void stageFrom(int row, const LimitPatch &patch, const LimitValue &base);
    /// Forgets the edit of a row, which also takes the server's side of a conflict.
    void discard(int row);
    void discardAll();
    /// Resolves a conflict for the staged side.
    void keepMine(int row);
    /// What the server says is wrong with the edit of a row, until that is edited.
    void setError(int row, const QString &error);

    /// Whether there is an edit of which that is true.
    [[nodiscard]] bool anyEdit(const std::function<bool(const Edit &)> &isSo) const;
    /// What to send: the staged members only.
    [[nodiscard]] std::vector<LimitPatch> patches() const;

private:
    Edit &beginEdit(int row);
    void endEdit(int row);
    static void rebase(Edit &edit, const LimitState &now);
    [[nodiscard]] static QString errorOf(const Edit &edit, const LimitState &state);

    LimitsDocument m_document;
    std::vector<Edit> m_edits; ///< one per row
};

} // namespace gatehouse
