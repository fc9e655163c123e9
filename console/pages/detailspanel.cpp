// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/detailspanel.h"

#include <algorithm>
#include <iterator>

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QScrollArea>

#include "console/pages/factlabel.h"
#include "console/pages/subjectmenu.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kFewestLines = 5; ///< of facts that are seen
constexpr int kRowSpace = 6;

/// As high as what is in it, where there is room; lower ones scroll.
class FactScroller final : public QScrollArea
{
public:
    FactScroller(QWidget *content, QWidget *parent)
        : QScrollArea(parent)
    {
        setWidget(content);
        setWidgetResizable(true);
        setFrameShape(QFrame::NoFrame);
        setFocusPolicy(Qt::NoFocus);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
        viewport()->setAutoFillBackground(false);
        content->setAutoFillBackground(false);
        content->installEventFilter(this);
    }
    [[nodiscard]] QSize sizeHint() const override
    {
        const int width = viewport()->width();
        const int height
            = widget()->hasHeightForWidth() ? widget()->heightForWidth(width) : widget()->sizeHint().height();
        return { widget()->minimumSizeHint().width(), height };
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        const int lines = (fontMetrics().height() + kRowSpace) * kFewestLines;
        return { widget()->minimumSizeHint().width(), std::min(sizeHint().height(), lines) };
    }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
    void resizeEvent(QResizeEvent *event) override
    {
        QScrollArea::resizeEvent(event);
        if (event->size().width() != event->oldSize().width())
            updateGeometry(); // what is wrapped is of another height now
    }
};

} // namespace

DetailsPanel::DetailsPanel(const QString &title, const QString &hint, QWidget *parent)
    : QFrame(parent)
    , m_hint(makeLabel(hint, u"muted"_s, this))
    , m_note(makeLabel({}, u"warning"_s, this))
    , m_formBox(new QWidget(this))
    , m_buttons(new QHBoxLayout)
    , m_moreButtons(new QHBoxLayout)
{
    setProperty("card", true);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    m_hint->setWordWrap(true);
    m_note->setWordWrap(true);
    m_note->setObjectName(u"details.note"_s);
    m_note->hide();
    m_form = new QFormLayout(m_formBox);
    m_form->setContentsMargins({});
    m_form->setHorizontalSpacing(14);
    m_form->setVerticalSpacing(kRowSpace);
    m_form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    m_form->setLabelAlignment(Qt::AlignLeft);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(9);
    layout->addWidget(makeLabel(title, u"heading"_s, this));
    layout->addWidget(m_hint);
    layout->addWidget(m_note);
    m_scroller = new FactScroller(m_formBox, this);
    layout->addWidget(m_scroller);
    layout->addLayout(m_buttons);
    layout->addLayout(m_moreButtons);
    setFacts({});
}

void DetailsPanel::insertRow(size_t place, const Fact &fact)
{
    QLabel *name = makeLabel(fact.name, u"muted"_s, m_formBox); // first: as it is read out
    auto *value = new FactLabel(m_formBox);
    value->setFact(fact.value, fact.subject);
    connect(value, &FactLabel::menuRequested, this, [this, value] { showMenu(*value); });
    m_form->insertRow(int(place), name, value);
    m_rows.insert(m_rows.begin() + std::ptrdiff_t(place), { fact.name, value });
}

void DetailsPanel::setFacts(const std::vector<Fact> &facts)
{
    std::vector<Fact> shown;
    std::copy_if(
        facts.begin(), facts.end(), std::back_inserter(shown), [](const Fact &fact) { return !fact.value.isEmpty(); });
    const auto isShown = [&shown](const QString &name) {
        return std::any_of(shown.begin(), shown.end(), [&name](const Fact &fact) { return fact.name == name; });
    };
    for (size_t row = m_rows.size(); row-- > 0;) {
        if (isShown(m_rows[row].name))
            continue;
        m_form->removeRow(int(row));
        m_rows.erase(m_rows.begin() + std::ptrdiff_t(row));
    }
    // Those that are left are in the order of the facts, as they always are.
    for (size_t row = 0; row < shown.size(); ++row) {
        if (row >= m_rows.size() || m_rows[row].name != shown[row].name)
            insertRow(row, shown[row]);
        else
            m_rows[row].value->setFact(shown[row].value, shown[row].subject);
    }
    m_hint->setVisible(facts.empty());
    m_scroller->setVisible(!facts.empty());
}

void DetailsPanel::showMenu(const FactLabel &fact)
{
    if (!m_menu || !fact.subject())
        return;
    m_menu->setSubjects({ *fact.subject() });
    m_menu->popup(fact.mapToGlobal(fact.rect().bottomLeft()));
}

void DetailsPanel::setNote(const QString &note)
{
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

} // namespace gatehouse
