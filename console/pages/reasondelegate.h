// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/pages/tabletools.h"
#include "shared/protocol/reason.h"
#include <QtGui/QColor>

namespace gatehouse {

struct ThemeColors;

/// The colour that a reason has in the chart of refusals.
[[nodiscard]] QColor reasonColor(Reason reason, const ThemeColors &colors);

/// Puts a dot in the reason's colour before its text; for a column of DecisionsModel.
class ReasonDelegate final : public CellDelegate
{
    Q_OBJECT

public:
    static constexpr int kDotWidth = 18; ///< pixels that the dot takes from the text

    using CellDelegate::CellDelegate;

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

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override;
};

} // namespace gatehouse
