// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/consolestate.h"

#include <algorithm>
#include <limits>

#include <QtCore/QSettings>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QLatin1StringView kPlaceKey{ "window/place" };
constexpr QLatin1StringView kScreenKey{ "window/screen" };
constexpr QLatin1StringView kMaximizedKey{ "window/maximized" };
constexpr QLatin1StringView kPageKey{ "page" };
constexpr QLatin1StringView kThemeKey{ "theme" };
constexpr QLatin1StringView kLanguageKey{ "language" };
constexpr QLatin1StringView kRangeKey{ "range" };
constexpr QLatin1StringView kExportFolderKey{ "export/folder" };
constexpr QLatin1StringView kTablesGroup{ "tables" };
constexpr QLatin1StringView kColumnCountKey{ "columns" };
constexpr QLatin1StringView kHiddenKey{ "hidden" };
constexpr QLatin1StringView kWidthsKey{ "widths" };
constexpr QLatin1StringView kSortKey{ "sort" };
constexpr QLatin1StringView kDescendingKey{ "descending" };

QString numbersAsText(const QList<int> &numbers)
{
    QStringList texts;
    for (const int number : numbers)
        texts << QString::number(number);
    return texts.join(u' ');
}

QList<int> numbersFromText(const QString &text)
{
    QList<int> numbers;
    for (const QString &part : text.split(u' ', Qt::SkipEmptyParts)) {
        bool isNumber = false;
        numbers << part.toInt(&isNumber);
        if (!isNumber)
            return {};
    }
    return numbers;
}

TableState readTable(const QSettings &settings)
{
    TableState table;
    table.columnCount = settings.value(kColumnCountKey).toInt();
    table.hidden = numbersFromText(settings.value(kHiddenKey).toString());
    table.widths = numbersFromText(settings.value(kWidthsKey).toString());
    table.sortColumn = settings.value(kSortKey, -1).toInt();
    table.isDescending = settings.value(kDescendingKey).toBool();
    return table;
}

void writeTable(QSettings &settings, const TableState &table)
{
    settings.setValue(kColumnCountKey, table.columnCount);
    settings.setValue(kHiddenKey, numbersAsText(table.hidden));
    settings.setValue(kWidthsKey, numbersAsText(table.widths));
    settings.setValue(kSortKey, table.sortColumn);
    settings.setValue(kDescendingKey, table.isDescending);
}

int areaOf(const QRect &rect)
{
    return rect.isEmpty() ? 0 : rect.width() * rect.height();
}

} // namespace

ConsoleStateFile::ConsoleStateFile(QString path)
    : m_path(std::move(path))
{
}

ConsoleState ConsoleStateFile::read() const
{
    QSettings settings(m_path, QSettings::IniFormat);
    ConsoleState state;
    state.place = settings.value(kPlaceKey).toRect();
    state.screen = settings.value(kScreenKey).toString();
    state.isMaximized = settings.value(kMaximizedKey).toBool();
    state.page = settings.value(kPageKey).toString();
    state.theme = settings.value(kThemeKey).toString();
    state.language = settings.value(kLanguageKey).toString();
    state.range = settings.value(kRangeKey).toString();
    state.exportFolder = settings.value(kExportFolderKey).toString();
    settings.beginGroup(kTablesGroup);
    for (const QString &name : settings.childGroups()) {
        settings.beginGroup(name);
        state.tables.insert(name, readTable(settings));
        settings.endGroup();
    }
    return state;
}

void ConsoleStateFile::write(const ConsoleState &state) const
{
    QSettings settings(m_path, QSettings::IniFormat);
    settings.setValue(kPlaceKey, state.place);
    settings.setValue(kScreenKey, state.screen);
    settings.setValue(kMaximizedKey, state.isMaximized);
    settings.setValue(kPageKey, state.page);
    settings.setValue(kThemeKey, state.theme);
    settings.setValue(kLanguageKey, state.language);
    settings.setValue(kRangeKey, state.range);
    settings.setValue(kExportFolderKey, state.exportFolder);
    settings.beginGroup(kTablesGroup);
    for (auto table = state.tables.cbegin(); table != state.tables.cend(); ++table) {
        settings.beginGroup(table.key());
        writeTable(settings, table.value());
        settings.endGroup();
    }
}

QRect placeOnScreen(const QRect &place, const QString &screen, const QList<ScreenPlace> &screens)
{
    if (screens.isEmpty())
        return place;
    const ScreenPlace *chosen = &screens.constFirst();
    int most = 0;
    for (const ScreenPlace &each : screens) {
        const bool isThatOne = !screen.isEmpty() && each.name == screen;
        const int shared = isThatOne ? std::numeric_limits<int>::max() : areaOf(each.available.intersected(place));
        if (shared <= most)
            continue;
        most = shared;
        chosen = &each;
    }
    const QRect &room = chosen->available;
    QRect placed(place.topLeft(), place.size().boundedTo(room.size()));
    placed.moveLeft(std::clamp(placed.left(), room.left(), room.right() - placed.width() + 1));
    placed.moveTop(std::clamp(placed.top(), room.top(), room.bottom() - placed.height() + 1));
    return placed;
}

} // namespace gatehouse
