// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGui/QColor>
#include <QtWidgets/QStyledItemDelegate>

#include "shared/protocol/reason.h"

namespace gatehouse {

struct ThemeColors;

/// The colour that a reason has in the chart of refusals.
[[nodiscard]] QColor reasonColor(Reason reason, const ThemeColors &colors);

/// Puts a dot in the reason's colour before its text; for a column of DecisionsModel.
class ReasonDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

/// Paints a share (0 to 1) of TopOffendersModel as a bar with the count beside it.
class ShareDelegate final : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;
};

} // namespace gatehouse
