// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/shortcutsheet.h"

#include <QtGui/QKeySequence>
#include <QtWidgets/QDialogButtonBox>
#include <QtWidgets/QGridLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// As the user's keyboard and language name it.
QString keys(QLatin1StringView sequence)
{
    return QKeySequence(QString(sequence)).toString(QKeySequence::NativeText);
}

} // namespace

QList<std::pair<QString, QString>> ShortcutSheet::entries(const QStringList &pages)
{
    QList<std::pair<QString, QString>> entries{ { {}, tr("Everywhere") } };
    for (qsizetype i = 0; i < pages.size(); ++i)
        entries << std::pair(QKeySequence(u"Ctrl+%1"_s.arg(i + 1)).toString(QKeySequence::NativeText), pages[i]);
    entries << std::pair(keys("Ctrl+K"_L1), tr("Find a page, a limit, an action, a server, an address or a user"));
    entries << std::pair(keys("Ctrl+F"_L1), tr("The page's filter"));
    entries << std::pair(keys("F5"_L1), tr("Ask the server for everything again"));
    entries << std::pair(keys("Ctrl+O"_L1), tr("Connect to a server"));
    entries << std::pair(keys("Ctrl+L"_L1), tr("Unlock or lock a production server"));
    entries << std::pair(keys("F1"_L1), tr("This sheet"));
    entries << std::pair(QKeySequence(QKeySequence::Quit).toString(QKeySequence::NativeText), tr("Quit"));
    entries << std::pair(QString(), tr("Charts"));
    entries << std::pair(tr("Drag"), tr("Zoom to that stretch of time"));
    entries << std::pair(tr("Double-click, Esc"), tr("Whole range again"));
    entries << std::pair(tr("Left, Right"), tr("Move the crosshair"));
    entries << std::pair(
        tr("Click or Enter on a bar"), tr("The refusals of that stretch of time, and of the kind that was clicked"));
    entries << std::pair(QString(), tr("Tables and limits"));
    entries << std::pair(keys("Ctrl+C"_L1), tr("Copy the selected row, with ISO times"));
    entries << std::pair(keys("Ctrl+Shift+C"_L1), tr("Copy the cell that was clicked last in it"));
    entries << std::pair(tr("Right click on a header"), tr("Choose the columns"));
    entries << std::pair(keys("Ctrl+Return"_L1), tr("Apply the staged limits"));
    return entries;
}

ShortcutSheet::ShortcutSheet(const QStringList &pages, QWidget *parent)
    : QDialog(parent)
{
    setObjectName(u"shortcuts"_s);
    setWindowTitle(tr("Keyboard shortcuts"));
    auto *grid = new QGridLayout;
    grid->setHorizontalSpacing(28);
    grid->setVerticalSpacing(6);
    int row = 0;
    for (const auto &[key, what] : entries(pages)) {
        if (key.isEmpty()) {
            QLabel *heading = makeLabel(what, u"heading"_s, this);
            heading->setContentsMargins(0, row == 0 ? 0 : 10, 0, 2);
            grid->addWidget(heading, row++, 0, 1, 2);
            continue;
        }
        grid->addWidget(makeLabel(key, u"muted"_s, this), row, 0);
        grid->addWidget(makeLabel(what, {}, this), row++, 1);
    }
    grid->setColumnStretch(1, 1);
    QPushButton *close = makeButton(tr("Close"), u"shortcuts.close"_s, {}, this);
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 18, 20, 14);
    layout->setSpacing(14);
    layout->addLayout(grid);
    layout->addWidget(close, 0, Qt::AlignRight);
}

} // namespace gatehouse
