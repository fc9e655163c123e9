// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/subjectpart.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/pages/datatable.h"
#include "console/pages/loadmore.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kRowsSeen = 3; ///< at least, with the header

} // namespace

SubjectPart::SubjectPart(const Texts &texts, PagedModel &source, QAbstractItemModel &rows, QWidget *parent)
    : QFrame(parent)
    , m_source(source)
    , m_count(makeLabel({}, u"muted"_s, this))
    , m_table(makeTable(&rows, texts.name + u".table", texts.title, this))
    , m_there(makeButton(texts.there, texts.name + u".there", {}, this))
{
    setProperty("card", true);
    m_count->setObjectName(texts.name + u".count");
    m_count->setWordWrap(true);
    m_table->setMinimumHeight(m_table->verticalHeader()->defaultSectionSize() * (kRowsSeen + 1));
    auto *head = new QHBoxLayout;
    head->setSpacing(10);
    head->addWidget(makeLabel(texts.title, u"heading"_s, this));
    head->addWidget(m_count, 1);
    head->addWidget(new LoadMore(source, texts.name + u".more", this));
    head->addWidget(m_there);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->setSpacing(4);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);
    connect(m_there, &QPushButton::clicked, this, &SubjectPart::thereRequested);
    connect(&source, &PagedModel::statusChanged, this, &SubjectPart::refresh);
    for (const auto signal : { &QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved })
        connect(&rows, signal, this, &SubjectPart::refresh);
    connect(&rows, &QAbstractItemModel::modelReset, this, &SubjectPart::refresh);
    refresh();
}

void SubjectPart::setSummary(std::function<QString()> summary)
{
    m_summary = std::move(summary);
    refresh();
}

void SubjectPart::refresh()
{
    m_isLoaded = m_isLoaded || (!m_source.isLoading() && m_source.errorText().isEmpty());
    const bool isGood = m_source.errorText().isEmpty();
    setLabelRole(*m_count, isGood ? u"muted"_s : u"bad"_s);
    m_count->setText(!isGood            ? m_source.errorText()
            : !m_isLoaded || !m_summary ? tr("Asking the server…")
                                        : m_summary());
}

} // namespace gatehouse
