// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QObject>
#include <QtCore/QStringList>
#include <QtCore/QTimer>

QT_BEGIN_NAMESPACE
class QFont;
class QTableView;
QT_END_NAMESPACE

namespace gatehouse {

/// How wide a column would like to be, in pixels.
struct ColumnWish
{
    int minimum = 0;
    int preferred = 0;
    int weight = 0; ///< its share of what is left over; a column without has its preferred width, always
};

/// Widths that fill `available` pixels: every column its preferred width; what is left over by weight; where it is too
/// little, those with the largest weight shrink to their minimum, then those with the next. Only when even that is too
/// wide does the sum exceed `available`.
[[nodiscard]] std::vector<int> distributeColumns(const std::vector<ColumnWish> &wishes, int available);

/// The text that takes most room, which need not have the most letters. There must be one.
[[nodiscard]] QString widestText(const QStringList &texts, const QFont &font);

/// Keeps a table's columns filling its width, from sample texts rather than pixels, so that it is right in every
/// language and font, and from what is seen: a column whose cells need more than the sample gets it, if there is room.
/// None becomes narrower again, so that a table that is read stands still. Once the user has dragged a column, the
/// widths are the user's. GUI thread; a child of its table.
class ColumnLayout final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ColumnLayout)

public:
    struct Column
    {
        QString sample;   ///< the longest text that is expected
        QString shortest; ///< what must be seen at least; only for columns with a weight
        int weight = 0;
        int extra = 0; ///< pixels for more than text: a dot, an icon
    };

    /// One entry per column of the table's model.
    ColumnLayout(QTableView *table, std::vector<Column> columns);

    /// Hidden columns were changed.
    void fit();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    [[nodiscard]] ColumnWish wishOf(int column) const;
    void watchContent();
    /// Takes note of what the cells need that are seen.
    void measure();

    QTableView *m_table;
    std::vector<Column> m_columns;
    std::vector<int> m_widest; ///< pixels that a cell of each column has needed so far
    QTimer m_settling;         ///< rows come many at a time
    bool m_isFitting = false;
    bool m_isUsers = false; ///< the user has dragged a column
};

} // namespace gatehouse
