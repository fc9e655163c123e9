// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/rangedialog.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QDateTimeEdit>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/titles.h"
#include "console/pages/widgets.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QDateTimeEdit *makeEdit(UtcTime time, const QString &objectName, const QString &name)
{
    auto *edit = new QDateTimeEdit(toDateTime(time));
    edit->setObjectName(objectName);
    edit->setAccessibleName(name);
    edit->setDisplayFormat(u"yyyy-MM-dd HH:mm:ss"_s);
    edit->setCalendarPopup(true);
    return edit;
}

UtcTime timeOf(const QDateTimeEdit &edit)
{
    return fromEpochMillis(edit.dateTime().toMSecsSinceEpoch());
}

} // namespace

RangeDialog::RangeDialog(const TimeInterval &interval, UtcTime now, QWidget *parent)
    : QDialog(parent)
    , m_now(now)
    , m_from(makeEdit(interval.from, u"range.from"_s, tr("From")))
    , m_to(makeEdit(interval.to, u"range.to"_s, tr("To")))
    , m_error(makeLabel({}, u"bad"_s, this))
    , m_accept(makeButton(tr("Show"), u"range.accept"_s, {}, this))
{
    setObjectName(u"range"_s);
    setWindowTitle(tr("Range of time"));
    m_error->setObjectName(u"range.error"_s);
    m_accept->setProperty("primary", true);
    m_accept->setDefault(true);
    QPushButton *cancel = makeButton(tr("Cancel"), u"range.cancel"_s, {}, this);
    auto *form = new QFormLayout;
    form->addRow(tr("From"), m_from);
    form->addRow(tr("To"), m_to);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_accept);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 14);
    layout->setSpacing(11);
    layout->addLayout(form);
    layout->addWidget(m_error);
    layout->addLayout(buttons);
    tabInOrder({ m_from, m_to, cancel, m_accept });
    connect(m_from, &QDateTimeEdit::dateTimeChanged, this, &RangeDialog::check);
    connect(m_to, &QDateTimeEdit::dateTimeChanged, this, &RangeDialog::check);
    connect(m_accept, &QPushButton::clicked, this, &QDialog::accept);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    check();
}

TimeInterval RangeDialog::interval() const
{
    return { timeOf(*m_from), timeOf(*m_to) };
}

void RangeDialog::check()
{
    const TimeInterval wanted = interval();
    QString error;
    if (wanted.to <= wanted.from)
        error = tr("The end must be after the beginning.");
    else if (wanted.from >= m_now)
        error = tr("The beginning is in the future.");
    m_error->setText(error);
    m_accept->setEnabled(error.isEmpty());
}

} // namespace gatehouse
