// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QList>
#include <QtGui/QColor>
#include <QtWidgets/QWidget>

namespace gatehouse {

/// A small line without axes, for a tile. NaN interrupts it.
class Sparkline final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Sparkline)

public:
    explicit Sparkline(QWidget *parent = nullptr);

    void setValues(const QList<double> &values);
    [[nodiscard]] const QList<double> &values() const { return m_values; }
    void setColor(const QColor &color);

    [[nodiscard]] QSize sizeHint() const override { return { 92, 34 }; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<double> m_values;
    QColor m_color;
};

} // namespace gatehouse
