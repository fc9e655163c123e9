// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/metrictile.h"

#include <QtGui/QPainter>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QStyle>

#include "console/charts/sparkline.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// In a narrow tile its text ends in "…", and is told in full by the tooltip.
class ElidedLabel final : public QLabel
{
public:
    ElidedLabel(const QString &text, QWidget *parent)
        : QLabel(text, parent)
    {
        setProperty("role", u"small"_s);
        setTextFormat(Qt::PlainText);
        setMinimumWidth(1);
    }

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, width());
        style()->drawItemText(
            &painter, rect(), Qt::AlignLeft | Qt::AlignVCenter, palette(), isEnabled(), shown, foregroundRole());
    }
};

} // namespace

MetricTile::MetricTile(const QString &title, const QString &objectName, QWidget *parent)
    : QFrame(parent)
    , m_title(new ElidedLabel(title, this))
    , m_value(makeLabel(u"–"_s, u"value"_s, this))
    , m_detail(new ElidedLabel({}, this))
    , m_sparkline(new Sparkline(this))
{
    setProperty("card", true);
    setObjectName(objectName);
    setAccessibleName(title);
    m_value->setObjectName(objectName + u".value");
    m_detail->setObjectName(objectName + u".detail");
    m_title->setToolTip(title);
    m_value->setMinimumWidth(1);
    m_sparkline->hide(); // one without a trend leaves its place to the value
    auto *middle = new QHBoxLayout;
    middle->setSpacing(6);
    middle->addWidget(m_value);
    middle->addWidget(m_sparkline, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(13, 9, 12, 9);
    layout->setSpacing(1);
    layout->addWidget(m_title);
    layout->addLayout(middle);
    layout->addWidget(m_detail);
    setMinimumWidth(130);
}

void MetricTile::setValue(const QString &value, const QString &detail)
{
    m_value->setText(value);
    m_value->setMinimumWidth(m_value->sizeHint().width());
    m_detail->setText(detail);
    m_detail->setToolTip(detail);
    setAccessibleDescription(value + u' ' + detail);
}

void MetricTile::setTrend(const QList<double> &values, const QColor &color)
{
    m_sparkline->setValues(values);
    m_sparkline->setColor(color);
    m_sparkline->show();
}

void MetricTile::setStale(bool isStale)
{
    m_value->setEnabled(!isStale);
    m_sparkline->setEnabled(!isStale);
}

} // namespace gatehouse
