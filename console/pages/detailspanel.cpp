// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/detailspanel.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>

#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

DetailsPanel::DetailsPanel(const QString &title, const QString &hint, QWidget *parent)
    : QFrame(parent)
    , m_hint(makeLabel(hint, u"muted"_s, this))
    , m_formBox(new QWidget(this))
    , m_buttons(new QHBoxLayout)
    , m_moreButtons(new QHBoxLayout)
{
    setProperty("card", true);
    m_hint->setWordWrap(true);
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
    layout->addWidget(m_formBox);
    layout->addLayout(m_buttons);
    layout->addLayout(m_moreButtons);
    setFacts({});
}

void DetailsPanel::setFacts(const std::vector<Fact> &facts)
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    for (const Fact &fact : facts) {
        if (fact.value.isEmpty())
            continue;
        QLabel *value = makeLabel(fact.value, {}, m_formBox);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        value->setFocusPolicy(Qt::NoFocus);
        value->setWordWrap(true);
        m_form->addRow(makeLabel(fact.name, u"muted"_s, m_formBox), value);
    }
    m_hint->setVisible(facts.empty());
    m_formBox->setVisible(!facts.empty());
}

} // namespace gatehouse
