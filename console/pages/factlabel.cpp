// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/factlabel.h"

#include <algorithm>

#include <QtCore/QTextBoundaryFinder>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QHelpEvent>
#include <QtGui/QPainter>
#include <QtWidgets/QStyle>
#include <QtWidgets/QStyleOption>
#include <QtWidgets/QToolTip>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kFewestFactLetters = 14; ///< of a long word that are seen

} // namespace

FactLabel::FactLabel(QWidget *parent)
    : QLabel(parent)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setFocusPolicy(Qt::NoFocus);
}

void FactLabel::setFact(const QString &value, const std::optional<Subject> &subject)
{
    if (m_subject != subject) {
        m_subject = subject;
        setFocusPolicy(subject ? Qt::TabFocus : Qt::NoFocus);
        setObjectName(subject ? u"fact."_s + subjectKindName(subject->kind) : QString());
        QFont linked = font();
        linked.setUnderline(subject.has_value());
        setFont(linked);
        setCursor(subject ? Qt::PointingHandCursor : Qt::IBeamCursor);
        setAccessibleDescription(subject ? tr("Opens a menu of what can be done about it") : QString());
    }
    if (text() != value)
        setText(value);
}

int FactLabel::longestWord() const
{
    // Not every language has spaces between words.
    QTextBoundaryFinder finder(QTextBoundaryFinder::Line, text());
    int longest = 0;
    qsizetype begin = 0;
    for (qsizetype end = finder.toNextBoundary(); end > 0; end = finder.toNextBoundary()) {
        longest = std::max(longest, fontMetrics().horizontalAdvance(text().mid(begin, end - begin).trimmed()));
        begin = end;
    }
    return longest;
}

QSize FactLabel::minimumSizeHint() const
{
    const int most = fontMetrics().averageCharWidth() * kFewestFactLetters;
    return { std::min(longestWord() + 2, most), QLabel::minimumSizeHint().height() };
}

bool FactLabel::isElided() const
{
    return longestWord() > contentsRect().width();
}

bool FactLabel::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QLabel::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    QToolTip::showText(help->globalPos(), isElided() ? text() : QString(), this);
    return true;
}

void FactLabel::paintEvent(QPaintEvent *event)
{
    if (!isElided()) {
        QLabel::paintEvent(event);
        return;
    }
    QPainter painter(this);
    style()->drawItemText(&painter, contentsRect(), int(Qt::AlignLeft | Qt::AlignVCenter), palette(), isEnabled(),
        fontMetrics().elidedText(text(), Qt::ElideMiddle, contentsRect().width()), foregroundRole());
    if (hasFocus()) {
        QStyleOptionFocusRect frame;
        frame.initFrom(this);
        style()->drawPrimitive(QStyle::PE_FrameFocusRect, &frame, &painter, this);
    }
}

void FactLabel::mouseReleaseEvent(QMouseEvent *event)
{
    QLabel::mouseReleaseEvent(event);
    if (m_subject && event->button() == Qt::LeftButton && !hasSelectedText())
        Q_EMIT menuRequested();
}

void FactLabel::keyPressEvent(QKeyEvent *event)
{
    const bool opens = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space;
    if (m_subject && opens)
        Q_EMIT menuRequested();
    else
        QLabel::keyPressEvent(event);
}

void FactLabel::contextMenuEvent(QContextMenuEvent *event)
{
    if (m_subject && !hasSelectedText())
        Q_EMIT menuRequested();
    else
        QLabel::contextMenuEvent(event);
}

} // namespace gatehouse
