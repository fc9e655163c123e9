// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/widgets.h"

#include <utility>

#include <QtCore/QPointer>
#include <QtGui/QFocusEvent>
#include <QtWidgets/QFrame>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStyle>
#include <QtWidgets/QStyleOptionHeader>

#include "console/look/icons.h"
#include "console/pages/tabletools.h"

namespace gatehouse {

namespace {

/// Tells the sorting as a part of the text: the style's own arrow lies upon titles that are aligned to the right.
class TableHeader final : public QHeaderView
{
public:
    explicit TableHeader(QWidget *parent)
        : QHeaderView(Qt::Horizontal, parent)
    {
        setSectionsClickable(true);
    }

protected:
    void initStyleOptionForIndex(QStyleOptionHeader *option, int logicalIndex) const override
    {
        QHeaderView::initStyleOptionForIndex(option, logicalIndex);
        if (option->sortIndicator == QStyleOptionHeader::None)
            return;
        option->sortIndicator = QStyleOptionHeader::None;
        const QChar mark = sortIndicatorOrder() == Qt::AscendingOrder ? u'▴' : u'▾';
        if (option->textAlignment & Qt::AlignRight)
            option->text.prepend(QString(mark) + u' ');
        else
            option->text.append(u' ' + QString(mark));
    }
};

/// Belongs to a button, and looks after the focus while that is disabled.
class FocusKeeper final : public QObject
{
public:
    explicit FocusKeeper(QPushButton *button)
        : QObject(button)
        , m_button(button)
    {
        button->installEventFilter(this);
    }

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::FocusOut && !m_button->isEnabled() && m_button->isVisible()) {
            // Qt is about to give it to the next widget.
            QMetaObject::invokeMethod(
                this, [this] { takeCare(); }, Qt::QueuedConnection);
        } else if (event->type() == QEvent::EnabledChange && m_button->isEnabled() && m_place) {
            if (std::exchange(m_place, nullptr) == m_button->window()->focusWidget())
                m_button->setFocus(Qt::OtherFocusReason);
        }
        return QObject::eventFilter(watched, event);
    }

private:
    void takeCare()
    {
        QWidget *place = m_button;
        if (!m_button->isEnabled())
            m_place = place = placeBefore();
        if (place)
            place->setFocus(Qt::OtherFocusReason);
    }

    /// The field or table that the button belongs to: nothing happens there by itself.
    [[nodiscard]] QWidget *placeBefore() const
    {
        for (QWidget *widget = m_button->previousInFocusChain(); widget != m_button;
             widget = widget->previousInFocusChain()) {
            if (!qobject_cast<QAbstractButton *>(widget) && (widget->focusPolicy() & Qt::TabFocus)
                && widget->isEnabled() && widget->isVisible() && widget->window() == m_button->window())
                return widget;
        }
        return nullptr;
    }

    QPushButton *m_button;
    QPointer<QWidget> m_place; ///< where the focus waits
};

} // namespace

QLabel *makeLabel(const QString &text, const QString &role, QWidget *parent)
{
    auto *label = new QLabel(text, parent);
    label->setProperty("role", role);
    label->setTextFormat(Qt::PlainText);
    return label;
}

void setLabelRole(QLabel &label, const QString &role)
{
    if (label.property("role").toString() == role)
        return;
    label.setProperty("role", role);
    repolish(label);
}

QFrame *makeCard(QWidget *parent)
{
    auto *frame = new QFrame(parent);
    frame->setProperty("card", true);
    return frame;
}

QPushButton *makeButton(const QString &text, const QString &objectName, const QString &icon, QWidget *parent)
{
    auto *button = new QPushButton(text, parent);
    button->setObjectName(objectName);
    button->setAutoDefault(false);
    new FocusKeeper(button);
    if (!icon.isEmpty())
        button->setIcon(themedIcon(icon));
    return button;
}

DataTable *makeTable(
    QAbstractItemModel *model, const QString &objectName, const QString &accessibleName, QWidget *parent)
{
    auto *table = new DataTable(parent);
    table->setHorizontalHeader(new TableHeader(table));
    table->setModel(model);
    table->setObjectName(objectName);
    table->setAccessibleName(accessibleName);
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table->verticalHeader()->hide();
    table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 14);
    QHeaderView *header = table->horizontalHeader();
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setHighlightSections(false);
    header->setSectionsMovable(true);
    header->setMinimumSectionSize(40);
    table->setItemDelegate(new CellDelegate(table));
    installCopy(table);
    return table;
}

void askBefore(QWidget *parent, const QString &objectName, const QString &title, const QString &text,
    const QString &accept, std::function<void()> accepted)
{
    auto *box = new QMessageBox(QMessageBox::Question, title, title, QMessageBox::Cancel, parent);
    box->setObjectName(objectName);
    box->setInformativeText(text);
    box->setAttribute(Qt::WA_DeleteOnClose);
    QPushButton *agree = box->addButton(accept, QMessageBox::AcceptRole);
    agree->setObjectName(objectName + u".accept");
    box->setDefaultButton(QMessageBox::Cancel);
    QObject::connect(agree, &QPushButton::clicked, parent, std::move(accepted));
    box->open();
}

QFrame *makeTableCard(DataTable *table, QWidget *parent)
{
    QFrame *card = makeCard(parent);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(5, 5, 5, 5);
    layout->addWidget(table);
    return card;
}

void tabInOrder(std::initializer_list<QWidget *> widgets)
{
    for (auto next = widgets.begin(); next != widgets.end() && next + 1 != widgets.end(); ++next)
        QWidget::setTabOrder(*next, *(next + 1));
}

void repolish(QWidget &widget)
{
    widget.style()->unpolish(&widget);
    widget.style()->polish(&widget);
    widget.update();
}

} // namespace gatehouse
