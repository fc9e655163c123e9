// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QDialog>

#include "console/models/timerange.h"

QT_BEGIN_NAMESPACE
class QDateTimeEdit;
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

/// Asks for a stretch of time, in local time to the second. Named "range"; its parts range.from, range.to, range.error,
/// range.accept.
class RangeDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RangeDialog)

public:
    /// Begins with `interval`; nothing after `now` is accepted as a beginning.
    RangeDialog(const TimeInterval &interval, UtcTime now, QWidget *parent = nullptr);

    [[nodiscard]] TimeInterval interval() const;

private:
    void check();

    UtcTime m_now;
    QDateTimeEdit *m_from;
    QDateTimeEdit *m_to;
    QLabel *m_error;
    QPushButton *m_accept;
};

} // namespace gatehouse
