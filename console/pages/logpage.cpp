// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/logpage.h"

#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/connection/calllog.h"
#include "console/pages/columnlayout.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

LogPage::LogPage(CallLog &log, QWidget *parent)
    : QWidget(parent)
    , m_table(makeTable(&log, u"log.table"_s, tr("Calls to the server"), this))
    , m_copy(makeButton(tr("Copy as curl"), u"log.copy"_s, u"copy"_s, this))
    , m_clear(makeButton(tr("Clear"), u"log.clear"_s, {}, this))
{
    setObjectName(u"page.log"_s);
    QFrame *card = makeTableCard(m_table, this);
    auto *head = new QHBoxLayout;
    head->addWidget(makeLabel(tr("Log"), u"title"_s, this));
    head->addSpacing(10);
    head->addWidget(makeLabel(tr("what this console asked the server"), u"muted"_s, this));
    head->addStretch(1);
    head->addWidget(m_copy);
    head->addWidget(m_clear);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(head);
    layout->addWidget(card, 1);
    new ColumnLayout(m_table,
        { { u"00:00:00.000"_s, {}, 0, 0 }, { u"DELETE"_s, {}, 0, 0 },
            { u"/api/admin/v1/connections?sort=-connected_at&limit=1000"_s, u"/api/admin/v1/limits"_s, 3, 0 },
            { u"200"_s, {}, 0, 0 }, { u"9,999 ms"_s, {}, 0, 0 }, { u"connection refused"_s, u"refused"_s, 1, 0 } });
    connect(m_copy, &QPushButton::clicked, this, &LogPage::copy);
    connect(m_clear, &QPushButton::clicked, &log, &CallLog::clear);
    connect(m_table, &DataTable::doubleClicked, this, &LogPage::copy);
    connect(m_table, &DataTable::subjectChanged, this, &LogPage::refresh);
    refresh();
}

void LogPage::refresh()
{
    m_copy->setEnabled(m_table->subjectRow().has_value());
}

void LogPage::copy()
{
    if (const std::optional<int> row = m_table->subjectRow())
        QGuiApplication::clipboard()->setText(m_table->model()->index(*row, 0).data(CallLog::CurlRole).toString());
}

} // namespace gatehouse
