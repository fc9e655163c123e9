// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/pageguide.h"

#include <QtWidgets/QAbstractButton>

namespace gatehouse {

QWidget *mainWindowOf(const QWidget &from)
{
    QWidget *window = from.window();
    while (window->parentWidget())
        window = window->parentWidget()->window();
    return window;
}

void goToPage(const QWidget &from, const QString &name)
{
    QWidget *window = mainWindowOf(from);
    if (auto *button = window->findChild<QAbstractButton *>(u"nav." + name))
        button->click();
    window->activateWindow();
}

} // namespace gatehouse
