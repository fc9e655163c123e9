// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/columnlayout.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>

#include <QtCore/QEvent>
#include <QtCore/QScopedValueRollback>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

namespace gatehouse {

namespace {

constexpr int kCellPadding = 22; ///< the style sheet's padding and the item's own margin, on both sides
constexpr int kSortMark = 14;    ///< of the sorted column's header
constexpr std::chrono::milliseconds kSettling{ 60 };

/// Adds `pixels` to the widths by their shares; of what is still to be shared out, so that rounding leaves no pixel
/// over.
template <typename Share> void shareOut(std::vector<int> &widths, int pixels, int shares, const Share &shareOf)
{
    for (size_t i = 0; i < widths.size() && shares > 0; ++i) {
        const int part = int(qint64(pixels) * shareOf(i) / shares);
        widths[i] += part;
        pixels -= part;
        shares -= shareOf(i);
    }
}

} // namespace

std::vector<int> distributeColumns(const std::vector<ColumnWish> &wishes, int available)
{
    std::vector<int> widths;
    std::set<int, std::greater<>> weights;
    int rest = available;
    int sumOfWeights = 0;
    for (const ColumnWish &wish : wishes) {
        widths.push_back(wish.preferred);
        rest -= wish.preferred;
        sumOfWeights += wish.weight;
        if (wish.weight > 0)
            weights.insert(wish.weight);
    }
    if (rest >= 0) {
        shareOut(widths, rest, sumOfWeights, [&](size_t i) { return wishes[i].weight; });
        return widths;
    }
    for (const int weight : weights) {
        const auto gives = [&](size_t i) {
            return wishes[i].weight == weight ? std::max(0, wishes[i].preferred - wishes[i].minimum) : 0;
        };
        int sum = 0;
        for (size_t i = 0; i < wishes.size(); ++i)
            sum += gives(i);
        const int taken = std::min(sum, -rest);
        shareOut(widths, -taken, sum, gives);
        rest += taken;
    }
    return widths;
}

QString widestText(const QStringList &texts, const QFont &font)
{
    const QFontMetrics metrics(font);
    return *std::max_element(texts.begin(), texts.end(), [&metrics](const QString &one, const QString &other) {
        return metrics.horizontalAdvance(one) < metrics.horizontalAdvance(other);
    });
}

ColumnLayout::ColumnLayout(QTableView *table, std::vector<Column> columns)
    : QObject(table)
    , m_table(table)
    , m_columns(std::move(columns))
    , m_widest(m_columns.size(), 0)
{
    Q_ASSERT_X(int(m_columns.size()) == table->model()->columnCount(), "ColumnLayout", qPrintable(table->objectName()));
    table->viewport()->installEventFilter(this);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    connect(table->horizontalHeader(), &QHeaderView::sectionResized, this, [this](int, int before, int after) {
        if (!m_isFitting && before > 0 && after > 0)
            m_isUsers = true;
    });
    watchContent();
    fit();
}

void ColumnLayout::watchContent()
{
    m_settling.setSingleShot(true);
    m_settling.setInterval(kSettling);
    connect(&m_settling, &QTimer::timeout, this, &ColumnLayout::measure);
    const auto settle = [this] {
        if (!m_settling.isActive())
            m_settling.start();
    };
    const QAbstractItemModel *model = m_table->model();
    connect(model, &QAbstractItemModel::rowsInserted, this, settle);
    connect(model, &QAbstractItemModel::modelReset, this, settle);
    connect(model, &QAbstractItemModel::dataChanged, this, settle);
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, settle);
}

void ColumnLayout::measure()
{
    const int rows = m_table->model()->rowCount();
    if (m_isUsers || !m_table->isVisible() || rows == 0)
        return;
    const int first = std::max(0, m_table->rowAt(0));
    const int last = m_table->rowAt(m_table->viewport()->height() - 1);
    bool isWider = false;
    for (int row = first; row <= (last < 0 ? rows - 1 : last); ++row) {
        for (size_t column = 0; column < m_columns.size(); ++column) {
            if (m_table->isColumnHidden(int(column)))
                continue;
            const int needed = m_table->sizeHintForIndex(m_table->model()->index(row, int(column))).width();
            isWider = isWider || needed > m_widest[column];
            m_widest[column] = std::max(m_widest[column], needed);
        }
    }
    if (isWider)
        fit();
}

ColumnWish ColumnLayout::wishOf(int column) const
{
    const Column &wanted = m_columns[size_t(column)];
    const QFontMetrics cells(m_table->font());
    const QFontMetrics headers(m_table->horizontalHeader()->font());
    const QString title = m_table->model()->headerData(column, Qt::Horizontal).toString();
    const int header = headers.horizontalAdvance(title) + kCellPadding + (m_table->isSortingEnabled() ? kSortMark : 0);
    const int least = std::max(header, m_table->horizontalHeader()->minimumSectionSize());
    const int expected = std::max(least, cells.horizontalAdvance(wanted.sample) + wanted.extra + kCellPadding);
    // One endless cell must not push the other columns out of sight.
    const int most = std::max(expected, m_table->viewport()->width() / 3);
    const int preferred = std::max(expected, std::min(m_widest[size_t(column)], most));
    const int minimum = std::max(least, cells.horizontalAdvance(wanted.shortest) + wanted.extra + kCellPadding);
    return { std::min(minimum, preferred), preferred, wanted.weight };
}

void ColumnLayout::fit()
{
    if (m_isUsers)
        return;
    std::vector<int> shown;
    std::vector<ColumnWish> wishes;
    for (int column = 0; column < int(m_columns.size()); ++column) {
        if (m_table->isColumnHidden(column))
            continue;
        shown.push_back(column);
        wishes.push_back(wishOf(column));
    }
    const std::vector<int> widths = distributeColumns(wishes, m_table->viewport()->width());
    const QScopedValueRollback<bool> fitting(m_isFitting, true);
    for (size_t i = 0; i < shown.size(); ++i)
        m_table->setColumnWidth(shown[i], widths[i]);
}

bool ColumnLayout::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FontChange)
        std::fill(m_widest.begin(), m_widest.end(), 0);
    if (event->type() == QEvent::Resize || event->type() == QEvent::FontChange) {
        fit();
        m_settling.start(); // more rows may be seen
    }
    return QObject::eventFilter(watched, event);
}

} // namespace gatehouse
