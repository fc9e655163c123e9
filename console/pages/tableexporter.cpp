// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/tableexporter.h"

#include <algorithm>

#include <QtCore/QLocale>
#include <QtWidgets/QProgressDialog>

#include "console/models/tableexport.h"
#include "console/pages/tabletools.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

TableExporter::TableExporter(const PagedModel &model, QList<int> columns, const QString &path, QWidget *parent)
    : QObject(parent)
    , m_window(parent->window())
    , m_rows(model.twin())
    , m_columns(std::move(columns))
    , m_path(path)
    , m_progress(new QProgressDialog(m_window))
{
    m_progress->setObjectName(u"export.progress"_s);
    m_progress->setWindowTitle(tr("Export the table"));
    m_progress->setLabelText(tr("Loading every row…"));
    m_progress->setAutoReset(false);
    m_progress->setAutoClose(false);
    m_progress->setMinimumDuration(500);
    m_progress->setValue(0);
    connect(m_rows.get(), &PagedModel::statusChanged, this, &TableExporter::goOn);
    connect(m_progress, &QProgressDialog::canceled, this, [this] {
        m_isOver = true;
        deleteLater();
    });
}

TableExporter::~TableExporter()
{
    delete m_progress;
}

void TableExporter::start()
{
    m_rows->refresh();
}

void TableExporter::goOn()
{
    if (m_isOver || m_rows->isLoading())
        return;
    if (!m_rows->errorText().isEmpty()) {
        end(u"export.error"_s, tr("Nothing was written: %1").arg(m_rows->errorText()));
        return;
    }
    const qint64 wanted = std::min<qint64>(m_rows->totalCount(), kMaxRows);
    m_progress->setMaximum(int(std::max<qint64>(wanted, 1)));
    m_progress->setValue(m_rows->rowCount());
    m_progress->setLabelText(
        tr("%1 of %2 rows").arg(QLocale().toString(m_rows->rowCount()), QLocale().toString(wanted)));
    if (!m_isOver && m_rows->canFetchMore({}) && m_rows->rowCount() < kMaxRows)
        m_rows->fetchMore({});
    else if (!m_isOver)
        write();
}

void TableExporter::write()
{
    const Status status = saveFile(m_path, tableAsCsv(*m_rows, m_columns));
    if (!status)
        end(u"export.error"_s, status.error().message);
    else
        end(u"export.lack"_s, lack());
}

QString TableExporter::lack() const
{
    QStringList sentences;
    const QLocale numbers;
    if (m_rows->rowCount() < m_rows->totalCount()) {
        sentences << tr("%1 of %2 rows were written.")
                         .arg(numbers.toString(m_rows->rowCount()), numbers.toString(m_rows->totalCount()));
        sentences << (m_rows->canFetchMore({}) ? tr("A narrower filter exports the others.")
                                               : tr("The others went while the table was read."));
    }
    if (!m_rows->lack().isEmpty())
        sentences << m_rows->lack() + u'.';
    return sentences.join(u' ');
}

void TableExporter::end(const QString &objectName, const QString &text)
{
    m_isOver = true;
    if (!text.isEmpty())
        warn(m_window, objectName, tr("Export the table"), text);
    deleteLater();
}

} // namespace gatehouse
