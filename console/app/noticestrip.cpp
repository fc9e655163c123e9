// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/noticestrip.h"

#include <QtCore/QEvent>
#include <QtGui/QAccessible>
#include <QtGui/QPainter>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/noticeboard.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kStripPadding = 24; ///< above and below a line of text

/// One line: the title is bold, and what there is no room for is cut off; the tool tip has it all.
class NoticeLine final : public QLabel
{
public:
    using QLabel::QLabel;

    void show(const Notice &notice)
    {
        m_title = notice.title;
        setText(notice.text());
        setToolTip(notice.text());
        setAccessibleName(notice.text());
    }
    [[nodiscard]] QSize minimumSizeHint() const override { return { 0, fontMetrics().height() }; }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        QFont bold = font();
        bold.setWeight(QFont::DemiBold);
        const QFontMetrics metrics(bold);
        painter.setFont(bold);
        painter.drawText(
            rect(), int(Qt::AlignVCenter | Qt::AlignLeading), metrics.elidedText(m_title, Qt::ElideRight, width()));
        const int left = metrics.horizontalAdvance(m_title);
        if (left >= width())
            return;
        painter.setFont(font());
        painter.drawText(rect().adjusted(left, 0, 0, 0), int(Qt::AlignVCenter | Qt::AlignLeading),
            fontMetrics().elidedText(text().mid(m_title.size()), Qt::ElideRight, width() - left));
    }

private:
    QString m_title;
};

QString lookOf(NoticeSeverity severity)
{
    switch (severity) {
    case NoticeSeverity::Bad:
        return u"bad"_s;
    case NoticeSeverity::Warning:
        return u"warning"_s;
    case NoticeSeverity::Calm:
        break;
    }
    return u"calm"_s;
}

} // namespace

NoticeStrip::NoticeStrip(const NoticeBoard &board, QWidget *parent)
    : QFrame(parent)
    , m_board(board)
    , m_text(new NoticeLine(this))
    , m_more(makeLabel({}, u"muted"_s, this))
{
    setObjectName(u"banner"_s);
    m_text->setObjectName(u"banner.text"_s);
    m_text->setFocusPolicy(Qt::ClickFocus);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_more->setObjectName(u"banner.more"_s);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(11, 0, 6, 0);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_more);
    addButton(NoticeAction::Connect, tr("Connect…"), u"banner.connect"_s);
    addButton(NoticeAction::Reconnect, tr("Reconnect"), u"banner.retry"_s);
    addButton(NoticeAction::TurnGuardsOn, tr("Turn on…"), u"banner.guards"_s);
    addButton(NoticeAction::NewToken, tr("New token…"), u"banner.token"_s);
    addButton(NoticeAction::ShowAlerts, tr("Show"), u"banner.alerts"_s);
    setHeight();
    connect(&m_board, &NoticeBoard::changed, this, &NoticeStrip::refresh);
    refresh();
}

void NoticeStrip::addButton(NoticeAction action, const QString &text, const QString &name)
{
    QPushButton *button = makeButton(text, name, {}, this);
    layout()->addWidget(button);
    m_buttons.emplace_back(action, button);
    connect(button, &QPushButton::clicked, this, [this, action] { Q_EMIT requested(action); });
}

void NoticeStrip::setHeight()
{
    setFixedHeight(fontMetrics().height() + kStripPadding);
}

void NoticeStrip::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        setHeight();
}

void NoticeStrip::refresh()
{
    const Notice &worst = m_board.worst();
    static_cast<NoticeLine *>(m_text)->show(worst);
    QStringList others;
    for (size_t i = 1; i < m_board.notices().size(); ++i)
        others << m_board.notices()[i].text();
    m_more->setVisible(!others.isEmpty());
    m_more->setText(tr("+%1 more").arg(locale().toString(others.size())));
    m_more->setToolTip(others.join(u'\n'));
    m_more->setAccessibleName(others.join(u'\n'));
    for (const auto &[action, button] : m_buttons) {
        const bool isShown = action == worst.action;
        if (!isShown && window()->focusWidget() == button)
            m_text->setFocus(Qt::OtherFocusReason); // Return must not do what the next button does
        button->setVisible(isShown);
        button->setEnabled(worst.isAllowed);
    }
    const QString look = lookOf(worst.severity);
    if (property("banner").toString() == look)
        return;
    setProperty("banner", look);
    repolish(*this);
    if (worst.severity != NoticeSeverity::Calm) {
        QAccessibleEvent alert(m_text, QAccessible::Alert);
        QAccessible::updateAccessibility(&alert);
    }
}

} // namespace gatehouse
