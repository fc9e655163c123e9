// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

/// From one page of a window to another: as the user would go, by the navigation.
namespace gatehouse {

/// Shows the page of this name ("refusals"), of the window that `from` is in or belongs to.
void goToPage(const QWidget &from, const QString &name);
/// The window that this one belongs to; itself if it belongs to none.
[[nodiscard]] QWidget *mainWindowOf(const QWidget &from);

/// The page of this class in the same window; nullptr: the window has none.
template <typename Page> [[nodiscard]] Page *pageBeside(const QWidget &from)
{
    return mainWindowOf(from)->findChild<Page *>();
}

} // namespace gatehouse
