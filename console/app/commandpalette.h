// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/models/palettemodel.h"

QT_BEGIN_NAMESPACE
class QLineEdit;
class QListView;
QT_END_NAMESPACE

namespace gatehouse {

/// Ctrl+K: what is typed is looked for among pages, limits, actions and servers; up and down choose, Enter does it, Esc
/// leaves. Named "palette"; its parts palette.query and palette.list. GUI thread.
class CommandPalette final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CommandPalette)

public:
    CommandPalette(
        std::vector<PaletteEntry> entries, PaletteModel::SubjectAction showSubject, QWidget *parent = nullptr);

protected:
    /// Of the field: the keys that move in the list.
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void look(const QString &query);
    void runCurrent();

    PaletteModel m_model;
    QLineEdit *m_query;
    QListView *m_list;
};

} // namespace gatehouse
