// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/elidedbutton.h"

#include <algorithm>

#include <QtWidgets/QStyleOptionButton>
#include <QtWidgets/QStylePainter>

namespace gatehouse {

ElidedButton::ElidedButton(Qt::TextElideMode mode, int fewest, int most, QWidget *parent)
    : QPushButton(parent)
    , m_mode(mode)
    , m_fewest(fewest)
    , m_most(most)
{
    setAutoDefault(false);
}

QSize ElidedButton::minimumSizeHint() const
{
    const QSize wanted = sizeHint();
    return { std::min(wanted.width(), widthOf(m_fewest)), wanted.height() };
}

QSize ElidedButton::sizeHint() const
{
    const QSize whole = QPushButton::sizeHint();
    return { std::min(whole.width(), widthOf(m_most)), whole.height() };
}

int ElidedButton::around() const
{
    return QPushButton::sizeHint().width() - fontMetrics().size(Qt::TextShowMnemonic, text()).width();
}

int ElidedButton::widthOf(int letters) const
{
    return around() + fontMetrics().averageCharWidth() * letters;
}

void ElidedButton::paintEvent(QPaintEvent *)
{
    QStyleOptionButton option;
    initStyleOption(&option);
    option.text = fontMetrics().elidedText(text(), m_mode, width() - around());
    QStylePainter(this).drawControl(QStyle::CE_PushButton, option);
}

} // namespace gatehouse
