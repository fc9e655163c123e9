// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QRect>
#include <QtCore/QString>

namespace gatehouse {

/// How the user left a table. A plain value.
struct TableState
{
    int columnCount = 0; ///< then; a table that has others by now is left as it is
    QList<int> hidden{}; ///< columns
    QList<int> widths{}; ///< in pixels, of all columns, if the user dragged one; else empty
    int sortColumn = -1; ///< -1: the table's own order
    bool isDescending = false;
    friend bool operator==(const TableState &, const TableState &) = default;
};

/// What the console remembers between starts. Empty members: never chosen. A plain value.
struct ConsoleState
{
    QRect place{};
    QString screen{}; ///< its name
    bool isMaximized = false;
    QString page{};
    QString theme{};    ///< as parseThemeMode() reads it
    QString language{}; ///< "en" or "th"
    QString range{};    ///< TimeRange::name()
    QString exportFolder{};
    QHash<QString, TableState> tables{}; ///< by their objectName
    friend bool operator==(const ConsoleState &, const ConsoleState &) = default;
};

/// Keeps a ConsoleState in a file: the only place that knows its keys. What cannot be read is as if never chosen.
class ConsoleStateFile final
{
public:
    explicit ConsoleStateFile(QString path);

    [[nodiscard]] ConsoleState read() const;
    void write(const ConsoleState &state) const;

private:
    QString m_path;
};

struct ScreenPlace
{
    QString name;
    QRect available;
};
/// Where a window goes that was at `place`: on the screen that it was on if there is one of that name, else on that
/// which has most of it, else on the first; never larger than the screen, and wholly inside. Without screens, `place`.
[[nodiscard]] QRect placeOnScreen(const QRect &place, const QString &screen, const QList<ScreenPlace> &screens);

} // namespace gatehouse
