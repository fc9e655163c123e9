// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <initializer_list>

#include <QtCore/QString>

#include "console/pages/datatable.h"

QT_BEGIN_NAMESPACE
class QAbstractItemModel;
class QFrame;
class QLabel;
class QPushButton;
class QWidget;
QT_END_NAMESPACE

/// Small makers for what every page needs, so that pages look alike.
namespace gatehouse {

/// A label in one of the style sheet's roles: title, heading, muted, small, value, bad, good, warning.
[[nodiscard]] QLabel *makeLabel(const QString &text, const QString &role, QWidget *parent = nullptr);
void setLabelRole(QLabel &label, const QString &role);
[[nodiscard]] QFrame *makeCard(QWidget *parent = nullptr);
/// A button with its object name; `icon` is a name of resources/icons, or empty. One that is disabled while it has the
/// focus does not pass it on to the next button, where Return would do something else, and gets it back with its use.
[[nodiscard]] QPushButton *makeButton(
    const QString &text, const QString &objectName, const QString &icon = {}, QWidget *parent = nullptr);
/// A table of whole rows without a grid, in the pages' look.
[[nodiscard]] DataTable *makeTable(
    QAbstractItemModel *model, const QString &objectName, const QString &accessibleName, QWidget *parent = nullptr);
/// A card that a table fills.
[[nodiscard]] QFrame *makeTableCard(DataTable *table, QWidget *parent = nullptr);
/// Tab goes from one to the next.
void tabInOrder(std::initializer_list<QWidget *> widgets);
/// Applies the style sheet again after a property that it asks for has changed.
void repolish(QWidget &widget);

/// Asks before something that cannot be taken back easily; `accepted` runs if the user agrees. Does not block. The box
/// is named `objectName`, its button that agrees `objectName`.accept.
void askBefore(QWidget *parent, const QString &objectName, const QString &title, const QString &text,
    const QString &accept, std::function<void()> accepted);

} // namespace gatehouse
