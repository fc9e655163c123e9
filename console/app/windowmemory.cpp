// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/windowmemory.h"

#include <QtCore/QEvent>
#include <QtGui/QAction>
#include <QtGui/QScreen>
#include <QtWidgets/QApplication>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/app/mainwindow.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kFrameMargin = 16; ///< what the desktop draws beside a window
constexpr int kFrameTop = 32;    ///< and above it

QList<ScreenPlace> screensNow()
{
    QList<ScreenPlace> screens;
    for (const QScreen *screen : QGuiApplication::screens())
        screens.append({ screen->name(),
            screen->availableGeometry().adjusted(kFrameMargin / 2, kFrameTop, -kFrameMargin / 2, -kFrameMargin) });
    return screens;
}

/// Whether a column comes and goes with the server, not as the user wants it.
bool comesByItself(const QTableView &table, int column)
{
    const QByteArray known = "isColumnThere" + QByteArray::number(column);
    return table.property(known.constData()).isValid();
}

} // namespace

WindowMemory::WindowMemory(
    MainWindow &window, ServerModel &serverModel, Theme &theme, const QString &path, bool isThemeFree)
    : QObject(&window)
    , m_window(window)
    , m_serverModel(serverModel)
    , m_theme(theme)
    , m_file(path)
    , m_state(m_file.read())
    , m_isThemeFree(isThemeFree)
{
    putBack();
    watchRange();
    for (QTableView *table : m_window.findChildren<QTableView *>()) {
        putBackTable(*table);
        watchTable(*table);
    }
    connect(&m_window, &MainWindow::languageRequested, this, [this](const QString &language) {
        m_state.language = language;
        save();
    });
    connect(&m_theme, &Theme::changed, this, [this] { m_isThemeFree = true; });
    m_window.installEventFilter(this);
}

void WindowMemory::putBack()
{
    if (m_state.place.isValid())
        m_window.setGeometry(placeOnScreen(m_state.place, m_state.screen, screensNow()));
    if (m_state.isMaximized)
        m_window.setWindowState(m_window.windowState() | Qt::WindowMaximized);
    m_window.showPage(m_state.page);
    if (const std::optional<ThemeMode> mode = parseThemeMode(m_state.theme); mode && m_isThemeFree)
        m_theme.setMode(*mode);
    for (const TimeRange::Preset preset : TimeRange::kPresets) {
        if (TimeRange(preset).name() == m_state.range)
            m_serverModel.history().setRange(TimeRange(preset));
    }
    m_window.setProperty("exportFolder", m_state.exportFolder);
}

/// A range that suits a young server is no choice of the user: the buttons are.
void WindowMemory::watchRange()
{
    for (const TimeRange::Preset preset : TimeRange::kPresets) {
        const QString name = TimeRange(preset).name();
        if (const auto *button = m_window.findChild<QPushButton *>(u"overview.range."_s + name))
            connect(button, &QPushButton::clicked, this, [this, name] { m_state.range = name; });
    }
}

void WindowMemory::watchTable(QTableView &table)
{
    // What is moved while a mouse button is held was dragged; all else is layout.
    connect(table.horizontalHeader(), &QHeaderView::sectionResized, this, [this, &table](int, int before, int after) {
        if (before > 0 && after > 0 && QApplication::mouseButtons().testFlag(Qt::LeftButton))
            m_state.tables[table.objectName()].widths = { 0 }; // taken when the window closes
    });
}

void WindowMemory::putBackTable(QTableView &table)
{
    const TableState state = m_state.tables.value(table.objectName());
    const int columns = table.model()->columnCount();
    if (state.columnCount != columns) {
        m_state.tables[table.objectName()] = {};
        return;
    }
    for (const QAction *toggle : table.horizontalHeader()->actions()) {
        const int column = toggle->objectName().section(u'.', -1).toInt();
        if (!comesByItself(table, column))
            const_cast<QAction *>(toggle)->setChecked(!state.hidden.contains(column));
    }
    for (int column = 0; column < columns && state.widths.size() == columns; ++column) {
        if (!table.isColumnHidden(column) && state.widths[column] > 0)
            table.setColumnWidth(column, state.widths[column]);
    }
    if (table.isSortingEnabled() && state.sortColumn >= 0 && state.sortColumn < columns)
        table.sortByColumn(state.sortColumn, state.isDescending ? Qt::DescendingOrder : Qt::AscendingOrder);
}

void WindowMemory::takeTable(const QTableView &table)
{
    TableState &state = m_state.tables[table.objectName()];
    const bool isDragged = !state.widths.isEmpty();
    state.columnCount = table.model()->columnCount();
    state.hidden.clear();
    state.widths.clear();
    for (int column = 0; column < state.columnCount; ++column) {
        if (table.isColumnHidden(column) && !comesByItself(table, column))
            state.hidden << column;
        if (isDragged)
            state.widths << table.columnWidth(column);
    }
    const QHeaderView *header = table.horizontalHeader();
    state.sortColumn = table.isSortingEnabled() ? header->sortIndicatorSection() : -1;
    state.isDescending = header->sortIndicatorOrder() == Qt::DescendingOrder;
}

void WindowMemory::takePlace()
{
    m_state.isMaximized = m_window.isMaximized();
    m_state.place = m_window.isMaximized() ? m_window.normalGeometry() : m_window.geometry();
    m_state.screen = m_window.screen()->name();
}

void WindowMemory::save()
{
    takePlace();
    m_state.page = m_window.pageName();
    if (m_isThemeFree)
        m_state.theme = themeModeName(m_theme.mode());
    m_state.exportFolder = m_window.property("exportFolder").toString();
    for (const QTableView *table : m_window.findChildren<QTableView *>())
        takeTable(*table);
    m_file.write(m_state);
}

bool WindowMemory::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == &m_window && event->type() == QEvent::Close)
        save();
    return QObject::eventFilter(watched, event);
}

} // namespace gatehouse
