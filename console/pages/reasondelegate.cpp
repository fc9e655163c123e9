// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/reasondelegate.h"

#include <QtGui/QPainter>

#include "console/look/theme.h"
#include "console/models/decisionsmodel.h"
#include "console/models/topoffendersmodel.h"

namespace gatehouse {

QColor reasonColor(Reason reason, const ThemeColors &colors)
{
    const int kind = int(reasonDescriptor(reason).metric) - int(Metric::RefusedConnections);
    return colors.refusals[size_t(std::clamp(kind, 0, int(colors.refusals.size()) - 1))];
}

void ReasonDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const auto *model = qobject_cast<const DecisionsModel *>(index.model());
    if (!model)
        return;
    constexpr int kSize = 20;
    QPixmap dot(kSize, kSize);
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor color = reasonColor(model->at(index.row()).reason, themeColors(option->palette));
    // Only observed: a ring instead of a disc, so that colour is not the only difference.
    painter.setPen(QPen(color, 3));
    painter.setBrush(model->at(index.row()).isEnforced ? QBrush(color) : QBrush(Qt::NoBrush));
    painter.drawEllipse(QRectF(3, 3, 14, 14));
    painter.end();
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->decorationSize = QSize(10, 10);
    option->icon = QIcon(dot);
}

void ShareDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->text.clear(); // the count is written, beside the bar
}

void ShareDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyledItemDelegate::paint(painter, option, index);
    const ThemeColors &colors = themeColors(option.palette);
    const QAbstractItemModel *model = index.model();
    const double share = index.data(TopOffendersModel::ShareRole).toDouble();
    const double largest
        = std::max(model->index(0, index.column()).data(TopOffendersModel::ShareRole).toDouble(), 1e-9);
    const QString text = model->index(index.row(), TopOffendersModel::CountColumn).data().toString();
    const QRect area = option.rect.adjusted(4, 0, -6, 0);
    const int textWidth = option.fontMetrics.horizontalAdvance(text) + 8;
    const double width = std::max(4.0, (area.width() - textWidth) * share / largest);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(colors.bad);
    painter->drawRoundedRect(QRectF(area.left(), area.center().y() - 3, width, 8), 4, 4);
    painter->setPen(colors.muted);
    painter->drawText(QRectF(area.left() + width + 6, area.top(), textWidth, area.height()), Qt::AlignVCenter, text);
    painter->restore();
}

} // namespace gatehouse
