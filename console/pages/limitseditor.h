// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtWidgets/QFrame>

#include "console/models/limitsmodel.h"

QT_BEGIN_NAMESPACE
class QComboBox;
class QGridLayout;
class QLabel;
QT_END_NAMESPACE

namespace gatehouse {

class NumberBox;

/// The limits as a table of editors, one row each. Edits are staged in the model; nothing is sent. The editors are
/// named limits.value.KEY and limits.mode.KEY.
class LimitsEditor final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LimitsEditor)

public:
    /// The model must outlive the editor.
    explicit LimitsEditor(LimitsModel &model, QWidget *parent = nullptr);

    void setReadOnly(bool isReadOnly);
    /// Leaves out who changed what, where there is no room: the revisions tell it too.
    void setCompact(bool isCompact);
    /// Puts the cursor into a limit's value.
    void focusLimit(const QString &key);

private:
    struct Row
    {
        QString key;
        QLabel *title;
        NumberBox *value;
        QComboBox *mode;
        QLabel *defaultValue;
        QLabel *bounds;
        QLabel *changed;
        QLabel *error;
    };

    void rebuild();
    void addHeader();
    [[nodiscard]] QComboBox *makeModeBox(const QString &key, const QString &title);
    void addRow(int row);
    void connectRow(int row, const Row &editors);
    void sync();
    void syncRow(int row);
    [[nodiscard]] QModelIndex index(int row, int column = 0) const { return m_model.index(row, column); }

    LimitsModel &m_model;
    QGridLayout *m_grid;
    std::vector<Row> m_rows;
    std::vector<QWidget *> m_widgets; ///< all that rebuild() must remove
    QLabel *m_changedHeader = nullptr;
    bool m_isReadOnly = false;
    bool m_isCompact = false;
};

} // namespace gatehouse
