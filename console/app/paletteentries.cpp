// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/paletteentries.h"

#include <QtCore/QPointer>
#include <QtGui/QAction>
#include <QtWidgets/QAbstractButton>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMenuBar>

#include "console/app/mainwindow.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct PaletteTexts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::PaletteEntries)
};

/// "&Connect…" as it is read.
QString withoutMarks(QString text)
{
    return text.remove(u'&').remove(u'…');
}

void addPages(std::vector<PaletteEntry> &entries, MainWindow &window)
{
    const QStringList names = window.pageNames();
    const QStringList titles = window.pageTitles();
    for (qsizetype i = 0; i < names.size(); ++i)
        entries.push_back({ titles[i], PaletteTexts::tr("Page"), u"%1 Ctrl+%2"_s.arg(names[i]).arg(i + 1),
            [&window, name = names[i]] { window.showPage(name); } });
}

void addMenu(std::vector<PaletteEntry> &entries, const QMenu &menu)
{
    for (QAction *action : menu.actions()) {
        if (action->menu())
            addMenu(entries, *action->menu());
        else if (!action->isSeparator() && action->isEnabled() && action->shortcut() != QKeySequence(u"Ctrl+K"_s))
            entries.push_back({ withoutMarks(action->text()), withoutMarks(menu.title()),
                QString(action->objectName()).replace(u'.', u' ') + u' ' + action->shortcut().toString(),
                [action = QPointer(action)] {
                    if (action)
                        action->trigger();
                } });
    }
}

/// What buttons of pages do, by their names.
void addButtons(std::vector<PaletteEntry> &entries, MainWindow &window)
{
    const auto add = [&](const QString &page, const QString &name, const QString &title) {
        const auto press = [&window, page, name] {
            window.showPage(page);
            if (auto *button = window.findChild<QAbstractButton *>(name))
                button->click();
            else if (auto *action = window.findChild<QAction *>(name))
                action->trigger();
        };
        entries.push_back({ title, PaletteTexts::tr("Action"), QString(name).replace(u'.', u' '), press });
    };
    add(u"overview"_s, u"overview.pause"_s, PaletteTexts::tr("Pause the charts, or go live"));
    add(u"overview"_s, u"overview.export.png"_s, PaletteTexts::tr("Export the charts as a picture"));
    add(u"overview"_s, u"overview.export.csv"_s, PaletteTexts::tr("Export the numbers of the charts"));
    add(u"refusals"_s, u"refusals.export"_s, PaletteTexts::tr("Export the refusals"));
    add(u"connections"_s, u"connections.export"_s, PaletteTexts::tr("Export the connections"));
    add(u"bans"_s, u"bans.export"_s, PaletteTexts::tr("Export the bans"));
    add(u"nodes"_s, u"nodes.export"_s, PaletteTexts::tr("Export the nodes"));
    add(u"limits"_s, u"limits.switch"_s, PaletteTexts::tr("Turn the guards on or off"));
}

void addLimits(std::vector<PaletteEntry> &entries, MainWindow &window, const LimitsModel &limits)
{
    for (int row = 0; row < limits.rowCount(); ++row) {
        const QModelIndex index = limits.index(row, LimitsModel::TitleColumn);
        const QString key = index.data(LimitsModel::KeyRole).toString();
        entries.push_back({ index.data().toString(), PaletteTexts::tr("Limit"),
            key + u' ' + QString(key).replace(u'_', u' '), [&window, key] { window.showLimit(key); } });
    }
}

} // namespace

std::vector<PaletteEntry> paletteEntries(MainWindow &window, ServerModel &serverModel, const ProfileStore &profiles)
{
    std::vector<PaletteEntry> entries;
    addPages(entries, window);
    addButtons(entries, window);
    for (const QAction *menu : window.menuBar()->actions()) {
        if (menu->menu())
            addMenu(entries, *menu->menu());
    }
    addLimits(entries, window, serverModel.limits());
    for (const ServerProfile &profile : profiles.profiles())
        entries.push_back({ profile.name, PaletteTexts::tr("Server"), profile.url.authority(),
            [&window, id = profile.id] { window.openSaved(id); } });
    return entries;
}

} // namespace gatehouse
