// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/charts/chartcard.h"

#include <QtGui/QPainter>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QLabel>

#include "console/look/theme.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kSquare = 9;
constexpr int kSpace = 16;

QFont bold(QFont font)
{
    font.setBold(true);
    return font;
}

} // namespace

ChartLegend::ChartLegend(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ChartLegend::setEntries(std::vector<LegendEntry> entries)
{
    m_entries = std::move(entries);
    update();
}

QSize ChartLegend::sizeHint() const
{
    int total = 0;
    for (const LegendEntry &entry : m_entries)
        total += entryWidth(entry) + kSpace;
    return { total, fontMetrics().height() + 4 };
}

int ChartLegend::entryWidth(const LegendEntry &entry) const
{
    return kSquare + 6 + fontMetrics().horizontalAdvance(entry.name) + 5
        + QFontMetrics(bold(font())).horizontalAdvance(entry.value);
}

void ChartLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const ThemeColors &colors = themeColors(palette());
    const QFont boldFont = bold(font());
    size_t count = m_entries.size();
    int total = 0;
    for (const LegendEntry &entry : m_entries)
        total += entryWidth(entry) + kSpace;
    while (count > 1 && total - kSpace > width())
        total -= entryWidth(m_entries[--count]) + kSpace;
    int x = std::max(0, width() - total + kSpace);
    for (size_t i = 0; i < count; ++i) {
        const LegendEntry &entry = m_entries[i];
        painter.fillRect(x, (height() - kSquare) / 2 + 1, kSquare, kSquare, entry.color);
        x += kSquare + 6;
        painter.setFont(font());
        painter.setPen(colors.muted);
        const int nameWidth = fontMetrics().horizontalAdvance(entry.name);
        painter.drawText(QRect(x, 0, nameWidth + 2, height()), Qt::AlignVCenter | Qt::AlignLeft, entry.name);
        x += nameWidth + 5;
        painter.setFont(boldFont);
        painter.setPen(colors.text);
        const int valueWidth = QFontMetrics(boldFont).horizontalAdvance(entry.value);
        painter.drawText(QRect(x, 0, valueWidth + 2, height()), Qt::AlignVCenter | Qt::AlignLeft, entry.value);
        x += valueWidth + kSpace;
    }
}

ChartCard::ChartCard(TimeSeriesChart *chart, QWidget *parent)
    : QFrame(parent)
    , m_chart(chart)
    , m_title(new QLabel(this))
    , m_legend(new ChartLegend(this))
{
    setProperty("card", true);
    m_title->setProperty("role", u"heading"_s);
    auto *head = new QHBoxLayout;
    head->addWidget(m_title);
    head->addWidget(m_legend, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 9, 6, 6);
    layout->setSpacing(2);
    layout->addLayout(head);
    head->setContentsMargins(0, 0, 12, 0);
    layout->addWidget(chart, 1);
    connect(chart, &TimeSeriesChart::legendChanged, this, &ChartCard::refresh);
    refresh();
}

void ChartCard::refresh()
{
    m_title->setText(m_chart->title());
    m_legend->setEntries(m_chart->legend());
}

} // namespace gatehouse
