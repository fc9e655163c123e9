// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/scopebar.h"

#include <algorithm>

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/look/icons.h"
#include "console/pages/elidedbutton.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kChipLetters = 34; ///< clients choose their Origin: it must not push the window wide
constexpr int kFewestChipLetters = 9;

} // namespace

ScopeBar::ScopeBar(const QString &name, QWidget *parent)
    : QWidget(parent)
    , m_layout(new QHBoxLayout(this))
    , m_hint(makeLabel(tr("All that there is"), u"muted"_s, this))
    , m_state(makeLabel({}, u"muted"_s, this))
{
    setObjectName(name);
    setAccessibleName(tr("What is shown"));
    m_state->setObjectName(name + u".state");
    m_layout->setContentsMargins({});
    m_layout->setSpacing(7);
    m_layout->addWidget(m_hint);
    m_layout->addStretch(1);
    m_layout->addWidget(m_state);
}

void ScopeBar::addChip(const QString &name, const QString &help)
{
    auto *chip = new ElidedButton(Qt::ElideMiddle, kFewestChipLetters, kChipLetters, this);
    chip->setObjectName(name);
    chip->setIcon(themedIcon(u"close"_s));
    chip->setLayoutDirection(Qt::RightToLeft); // the cross behind the text
    chip->setProperty("help", help);
    chip->setAccessibleName(help);
    chip->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    chip->hide();
    m_layout->insertWidget(int(m_chips.size()) + 1, chip);
    m_chips[name] = chip;
    connect(chip, &QPushButton::clicked, this, [this, name] { Q_EMIT closed(name); });
    setMinimumHeight(std::max(minimumHeight(), chip->sizeHint().height()));
}

void ScopeBar::setChip(const QString &name, const QString &text)
{
    const auto found = m_chips.find(name);
    if (found == m_chips.end())
        return;
    QPushButton *chip = found->second;
    chip->setVisible(!text.isEmpty());
    chip->setText(text);
    chip->setAccessibleName(text.isEmpty() ? chip->property("help").toString() : text);
    chip->setToolTip(text + u'\n' + chip->property("help").toString());
    m_hint->setVisible(
        std::all_of(m_chips.begin(), m_chips.end(), [](const auto &one) { return one.second->isHidden(); }));
}

void ScopeBar::setState(State state, const QString &text)
{
    setLabelRole(*m_state, state == State::Live ? u"muted"_s : u"warning"_s);
    m_state->setText(text);
}

void ScopeBar::addAtEnd(QWidget *widget)
{
    m_layout->addWidget(widget);
    setMinimumHeight(std::max(minimumHeight(), widget->sizeHint().height()));
}

} // namespace gatehouse
