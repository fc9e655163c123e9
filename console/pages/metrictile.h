// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace gatehouse {

class Sparkline;

/// One number of the overview: its name, the value, a line about it, and how it went lately.
class MetricTile final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MetricTile)

public:
    /// The labels are named `objectName`.value and `objectName`.detail.
    MetricTile(const QString &title, const QString &objectName, QWidget *parent = nullptr);

    void setValue(const QString &value, const QString &detail);
    void setTrend(const QList<double> &values, const QColor &color);
    /// While there is no connection: the value is paler.
    void setStale(bool isStale);

private:
    QLabel *m_title;
    QLabel *m_value;
    QLabel *m_detail;
    Sparkline *m_sparkline;
};

} // namespace gatehouse
