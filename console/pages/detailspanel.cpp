// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/detailspanel.h"

#include <algorithm>
#include <iterator>

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>

#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

DetailsPanel::DetailsPanel(const QString &title, const QString &hint, QWidget *parent)
    : QFrame(parent)
    , m_hint(makeLabel(hint, u"muted"_s, this))
    , m_note(makeLabel({}, u"warning"_s, this))
    , m_formBox(new QWidget(this))
    , m_buttons(new QHBoxLayout)
    , m_moreButtons(new QHBoxLayout)
{
    setProperty("card", true);
    m_hint->setWordWrap(true);
    m_note->setWordWrap(true);
    m_note->setObjectName(u"details.note"_s);
    m_note->hide();
    m_form = new QFormLayout(m_formBox);
    m_form->setContentsMargins({});
    m_form->setHorizontalSpacing(14);
    m_form->setVerticalSpacing(6);
    m_form->setLabelAlignment(Qt::AlignLeft);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(9);
    layout->addWidget(makeLabel(title, u"heading"_s, this));
    layout->addWidget(m_hint);
    layout->addWidget(m_note);
    layout->addWidget(m_formBox);
    layout->addLayout(m_buttons);
    layout->addLayout(m_moreButtons);
    setFacts({});
}

void DetailsPanel::insertRow(size_t place, const Fact &fact)
{
    QLabel *name = makeLabel(fact.name, u"muted"_s, m_formBox); // first: as it is read out
    QLabel *value = makeLabel(fact.value, {}, m_formBox);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    value->setFocusPolicy(Qt::NoFocus);
    value->setWordWrap(true);
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
        else if (m_rows[row].value->text() != shown[row].value)
            m_rows[row].value->setText(shown[row].value);
    }
    m_hint->setVisible(facts.empty());
    m_formBox->setVisible(!facts.empty());
}

void DetailsPanel::setNote(const QString &note)
{
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

} // namespace gatehouse
