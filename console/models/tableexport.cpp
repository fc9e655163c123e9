// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/tableexport.h"

#include <cmath>

#include "shared/metrics/metricdescriptor.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool looksLikeFormula(const QString &text)
{
    if (text.isEmpty() || !QStringView(u"=+-@\t\r").contains(text.front()))
        return false;
    bool isNumber = false;
    (void)text.toDouble(&isNumber);
    return !isNumber;
}

QString quoted(QString text)
{
    if (looksLikeFormula(text))
        text.prepend(u'\'');
    if (!text.contains(u'"') && !text.contains(u',') && !text.contains(u'\n') && !text.contains(u'\r'))
        return text;
    return u'"' + text.replace(u'"', "\"\""_L1) + u'"';
}

QString bareNumber(double value)
{
    return std::isnan(value) ? QString() : QString::number(value, 'g', 12);
}

} // namespace

QString exportText(const QModelIndex &index)
{
    const QVariant value = index.data(kExportRole);
    return value.isValid() ? value.toString() : index.data(Qt::DisplayRole).toString();
}

QByteArray tableAsCsv(const QAbstractItemModel &model, const QList<int> &columns)
{
    QStringList cells;
    for (const int column : columns)
        cells << quoted(model.headerData(column, Qt::Horizontal).toString());
    QString text = cells.join(u',') + u'\n';
    for (int row = 0; row < model.rowCount(); ++row) {
        cells.clear();
        for (const int column : columns)
            cells << quoted(exportText(model.index(row, column)));
        text += cells.join(u',') + u'\n';
    }
    return text.toUtf8();
}

QString rowsAsText(const QAbstractItemModel &model, const QList<int> &columns, const QList<int> &rows)
{
    QStringList lines;
    for (const int row : rows) {
        QStringList cells;
        for (const int column : columns) {
            QString cell = exportText(model.index(row, column));
            cells << cell.replace(u'\t', u' ').replace(u'\n', "; "_L1);
        }
        lines << cells.join(u'\t');
    }
    return lines.join(u'\n');
}

QByteArray historyAsCsv(const HistoryReply &history)
{
    QString text = u"time,seconds"_s;
    for (const HistorySeries &series : history.series) {
        const QString name = metricDescriptor(series.metric).name;
        text += ",%1_min,%1_mean,%1_max"_L1.arg(name);
    }
    text += u'\n';
    for (qsizetype i = 0; i < history.bucketCount; ++i) {
        text += isoMillis(history.from + history.step * i) + u',' + QString::number(history.seconds[size_t(i)]);
        for (const HistorySeries &series : history.series)
            text += u',' + bareNumber(series.minimum[size_t(i)]) + u',' + bareNumber(series.mean[size_t(i)]) + u','
                + bareNumber(series.maximum[size_t(i)]);
        text += u'\n';
    }
    return text.toUtf8();
}

} // namespace gatehouse
