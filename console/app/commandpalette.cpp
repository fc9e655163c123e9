// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/commandpalette.h"

#include <QtGui/QKeyEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListView>
#include <QtWidgets/QStyledItemDelegate>
#include <QtWidgets/QVBoxLayout>

#include "console/look/theme.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr QSize kPaletteSize{ 560, 380 };
constexpr int kPaletteTop = 90; ///< of the window
constexpr int kKindMargin = 10;

/// What an entry is, at the right of it.
class KindDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QString kind = index.data(PaletteModel::KindRole).toString();
        const int width = option.fontMetrics.horizontalAdvance(kind) + 2 * kKindMargin;
        QStyleOptionViewItem whole = option;
        initStyleOption(&whole, index);
        whole.text = option.fontMetrics.elidedText(whole.text, Qt::ElideRight, option.rect.width() - width);
        const QStyle *style = option.widget->style();
        style->drawControl(QStyle::CE_ItemViewItem, &whole, painter, option.widget);
        painter->setPen(themeColors(option.palette).muted);
        painter->drawText(option.rect.adjusted(0, 0, -kKindMargin, 0), int(Qt::AlignVCenter | Qt::AlignRight), kind);
    }
};

} // namespace

CommandPalette::CommandPalette(
    std::vector<PaletteEntry> entries, PaletteModel::SubjectAction showSubject, QWidget *parent)
    : QDialog(parent)
    , m_model(std::move(entries), std::move(showSubject))
    , m_query(new QLineEdit(this))
    , m_list(new QListView(this))
{
    setObjectName(u"palette"_s);
    setWindowTitle(tr("Go to"));
    m_query->setObjectName(u"palette.query"_s);
    m_query->setAccessibleName(tr("What to go to or to do"));
    m_query->setPlaceholderText(tr("Page, limit, action, server, address or user"));
    m_query->installEventFilter(this);
    m_list->setObjectName(u"palette.list"_s);
    m_list->setAccessibleName(tr("What fits"));
    m_list->setModel(&m_model);
    m_list->setItemDelegate(new KindDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setFocusPolicy(Qt::NoFocus); // the field has the keys
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(10, 10, 10, 10);
    layout->addWidget(m_query);
    layout->addWidget(m_list, 1);
    connect(m_query, &QLineEdit::textChanged, this, &CommandPalette::look);
    connect(m_list, &QListView::clicked, this, &CommandPalette::runCurrent);
    look({});
    const QSize room = parent ? parent->size() - QSize(40, 40) : kPaletteSize;
    resize(kPaletteSize.boundedTo(room));
    if (parent)
        move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, std::min(kPaletteTop, parent->height() / 8))));
}

void CommandPalette::look(const QString &query)
{
    m_model.setQuery(query);
    m_list->setCurrentIndex(m_model.index(0));
}

void CommandPalette::runCurrent()
{
    const int row = m_list->currentIndex().row();
    if (row < 0)
        return;
    // Closed first: what is done may open a dialog of its own, and takes the focus where it leads.
    accept();
    m_model.run(row);
}

bool CommandPalette::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    const int rows = m_model.rowCount();
    const int row = m_list->currentIndex().row();
    const auto go = [this, rows](int to) {
        if (rows > 0)
            m_list->setCurrentIndex(m_model.index(std::clamp(to, 0, rows - 1)));
        return true;
    };
    const int page = std::max(1, m_list->viewport()->height() / std::max(1, m_list->sizeHintForRow(0)) - 1);
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Up:
        return go(row == 0 ? rows - 1 : row - 1);
    case Qt::Key_Down:
        return go(row == rows - 1 ? 0 : row + 1);
    case Qt::Key_PageUp:
        return go(row - page);
    case Qt::Key_PageDown:
        return go(row + page);
    case Qt::Key_Return:
    case Qt::Key_Enter:
        runCurrent();
        return true;
    default:
        return QDialog::eventFilter(watched, event);
    }
}

} // namespace gatehouse
